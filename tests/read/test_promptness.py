"""How soon after its last period an alarm was decided."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.model.alarms import Transition
from app.model.states import AlarmState
from app.read.promptness import promptness

AT = datetime(2026, 11, 24, 12, 7, 6, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def changed(data: dict[str, Any]) -> Transition:
    return Transition("a", AT, AlarmState.OK, AlarmState.ALARM, "why", data)


def points(*starts: str, **more: Any) -> list[dict[str, Any]]:
    return [{"timestamp": f"2026-11-24T{at}.000+0000", "value": 1.0, **more} for at in starts]


def test_the_end_of_the_newest_period_counts() -> None:
    data = {"period": 60, "evaluatedDatapoints": points("12:04:00", "12:03:00")}
    found = promptness(changed(data), MINUTE)
    assert found is not None
    assert found.after == timedelta(minutes=2, seconds=6)
    assert found.intervals == pytest.approx(2.1)


def test_a_missing_point_did_not_have_to_come() -> None:
    missing = {"timestamp": "2026-11-24T12:05:00.000+0000"}
    data = {"period": 60, "evaluatedDatapoints": [missing, *points("12:04:00")]}
    found = promptness(changed(data), MINUTE)
    assert found is not None
    assert found.after == timedelta(minutes=2, seconds=6)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"period": 60, "evaluatedDatapoints": []},
        {"triggeringAlarms": []},
        {"period": 60, "evaluatedDatapoints": [{"timestamp": "yesterday", "value": 1}]},
        {"period": 60, "evaluatedDatapoints": points("12:07:00")},
    ],
)
def test_nothing_is_said_where_no_period_decided(data: dict[str, Any]) -> None:
    assert promptness(changed(data), MINUTE) is None
