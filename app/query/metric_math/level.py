"""The level of a series: the median of the quarter of a day before each slot.

A median keeps still through single outliers, and goes along with a shift once that has
lasted for half of its reach.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from app.query.metric_math.values import Points

DAY = 86_400
QUARTER = DAY // 4


def level_slots(period: int) -> int:
    return max(8, QUARTER // period)


def least_points(points: Points, period: int) -> int:
    """How many points make a level: a quarter of what a series usually has."""
    there = int((~np.isnan(points)).sum())
    return max(2, level_slots(period) * there // (4 * max(1, points.size)))


def levels(points: Points, period: int, least: int) -> Points:
    """The level before each slot; the one before it where points are fewer than ``least``."""
    found = pl.Series(points).fill_nan(None).rolling_median(level_slots(period), min_samples=least)
    found = found.shift(1).fill_null(strategy="forward")
    return found.cast(pl.Float64).fill_null(np.nan).to_numpy()


def centred(points: Points, slots: int) -> Points:
    """The median around each slot, in hindsight; only for learning patterns."""
    found = pl.Series(points).fill_nan(None)
    found = found.rolling_median(slots, min_samples=max(1, slots // 4), center=True)
    found = found.fill_null(strategy="forward").fill_null(strategy="backward")
    return found.cast(pl.Float64).fill_null(np.nan).to_numpy()
