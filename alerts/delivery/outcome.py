"""What follows a try that failed: a later one, or giving up with the reason on record.

Waits double from 10 seconds to 15 minutes, spread so that channels do not retry in step.
A receiver that says how long to wait is obeyed. After a day a message is given up.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import timedelta

from alerts.delivery.run import Run
from app.model.alarms import Delivery
from app.model.errors import NotifyFailed

FIRST_WAIT = timedelta(seconds=10)
LONGEST_WAIT = timedelta(minutes=15)
GIVE_UP = timedelta(days=1)
_SPREAD = 0.25


def refused(deliveries: Sequence[Delivery], error: NotifyFailed, run: Run) -> None:
    """The receiver will not take these, however often they are sent."""
    for delivery in deliveries:
        run.give_up(delivery, str(error))


def failed(
    tried: Sequence[Delivery], waiting: Sequence[Delivery], error: NotifyFailed, run: Run
) -> None:
    """Put off what was tried, and with it what waits behind it."""
    until = run.now + max(error.retry_after or timedelta(0), wait(tried[0]))
    for delivery in tried:
        if run.now - delivery.transition.at >= GIVE_UP:
            tries = delivery.attempts + 1
            run.give_up(delivery, f"given up after {tries} tries and a day: {error}")
        else:
            run.postpone(delivery, str(error), until, tried=True)
    for delivery in waiting:
        run.postpone(delivery, "waits behind a message that failed", until, tried=False)


def wait(delivery: Delivery) -> timedelta:
    """How long after its next failure a message rests."""
    doublings = min(delivery.attempts, 16)
    longest: timedelta = min(LONGEST_WAIT, FIRST_WAIT * (1 << doublings))
    digest = hashlib.sha256(f"{delivery.id}/{delivery.attempts}".encode()).digest()
    return longest * (1 - _SPREAD * digest[0] / 255)
