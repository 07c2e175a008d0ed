"""What Watchdeck itself costs, counted before each call is sent.

A call that AWS refuses is taken off again, because AWS bills only answers; one
that got no answer stays on. The monthly cap is compared with money really spent
and never stops calls for alarms. What is only expected to overrun it stops
nothing: :meth:`Meter.stretch` makes the intervals of ordinary reading longer.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from app.aws.asked import Asked
from app.aws.prices import PRICES, Price, price_of
from app.aws.unit_limits import UnitLimit, UnitLimits
from app.model.errors import AwsError, OverBudget, Throttled
from app.model.ids import Place
from app.model.plans import HOUR, Plan, PlannedRead, hours_left
from app.model.rounds import MeterEntry

STRETCHES = (1, 2, 3, 6, 12)
"""How much longer than wished intervals may become: 5 minutes become at most an hour."""

_ZERO = Decimal(0)


class Priority(StrEnum):
    """What goes first when money is short."""

    ALARM = "alarm"
    NORMAL = "normal"
    BACKFILL = "backfill"


@dataclass(frozen=True, slots=True)
class Tally:
    """Calls and list price so far; only differences mean anything."""

    calls: int = 0
    usd: Decimal = _ZERO

    def since(self, before: Tally) -> Tally:
        return Tally(self.calls - before.calls, self.usd - before.usd)


@dataclass(frozen=True, slots=True)
class Reading:
    """One group that is read regularly: what one read costs, and how often it is wished.

    Before ``at_least`` has passed there is nothing new to read. ``may_wait`` is False
    for what is read at its interval even when money is short.
    """

    group: str
    usd: Decimal
    every: timedelta
    at_least: timedelta = timedelta(0)
    may_wait: bool = False

    def interval(self, stretch: int) -> timedelta:
        """The interval when those that may wait are so many times as long."""
        return max(self.every * stretch if self.may_wait else self.every, self.at_least)

    def usd_per_hour(self, stretch: int) -> Decimal:
        return self.usd * Decimal(HOUR / self.interval(stretch))


_Key = tuple[Place, str, str, str]


@dataclass(slots=True)
class Sending:
    """One metered call on its way; tell it when AWS refused."""

    meter: Meter
    key: _Key
    units: int
    usd: Decimal

    def refused(self, error: AwsError) -> None:
        """AWS answered with an error, which it does not bill."""
        self.meter._add(
            self.key,
            units=-self.units,
            usd=-self.usd,
            throttles=int(isinstance(error, Throttled)),
            errors=1,
        )

    def unanswered(self) -> None:
        """Nobody knows whether AWS did the work, so it counts."""
        self.meter._add(self.key, errors=1)

    def never_sent(self) -> None:
        """There was no connection, so AWS cannot have billed anything."""
        self.meter._add(self.key, units=-self.units, usd=-self.usd, errors=1)


class Meter:
    """Billed units and list price of every call, with a cap in USD a month; thread-safe.

    ``entries`` are those already stored for this month (``store.meter.month``).
    """

    def __init__(
        self,
        cap_usd: Decimal,
        *,
        now: Callable[[], datetime],
        entries: Iterable[MeterEntry] = (),
        prices: Mapping[tuple[str, str], Price] = PRICES,
    ) -> None:
        self.cap_usd = cap_usd
        self._now, self._prices = now, prices
        self._lock = threading.RLock()
        self._open: dict[_Key, MeterEntry] = {}
        self._tallies: dict[tuple[str, Place], Tally] = {}
        self._readings: dict[tuple[Place, str], tuple[Reading, ...]] = {}
        self._rates: dict[int, Decimal] = dict.fromkeys(STRETCHES, _ZERO)
        self._month = _month(now())
        own = [e for e in entries if _month(e.at) == self._month]
        self._spent = sum((e.usd for e in own), _ZERO)
        self._limits = UnitLimits()
        for entry in own:
            self._count(entry.service, entry.operation, entry.units)

    def limit_units(self, api: str, limit: UnitLimit) -> None:
        """From now on at most so many billed units of an API are used in a month."""
        with self._lock:
            self._limits.limits[api] = limit

    def units_left(self, api: str) -> int | None:
        """Billed units of an API that the month still allows; None where it has no limit."""
        with self._lock:
            self._turn_month()
            return self._limits.left(api)

    def units_ahead(self, api: str, operation: str, units: int) -> int:
        """How many units a call is counted as beforehand, so that calls side by side share
        what is left of a limit."""
        with self._lock:
            self._turn_month()
            return self._limits.ahead(api, operation, units)

    def sending(
        self, asked: Asked, units: int, *, collector: str, priority: Priority = Priority.NORMAL
    ) -> Sending:
        """Count a call that is about to be sent; raises OverBudget when the cap forbids it."""
        price = price_of(asked.api, asked.operation, self._prices)
        usd = price.usd * units if price else _ZERO
        key = (asked.place, asked.api, asked.operation, collector)
        with self._lock:
            self._turn_month()
            if usd and priority is not Priority.ALARM and self._spent + usd > self.cap_usd:
                raise self._over_budget(asked, usd)
            if usd:
                self._limits.check(asked, units)
            self._add(key, calls=1, units=units, usd=usd)
        return Sending(self, key, units, usd)

    def corrected(self, asked: Asked, units: int, *, collector: str) -> None:
        """More or fewer units than were counted beforehand, as an answer told."""
        price = price_of(asked.api, asked.operation, self._prices)
        usd = price.usd * units if price else _ZERO
        self._add((asked.place, asked.api, asked.operation, collector), units=units, usd=usd)

    def entries(self) -> list[MeterEntry]:
        """What was counted since the last time, to be stored; the caller owns it now."""
        with self._lock:
            drained = [e for e in self._open.values() if e.calls or e.errors or e.usd]
            self._open.clear()
            return drained

    def restore(self, entries: Iterable[MeterEntry]) -> None:
        """Take back entries that could not be stored."""
        with self._lock:
            for entry in entries:
                key = (entry.place, entry.service, entry.operation, entry.collector)
                self._open[key] = _sum(self._open.get(key), entry)

    def tally(self, collector: str, place: Place) -> Tally:
        """Calls and spend of one collector in one place since the start of the process."""
        with self._lock:
            return self._tallies.get((collector, place), Tally())

    def expect(self, place: Place, collector: str, readings: Iterable[Reading]) -> None:
        """Say what one collector reads regularly in a place; the last word counts."""
        told = tuple(readings)
        with self._lock:
            before = self._readings.get((place, collector), ())
            self._readings[place, collector] = told
            for stretch in STRETCHES:
                self._rates[stretch] += _rate(told, stretch) - _rate(before, stretch)

    def stretch(self, now: datetime) -> int:
        """How many times longer than wished ordinary intervals must be to keep to the cap."""
        with self._lock:
            left, hours = self.cap_usd - self._spent, hours_left(now)
            fitting = (s for s in STRETCHES if self._rates[s] * hours <= left)
            return next(fitting, STRETCHES[-1])

    def plan(self, now: datetime) -> Plan:
        """Every group that is read regularly, at the interval that the cap allows now."""
        with self._lock:
            stretch = self.stretch(now)
            reads = [
                PlannedRead(
                    place,
                    collector,
                    reading.group,
                    reading.usd,
                    reading.interval(1),
                    reading.interval(stretch),
                )
                for (place, collector), readings in self._readings.items()
                for reading in readings
            ]
        return Plan(now, tuple(reads))

    def is_spent(self) -> bool:
        """Whether the cap is used up, so that only alarms may still ask what costs money."""
        with self._lock:
            self._turn_month()
            return self._spent >= self.cap_usd

    @property
    def month_to_date(self) -> Decimal:
        """Spend since the first of the month, UTC, at list price."""
        with self._lock:
            self._turn_month()
            return self._spent

    def _add(
        self,
        key: _Key,
        *,
        calls: int = 0,
        units: int = 0,
        usd: Decimal = _ZERO,
        throttles: int = 0,
        errors: int = 0,
    ) -> None:
        with self._lock:
            now = self._now()
            entry = MeterEntry(now, *key, calls, units, usd, throttles, errors)
            self._open[key] = _sum(self._open.get(key), entry)
            self._spent += usd
            self._count(key[1], key[2], units)
            place, collector = key[0], key[3]
            tally = self._tallies.get((collector, place), Tally())
            self._tallies[(collector, place)] = Tally(tally.calls + calls, tally.usd + usd)

    def _turn_month(self) -> None:
        month = _month(self._now())
        if month != self._month:
            self._month, self._spent = month, _ZERO
            self._limits.used.clear()

    def _count(self, api: str, operation: str, units: int) -> None:
        if price_of(api, operation, self._prices) is not None:
            self._limits.add(api, units)

    def _over_budget(self, asked: Asked, usd: Decimal) -> OverBudget:
        return OverBudget(
            f"{asked} was not sent: {self._spent:.2f} USD of the monthly cap of {self.cap_usd:.2f} "
            f"USD are spent and this call costs {usd:.4f}; alarms go on. Raise "
            "`budget_usd_per_month`, read fewer services, or choose longer intervals.",
            place=asked.place,
            action=asked.action,
        )


def _rate(readings: Iterable[Reading], stretch: int) -> Decimal:
    return sum((each.usd_per_hour(stretch) for each in readings), _ZERO)


def _sum(before: MeterEntry | None, entry: MeterEntry) -> MeterEntry:
    if before is None:
        return entry
    return replace(
        before,
        calls=before.calls + entry.calls,
        units=before.units + entry.units,
        usd=before.usd + entry.usd,
        throttles=before.throttles + entry.throttles,
        errors=before.errors + entry.errors,
    )


def _month(at: datetime) -> tuple[int, int]:
    return (at.year, at.month)
