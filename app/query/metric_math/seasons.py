"""Patterns of a day or a week in a series: learnt on one half, kept if they help on the other.

A pattern is a median for each half hour of each kind of day, so single outliers do not
bend it; what is not a pattern is left to the level and to the spread.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from app.query.metric_math.level import DAY, centred, least_points, levels
from app.query.metric_math.values import Points

BIN = 1800
"""Seconds that share one value of a pattern; a longer period has bins of its own length."""

HELPS = 0.9
"""A pattern is kept if it leaves at most this share of the error of the next best."""

Times = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A value for each bin of each kind of day; ``name`` is none, day, workdays or week."""

    name: str
    bin: int
    values: npt.NDArray[np.float64]

    def at(self, times: Times) -> Points:
        kinds = KINDS[self.name](times)
        found: Points = self.values[kinds, times % DAY // self.bin]
        return found


def _weekday(times: Times) -> Times:
    """0 is Monday."""
    return (times // DAY + 3) % 7


KINDS: dict[str, Callable[[Times], Times]] = {
    "none": np.zeros_like,
    "day": np.zeros_like,
    "workdays": lambda times: (_weekday(times) >= 5).astype(np.int64),
    "week": _weekday,
}
_TRIED = {"day": (1, 3), "workdays": (2, 8), "week": (7, 14)}
"""Kinds of day of each pattern, and the days of history that it needs."""


def bin_of(period: int) -> int:
    """Seconds of a bin."""
    return max(BIN, period)


def bins(period: int) -> int:
    """Bins of a day."""
    return -(-DAY // bin_of(period))


def pattern_of(times: Times, values: Points, period: int) -> Pattern:
    """The simplest pattern that foretells the second half of a history from the first."""
    best = Pattern("none", bin_of(period), np.zeros((1, bins(period))))
    span = (times[-1] - times[0] + period) / DAY
    early = np.arange(times.size) < times.size // 2
    error = _error(times, values, best, period)
    daily = values - centred(values, max(1, DAY // period))
    whole = values - np.nanmedian(values)
    for name, (kinds, days) in _TRIED.items():
        if span < days:
            break
        rest = daily if kinds == 1 else whole
        tried = _learnt(name, kinds, times[early], rest[early], period)
        left = _error(times, values, tried, period)
        if left < HELPS * error:
            best, error = _learnt(name, kinds, times, rest, period), left
    return best


def _error(times: Times, values: Points, pattern: Pattern, period: int) -> float:
    """The mean distance from what was expected in the later half, single excesses cut off."""
    flat = values - pattern.at(times)
    rest = (flat - levels(flat, period, least_points(values, period)))[times.size // 2 :]
    there = np.abs(rest[~np.isnan(rest)])
    if not there.size:
        return 0.0
    return float(np.minimum(there, np.quantile(there, 0.98)).mean())


def _learnt(name: str, kinds: int, times: Times, rest: Points, period: int) -> Pattern:
    size = bin_of(period)
    cells = pl.DataFrame({"kind": KINDS[name](times), "bin": times % DAY // size, "rest": rest})
    medians = cells.fill_nan(None).drop_nulls().group_by("kind", "bin").agg(pl.col("rest").median())
    values = np.zeros((kinds, bins(period)))
    values[medians["kind"].to_numpy(), medians["bin"].to_numpy()] = medians["rest"].to_numpy()
    return Pattern(name, size, _smooth(values))


def _smooth(values: Points) -> Points:
    """Each bin with a part of its neighbours; the last of a day meets the first."""
    return (np.roll(values, 1, axis=1) + 2 * values + np.roll(values, -1, axis=1)) / 4
