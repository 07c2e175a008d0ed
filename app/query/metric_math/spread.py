"""How far a series strays from what is expected, read off its past without a law of chance.

Load comes in bursts, and bursts follow no bell curve: a bound at some deviations would be
passed every day, or never. So a bound lies where the furthest quarter of a day of two weeks
strayed to: if nothing changes, one of 57 quarters passes it, once in two weeks on each side.
A quarter that stands alone was an incident and is cut. A series that strays at its hour,
such as a nightly job, is judged by the hour.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.query.metric_math.level import DAY, QUARTER
from app.query.metric_math.seasons import Pattern, Times, bin_of, bins
from app.query.metric_math.values import Points

ALONE = 1.2
"""The furthest quarter counts up to this many times the second furthest ..."""

LONG = 12 * DAY
"""... once so much is known; before, what happened once may well be usual."""

MARGIN = 1.01
"""So that what comes back exactly as it was stays inside."""

LEAST = 3.0
LEAST_SHARE = 1e-4
"""The narrowest bound: so many spreads, a spread being at least this share of the large values."""

LEAST_DAYS = 4
SHARPER = 0.9
"""Hours are told apart if the band gets narrower than this share by it."""


@dataclass(frozen=True, slots=True)
class Width:
    """A spread for each time of day, and how many of them the past strayed to either side."""

    spread: Pattern
    below: float
    above: float

    def at(self, times: Times) -> tuple[Points, Points]:
        spread = self.spread.at(times)
        return self.below * spread, self.above * spread

    def typical(self) -> float:
        """The width of a band on an average that its widest hours do not rule."""
        return float((self.below + self.above) * np.exp(np.log(self.spread.values).mean()))


def width_of(times: Times, rest: Points, size: float, period: int) -> Width:
    """The width for a past whose distances from what was expected are ``rest``.

    ``size`` is how large the values themselves get.
    """
    flat = _deviation(rest, LEAST_SHARE * size + 1e-12)
    flat_spread = Pattern("none", bin_of(period), np.full((1, bins(period)), flat))
    even = Width(flat_spread, *_strayed(rest / flat, period))
    days = times // DAY - times[0] // DAY
    if days[-1] + 1 < LEAST_DAYS:
        return even
    sharp = _hourly(times, days, rest, flat, period)
    return sharp if sharp.typical() < SHARPER * even.typical() else even


def _deviation(rest: Points, least: float) -> float:
    """A robust deviation: by the median, or by the tenth that strays most where that is more."""
    away = np.abs(rest[~np.isnan(rest)])
    return max(1.4826 * float(np.median(away)), 0.3 * float(np.quantile(away, 0.9)), least)


def _hourly(times: Times, days: Times, rest: Points, flat: float, period: int) -> Width:
    """A width by the time of day.

    A time of day is as wide as the second furthest day strayed there, an hour around it.
    No day vouches for itself: the two furthest are judged by the third.
    """
    size = bin_of(period)
    cells = times % DAY // size
    far = np.zeros((int(days[-1]) + 1, bins(period)))
    np.maximum.at(far, (days, cells), np.nan_to_num(np.abs(rest)))
    around = max(1, 3600 // size)
    near = np.max([np.roll(far, by) for by in range(-around, around + 1)], axis=0)
    second, third = np.sort(near, axis=0)[[-2, -3]]
    spread = np.maximum(second / LEAST, flat)
    judged = np.maximum(np.where(near >= second, third, second) / LEAST, flat)
    strayed = _strayed(rest / judged[days, cells], period)
    return Width(Pattern("none", size, spread[np.newaxis]), *strayed)


def _strayed(spreads: Points, period: int) -> tuple[float, float]:
    """How far the past strayed below and above, in spreads."""
    quarter = max(1, QUARTER // period)
    padded = np.concatenate([np.full(-spreads.size % quarter, np.nan), spreads])
    whole = padded.reshape(-1, quarter)
    whole = whole[~np.isnan(whole).all(axis=1)]
    return _furthest(-np.nanmin(whole, axis=1)), _furthest(np.nanmax(whole, axis=1))


def _furthest(quarters: Points) -> float:
    if len(quarters) * QUARTER < LONG:
        return max(MARGIN * float(quarters.max()), LEAST)
    second, first = np.sort(quarters)[-2:]
    return max(MARGIN * float(min(first, ALONE * second)), LEAST)
