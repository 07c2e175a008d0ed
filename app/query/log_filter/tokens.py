"""Splits a message into the fields of space-delimited patterns.

``"..."`` and ``[...]`` are one field without their marks, when the first
closing mark is followed by white space or the end; otherwise the opening mark
is ordinary text. A backslash takes its follower along.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.query.log_filter.scan import BLANKS

_WORD = re.compile(f"[^{BLANKS}]+")
_TO_CLOSING = {
    '"': re.compile(r'[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL),
    "[": re.compile(r"[^\]\\]*(?:\\.[^\]\\]*)*\]", re.DOTALL),
}
_BEHIND_CLOSING = frozenset(("", *BLANKS))


@dataclass(frozen=True, slots=True)
class Field:
    """A field and where it starts in the message, its mark included."""

    text: str
    start: int


def fields_of(message: str) -> list[Field]:
    """The fields of a message, left to right."""
    fields: list[Field] = []
    closings: dict[str, int] = {}
    word = _WORD.search(message)
    while word is not None:
        start, end = word.span()
        mark = message[start]
        if mark in _TO_CLOSING:
            closing = _closing(message, start, closings)
            behind = message[closing + 1 : closing + 2]
            if closing < len(message) and behind in _BEHIND_CLOSING:
                fields.append(Field(message[start + 1 : closing], start))
                word = _WORD.search(message, closing + 1)
                continue
        fields.append(Field(word[0], start))
        word = _WORD.search(message, end)
    return fields


def _closing(message: str, start: int, known: dict[str, int]) -> int:
    """Where the mark at ``start`` is closed, or the length of the message.

    A closing mark that was found for an earlier opening is still the first one
    for this, so that no message is searched more than once.
    """
    mark = message[start]
    if known.get(mark, -1) <= start:
        found = _TO_CLOSING[mark].match(message, start + 1)
        known[mark] = found.end() - 1 if found else len(message)
    return known[mark]
