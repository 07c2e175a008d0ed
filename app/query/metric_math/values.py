"""Series on one grid, arrays of them, and what operators do with them.

A series is a float64 array with one slot a period; a missing point is NaN and
never leaves this package as a number.

Source: Amazon CloudWatch User Guide, "Using math expressions with CloudWatch metrics".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Literal

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Grid:
    """Slots from ``start`` (epoch seconds) every ``period`` seconds, ``size`` of them."""

    start: int
    period: int
    size: int

    @classmethod
    def over(cls, start: int, end: int, period: int) -> Grid:
        return cls(start, period, max(0, -(-(end - start) // period)))

    def times(self) -> npt.NDArray[np.int64]:
        return self.start + self.period * np.arange(self.size, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Series:
    """A time series; ``id`` and ``label`` follow it through array functions."""

    points: Points
    id: str | None = None
    label: str | None = None

    def with_points(self, points: Points) -> Series:
        return Series(points, self.id, self.label)


SeriesArray = tuple[Series, ...]
Value = float | str | Series | SeriesArray
Kind = Literal["number", "text", "word", "series", "array"]
_COMPARE: dict[str, Callable[[Points, Points], npt.NDArray[np.bool_]]] = {
    "==": np.equal,
    "!=": np.not_equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}


def kind_of(value: Value) -> Kind:
    """What a value is, in the words of the table of functions."""
    if isinstance(value, float):
        return "number"
    if isinstance(value, str):
        return "text"
    return "series" if isinstance(value, Series) else "array"


def cleaned(points: Points) -> Points:
    """Infinite results drop the point."""
    return np.where(np.isfinite(points), points, np.nan)


def _number(truth: npt.NDArray[np.bool_]) -> Points:
    """1 for true, 0 for false."""
    return truth.astype(np.float64)


def applied(operator: str, left: Points, right: Points) -> Points:
    """An operator on values that are all there; what is not finite is dropped."""
    with np.errstate(all="ignore"):
        if operator in _COMPARE:
            return _number(_COMPARE[operator](left, right))
        if operator == "AND":
            return _number((left != 0) & (right != 0))
        if operator == "OR":
            return _number((left != 0) | (right != 0))
        if operator == "+":
            return cleaned(left + right)
        if operator == "-":
            return cleaned(left - right)
        if operator == "*":
            return cleaned(left * right)
        if operator == "/":
            return cleaned(left / right)
        return cleaned(np.power(left, right))


def both_series(operator: str, left: Points, right: Points) -> Points:
    """Union of the points; missing on one side counts as 0, on both sides stays missing."""
    missing = np.isnan(left) & np.isnan(right)
    result = applied(operator, np.nan_to_num(left), np.nan_to_num(right))
    return np.where(missing, np.nan, result)


def series_and_number(operator: str, left: Points, right: Points) -> Points:
    """Only where the series has a point, and where the number is known at all."""
    missing = np.isnan(left) | np.isnan(right)
    return np.where(missing, np.nan, applied(operator, left, right))


def placed(points: Iterable[Sequence[float]], grid: Grid) -> Points:
    """Points (epoch second, value) in their slots; what lies off the grid is left out."""
    slots = np.full(grid.size, np.nan)
    for at, value in points:
        place, off = divmod(at - grid.start, grid.period)
        there = value is not None and isfinite(value)
        if there and not off and 0 <= place < grid.size:
            slots[int(place)] = value
    return slots
