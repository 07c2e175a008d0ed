"""What Watchdeck means to read regularly, how often, and what that costs.

The process that reads knows this and stores it; pages tell it from there.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from app.model.ids import Place

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class PlannedRead:
    """One group that is read every ``every``, which costs ``usd`` each time.

    ``wished`` is the interval that the settings ask for; a longer one keeps to the cap.
    """

    place: Place
    collector: str
    group: str
    usd: Decimal
    wished: timedelta
    every: timedelta

    @property
    def is_stretched(self) -> bool:
        return self.every > self.wished

    @property
    def usd_per_hour(self) -> Decimal:
        return self.usd * Decimal(HOUR / self.every)


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that the collecting process reads regularly, as it said at ``at``."""

    at: datetime
    reads: tuple[PlannedRead, ...] = ()

    @property
    def held_back(self) -> tuple[PlannedRead, ...]:
        """What is read more rarely than wished, so that the bill keeps to its cap."""
        return tuple(read for read in self.reads if read.is_stretched)

    def projected(self, spent: Decimal, now: datetime) -> Decimal:
        """What the month will have cost if reading goes on like this."""
        return spent + sum((r.usd_per_hour for r in self.reads), Decimal(0)) * hours_left(now)

    def as_wished(self) -> Plan:
        """The same at the intervals that the settings ask for."""
        return Plan(self.at, tuple(replace(read, every=read.wished) for read in self.reads))


def month_start(now: datetime) -> datetime:
    """The beginning of the calendar month, UTC."""
    return now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def next_month(now: datetime) -> datetime:
    """The end of the calendar month, UTC."""
    start = month_start(now)
    return start + timedelta(days=monthrange(now.year, now.month)[1])


def hours_left(now: datetime) -> Decimal:
    """Hours until the end of the month, UTC."""
    return Decimal((next_month(now) - now) // timedelta(minutes=1)) / 60
