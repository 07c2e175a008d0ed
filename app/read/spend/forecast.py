"""What a month or a quarter will have cost, with intervals that say how sure that is.

The interval comes from forecasts made on earlier days of the same bill, as many days
ahead (see :mod:`app.read.spend.rolling`). A day whose bill is not whole yet must not be
in the history: half a day would look like a fall.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from app.read.spend.intervals import Missed, growing, widths
from app.read.spend.rolling import Ahead, ahead
from app.read.spend.shape import Values

LEAST_DAYS = 7
"""A forecast from fewer days of bill would be a guess."""

_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class DailySpend:
    """US dollars a day from ``start``; None for a day without a bill."""

    start: date
    usd: tuple[float | None, ...]

    @classmethod
    def of(cls, days: Iterable[tuple[date, Decimal | float | None]]) -> DailySpend:
        """From days in any order; days between that are left out have no bill."""
        known = {day: None if usd is None else float(usd) for day, usd in days}
        if not known:
            return cls(date.min, ())
        start, count = min(known), (max(known) - min(known)).days + 1
        return cls(start, tuple(known.get(start + timedelta(days=at)) for at in range(count)))

    @property
    def end(self) -> date:
        """The first day after the last."""
        return self.start + timedelta(days=len(self.usd))

    @property
    def values(self) -> Values:
        return np.array([np.nan if usd is None else usd for usd in self.usd], dtype=np.float64)

    def between(self, start: date, end: date) -> Decimal:
        """What is billed from ``start`` to before ``end``."""
        first, last = (start - self.start).days, (end - self.start).days
        return _money(sum(usd or 0.0 for usd in self.usd[max(0, first) : max(0, last)]))


@dataclass(frozen=True, slots=True)
class Spread:
    """What is expected, and the bounds that hold in 80 % and in 95 % of cases."""

    expected: Decimal
    low80: Decimal
    high80: Decimal
    low95: Decimal
    high95: Decimal


@dataclass(frozen=True, slots=True)
class ForecastDay:
    """One day ahead: its own bill, and the bill of the period up to its end."""

    day: date
    spread: Spread
    so_far: Spread


@dataclass(frozen=True, slots=True)
class Forecast:
    """The bill from ``start`` to before ``end``: ``actual`` up to ``known_until``, then ahead.

    ``learnt_days`` of bill taught it; ``days`` are those ahead.
    """

    start: date
    end: date
    known_until: date
    actual: Decimal
    total: Spread
    days: tuple[ForecastDay, ...]
    learnt_days: int

    def chance_over(self, limit: Decimal) -> float:
        """How likely the total is to be above a limit, from 0 to 1."""
        rest = self.total
        if rest.high95 == rest.low95:
            return 1.0 if rest.expected > limit else 0.0
        bounds = [rest.low95, rest.low80, rest.expected, rest.high80, rest.high95]
        beyond = rest.high95 + (rest.high95 - rest.low95)
        below = rest.low95 - (rest.high95 - rest.low95)
        places = [float(bound) for bound in (below, *bounds, beyond)]
        chances = [1.0, 0.975, 0.9, 0.5, 0.1, 0.025, 0.0]
        return float(np.interp(float(limit), places, chances))


def month_of(day: date) -> tuple[date, date]:
    """The first day of the month, and that of the next."""
    start = day.replace(day=1)
    return start, (start + timedelta(days=32)).replace(day=1)


def quarter_of(day: date) -> tuple[date, date]:
    """The first day of the quarter, and that of the next."""
    start = day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    return start, (start + timedelta(days=95)).replace(day=1)


def forecast(history: DailySpend, start: date, end: date) -> Forecast | None:
    """The bill from ``start`` to before ``end``; None with too few days of bill to tell."""
    known = sum(usd is not None for usd in history.usd)
    until = max(history.end, start)
    actual = history.between(start, end)
    if known and history.end >= end:
        return Forecast(start, end, end, actual, _sure(actual), (), known)
    if known < LEAST_DAYS:
        return None
    found = ahead(history.values, history.start, (end - history.end).days)
    days = _days(_without(found, (until - history.end).days), until, actual)
    return Forecast(start, end, until, actual, days[-1].so_far, days, known)


def _without(found: Ahead, days: int) -> Ahead:
    """Without the first days ahead, which lie before the period."""
    return replace(found, expected=found.expected[days:], errors=found.errors[:, days:])


def _days(found: Ahead, first: date, actual: Decimal) -> tuple[ForecastDay, ...]:
    sums = np.cumsum(found.expected)
    reach = found.errors.shape[1]
    one, more = np.ones(reach, dtype=np.int64), np.arange(1, reach + 1)
    own = widths(Missed(found.errors, one, found.checked), found.expected)
    together = Missed(np.cumsum(found.errors, axis=1), more, found.checked)
    running = growing(widths(together, sums), reach)
    return tuple(
        ForecastDay(
            first + timedelta(days=at),
            _spread(Decimal(0), found.expected[at], own[at]),
            _spread(actual, sums[at], running[at]),
        )
        for at in range(sums.size)
    )


def _spread(base: Decimal, expected: float, half: Values) -> Spread:
    narrow, wide = half
    amounts = (expected, expected - narrow, expected + narrow, expected - wide, expected + wide)
    return Spread(*(base + _money(amount) for amount in amounts))


def _sure(actual: Decimal) -> Spread:
    return Spread(actual, actual, actual, actual, actual)


def _money(usd: float) -> Decimal:
    return Decimal(repr(float(usd))).quantize(_CENT)
