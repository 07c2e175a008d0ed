"""When a threshold of a budget is crossed, and when it may be crossed again.

Each crossing is told once. What is told again must have been clearly below in between: an
amount that trembles around its threshold crosses it once. A new period begins every budget
anew, also one that stays above: that is the first crossing of the new period.
"""

from __future__ import annotations

from datetime import datetime

from alerts.verdict import Verdict
from app.model.alarms import AlarmStatus
from app.model.states import AlarmState

CLEARLY = 0.98
"""Share of a threshold that an amount has to fall to, to be below it after a crossing."""


def settled(
    before: AlarmStatus | None,
    verdict: Verdict | None,
    percent: float,
    value: float | None,
    began: datetime | None,
) -> Verdict | None:
    """The change of a budget's alarm, given what its points say; None: the state stays.

    ``value`` is what the budget stands at, in percent as the threshold, in the period that
    ``began``; None as long as nothing is known of it: points are those of the period before.
    """
    if value is None:
        return None
    alarming = before if before is not None and before.state is AlarmState.ALARM else None
    if alarming and began and alarming.since < began:
        return Verdict(AlarmState.OK, f"A new period began with {began:%Y-%m-%d}.", {})
    if verdict is None:
        return None
    if verdict.state is AlarmState.ALARM:
        return verdict if value > percent else None
    return None if alarming and value > percent * CLEARLY else verdict
