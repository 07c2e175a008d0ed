"""What Watchdeck's own calls to AWS cost this month, and what they will have cost at its end."""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from app.model.rounds import MeterEntry
from app.model.states import Health
from app.model.time import Window
from app.store import Store

NEAR_CAP = Decimal("0.8")
PLAN_HOLDS = timedelta(minutes=15)
"""An older plan is that of a process which no longer works."""

SOONEST = timedelta(hours=1)
"""A projection from less than this much of a month would be a guess."""


@dataclass(frozen=True, slots=True)
class Spending:
    """USD of this month so far, projected to its end, and the cap.

    ``begun`` is when the first call of the month was counted, so that a month
    begun late is not projected too low. ``stretch`` is how many times longer
    than wished the intervals of ordinary reading are; ``by_plan`` says that the
    projection follows what is planned, and not what was spent so far.
    """

    month_to_date: Decimal
    projected: Decimal | None
    cap: Decimal
    calls: int
    units: int
    entries: tuple[MeterEntry, ...]
    stretch: int = 1
    by_plan: bool = False

    @property
    def health(self) -> Health:
        """Critical once the cap is reached, a warning when the month will end near it."""
        if self.cap <= 0:
            return Health.OK
        if self.month_to_date >= self.cap:
            return Health.CRITICAL
        if self.projected is not None and self.projected >= self.cap * NEAR_CAP:
            return Health.WARNING
        return Health.OK


def this_month(store: Store, cap: Decimal, now: datetime) -> Spending:
    """The month of ``now`` as the meter has counted it."""
    entries = store.meter.month(now)
    days = store.meter.days(Window(_month_start(now), now))["day"]
    begun = days.min() if len(days) else None
    at = datetime.combine(begun, time(), UTC) if isinstance(begun, date) else None
    found, plan = spending(entries, cap, now, at), store.meter.plan()
    if plan is None or not now - PLAN_HOLDS <= plan.at:
        return found
    return replace(found, projected=plan.projected_usd, stretch=plan.stretch, by_plan=True)


def spending(
    entries: Iterable[MeterEntry], cap: Decimal, now: datetime, begun: datetime | None = None
) -> Spending:
    """Add up the month of ``now``; ``begun`` is when counting began, if after its start."""
    own = tuple(sorted(entries, key=lambda e: (-e.usd, e.service, e.operation)))
    total = sum((e.usd for e in own), Decimal(0))
    return Spending(
        month_to_date=total,
        projected=projected(total, now, begun),
        cap=cap,
        calls=sum(e.calls for e in own),
        units=sum(e.units for e in own),
        entries=own,
    )


def projected(total: Decimal, now: datetime, begun: datetime | None = None) -> Decimal | None:
    """The month's total if it goes on like this; None while too little of it has passed."""
    start = _month_start(now)
    end = start + timedelta(days=calendar.monthrange(now.year, now.month)[1])
    since = max(start, begun) if begun else start
    if now - since < SOONEST:
        return None
    return total + total * Decimal((end - now) / (now - since))


def _month_start(now: datetime) -> datetime:
    return now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
