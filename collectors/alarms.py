"""The account's own alarms, of all types, with the state that AWS gives them.

One call describes a hundred alarms, so this costs next to nothing. A list that was cut says
nothing about what it does not hold.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any

from app.aws import Aws
from app.model.account_alarms import AccountAlarm
from app.model.alarm_parameters import parameters
from app.model.ids import Place
from app.model.rounds import Batch
from app.model.states import AlarmState
from collectors.base import Task

COLLECTOR = GROUP = "alarms"
TYPES = ("MetricAlarm", "CompositeAlarm", "LogAlarm")
_LISTS = tuple(f"{kind}s" for kind in TYPES)


@dataclass(frozen=True, slots=True)
class AlarmsCollector:
    """Describes the alarms whose names fit one of ``names`` (globs)."""

    aws: Aws
    names: Sequence[str]
    pace: timedelta = timedelta(minutes=5)

    @property
    def name(self) -> str:
        return COLLECTOR

    @property
    def every(self) -> timedelta:
        return self.pace

    def plan(self, place: Place, now: datetime) -> list[Task]:
        """One task for each place, if any alarm is wanted at all."""
        return [Task(place, GROUP)] if self.names else []

    def collect(self, task: Task, now: datetime) -> Iterator[Batch]:
        """All alarms of a place as one batch."""
        found, cut = described(self.aws, task.place, now)
        wanted = [alarm for alarm in found if _fits(alarm.name, self.names)]
        yield Batch(
            account_alarms=wanted,
            alarm_listings=[] if cut else [task.place],
            notes=[cut] if cut else [],
        )


def described(aws: Aws, place: Place, now: datetime) -> tuple[list[AccountAlarm], str]:
    """Every alarm of a place by name, and why the list is not whole, if it is not."""
    params = {"AlarmTypes": list(TYPES), "MaxRecords": 100}
    pages = aws.pages(place, "cloudwatch", "DescribeAlarms", params, collector=COLLECTOR)
    found = [
        _alarm(place, each, now)
        for page in pages
        for name in _LISTS
        for each in page.get(name) or ()
    ]
    return sorted(found, key=lambda alarm: alarm.name), pages.cut or ""


def _alarm(place: Place, each: Mapping[str, Any], now: datetime) -> AccountAlarm:
    updated = _time(each.get("StateUpdatedTimestamp"), now)
    return AccountAlarm(
        place=place,
        put=parameters(each),
        state=AlarmState(each.get("StateValue") or AlarmState.INSUFFICIENT_DATA),
        reason=str(each.get("StateReason") or ""),
        reason_data=_data(each.get("StateReasonData")),
        since=_time(each.get("StateTransitionedTimestamp"), updated),
        updated=updated,
        evaluation_state=str(each.get("EvaluationState") or ""),
    )


def _time(value: Any, otherwise: datetime) -> datetime:
    return value.astimezone(UTC) if isinstance(value, datetime) else otherwise


def _data(text: Any) -> Mapping[str, Any]:
    """StateReasonData is JSON in a text; what is none tells nothing."""
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _fits(name: str, globs: Sequence[str]) -> bool:
    return any(fnmatchcase(name, glob) for glob in globs)
