"""Whom a transition is told to.

ALARM is always told. What follows an ALARM is told too: the recovery, and that nobody
knows any more. The first state of a new alarm and the coming and going of data between
OK and INSUFFICIENT_DATA are on record and stay quiet.
"""

from __future__ import annotations

from collections.abc import Callable

from app.model.alarms import AlarmDefinition, Transition
from app.model.states import AlarmState


def hearers(
    definition: AlarmDefinition, change: Transition, was_alarming: Callable[[], bool]
) -> tuple[str, ...]:
    """The channels that hear of ``change``.

    ``was_alarming`` says whether the alarm came into its old state out of ALARM; it is
    asked only for a way back to OK through INSUFFICIENT_DATA.
    """
    if definition.put.get("ActionsEnabled") is False:
        return ()
    if AlarmState.ALARM in (change.new, change.old):
        return definition.channels
    recovers = change.new is AlarmState.OK and was_alarming()
    return definition.channels if recovers else ()
