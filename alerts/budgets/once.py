"""A crossing is told once in the period of its budget.

A forecast that wavers around its threshold would tell of it again each day, and a new period
brings every budget back to order, which is no news.
"""

from __future__ import annotations

from datetime import UTC, datetime, time

from app.model.alarms import AlarmDefinition, Transition
from app.model.budgets import Period
from app.model.states import AlarmState
from app.model.time import Window
from app.store import Ledger


def told_before(
    definition: AlarmDefinition, change: Transition, period: Period, ledger: Ledger
) -> bool:
    """Whether a crossing of this period is on record already, or nothing was crossed."""
    if change.new is not AlarmState.ALARM:
        return True
    start = datetime.combine(period.start(change.at.date()), time(), UTC)
    if start >= change.at:
        return False
    earlier = ledger.transitions(alarm=definition.id, window=Window(start, change.at), brief=True)
    return any(each.new is AlarmState.ALARM for each in earlier)
