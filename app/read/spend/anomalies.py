"""Days that cost clearly more than the days before let expect, and what they cost it for.

What is expected of a day comes only from days before it: level, weekday and fees. A level
that stays is an anomaly for about a week and then the new usual.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

import numpy as np

from app.read.spend.forecast import DailySpend
from app.read.spend.rolling import Calendar
from app.read.spend.shape import Values, filled, shape_of

LEAST_DAYS = 14
"""Days of bill that a day is compared with at least."""

LOOK_BACK = 120
"""Days that are."""

SCORE = 5.0
"""Spreads above what is expected."""

LEAST_USD, LEAST_SHARE = 1.0, 0.15
"""Less than this, or than this share of what is expected, is nobody's concern."""

LEVEL_DAYS = 14

OF_CAUSE = 0.1
"""Share of the excess from which on something counts as a cause."""

MOST_CAUSES = 5

_DAY = timedelta(days=1)


class CauseKind(StrEnum):
    """What about a cause changed."""

    VOLUME = "volume"
    PRICE = "price"
    NEW = "new"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Cause:
    """A part that explains a share of the excess, and ``of`` what is in it in turn."""

    key: tuple[str, ...]
    excess: Decimal
    share: float
    kind: CauseKind
    of: tuple[Cause, ...] = ()


@dataclass(frozen=True, slots=True)
class SpendAnomaly:
    """Days from ``day`` to before ``until`` that cost more than expected.

    ``score`` says how many times the usual spread the worst of them was off.
    """

    key: tuple[str, ...]
    day: date
    until: date
    expected: Decimal
    actual: Decimal
    score: float
    causes: tuple[Cause, ...] = ()

    @property
    def excess(self) -> Decimal:
        return self.actual - self.expected


@dataclass(frozen=True, slots=True)
class Detail:
    """A part of a group by the day: what it cost and, where known, how much of it was used."""

    spend: DailySpend
    quantity: tuple[float, ...] = ()


def find(
    groups: Mapping[tuple[str, ...], DailySpend], start: date, end: date
) -> tuple[SpendAnomaly, ...]:
    """Anomalies that begin or go on from ``start`` to before ``end``, the dearest first."""
    found = [
        anomaly
        for key, spend in groups.items()
        for anomaly in _of_group(key, spend, max(start, spend.start), min(end, spend.end))
    ]
    return tuple(sorted(found, key=lambda a: (-a.excess, a.key)))


@dataclass(frozen=True, slots=True)
class _Judged:
    day: date
    actual: float
    expected: float
    score: float

    @property
    def is_out(self) -> bool:
        excess = self.actual - self.expected
        enough = excess >= max(LEAST_USD, LEAST_SHARE * abs(self.expected))
        return enough and self.score >= SCORE


def _of_group(
    key: tuple[str, ...], spend: DailySpend, start: date, end: date
) -> Iterator[SpendAnomaly]:
    run: list[_Judged] = []
    for judged in _judged(spend, start, end):
        if judged.is_out:
            run.append(judged)
        elif run:
            yield _anomaly(key, run)
            run = []
    if run:
        yield _anomaly(key, run)


def _anomaly(key: tuple[str, ...], run: Sequence[_Judged]) -> SpendAnomaly:
    return SpendAnomaly(
        key,
        run[0].day,
        run[-1].day + _DAY,
        _money(sum(day.expected for day in run)),
        _money(sum(day.actual for day in run)),
        round(max(day.score for day in run), 1),
    )


def _judged(spend: DailySpend, start: date, end: date) -> Iterator[_Judged]:
    values, calendar = spend.values, Calendar.over(spend.start, len(spend.usd))
    for at in range(max(LEAST_DAYS, (start - spend.start).days), (end - spend.start).days):
        actual = float(values[at])
        if np.isnan(actual):
            continue
        usual = _usual(values, calendar, at) if _stands_out(values, at) else None
        expected, noise = usual if usual is not None else (actual, 1.0)
        yield _Judged(spend.start + at * _DAY, actual, expected, (actual - expected) / noise)


def _stands_out(values: Values, at: int) -> bool:
    """Whether a day is worth a closer look: dearer than the same weekday of four weeks before."""
    same = values[max(0, at - 28) : at][::-1][6::7]
    same = same[~np.isnan(same)]
    before = float(np.median(same)) if same.size else 0.0
    return float(values[at]) - before >= max(LEAST_USD, LEAST_SHARE * abs(before)) / 2


def _usual(values: Values, calendar: Calendar, at: int) -> tuple[float, float] | None:
    """What is expected of a day and the usual spread, from the days before it."""
    past = slice(max(0, at - LOOK_BACK), at)
    known = values[past]
    if np.count_nonzero(~np.isnan(known)) < LEAST_DAYS:
        return None
    weekdays = calendar.weekdays[past]
    shape = shape_of(filled(known, weekdays), weekdays, calendar.month_days[past])
    level = shape.level(shape.plain, LEVEL_DAYS)
    fee = float(shape.fees[calendar.month_days[at]])
    expected = level * float(shape.week[calendar.weekdays[at]]) + fee
    return expected, max(shape.noise, 0.02 * abs(expected), 0.01)


def causes(
    parts: Mapping[tuple[str, ...], Detail], start: date, end: date, excess: Decimal
) -> tuple[Cause, ...]:
    """Which parts explain an excess from ``start`` to before ``end``, the largest first."""
    found = []
    for key, detail in parts.items():
        before = _usual_before(detail.spend, start)
        days = (end - start).days
        more = _money(float(detail.spend.between(start, end)) - before * days)
        share = float(more / excess) if excess else 0.0
        if share >= OF_CAUSE:
            found.append(Cause(key, more, round(share, 4), _kind(detail, start, end, before)))
    return tuple(sorted(found, key=lambda c: (-c.excess, c.key))[:MOST_CAUSES])


def _usual_before(spend: DailySpend, start: date) -> float:
    """The median of the 14 days before; a part that was not there then cost nothing."""
    first = (start - spend.start).days
    days = [usd or 0.0 for usd in spend.usd[max(0, first - LEVEL_DAYS) : max(0, first)]]
    return float(np.median(days)) if days else 0.0


def _kind(detail: Detail, start: date, end: date, before: float) -> CauseKind:
    if before < 0.005:
        return CauseKind.NEW
    first, last = (start - detail.spend.start).days, (end - detail.spend.start).days
    used = sum(detail.quantity[max(0, first) : max(0, last)])
    past = detail.quantity[max(0, first - LEVEL_DAYS) : max(0, first)]
    usual = float(np.median(past)) * (end - start).days if past else 0.0
    if used <= 0 or usual <= 0:
        return CauseKind.OTHER
    rate_before = before * (end - start).days / usual
    volume = (used - usual) * rate_before
    price = float(detail.spend.between(start, end)) - used * rate_before
    return CauseKind.VOLUME if volume >= price else CauseKind.PRICE


def _money(usd: float) -> Decimal:
    return Decimal(repr(float(usd))).quantize(Decimal("0.01"))
