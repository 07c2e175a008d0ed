"""``aria-`` and ``data-`` attributes, whose names Python cannot spell as keywords."""

from __future__ import annotations

from typing import Any


def aria(**values: str) -> dict[str, Any]:
    """``aria(label="Menu")`` for ``aria-label``."""
    return {f"aria-{name}": value for name, value in values.items()}


def data(**values: str) -> dict[str, Any]:
    """``data(copy="text")`` for ``data-copy``, which the scripts in assets act on."""
    return {f"data-{name}": value for name, value in values.items()}
