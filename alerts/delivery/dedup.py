"""A change that is on record twice is told once.

Two work processes can judge the same minute when one takes over from the other; then a
change into a state follows a change into the same state.
"""

from __future__ import annotations

from collections.abc import Sequence

from alerts.delivery.run import Run
from app.model.alarms import Delivery, Transition

_RECENT = 10


def without_repeats(waiting: Sequence[Delivery], run: Run) -> list[Delivery]:
    """Deliveries whose change really changed the state."""
    passed = []
    for delivery in waiting:
        before = _change_before(delivery.transition, run)
        if before is not None and before.new is delivery.transition.new:
            run.drop(delivery, "this change was already on record")
        else:
            passed.append(delivery)
    return passed


def _change_before(change: Transition, run: Run) -> Transition | None:
    newest_first = run.ledger.transitions(
        alarm=change.alarm, contributor=change.contributor, limit=_RECENT
    )
    return next((each for each in newest_first if each.id < change.id), None)
