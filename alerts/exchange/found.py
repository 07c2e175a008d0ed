"""What was read from a file: alarms, and what could not be made out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class Unreadable(ValueError):
    """A text that is not of the form that it should be; says where."""


@dataclass(slots=True)
class Found:
    """``notes`` names values that hang on something outside the file, and were left out."""

    alarms: list[Mapping[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class Unresolved:
    """A value that only deployment knows; prints as it was written."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


def settled(value: Any, where: str, notes: list[str]) -> Any:
    """The value without what is unresolved in it, each of which is noted with its place."""
    if isinstance(value, Unresolved):
        notes.append(f"{where}: {value.text} is known only when it is deployed")
        return None
    if isinstance(value, Mapping):
        inner = {k: settled(v, f"{where}.{k}", notes) for k, v in value.items()}
        return {k: v for k, v in inner.items() if v is not None}
    if isinstance(value, list):
        items = [settled(v, f"{where}[{i}]", notes) for i, v in enumerate(value)]
        return [item for item in items if item is not None]
    return value
