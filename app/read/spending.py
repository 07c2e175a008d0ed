"""What Watchdeck's own calls to AWS cost this month, and what they will have cost at its end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from app.model.plans import Plan, PlannedRead, month_start, next_month
from app.model.rounds import MeterEntry
from app.model.states import Health
from app.model.time import Window
from app.store import Store

NEAR_CAP = Decimal("0.8")
SOONEST = timedelta(hours=1)
"""A projection from less than this much of a month would be a guess."""

PLAN_HOLDS = timedelta(minutes=15)
"""An older plan is that of a process which no longer works."""


@dataclass(frozen=True, slots=True)
class Spending:
    """USD of this month so far, projected to its end, and the cap.

    The projection follows ``plan``, what is read regularly, or without one what was
    spent so far. ``wished`` is what it would be at the intervals of the settings.
    """

    month_to_date: Decimal
    projected: Decimal | None
    cap: Decimal
    calls: int
    units: int
    entries: tuple[MeterEntry, ...]
    plan: Plan | None = None
    wished: Decimal | None = None

    @property
    def held_back(self) -> tuple[PlannedRead, ...]:
        """What is read more rarely than wished, to keep to the cap."""
        return self.plan.held_back if self.plan else ()

    @property
    def health(self) -> Health:
        """Critical once the cap is reached, a warning when the month will end near it."""
        if self.cap <= 0:
            return Health.OK
        if self.month_to_date >= self.cap:
            return Health.CRITICAL
        if self.projected is not None and self.projected >= self.cap * NEAR_CAP:
            return Health.WARNING
        return Health.WARNING if self.held_back else Health.OK


def this_month(store: Store, cap: Decimal, now: datetime) -> Spending:
    """The month of ``now`` as the meter has counted it, and the plan for the rest."""
    entries = store.meter.month(now)
    days = store.meter.days(Window(month_start(now), now))["day"]
    begun = days.min() if len(days) else None
    at = datetime.combine(begun, time(), UTC) if isinstance(begun, date) else None
    plan = store.meter.plan()
    holds = plan is not None and plan.at >= now - PLAN_HOLDS
    return spending(entries, cap, now, begun=at, plan=plan if holds else None)


def spending(
    entries: Iterable[MeterEntry],
    cap: Decimal,
    now: datetime,
    *,
    begun: datetime | None = None,
    plan: Plan | None = None,
) -> Spending:
    """Add up the month of ``now``; ``begun`` is when counting began, if after its start."""
    own = tuple(sorted(entries, key=lambda e: (-e.usd, e.service, e.operation)))
    total = sum((e.usd for e in own), Decimal(0))
    return Spending(
        month_to_date=total,
        projected=plan.projected(total, now) if plan else projected(total, now, begun),
        cap=cap,
        calls=sum(e.calls for e in own),
        units=sum(e.units for e in own),
        entries=own,
        plan=plan,
        wished=plan.as_wished().projected(total, now) if plan else None,
    )


def projected(total: Decimal, now: datetime, begun: datetime | None = None) -> Decimal | None:
    """The month's total if it goes on like this; None while too little of it has passed."""
    start, end = month_start(now), next_month(now)
    since = max(start, begun) if begun else start
    if now - since < SOONEST:
        return None
    return total + total * Decimal((end - now) / (now - since))
