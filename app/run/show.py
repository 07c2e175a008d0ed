"""Answers of the command line: tables for people, JSON for programs."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

NARROWEST = 100
"""Columns of a table written to a file or a pipe, where no terminal says its width."""


def as_json(value: object) -> None:
    """Write a value of ours as JSON on standard output."""
    sys.stdout.write(json.dumps(plain(value), indent=2, ensure_ascii=False) + "\n")


def plain(value: Any) -> Any:
    """A value of ours in the types of JSON; times are ISO 8601 in UTC, money is text."""
    if isinstance(value, Enum):
        return value.value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, str | bool | int | float) or value is None:
        return value
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Decimal | Path):
        return str(value)
    if isinstance(value, Sequence | set | frozenset):
        return [plain(item) for item in value]
    return str(value)


def table(columns: Sequence[str], rows: Sequence[Sequence[object]], empty: str) -> None:
    """Write rows under their columns, or ``empty`` when there are none."""
    console = Console(highlight=False, width=None if sys.stdout.isatty() else NARROWEST)
    if not rows:
        console.print(empty)
        return
    drawn = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        drawn.add_row(*(str(cell) for cell in row))
    console.print(drawn)


def definitions(values: Mapping[str, object]) -> None:
    """Write names and values, one pair a line."""
    width = max((len(name) for name in values), default=0)
    for name, value in values.items():
        sys.stdout.write(f"{name:<{width}}  {value}\n")


def lines(texts: Sequence[str]) -> None:
    """Write lines as they are; nothing is cut."""
    sys.stdout.writelines(f"{text}\n".replace("\N{NO-BREAK SPACE}", " ") for text in texts)


def counted(count: int, what: str) -> str:
    """``1 alarm``, ``2 alarms``."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
