"""Lengths of time as Logs Insights writes them, and times rounded to them.

Source: Amazon CloudWatch Logs User Guide, "Datetime functions".
"""

from __future__ import annotations

import re
from typing import Literal

import polars as pl

_UNITS = {
    "ms": "ms msec millisecond",
    "s": "s sec second",
    "m": "m min minute",
    "h": "h hr hour",
    "d": "d day",
    "w": "w week",
    "mo": "mo mon month",
    "q": "q qtr quarter",
    "y": "y yr year",
}
_UNIT_OF = {word: unit for unit, words in _UNITS.items() for word in words.split()}
_CAPS = {"ms": 1000, "s": 60, "m": 60, "h": 24}
_MILLISECONDS = {
    "ms": 1,
    "s": 1_000,
    "m": 60_000,
    "h": 3_600_000,
    "d": 86_400_000,
    "w": 604_800_000,
}
_MONTHS = {"mo": 1, "q": 3, "y": 12}
_WRITTEN = re.compile(r"(\d+)([A-Za-z]+)\Z")
_MONDAY_MS = 4 * 86_400_000
"""1970-01-05 was the first Monday after the epoch."""


def read(text: str) -> tuple[int, str] | None:
    """Count and unit of a text such as ``2hrs``, or None."""
    match = _WRITTEN.match(text)
    if match is None:
        return None
    word = match[2].lower()
    unit = _UNIT_OF.get(word) or (_UNIT_OF.get(word[:-1]) if len(word) > 2 else None)
    return (int(match[1]), unit) if unit else None


def capped(count: int, unit: str) -> int:
    """The count that is used: CloudWatch caps ms at 1000, s and m at 60, h at 24."""
    return max(1, min(count, _CAPS.get(unit, count)))


def length_ms(count: int, unit: str) -> int:
    """Milliseconds of a period, uncapped; a month counts 30 days, a year 365."""
    if unit in _MILLISECONDS:
        return count * _MILLISECONDS[unit]
    return count * {"mo": 30, "q": 91, "y": 365}[unit] * _MILLISECONDS["d"]


def rounded(
    time: pl.Expr, count: int, unit: str, way: Literal["floor", "ceil"], shift_ms: int = 0
) -> pl.Expr:
    """Epoch milliseconds rounded to whole periods in UTC; weeks start on Monday."""
    count = capped(count, unit)
    if unit in _MONTHS:
        return _calendar(time - shift_ms, count * _MONTHS[unit], way) + shift_ms
    step = count * _MILLISECONDS[unit]
    origin = shift_ms + (_MONDAY_MS if unit == "w" else 0)
    moved = time - origin + (step - 1 if way == "ceil" else 0)
    return (moved // step) * step + origin


def _calendar(time: pl.Expr, months: int, way: Literal["floor", "ceil"]) -> pl.Expr:
    when = pl.from_epoch(time, time_unit="ms")
    index = when.dt.year().cast(pl.Int64) * 12 + when.dt.month().cast(pl.Int64) - 1
    floor = _first_of(index // months * months)
    if way == "floor":
        return floor
    return pl.when(floor == time).then(floor).otherwise(_first_of((index // months + 1) * months))


def _first_of(month_index: pl.Expr) -> pl.Expr:
    return pl.datetime(month_index // 12, month_index % 12 + 1, 1).dt.epoch("ms")
