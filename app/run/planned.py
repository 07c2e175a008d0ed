"""Tells pages what is read how often; they have no meter of their own."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.aws import Meter
from app.model.plans import Plan
from app.model.time import EPOCH
from app.store import Lease, Store

ANEW = timedelta(minutes=5)
"""A plan that has not changed is stored again after so long, as a sign of life."""


class PlanKeeper:
    """Stores the plan of reading when it has changed."""

    def __init__(self, store: Store, meter: Meter) -> None:
        self._store, self._meter = store, meter
        self._noted = Plan(EPOCH)

    def note(self, lease: Lease, now: datetime) -> bool:
        """Store the plan if that is needed; whether it was."""
        plan, noted = self._meter.plan(now), self._noted
        if not plan.reads or (plan.reads == noted.reads and now - noted.at < ANEW):
            return False
        self._store.note_plan(plan, lease)
        self._noted = plan
        return True
