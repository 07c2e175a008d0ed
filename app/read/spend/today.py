"""What today has cost so far, before any bill tells it.

Usage types with a counter: the rate learnt from the last billed days times what the counter
says of today. Usage types by the hour or by what is stored: as much a day as lately. What is
neither, such as fees and requests without a metric, is not estimated; ``covered_share`` says
how much of a usual day's bill the estimate is about.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

import numpy as np

from app.model.time import Window
from app.read.spend.daily import DAY, whole_slots
from app.read.spend.drivers import DRIVES, Drive
from app.read.spend.idle import is_monthly, kind_of
from app.read.spend.metered import Driver, Used
from app.read.spend.prices import PriceBook
from app.read.spend.question import SpendAnswer, SpendRow
from app.read.spend.usage_types import HOME, split

LEAST_DAYS = 3
"""Days with both a bill and a counter that a rate is learnt from at least."""

BY_COUNTERS = (
    "Only what has a counter is told, at the rates of the whole bill; what runs by the hour is not."
)
"""What is said of a part whose usage types no bill tells."""

_CENT_PART = Decimal("0.000001")


class Basis(StrEnum):
    """What a line of today stands on."""

    METRIC = "metric"
    HOURS = "hours"


@dataclass(frozen=True, slots=True)
class TodayLine:
    """One usage type so far today, beside what a whole day usually costs.

    ``said`` tells how it was worked out.
    """

    service: str
    usage_type: str
    region: str
    usd: Decimal
    usual: Decimal
    basis: Basis
    said: str


@dataclass(frozen=True, slots=True)
class Today:
    """The estimate of the day that ``since`` begins, up to ``until``.

    ``covered_share`` of a usual day's bill is estimated, ``measured_share`` of it from
    counters. ``usual`` is what a whole day has cost lately, and ``usual_so_far`` the part
    of the covered share that would have come up by now.
    """

    since: datetime
    until: datetime
    usd: Decimal
    usual: Decimal
    usual_so_far: Decimal
    covered_share: float
    measured_share: float
    lines: tuple[TodayLine, ...]
    billed_days: int


@dataclass(frozen=True, slots=True)
class Seen:
    """Counters of the billed days and of today."""

    past: Mapping[Driver, Used]
    today: Mapping[Driver, Used]


def drivers_of(answer: SpendAnswer) -> list[Driver]:
    """The counters that usage types of a bill go with."""
    found = (_drive(row) for row in answer.rows)
    return list(dict.fromkeys(drive.driver for drive in found if drive is not None))


def billed_window(answer: SpendAnswer) -> Window | None:
    """The whole days of an answer."""
    days = whole_slots(answer)
    return Window(answer.slots[0], answer.slots[days - 1] + DAY) if days else None


def today(answer: SpendAnswer, seen: Seen, book: PriceBook, now: datetime) -> Today | None:
    """The estimate; None where no whole day is billed yet."""
    days = whole_slots(answer)
    if not days:
        return None
    since = now.replace(hour=0, minute=0, second=0, microsecond=0)
    clock = _Clock(since, now, days)
    lines = sorted(_lines(answer, seen, book, clock), key=lambda line: (-line.usd, line.usage_type))
    usual = _mean(answer.totals[:days])
    shares = {basis: _share(lines, basis, usual) for basis in Basis}
    covered = min(1.0, sum(shares.values()))
    return Today(
        since,
        now,
        sum((line.usd for line in lines), Decimal(0)),
        usual,
        (usual * Decimal(str(round(covered * clock.passed, 6)))).quantize(_CENT_PART),
        covered,
        shares[Basis.METRIC],
        tuple(lines),
        days,
    )


def today_of_part(
    whole: SpendAnswer, own: SpendAnswer, seen: Seen, part: Seen, book: PriceBook, now: datetime
) -> Today | None:
    """The estimate of a part whose bill tells no usage types, ``own`` by day alone.

    Its counters, ``part``, at the rates of the ``whole`` bill; what has no counter is not told.
    """
    days = whole_slots(own)
    if not days:
        return None
    clock = _Clock(now.replace(hour=0, minute=0, second=0, microsecond=0), now, days)
    found = _lines_of_part(whole, seen, part, book, clock)
    lines = sorted(found, key=lambda line: (-line.usd, line.usage_type))
    usual = _mean(own.totals[:days])
    covered = min(1.0, _share(lines, Basis.METRIC, usual))
    return Today(
        clock.since,
        now,
        sum((line.usd for line in lines), Decimal(0)),
        usual,
        (usual * Decimal(str(round(covered * clock.passed, 6)))).quantize(_CENT_PART),
        covered,
        covered,
        tuple(lines),
        days,
    )


def _lines_of_part(
    whole: SpendAnswer, seen: Seen, part: Seen, book: PriceBook, clock: _Clock
) -> Iterator[TodayLine]:
    rates = _Rates(whole, seen.past, book, whole_slots(whole))
    for row in whole.rows:
        drive = _drive(row)
        if drive is None:
            continue
        region, _ = split(row.key[1])
        counted, so_far = _counted(drive, region, part)
        rate, said = _rate_or_price(row, drive, rates)
        if counted is None or rate is None:
            continue
        past = part.past.get(drive.driver)
        counts = past.by_region.get(region or HOME) if past else None
        known = counts[~np.isnan(counts)] if counts is not None else np.empty(0)
        usual = _money(rate * float(known.mean())) if known.size else Decimal(0)
        usd = _money(rate * so_far * _to_now(counted, clock))
        yield TodayLine(row.key[0], row.key[1], region, usd, usual, Basis.METRIC, said)


@dataclass(frozen=True, slots=True)
class _Rates:
    """What the worth of a counter is made of: billed days with their counters, and prices."""

    answer: SpendAnswer
    past: Mapping[Driver, Used]
    book: PriceBook
    days: int

    def share(self, row: SpendRow, drive: Drive) -> float | None:
        """The part of a counter that is a usage type's; None where that cannot be told."""
        alike = [other for other in self.answer.rows if self._is_alike(other, row, drive)]
        if len(alike) == 1:
            return 1.0
        used = sum(sum(other.quantities[: self.days]) for other in alike)
        return sum(row.quantities[: self.days]) / used if used > 0 else None

    def _is_alike(self, other: SpendRow, row: SpendRow, drive: Drive) -> bool:
        theirs = _drive(other)
        there, here = (split(each.key[1])[0] or HOME for each in (other, row))
        return theirs is not None and theirs.driver == drive.driver and there == here


