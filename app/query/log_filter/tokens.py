"""Splits a message into the fields of space-delimited patterns.

``"..."`` and ``[...]`` are one field without their marks, when the closing
mark is followed by white space or the end; otherwise a mark is ordinary text.
"""

from __future__ import annotations

from dataclasses import dataclass

_CLOSING = {'"': '"', "[": "]"}


@dataclass(frozen=True, slots=True)
class Field:
    """A field and where it starts in the message, its mark included."""

    text: str
    start: int


def fields_of(message: str) -> list[Field]:
    """The fields of a message, left to right."""
    fields: list[Field] = []
    at, end = 0, len(message)
    while at < end:
        if message[at].isspace():
            at += 1
            continue
        closing = _closing_at(message, at)
        start = at
        if closing is not None:
            fields.append(Field(message[at + 1 : closing], start))
            at = closing + 1
            continue
        while at < end and not message[at].isspace():
            at += 1
        fields.append(Field(message[start:at], start))
    return fields


def _closing_at(message: str, at: int) -> int | None:
    closing = _CLOSING.get(message[at])
    if closing is None:
        return None
    position = at + 1
    while position < len(message):
        if message[position] == "\\":
            position += 2
            continue
        follower = message[position + 1 : position + 2]
        if message[position] == closing and (not follower or follower.isspace()):
            return position
        position += 1
    return None
