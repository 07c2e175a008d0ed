"""Which messages may go now: what is due, and never past an older one of the same alarm.

A channel that is being retried waits as a whole, so a recovery never overtakes its alarm.
"""

from __future__ import annotations

from collections.abc import Sequence

from alerts.delivery.run import Run
from app.model.alarms import Delivery, DeliveryState


def in_order(waiting: Sequence[Delivery], run: Run) -> list[Delivery]:
    """Deliveries that are due, oldest transition first."""
    resting = {d.channel for d in waiting if _is_resting(d, run)}
    behind: set[tuple[str, str]] = set()
    ready = []
    for delivery in waiting:
        line = (delivery.channel, delivery.transition.alarm)
        if delivery.next_try > run.now or delivery.channel in resting:
            behind.add(line)
        elif line not in behind:
            ready.append(delivery)
    return ready


def _is_resting(delivery: Delivery, run: Run) -> bool:
    """A message that failed and is not due yet makes its channel rest."""
    tried = delivery.state is DeliveryState.PENDING and delivery.attempts > 0
    return tried and delivery.next_try > run.now
