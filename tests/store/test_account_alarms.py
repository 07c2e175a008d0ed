"""What AWS says of the accounts' own alarms is kept, with the changes of state it told of."""

from __future__ import annotations

from dataclasses import replace

from app.model.account_alarms import AccountAlarm, AccountChange
from app.model.rounds import Batch
from app.model.states import AlarmState
from app.model.time import Window
from tests.store.samples import DAY, HOUR, MINUTE, NOW, PROD, STAGING, Writing

LATE = AccountAlarm(
    PROD, {"AlarmName": "late"}, AlarmState.OK, "fine", {"version": "1.0"}, NOW - HOUR, NOW - HOUR
)
FIRING = replace(LATE, state=AlarmState.ALARM, reason="late", since=NOW, updated=NOW)
OTHER = replace(LATE, place=STAGING, put={"AlarmName": "other"})
WHOLE = Window(NOW - DAY, NOW + DAY)


def test_alarms_are_kept_as_they_were_described_last(writing: Writing) -> None:
    writing.commit(Batch(account_alarms=[LATE, OTHER]), now=NOW)
    writing.commit(Batch(account_alarms=[FIRING]), now=NOW + MINUTE)
    found = writing.store.account_alarms.find()
    assert found == [replace(FIRING, seen=NOW + MINUTE), replace(OTHER, seen=NOW)]


def test_an_alarm_that_a_whole_list_does_not_hold_is_gone(writing: Writing) -> None:
    writing.commit(Batch(account_alarms=[LATE, OTHER]), now=NOW)
    writing.commit(Batch(alarm_listings=[PROD]), now=NOW + MINUTE)
    assert [each.name for each in writing.store.account_alarms.find()] == ["other"]


def test_only_changes_of_state_are_put_on_record(writing: Writing) -> None:
    for minutes, alarm in enumerate([LATE, replace(LATE, reason="still"), FIRING, FIRING]):
        writing.commit(Batch(account_alarms=[alarm]), now=NOW + minutes * MINUTE)
    assert writing.store.account_alarms.changes(WHOLE) == [
        AccountChange(LATE.id, NOW - HOUR, AlarmState.OK, "fine"),
        AccountChange(LATE.id, NOW, AlarmState.ALARM, "late"),
    ]


def test_changes_past_retention_are_forgotten(writing: Writing) -> None:
    writing.commit(Batch(account_alarms=[LATE]), now=NOW)
    writing.store.upkeep.retain(writing.lease, NOW + 1000 * DAY)
    assert writing.store.account_alarms.changes(WHOLE) == []
