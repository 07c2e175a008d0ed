"""What AWS has answered for, so that "could not ask" is never taken for missing data.

An alarm is judged at the end of the newest answered stretch, and only if that stretch
reaches back over everything the alarm looks at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.book import Scope
from app.model.groups import is_alarmed, is_derived
from app.model.ids import Place
from app.model.rounds import Result, Round
from app.model.time import EPOCH, Intervals
from app.model.watching import MINUTE

_ANSWERED = (Result.OK, Result.PARTIAL)

_GIVEN_UP = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Reach:
    """From when to when everything was answered; ``problem`` says why it is not enough."""

    start: datetime
    end: datetime
    problem: str = ""


def reach(
    scope: Scope,
    answers: Mapping[tuple[Place, str], Intervals],
    rounds: Sequence[Round],
    now: datetime,
    patience: timedelta,
) -> Reach:
    """The newest answered stretch of a scope.

    Late by more than ``patience``, and by the time until a new slot is complete, is a problem.
    """
    answered, own = _answered(scope, answers)
    if not answered:
        problem = f"{scope.namespace} in {scope.place} has not been collected yet"
        return Reach(EPOCH, EPOCH, f"{problem}{_because(scope, rounds)}.")
    last = (own or answered).windows[-1].end
    start = next(w.start for w in answered if w.start < last <= w.end)
    end = min(last, now)
    if now - end <= patience + timedelta(seconds=scope.pace - MINUTE):
        return Reach(start, end)
    problem = f"AWS could not be asked for {scope.namespace} in {scope.place} since"
    return Reach(start, end, f"{problem} {last:%Y-%m-%d %H:%M} UTC{_because(scope, rounds)}.")


def _answered(
    scope: Scope, answers: Mapping[tuple[Place, str], Intervals]
) -> tuple[Intervals, Intervals]:
    """Time that was answered, and that of it which tells how far answers reach."""
    found = [
        (group, answered)
        for group in scope.groups
        if (answered := answers.get((scope.place, group)))
    ]
    made = next((answered for group, answered in found if is_derived(group)), None)
    read = next((answered for group, answered in found if is_alarmed(group)), Intervals())
    # Nothing makes the series of log events any more if it is far behind.
    if made and not (read and read.windows[-1].end - made.windows[-1].end > _GIVEN_UP):
        return made, made
    asked = (answered for group, answered in found if not is_derived(group))
    return Intervals.of(window for answered in asked for window in answered), read


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
