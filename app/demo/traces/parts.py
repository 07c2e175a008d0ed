"""What every segment document is made with: ids, outcomes, exceptions."""

from __future__ import annotations

from typing import Any

Document = dict[str, Any]

_MASK = 2**64 - 1


def span_id(mark: int, number: int) -> str:
    """An id that differs for every mark and number."""
    mixed = ((mark + number * 0x9E3779B97F4A7C15) * 0xBF58476D1CE4E5B9) & _MASK
    return f"{mixed ^ (mixed >> 31):016x}"


def judged(status: int) -> Document:
    """The flags that a status stands for."""
    if status == 429:
        return {"error": True, "throttle": True}
    if status >= 500:
        return {"fault": True}
    return {"error": True} if status >= 400 else {}


def exception(id_: str, kind: str, said: str, stack: list[Document]) -> Document:
    """The member ``cause`` with one exception."""
    return {
        "working_directory": "/var/task",
        "exceptions": [{"id": id_, "type": kind, "message": said, "stack": stack}],
    }