@dataclass(frozen=True, slots=True)
class _Clock:
    since: datetime
    now: datetime
    days: int

    @property
    def passed(self) -> float:
        """The part of the day that is over."""
        return (self.now - self.since) / timedelta(days=1)


def _lines(answer: SpendAnswer, seen: Seen, book: PriceBook, clock: _Clock) -> Iterator[TodayLine]:
    rates = _Rates(answer, seen.past, book, clock.days)
    for row in answer.rows:
        usual = _mean(row.amounts[: clock.days])
        if usual <= 0:
            continue
        line = _by_counter(row, seen, rates, clock) or _by_hours(row, usual, clock)
        if line is not None:
            yield line


def _by_counter(row: SpendRow, seen: Seen, rates: _Rates, clock: _Clock) -> TodayLine | None:
    drive = _drive(row)
    if drive is None:
        return None
    region, _ = split(row.key[1])
    counted, so_far = _counted(drive, region, seen)
    if counted is None:
        return None
    rate, said = _rate_or_price(row, drive, rates)
    if rate is None:
        return None
    usd, usual = _money(rate * so_far * _to_now(counted, clock)), _mean(row.amounts[: clock.days])
    return TodayLine(row.key[0], row.key[1], region, usd, usual, Basis.METRIC, said)


def _counted(drive: Drive, region: str, seen: Seen) -> tuple[Used | None, float]:
    """What a counter says of today in a Region, where it says anything."""
    counted = seen.today.get(drive.driver)
    so_far = counted.by_region.get(region or HOME) if counted else None
    if so_far is None or np.isnan(so_far[0]):
        return None, 0.0
    return counted, float(so_far[0])


def _rate_or_price(row: SpendRow, drive: Drive, rates: _Rates) -> tuple[float | None, str]:
    """US dollars for one of the counter: learnt, or else by the price of a unit.

    A counter that several usage types share is split as they were billed.
    """
    region, bare = split(row.key[1])
    place = region or HOME
    rate, said = _rate(row, place, drive, rates.past, rates.days)
    share = rates.share(row, drive) if rate is None else None
    if drive.factor is not None and share is not None:
        price = rates.book.price(bare, place, row.key[0])
        if price is not None:
            return float(price.usd) * drive.factor * share, price.said
    return rate, said


def _to_now(counted: Used, clock: _Clock) -> float:
    """Counters reach a few minutes less far than now; the rest goes on as the day did."""
    reached = (counted.until or clock.now) - clock.since
    return (clock.now - clock.since) / reached if reached else 1.0


def _rate(
    row: SpendRow, region: str, drive: Drive, past: Mapping[Driver, Used], days: int
) -> tuple[float | None, str]:
    """US dollars for one of the counter, from the days that have both."""
    used = past.get(drive.driver)
    counts = used.by_region.get(region) if used else None
    if counts is None or counts.size < days:
        return None, ""
    usd = np.array([np.nan if a is None else float(a) for a in row.amounts[:days]])
    both = ~np.isnan(usd) & ~np.isnan(counts[:days])
    counted = float(counts[:days][both].sum())
    if both.sum() < LEAST_DAYS or counted <= 0:
        return None, ""
    number = int(both.sum())
    return float(usd[both].sum()) / counted, f"rate of {number} billed days times today's metric"


def _by_hours(row: SpendRow, usual: Decimal, clock: _Clock) -> TodayLine | None:
    if kind_of(row.key[1]) is None or is_monthly(row.key[1]):
        return None
    recent = _mean(row.amounts[max(0, clock.days - LEAST_DAYS) : clock.days])
    usd = (recent * Decimal(str(round(clock.passed, 6)))).quantize(_CENT_PART)
    said = "as much a day as on the last billed days"
    region, _ = split(row.key[1])
    return TodayLine(row.key[0], row.key[1], region, usd, usual, Basis.HOURS, said)


def _drive(row: SpendRow) -> Drive | None:
    _, bare = split(row.key[1])
    return DRIVES.get((row.key[0], bare))


def _share(lines: Sequence[TodayLine], basis: Basis, usual: Decimal) -> float:
    own = sum((line.usual for line in lines if line.basis is basis), Decimal(0))
    return float(own / usual) if usual > 0 else 0.0


def _mean(amounts: Sequence[Decimal | None]) -> Decimal:
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) / len(known) if known else Decimal(0)


def _money(usd: float) -> Decimal:
    return Decimal(repr(usd)).quantize(_CENT_PART)
