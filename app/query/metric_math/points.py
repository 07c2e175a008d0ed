"""What the functions of metric math do with points; where AWS is silent the choice stands here.

Source: Amazon CloudWatch User Guide, "Using math expressions with CloudWatch metrics".
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import numpy.typing as npt

from app.query.metric_math.values import Grid, Points, SeriesArray, cleaned


def quiet(apply: Callable[[Points], Points]) -> Callable[[Points, Grid], Points]:
    def run(points: Points, grid: Grid) -> Points:
        with np.errstate(all="ignore"):
            return cleaned(apply(points))

    return run


def difference(points: Points, grid: Grid) -> Points:
    """Value minus the preceding existing value; the first point is dropped."""
    return _on_existing(points, lambda at, values: np.diff(values, prepend=np.nan))


def difference_of_time(points: Points, grid: Grid) -> Points:
    """Seconds to the preceding existing point."""
    gaps = _on_existing(points, lambda at, values: np.diff(at.astype(np.float64), prepend=np.nan))
    return gaps * grid.period


def rate(points: Points, grid: Grid) -> Points:
    """Change per second since the preceding existing point."""
    return difference(points, grid) / difference_of_time(points, grid)


def running_sum(points: Points, grid: Grid) -> Points:
    return _on_existing(points, lambda at, values: np.cumsum(values))


def _on_existing(points: Points, apply: Callable[[npt.NDArray[np.intp], Points], Points]) -> Points:
    result = np.full_like(points, np.nan)
    at = np.flatnonzero(~np.isnan(points))
    if at.size:
        with np.errstate(all="ignore"):
            result[at] = apply(at, points[at])
    return cleaned(result)


def positive_log(log: Callable[[Points], Points]) -> Callable[[Points, Grid], Points]:
    """The logarithm of 0 and below drops the point."""
    return quiet(lambda points: log(np.where(points > 0, points, np.nan)))


@cache
def each() -> dict[str, Callable[[Points, Grid], Points]]:
    """Functions of each point of a series or of every series of an array."""
    return {
        "ABS": quiet(np.abs),
        "CEIL": quiet(np.ceil),
        "FLOOR": quiet(np.floor),
        "LOG": positive_log(np.log),
        "LOG10": positive_log(np.log10),
        "DIFF": difference,
        "DIFF_TIME": difference_of_time,
        "RATE": rate,
        "RUNNING_SUM": running_sum,
    }


def reduce_series(name: str, points: Points) -> float | None:
    """One number of a series; None where there is none, as of a series without points."""
    with np.errstate(all="ignore"):
        found = _reduced(name, points)
    return found if found is not None and np.isfinite(found) else None


def _reduced(name: str, points: Points) -> float | None:
    there = points[~np.isnan(points)]
    if name == "DATAPOINT_COUNT":
        return float(there.size)
    if name == "SUM":
        return float(there.sum())
    if name == "AVG":
        return float(there.sum() / points.size) if points.size else None
    if not there.size:
        return None
    if name == "STDDEV":
        return float(there.std())
    return float(there.min() if name == "MIN" else there.max())


def reduce_array(name: str, array: SeriesArray, size: int) -> Points:
    """A series with one value a slot over all series; missing where none has a point."""
    if not array:
        return np.full(size, np.nan)
    stacked = np.stack([series.points for series in array])
    counts = (~np.isnan(stacked)).sum(axis=0).astype(np.float64)
    empty = counts == 0
    with np.errstate(all="ignore"):
        sums = np.nansum(stacked, axis=0)
        if name == "DATAPOINT_COUNT":
            result = counts
        elif name == "SUM":
            result = sums
        elif name == "AVG":
            result = sums / len(array)
        elif name == "STDDEV":
            mean = sums / counts
            result = np.sqrt(np.nansum((stacked - mean) ** 2, axis=0) / counts)
        else:
            fill = np.inf if name == "MIN" else -np.inf
            filled = np.where(np.isnan(stacked), fill, stacked)
            result = filled.min(axis=0) if name == "MIN" else filled.max(axis=0)
    return np.where(empty, np.nan, cleaned(result))


REDUCERS = ("AVG", "SUM", "MIN", "MAX", "STDDEV", "DATAPOINT_COUNT")


def calendar(name: str, grid: Grid) -> Points:
    """A part of the UTC time of every slot."""
    times: npt.NDArray[np.int64] = grid.times()
    days = times // 86_400
    if name == "EPOCH":
        return times.astype(np.float64)
    if name == "MINUTE":
        return (times // 60 % 60).astype(np.float64)
    if name == "HOUR":
        return (times // 3600 % 24).astype(np.float64)
    if name == "DAY":
        return ((days + 3) % 7 + 1).astype(np.float64)
    dates = days.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    parts = {
        "DATE": (dates - months).astype(np.int64) + 1,
        "MONTH": months.astype(np.int64) % 12 + 1,
        "YEAR": dates.astype("datetime64[Y]").astype(np.int64) + 1970,
    }
    return np.asarray(parts[name], dtype=np.float64)


CALENDAR_NAMES = ("MINUTE", "HOUR", "DAY", "DATE", "MONTH", "YEAR", "EPOCH")


def filled(points: Points, how: float | str | Points) -> Points:
    """FILL: a number for every gap, another series, REPEAT, or LINEAR for inner gaps."""
    if isinstance(how, float):
        return np.where(np.isnan(points), how, points)
    if isinstance(how, np.ndarray):
        return np.where(np.isnan(points), how, points)
    at = np.flatnonzero(~np.isnan(points))
    if not at.size:
        return points
    slots = np.arange(points.size)
    if how == "LINEAR":
        inner = (slots >= at[0]) & (slots <= at[-1])
        return np.where(inner, np.interp(slots, at, points[at]), np.nan)
    last = np.maximum.accumulate(np.where(np.isnan(points), -1, slots))
    return np.where(last >= 0, points[np.maximum(last, 0)], np.nan)


def ordered(array: SeriesArray, statistic: str, direction: str, most: int | None) -> SeriesArray:
    """SORT: by a statistic of each series, ties in their order, series without one last.

    Missing points count as in the statistic itself: a series without points has the
    average and the sum 0, and no minimum or maximum.
    """
    values = [reduce_series(statistic, series.points) for series in array]
    sign = 1 if direction == "ASC" else -1

    def key(position: int) -> tuple[bool, float]:
        value = values[position]
        return value is None, sign * (value or 0.0)

    places = sorted(range(len(array)), key=key)
    return tuple(array[place] for place in places[:most])


def chosen(condition: Points, yes: Points | float, no: Points | float | None) -> Points:
    """IF over a series of conditions; a missing condition drops the point.

    Missing points of a branch count as 0 where both branches are series or
    the branch is the first one; beside a number the second one is dropped.
    """
    zeroed = isinstance(yes, np.ndarray)
    first = np.nan_to_num(yes) if isinstance(yes, np.ndarray) else np.full_like(condition, yes)
    if no is None:
        second = np.full_like(condition, np.nan)
    elif isinstance(no, np.ndarray):
        second = np.nan_to_num(no) if zeroed else no
    else:
        second = np.full_like(condition, no)
    result = np.where(condition != 0, first, second)
    return np.where(np.isnan(condition), np.nan, result)
