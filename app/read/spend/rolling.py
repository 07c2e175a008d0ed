"""Days ahead of a daily bill, and how wrong such forecasts were when made in the past.

Several simple ways to go on (the level of the last days, weeks or months, some with a
slope that dies down) are weighed by how they did from earlier days of the same bill. The
same earlier forecasts give the interval, so no shape of the errors is assumed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from app.read.spend.shape import Days, Shape, Values, filled, shape_of

LOOK_BACK = 430
"""Days of history that teach: 14 months, as many as Cost Explorer has."""

SPANS = (3, 7, 14, 28, 56, 112)
"""Days that a level is taken from."""

WHOLE_SPANS = (28, 56)
"""Days of levels that leave in what is out of line: where spikes are usual, they will recur."""

SLOPES = ((7, 4), (14, 6), (28, 12))
"""Days of the level and weeks of the slope."""

DIES_DOWN = 0.97
"""What is left of a slope a day later."""

ORIGINS = 36
"""Earlier days from which forecasts are made."""

LEARN_FIRST = 56
"""Days before the first of them."""

_Stack = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """Weekdays (0 is Monday) and days of the month of a run of days."""

    weekdays: Days
    month_days: Days

    @classmethod
    def over(cls, start: date, days: int) -> Calendar:
        ordinals = start.toordinal() + np.arange(days, dtype=np.int64)
        month_days = [date.fromordinal(day).day for day in ordinals.tolist()]
        return cls((ordinals - 1) % 7, np.array(month_days, dtype=np.int64))


@dataclass(frozen=True, slots=True, eq=False)
class Ahead:
    """What is expected of the days ahead, and what was missed in the past.

    ``errors`` has a row for each earlier forecast and a column for each day ahead:
    billed minus expected. It may be shorter than ``expected`` where history is short.
    ``checked`` is how many days of bill the earlier forecasts are about.
    """

    expected: Values
    errors: _Stack
    checked: int = 0


def ahead(values: Values, start: date, days: int) -> Ahead:
    """Forecast ``days`` after a history that starts on ``start`` (NaN: no bill)."""
    left_out = max(0, values.size - LOOK_BACK)
    recent = values[left_out:]
    first = date.fromordinal(start.toordinal() + left_out)
    calendar = Calendar.over(first, recent.size + days)
    whole = filled(recent, calendar.weekdays)
    ways = _ways(whole, calendar, recent.size, days)
    origins, reach = _origins(recent.size, days)
    if not origins.size:
        return Ahead(np.asarray(ways[: len(SPANS)].mean(axis=0)), np.empty((0, 0)))
    made = np.stack([_ways(whole, calendar, origin, reach) for origin in origins.tolist()])
    billed = np.stack([whole[origin : origin + reach] for origin in origins.tolist()])
    weights = _weights(made, billed)
    errors = billed - np.einsum("w,owd->od", weights, made)
    checked = recent.size - int(origins[0])
    return Ahead(np.asarray(weights @ ways), np.asarray(errors), checked)


def _origins(size: int, days: int) -> tuple[Days, int]:
    """Earlier days to forecast from, and how many days ahead each can be checked."""
    learn_first = min(LEARN_FIRST, max(7, size // 2))
    reach = min(days, (size - learn_first) // 2)
    if reach < 1:
        return np.empty(0, dtype=np.int64), 0
    spread = np.linspace(learn_first, size - reach, ORIGINS)
    return np.unique(spread.astype(np.int64)), reach


def _weights(made: _Stack, billed: Values) -> Values:
    """By how far each way was off in sum, on average; the better twice as far counts four times."""
    missed = np.abs(made.sum(axis=2) - billed.sum(axis=1)[:, None])
    off = missed.mean(axis=0) + 0.3 * np.median(missed, axis=0)
    weights = 1 / np.maximum(off, 1e-9) ** 2
    return np.asarray(weights / weights.sum())


def _ways(values: Values, calendar: Calendar, until: int, days: int) -> _Stack:
    """Each way to go on from the first ``until`` values, a row each."""
    weekdays, month_days = calendar.weekdays, calendar.month_days
    shape = shape_of(values[:until], weekdays[:until], month_days[:until])
    coming = slice(until, until + days)
    levels = np.array(_levels(shape))
    steps = np.arange(1, days + 1)
    climbed = DIES_DOWN * (1 - DIES_DOWN**steps) / (1 - DIES_DOWN)
    level = levels[:, :1] + levels[:, 1:] * climbed
    return np.asarray(level * shape.week[weekdays[coming]] + shape.fees[month_days[coming]])


def _levels(shape: Shape) -> list[tuple[float, float]]:
    """Level and slope a day of each way."""
    found = [(shape.level(shape.plain, span), 0.0) for span in SPANS]
    found += [(shape.level(shape.usage, span), 0.0) for span in WHOLE_SPANS]
    weekly = _weekly(shape)
    for span, weeks in SLOPES:
        slope = _slope(weekly[-weeks:]) / 7
        found.append((shape.level(shape.plain, span) + slope * (span - 1) / 2, slope))
    return found


def _weekly(shape: Shape) -> Values:
    """The level of each of the newest whole weeks, oldest first."""
    weeks = min(shape.plain.size // 7, 16)
    if not weeks:
        return np.empty(0)
    sums = shape.plain[-7 * weeks :].reshape(weeks, 7).sum(axis=1)
    weights = shape.weights[-7 * weeks :].reshape(weeks, 7).sum(axis=1)
    return np.asarray(sums / np.maximum(weights, 1e-9))


def _slope(weekly: Values) -> float:
    """The median climb a week from the older to the newer half."""
    half = weekly.size // 2
    if half < 2:
        return 0.0
    apart = weekly.size - half
    return float(np.median(weekly[apart:] - weekly[:half])) / apart
