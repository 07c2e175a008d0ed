"""Changes of state that only one of the two made, over a stretch of the past."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.model.account_alarms import AccountChange
from app.model.alarms import Transition
from app.model.states import AlarmState


@dataclass(frozen=True, slots=True)
class Lone:
    """A change of state that the other side did not make; ``by_aws`` says whose it is."""

    alarm: str
    at: datetime
    state: AlarmState
    reason: str
    by_aws: bool


def lone_changes(
    aws: Sequence[AccountChange], here: Sequence[Transition], within: timedelta
) -> list[Lone]:
    """What only one side did; two changes into one state within ``within`` are the same."""
    ours: dict[tuple[str, AlarmState], list[Transition]] = {}
    for each in sorted(here, key=lambda t: t.at):
        ours.setdefault((each.alarm, each.new), []).append(each)
    lone = []
    for change in sorted(aws, key=lambda c: c.at):
        waiting = ours.get((change.alarm, change.state), [])
        match = next((t for t in waiting if abs(t.at - change.at) <= within), None)
        if match is None:
            lone.append(Lone(change.alarm, change.at, change.state, change.reason, by_aws=True))
        else:
            waiting.remove(match)
    lone += [
        Lone(each.alarm, each.at, each.new, each.reason, by_aws=False)
        for several in ours.values()
        for each in several
    ]
    return sorted(lone, key=lambda each: each.at)
