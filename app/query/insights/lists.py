"""Lists that aggregates give, as JSON text and in the natural order of ``sort``."""

from __future__ import annotations

import re
from collections.abc import Sequence

import orjson

from app.query.insights.values import LARGEST_EXACT, number_of

Item = str | float
_RUN = re.compile(r"[0-9]+|[^0-9]+")
Key = tuple[bool, float, tuple[tuple[int, int, str], ...]]


def json_of(items: Sequence[Item]) -> str:
    """The JSON of a list; whole numbers without a fraction."""
    return orjson.dumps([_spelled(item) for item in items]).decode()


def _spelled(item: Item) -> str | float | int:
    if isinstance(item, str) or not item.is_integer() or abs(item) > LARGEST_EXACT:
        return item
    return int(item)


def plain_sorted(items: Sequence[Item]) -> list[Item]:
    """Non-numbers by chunks, then numbers by value."""
    return sorted(items, key=_natural)


def most_frequent(counted: Sequence[tuple[Item, int]], wanted: int) -> list[Item]:
    """The items with the highest counts; equal counts in sort order."""
    ordered = sorted(counted, key=lambda pair: (-pair[1], _natural(pair[0])))
    return [item for item, _ in ordered[:wanted]]


def _natural(item: Item) -> Key:
    value = number_of(item) if isinstance(item, str) else item
    text = item if isinstance(item, str) else ""
    if value is not None:
        return True, value, ((1, 0, text),)
    return False, 0.0, tuple(_chunk(run) for run in _RUN.findall(text))


def _chunk(run: str) -> tuple[int, int, str]:
    """A run of digits stands where its first digit would, by length and then value."""
    if run[0] in "0123456789":
        return ord("0"), len(run), run
    return ord(run[0]), 0, run
