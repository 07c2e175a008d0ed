"""Messages of a composite are held back while its suppressor is in ALARM, waits or extends.

What is known of both alarms is on record, so the timers need no memory of their own: they
are played again from the newest changes, and a process can take over from another.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from alerts.actions.suppressor import By, Suppression
from alerts.composites import SUPPRESSOR, id_of
from alerts.delivery.run import Run
from alerts.links import alarm_arn
from app.model.alarms import AlarmDefinition, Delivery, Transition
from app.model.states import AlarmState

LOOK_AGAIN = timedelta(minutes=1)
_RECENT = 50


def not_suppressed(waiting: Sequence[Delivery], run: Run) -> list[Delivery]:
    """Deliveries that no suppressor holds back; of those that it held only the current state's."""
    passed = []
    for delivery in waiting:
        composite = run.definitions.get(delivery.transition.alarm)
        if composite is None or not composite.put.get(SUPPRESSOR):
            passed.append(delivery)
            continue
        stands = suppression(composite, run)
        if stands.by is not None:
            until = run.now + LOOK_AGAIN
            if stands.until is not None:
                until = min(until, datetime.fromtimestamp(stands.until, UTC))
            run.hold(delivery, why(stands.by, composite, run), until)
        elif _is_current(delivery, run):
            passed.append(delivery)
        else:
            run.drop(delivery, "the state changed again while actions were suppressed")
    return passed


def suppression(composite: AlarmDefinition, run: Run) -> Suppression:
    """How a composite's suppressor stands now, from the newest changes of both."""
    put = composite.put
    own = run.ledger.transitions(alarm=composite.id, limit=_RECENT)[::-1]
    other = run.ledger.transitions(alarm=suppressor_of(composite), limit=_RECENT)[::-1]
    stands = Suppression(
        wait=float(put.get("ActionsSuppressorWaitPeriod") or 0),
        extension=float(put.get("ActionsSuppressorExtensionPeriod") or 0),
        composite=own[0].old if own else AlarmState.INSUFFICIENT_DATA,
        suppressor=_state_before(other, run, suppressor_of(composite)),
    )
    for change in sorted([*own, *other], key=lambda each: (each.at, each.id)):
        at = change.at.timestamp()
        stands, _ = stands.time_passes(at)
        if change.alarm == composite.id:
            stands, _ = stands.composite_changes(at, change.new)
        else:
            stands, _ = stands.suppressor_changes(at, change.new)
    return stands.time_passes(run.now.timestamp())[0]


def suppressor_of(composite: AlarmDefinition) -> str:
    """The id of the alarm that suppresses the actions of a composite."""
    return id_of(str(composite.put[SUPPRESSOR]), composite.place)


def why(by: By, composite: AlarmDefinition, run: Run) -> str:
    """ActionsSuppressedReason, in CloudWatch's words."""
    suppressor = run.definitions.get(suppressor_of(composite))
    status = run.statuses.get(suppressor_of(composite))
    if by is not By.ALARM or suppressor is None or status is None:
        return f"Actions suppressed by {by}"
    at = status.since.astimezone(UTC)
    when = f"{at:%A} {at.day:02d} {at:%B}, {at.year} {at:%H:%M:%S} UTC"
    return f"Actions suppressed by {alarm_arn(suppressor)} that transitioned to ALARM at {when}"


def _state_before(changes: Sequence[Transition], run: Run, id_: str) -> AlarmState:
    """The state that the changes begin with; without any, the state that stands."""
    if changes:
        return changes[0].old
    status = run.statuses.get(id_)
    return status.state if status else AlarmState.INSUFFICIENT_DATA


def _is_current(delivery: Delivery, run: Run) -> bool:
    status = run.statuses.get(delivery.transition.alarm)
    return status is not None and status.since == delivery.transition.at
