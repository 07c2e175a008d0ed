"""What is normal for a series: a band learnt from its own past, by a model of our own.

Expected is the level of the last quarter of a day plus the pattern of the day or week.
The width is how far the series strayed in the quarters of the last two weeks. All that
a bound rests on is older than its slot, and models change at fixed times of day, so a
band is the same whenever it is computed.

CloudWatch does not publish its model; the compatible part is the comparison with it.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.query.metric_math.level import DAY, QUARTER, least_points, levels
from app.query.metric_math.seasons import Pattern, Times, pattern_of
from app.query.metric_math.spread import Width, width_of
from app.query.metric_math.values import Grid, Points

HISTORY = 14 * DAY
LEAST_HISTORY = DAY // 2
LEAST_POINTS = 12
MOST_HISTORY = HISTORY + QUARTER
"""Seconds before its first slot that a band looks back."""

USUAL = 2.0
"""Deviations at which a bound lies where the past strayed to."""


@dataclass(frozen=True, slots=True)
class Model:
    """What the past taught.

    ``least`` is how many points make a level, ``level`` the last one known,
    ``floor`` what no bound goes below.
    """

    pattern: Pattern
    width: Width
    least: int
    level: float
    floor: float


def band(
    points: Points,
    grid: Grid,
    deviations: float,
    first: int,
    excluded: Sequence[tuple[float, float]] = (),
) -> tuple[Points, Points]:
    """Lower and upper bound of every slot from ``first`` on; NaN where the past is too short.

    ``points`` lie on ``grid``, the past among them. Points between the pairs of
    ``excluded`` (epoch seconds, end exclusive) teach nothing.
    """
    times = grid.times()
    taught = without(points, times, excluded)
    lower, upper = np.full((2, grid.size), np.nan)
    for begin, end in _pieces(times, first):
        learnt = learnt_at(int(times[begin]))
        since, until, level_since = np.searchsorted(
            times, (learnt - HISTORY, learnt, learnt - QUARTER)
        )
        model = fitted(times[since:until], taught[since:until], grid.period)
        if model is not None:
            near = slice(level_since, end)
            found = bounds(model, times[near], taught[near], deviations, grid.period)
            count = end - begin
            lower[begin:end], upper[begin:end] = (side[-count:] for side in found)
    return lower[first:], upper[first:]


def learnt_at(time: int) -> int:
    """When the model of a slot was learnt, in epoch seconds; its past ends there."""
    return time // QUARTER * QUARTER


def fitted(times: Times, values: Points, period: int) -> Model | None:
    """The model of a past of at most two weeks, None where it is too short."""
    there = np.flatnonzero(~np.isnan(values))
    if there.size < LEAST_POINTS or times[there[-1]] - times[there[0]] < LEAST_HISTORY - period:
        return None
    pattern = pattern_of(times, values, period)
    least = least_points(values, period)
    level = levels(values - pattern.at(times), period, least)
    known = level[~np.isnan(level)]
    rest = values - pattern.at(times) - level
    if not known.size or np.isnan(rest).all():
        return None
    width = width_of(times, rest, float(np.quantile(np.abs(values[there]), 0.99)), period)
    floor = 0.0 if values[there].min() >= 0 else -np.inf
    return Model(pattern, width, least, float(known[-1]), floor)


def bounds(
    model: Model, times: Times, values: Points, deviations: float, period: int
) -> tuple[Points, Points]:
    """Lower and upper bound of every slot; a quarter of a day before it belongs to ``values``."""
    normal = model.pattern.at(times)
    level = levels(values - normal, period, model.least)
    expected = np.where(np.isnan(level), model.level, level) + normal
    below, above = model.width.at(times)
    share = deviations / USUAL
    return np.maximum(expected - share * below, model.floor), expected + share * above


def without(points: Points, times: Times, excluded: Sequence[tuple[float, float]]) -> Points:
    """The points outside the excluded stretches."""
    taught = points.copy()
    for start, end in excluded:
        taught[(times >= start) & (times < end)] = np.nan
    return taught


def _pieces(times: Times, first: int) -> list[tuple[int, int]]:
    """Runs of slots with one model."""
    if first >= times.size:
        return []
    edges = np.flatnonzero(np.diff(times[first:] // QUARTER)) + first + 1
    ends = [first, *edges.tolist(), times.size]
    return list(itertools.pairwise(ends))
