"""AWS's state against ours, with the reason for every difference."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from alerts.shadow import Agreement, Cause, Compared, lone_changes, report
from app.catalogue import Catalogue
from app.model.account_alarms import AccountAlarm, AccountChange
from app.model.alarms import Origin, Transition
from app.model.rounds import Batch
from app.model.states import AlarmState
from app.model.time import Window
from tests.support.alarm_yard import NOON, PLACE, Yard, alarm

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[Yard]:
    made = Yard(tmp_path)
    made.points("1x9 90", NOON)
    made.answered(NOON - 2 * HOUR, NOON)
    yield made
    made.close()


def stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.000+0000"


def in_aws(state: AlarmState, value: float | None = None, **more: Any) -> AccountAlarm:
    """The alarm of the yard as AWS might tell it, decided on one point."""
    data = {} if value is None else {
        "queryDate": stamp(NOON), "startDate": stamp(NOON - MINUTE), "period": 60,
        "recentDatapoints": [value],
        "evaluatedDatapoints": [{"timestamp": stamp(NOON - MINUTE), "value": value}],
    }  # fmt: skip
    long_ago = NOON - 3 * HOUR
    return AccountAlarm(PLACE, alarm().put(), state, "as AWS says", data, long_ago, NOON, **more)


def judged(yard: Yard, described: AccountAlarm, at: datetime = NOON) -> Compared:
    """Commit, judge, look again an hour later, compare."""
    batch = Batch(account_alarms=[described], alarm_listings=[PLACE])
    yard.store.commit(batch, lease=yard.lease, now=at)
    yard.engine().tick(at)
    yard.store.commit(batch, lease=yard.lease, now=at + HOUR)
    [found] = report(yard.store, Catalogue({}), Window(at - HOUR, at + HOUR)).compared
    return found


def test_an_account_alarm_is_judged_here_and_tells_nobody(yard: Yard) -> None:
    found = judged(yard, in_aws(AlarmState.ALARM, 90.0))
    assert (found.agreement, found.here) == (Agreement.SAME, AlarmState.ALARM)
    [definition] = yard.store.ledger.definitions()
    assert (definition.origin, definition.channels) == (Origin.ACCOUNT, ())
    assert yard.store.ledger.deliveries() == []


def test_a_difference_in_the_points_is_told_with_them(yard: Yard) -> None:
    found = judged(yard, in_aws(AlarmState.OK, 5.0))
    assert (found.agreement, found.here) == (Agreement.DIFFERS, AlarmState.ALARM)
    assert found.cause is Cause.POINTS
    [point] = found.points
    assert (point.at, point.aws, point.here) == (NOON - MINUTE, 5.0, 90.0)
    assert found.reason.startswith("Threshold Crossed: 1 out of the last 1 datapoints [90.0")


def test_a_difference_in_the_decision_is_told_as_such(yard: Yard) -> None:
    found = judged(yard, in_aws(AlarmState.OK, 90.0))
    assert (found.cause, found.decided, found.points) == (
        Cause.DECISION, AlarmState.ALARM, (),
    )  # fmt: skip


def test_a_state_without_points_may_be_set_by_hand(yard: Yard) -> None:
    assert judged(yard, in_aws(AlarmState.OK)).cause is Cause.BY_HAND


def test_a_young_change_may_only_be_late(yard: Yard) -> None:
    young = replace(in_aws(AlarmState.OK, 5.0), since=NOON + 50 * MINUTE)
    assert judged(yard, young).agreement is Agreement.SETTLING


def test_an_alarm_that_cannot_be_judged_says_why(yard: Yard) -> None:
    odd = in_aws(AlarmState.OK, 5.0)
    found = judged(yard, replace(odd, put={**odd.put, "Period": 61}))
    assert found.agreement is Agreement.UNKNOWN
    assert "Period must be" in found.problem


def test_an_alarm_that_left_the_account_is_not_judged_any_more(yard: Yard) -> None:
    judged(yard, in_aws(AlarmState.ALARM, 90.0))
    yard.store.commit(Batch(alarm_listings=[PLACE]), lease=yard.lease, now=NOON + 2 * HOUR)
    yard.engine().tick(NOON + 2 * HOUR)
    assert yard.store.ledger.definitions() == []


def change(minute: int, state: AlarmState) -> AccountChange:
    return AccountChange("a", NOON + minute * MINUTE, state, "aws")


def ours(minute: int, state: AlarmState) -> Transition:
    return Transition("a", NOON + minute * MINUTE, AlarmState.OK, state, "here", {})


def test_changes_that_only_one_side_made_are_told_in_order() -> None:
    aws = [change(0, AlarmState.ALARM), change(5, AlarmState.OK), change(60, AlarmState.ALARM)]
    here = [ours(3, AlarmState.ALARM), ours(9, AlarmState.OK), ours(30, AlarmState.ALARM)]
    lone = lone_changes(aws, here, timedelta(minutes=15))
    assert [(each.at - NOON, each.state, each.by_aws) for each in lone] == [
        (30 * MINUTE, AlarmState.ALARM, False),
        (60 * MINUTE, AlarmState.ALARM, True),
    ]
