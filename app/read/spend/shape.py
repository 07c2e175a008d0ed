"""What a daily bill is made of: a level, its weekdays, its fees, and single days out of line.

A fee (support, a reservation, a marketplace charge, a credit) stands on its day of the
month and is never smoothed into the days around it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]
Days = npt.NDArray[np.int64]

NEAR = 15
"""Days that the level around a day is the median of."""

WEEKS = 12
"""Weeks that teach the shape of the week."""

CLEAR = 4.0
"""Spreads that a fee stands off the days around it."""

USUAL = 3.0
"""Spreads that a day may stand off before it counts as out of line."""

MONTHS = 3
"""Newest months that the height of a fee is the median of."""

NOTHING = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """``week`` are factors from Monday on, ``fees`` are US dollars by day of the month.

    ``usage`` is the history without fees, ``plain`` also without days out of line, and
    ``weights`` are the factors of its days.
    """

    week: Values
    fees: Values
    usage: Values
    plain: Values
    weights: Values
    noise: float

    def level(self, values: Values, days: int) -> float:
        """The level of the last days of ``usage`` or ``plain``."""
        weight = float(self.weights[-days:].sum())
        return float(values[-days:].sum()) / max(weight, NOTHING)


def shape_of(values: Values, weekdays: Days, month_days: Days) -> Shape:
    """Take a history without gaps apart."""
    near = middle(values, NEAR)
    rest = values - near * _week(values, near, weekdays)[weekdays]
    noise = _noise(rest, near)
    fees = _fees(rest, month_days, noise)
    usage = values - fees[month_days]
    near = middle(usage, NEAR)
    week = _week(usage, near, weekdays)
    weights = week[weekdays]
    expected = near * weights
    plain = np.clip(usage, expected - USUAL * noise, expected + USUAL * noise)
    return Shape(week, fees, usage, plain, weights, noise)


def filled(values: Values, weekdays: Days) -> Values:
    """Gaps closed with the mean of the two nearest days of the same weekday, or else of any."""
    gaps = np.flatnonzero(np.isnan(values))
    if not gaps.size:
        return values
    known = np.flatnonzero(~np.isnan(values))
    closed = values.copy()
    for gap in gaps:
        same = known[weekdays[known] == weekdays[gap]]
        pool = same if same.size else known
        nearest = pool[np.argsort(np.abs(pool - gap), kind="stable")[:2]]
        closed[gap] = values[nearest].mean()
    return closed


def middle(values: Values, width: int) -> Values:
    """The median of the days around each day; at the ends of fewer days."""
    half = width // 2
    if values.size <= width:
        return np.full(values.size, np.median(values))
    windows = np.lib.stride_tricks.sliding_window_view(values, width)
    early = [np.median(values[: at + half + 1]) for at in range(half)]
    late = [np.median(values[at - half :]) for at in range(values.size - half, values.size)]
    return np.concatenate([early, np.median(windows, axis=1), late])


def _week(values: Values, near: Values, weekdays: Days) -> Values:
    """Weekdays in terms of the median day; all 1 where there are too few weeks to tell."""
    recent = slice(-7 * WEEKS, None)
    around, days = near[recent], weekdays[recent]
    there = np.abs(around) > NOTHING
    if values.size < 14 or np.unique(days[there]).size < 7:
        return np.ones(7)
    ratios = values[recent][there] / around[there]
    medians = np.array([np.median(ratios[days[there] == day]) for day in range(7)])
    week = np.clip(medians, 0.0, 20.0)
    return week if week.sum() > NOTHING else np.ones(7)


def _noise(rest: Values, near: Values) -> float:
    """The usual distance of a day from what is expected of it."""
    recent = rest[-120:]
    spread = 1.4826 * float(np.median(np.abs(recent - np.median(recent))))
    return max(spread, 0.005 * float(np.median(np.abs(near[-120:]))), NOTHING)


def _fees(rest: Values, month_days: Days, noise: float) -> Values:
    """By day of the month what recurs there; the newest months decide."""
    fees = np.zeros(32)
    for day in range(1, 32):
        seen = rest[month_days == day][-4:]
        if seen.size and _recurs(seen, day, noise):
            fees[day] = np.median(seen[-MONTHS:])
    return fees


def _recurs(seen: Values, day: int, noise: float) -> bool:
    """Seen in the two newest months and in most; the first of a month is trusted at once."""
    clear = np.abs(seen) > CLEAR * noise
    if not clear[-1] or seen.size == 1:
        return bool(clear[-1]) and day == 1
    same = bool(np.all(np.sign(seen[-2:]) == np.sign(seen[-1])))
    return same and bool(clear[-2:].all()) and float(clear.mean()) > 0.6
