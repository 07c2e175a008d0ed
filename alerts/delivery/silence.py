"""Messages of silenced alarms are held back, and looked at again when the silence ends.

Then the current state is told once, if its change was silenced; what came and went
meanwhile is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from alerts.delivery.run import Run
from app.model.alarms import Delivery, DeliveryState, Silence
from app.model.silences import silenced_by

LOOK_AGAIN = timedelta(minutes=1)
"""A silence may be ended early or made longer, so what it holds is looked at this often."""


def not_silenced(waiting: Sequence[Delivery], run: Run) -> list[Delivery]:
    """Deliveries that no silence covers."""
    passed = []
    for delivery in waiting:
        silence = _silence(delivery, run)
        if silence is not None:
            end = silence.end or run.now + LOOK_AGAIN
            run.hold(delivery, _why(silence), min(end, run.now + LOOK_AGAIN))
        elif delivery.state is DeliveryState.HELD and not _is_current(delivery, run):
            run.drop(delivery, f"{delivery.why}; the state changed again meanwhile")
        else:
            passed.append(delivery)
    return passed


def _silence(delivery: Delivery, run: Run) -> Silence | None:
    alarm = run.notice(delivery).definition
    return silenced_by(alarm, run.silences, run.now)


def _is_current(delivery: Delivery, run: Run) -> bool:
    """Whether the alarm, or its series, still stands where this change brought it."""
    change = delivery.transition
    if change.contributor:
        newest = run.ledger.transitions(
            alarm=change.alarm, contributor=change.contributor, limit=1, brief=True
        )
        return bool(newest) and newest[0].id == change.id
    status = run.statuses.get(change.alarm)
    return status is not None and status.since == change.at


def _why(silence: Silence) -> str:
    until = f"until {silence.end:%Y-%m-%d %H:%M} UTC" if silence.end else "until it is ended"
    by = f" by {silence.author}" if silence.author else ""
    comment = f": {silence.comment}" if silence.comment else ""
    return f"silenced {until}{by}{comment}"
