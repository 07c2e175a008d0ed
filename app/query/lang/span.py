"""A place in a query text, counted in characters from 0, half-open."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """From ``start`` (inside) to ``end`` (outside)."""

    start: int
    end: int

    def __or__(self, other: Span) -> Span:
        """The smallest span that holds both."""
        return Span(min(self.start, other.start), max(self.end, other.end))


def line_and_column(text: str, position: int) -> tuple[int, int]:
    """Line from 1 and column from 1 of a character position, as editors count."""
    before = text[: max(0, position)]
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
