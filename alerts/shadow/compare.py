"""One alarm, in AWS and here: do the states agree, and if not, why not.

AWS tells on which points it decided. Judging those here tells whether the points differ
or the decision does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from alerts.verdict import evaluate
from app.model.account_alarms import AccountAlarm
from app.model.alarms import AlarmStatus
from app.model.states import AlarmState

GRACE = timedelta(minutes=15)
"""Metrics are read later here than AWS has them; a change this young may only be late."""

_STAMP = "%Y-%m-%dT%H:%M:%S.%f%z"
Points = Mapping[datetime, float | None]


class Agreement(StrEnum):
    """How the two states stand to each other."""

    SAME = "same"
    SETTLING = "settling"
    DIFFERS = "differs"
    UNKNOWN = "not judged"


class Cause(StrEnum):
    """Where a difference comes from."""

    NONE = ""
    POINTS = "the points differ"
    DECISION = "the same points are decided otherwise"
    BY_HAND = "AWS tells no points; the state may have been set by hand"


@dataclass(frozen=True, slots=True)
class Differing:
    """A point as AWS saw it, and as it is stored here."""

    at: datetime
    aws: float | None
    here: float | None


@dataclass(frozen=True, slots=True)
class Compared:
    """One alarm with both states and both reasons; ``decided`` is ours on AWS's points."""

    alarm: AccountAlarm
    agreement: Agreement
    here: AlarmState | None = None
    reason: str = ""
    cause: Cause = Cause.NONE
    decided: AlarmState | None = None
    points: tuple[Differing, ...] = ()
    problem: str = ""


def compared(alarm: AccountAlarm, status: AlarmStatus | None, stored: Points) -> Compared:
    """Hold our status against AWS's; ``stored`` are our points at the times AWS names."""
    if status is None or status.problem:
        problem = status.problem if status else "It has not been judged here yet."
        return Compared(alarm, Agreement.UNKNOWN, problem=problem)
    if status.state is alarm.state:
        return Compared(alarm, Agreement.SAME, status.state, status.reason)
    seen = alarm.seen or alarm.updated
    young = seen - max(alarm.since, status.since) < GRACE
    aws = points_of(alarm.reason_data)
    decided = _decided(alarm, aws)
    return Compared(
        alarm=alarm,
        agreement=Agreement.SETTLING if young else Agreement.DIFFERS,
        here=status.state,
        reason=status.reason,
        cause=_cause(alarm, decided),
        decided=decided,
        points=tuple(_differing(aws, stored)),
    )


def points_of(reason_data: Mapping[str, Any]) -> dict[datetime, float | None]:
    """The points that AWS says it decided on, by the start of their slot."""
    found: dict[datetime, float | None] = {}
    for each in reason_data.get("evaluatedDatapoints") or ():
        at = _time(each.get("timestamp"))
        if at is not None:
            found[at] = each.get("value")
    return found


def _decided(alarm: AccountAlarm, points: Points) -> AlarmState | None:
    """Our decision on AWS's points, at the time of AWS's."""
    at = _time(alarm.reason_data.get("queryDate"))
    recent = _recent(alarm.reason_data)
    if at is None or not (points or recent) or alarm.put.get("Metrics"):
        return None
    rows = [(when, value) for when, value in {**recent, **points}.items() if value is not None]
    try:
        verdict = evaluate(alarm.put, rows, None, at)
    except (KeyError, ValueError):
        return None
    return alarm.state if verdict.kept else verdict.state


def _recent(data: Mapping[str, Any]) -> dict[datetime, float | None]:
    """The values of the whole range, which AWS lists oldest first from ``startDate`` on."""
    start, period = _time(data.get("startDate")), data.get("period")
    values = data.get("recentDatapoints")
    if start is None or not isinstance(period, int) or not isinstance(values, list):
        return {}
    return {start + i * timedelta(seconds=period): value for i, value in enumerate(values)}


def _cause(alarm: AccountAlarm, decided: AlarmState | None) -> Cause:
    if not alarm.reason_data:
        return Cause.BY_HAND
    if decided is None:
        return Cause.NONE
    return Cause.POINTS if decided is alarm.state else Cause.DECISION


def _differing(aws: Points, stored: Points) -> Sequence[Differing]:
    return [
        Differing(at, value, stored.get(at))
        for at, value in sorted(aws.items())
        if at in stored and not _equal(value, stored[at])
    ]


def _equal(one: float | None, two: float | None) -> bool:
    if one is None or two is None:
        return one is two
    return abs(one - two) <= 1e-9 * max(abs(one), abs(two), 1.0)


def _time(text: Any) -> datetime | None:
    try:
        return datetime.strptime(str(text), _STAMP).astimezone(UTC)
    except ValueError:
        return None
