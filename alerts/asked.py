"""What AWS has answered for, so that "could not ask" is never taken for missing data.

An alarm is judged at the end of the newest answered stretch, and only if that stretch
reaches back over everything the alarm looks at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.book import Scope
from app.model.ids import Place
from app.model.rounds import Result, Round
from app.model.time import EPOCH, Intervals
from app.store import Coverage

_ANSWERED = (Result.OK, Result.PARTIAL)


@dataclass(frozen=True, slots=True)
class Reach:
    """From when to when everything was answered; ``problem`` says why it is not enough."""

    start: datetime
    end: datetime
    problem: str = ""


def reach(
    scope: Scope,
    coverages: Mapping[tuple[Place, str], Coverage],
    rounds: Sequence[Round],
    now: datetime,
    patience: timedelta,
) -> Reach:
    """The newest answered stretch of a scope; late by more than ``patience`` is a problem."""
    answered = Intervals()
    for group in scope.groups:
        found = coverages.get((scope.place, group))
        if found is not None:
            answered |= found.answered
    if not answered:
        problem = f"{scope.namespace} in {scope.place} has not been collected yet"
        return Reach(EPOCH, EPOCH, f"{problem}{_because(scope, rounds)}.")
    newest = answered.windows[-1]
    end = min(newest.end, now)
    if now - end <= patience:
        return Reach(newest.start, end)
    since = f"{newest.end:%Y-%m-%d %H:%M} UTC"
    problem = f"AWS could not be asked for {scope.namespace} in {scope.place} since {since}"
    return Reach(newest.start, end, f"{problem}{_because(scope, rounds)}.")


def not_far_enough(scope: Scope, start: datetime) -> str:
    """The problem of an alarm that looks further back than was answered."""
    return (
        f"{scope.namespace} in {scope.place} has been collected without a gap only since "
        f"{start:%Y-%m-%d %H:%M} UTC, and this alarm looks further back."
    )


def _because(scope: Scope, rounds: Sequence[Round]) -> str:
    """What the newest failed round of the scope said."""
    failed = [
        done
        for done in rounds
        if done.place == scope.place
        and done.result not in _ANSWERED
        and any(done.group.startswith(group) for group in scope.groups)
    ]
    if not failed:
        return ""
    newest = max(failed, key=lambda done: done.finished)
    said = newest.message.rstrip(".") or newest.action or newest.result.value
    return f": {said}"
