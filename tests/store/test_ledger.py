"""The ledger: definitions, statuses, transitions, messages, silences."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.model.alarms import (
    AlarmDefinition,
    AlarmStatus,
    DeliveryState,
    Origin,
    Severity,
    Silence,
    Transition,
)
from app.model.states import AlarmState
from app.store import Ledger, Store
from tests.store.conftest import Opener
from tests.store.samples import HOUR, MINUTE, NOW, PROD, STAGING, window

ERRORS = AlarmDefinition(
    place=PROD,
    put={"AlarmName": "errors", "Period": 60, "Dimensions": [{"Name": "a", "Value": "b"}]},
    severity=Severity.WARNING,
    origin=Origin.RECOMMENDED,
    service="lambda",
    resource="arn:aws:lambda:x",
    channels=("ops", "slack"),
)
DEPTH = AlarmDefinition(place=STAGING, put={"AlarmName": "depth"})
FIRED = Transition(
    alarm=ERRORS.id,
    at=NOW,
    old=AlarmState.OK,
    new=AlarmState.ALARM,
    reason="3 of 3 datapoints",
    reason_data={"version": "1.0", "recentDatapoints": [4.0, None]},
)
STATUS = AlarmStatus(
    alarm=ERRORS.id,
    state=AlarmState.ALARM,
    reason=FIRED.reason,
    reason_data=FIRED.reason_data,
    since=NOW,
    updated=NOW,
)


@pytest.fixture
def ledger(store: Store) -> Ledger:
    return store.ledger


def test_definitions_come_back_in_order(ledger: Ledger) -> None:
    ledger.define([ERRORS, DEPTH], NOW)
    assert ledger.definitions() == [ERRORS, DEPTH]
    assert ledger.definitions([DEPTH.id]) == [DEPTH]
    assert ledger.definitions([]) == []


def test_a_new_set_replaces_the_old_one_and_keeps_statuses(ledger: Ledger) -> None:
    ledger.define([ERRORS], NOW)
    ledger.record([STATUS], [], NOW)
    ledger.define([DEPTH], NOW + HOUR)
    assert ledger.definitions() == [DEPTH]
    ledger.define([ERRORS, DEPTH], NOW + HOUR)
    assert ledger.statuses() == {ERRORS.id: STATUS}


def test_a_set_can_be_emptied_and_filled_again(ledger: Ledger) -> None:
    for definitions in ([ERRORS], [], [ERRORS], [replace(ERRORS, channels=())]):
        ledger.define(definitions, NOW)
        assert ledger.definitions() == definitions


def test_a_status_is_overwritten(ledger: Ledger) -> None:
    calm = replace(STATUS, state=AlarmState.OK, since=NOW + HOUR, problem="no data")
    ledger.record([STATUS], [], NOW)
    ledger.record([calm], [], NOW + HOUR)
    assert ledger.statuses() == {ERRORS.id: calm}
    assert ledger.statuses([DEPTH.id]) == {}


def test_transitions_come_newest_first(ledger: Ledger) -> None:
    calm = replace(FIRED, at=NOW + HOUR, old=AlarmState.ALARM, new=AlarmState.OK)
    other = replace(FIRED, alarm=DEPTH.id)
    first, second, third = ledger.record([], [(FIRED, []), (other, []), (calm, [])], NOW)
    assert replace(first, id=0) == FIRED
    assert ledger.transitions() == [third, second, first]
    assert ledger.transitions(alarm=ERRORS.id) == [third, first]
    assert ledger.transitions(window=window("12:00", "13:00")) == [second, first]
    assert ledger.transitions(limit=1) == [third]


def test_a_transition_owes_each_channel_one_message(ledger: Ledger) -> None:
    (stored,) = ledger.record([STATUS], [(FIRED, ["slack", "ops", "slack"])], NOW)
    due = ledger.due(NOW)
    assert [(d.channel, d.transition, d.state, d.attempts) for d in due] == [
        ("ops", stored, DeliveryState.PENDING, 0),
        ("slack", stored, DeliveryState.PENDING, 0),
    ]


def test_a_message_is_due_at_its_next_try(ledger: Ledger) -> None:
    ledger.record([], [(FIRED, ["ops"])], NOW)
    (first,) = ledger.due(NOW)
    ledger.settle(replace(first, attempts=1, next_try=NOW + MINUTE, why="no answer"))
    assert ledger.due(NOW) == []
    (again,) = ledger.due(NOW + MINUTE)
    assert (again.attempts, again.why) == (1, "no answer")


def test_a_finished_message_is_never_due(ledger: Ledger) -> None:
    ledger.record([], [(FIRED, ["ops", "slack"])], NOW)
    sent, failed = ledger.due(NOW)
    ledger.settle(replace(sent, state=DeliveryState.SENT, attempts=1, finished=NOW))
    ledger.settle(replace(failed, state=DeliveryState.FAILED, attempts=5, finished=NOW))
    assert ledger.due(NOW + HOUR) == []
    assert {d.state for d in ledger.deliveries()} == {DeliveryState.SENT, DeliveryState.FAILED}


def test_a_held_message_is_due_again_until_it_is_finished(ledger: Ledger) -> None:
    ledger.record([], [(FIRED, ["ops"])], NOW)
    (message,) = ledger.due(NOW)
    held = replace(message, state=DeliveryState.HELD, next_try=NOW + HOUR, why="silenced")
    ledger.settle(held)
    assert ledger.due(NOW) == []
    assert ledger.due(NOW + HOUR) == [held]
    ledger.settle(replace(held, finished=NOW + HOUR))
    assert ledger.due(NOW + HOUR) == []


def test_messages_of_one_transition(ledger: Ledger) -> None:
    first, second = ledger.record([], [(FIRED, ["ops"]), (FIRED, ["slack"])], NOW)
    assert [d.channel for d in ledger.deliveries(transition=first.id)] == ["ops"]
    assert [d.transition.id for d in ledger.deliveries()] == [second.id, first.id]


def test_nothing_is_owed_twice_after_a_restart(opener: Opener) -> None:
    first = opener()
    first.ledger.record([STATUS], [(FIRED, ["ops"])], NOW)
    first.close()
    assert len(opener().ledger.due(NOW)) == 1


def test_a_silence_is_there_until_its_end(ledger: Ledger) -> None:
    kept = ledger.add_silence(
        Silence(0, {"service": "lambda"}, NOW, NOW + HOUR, "ann", "deployment")
    )
    assert kept.id > 0
    assert ledger.silences(NOW) == [kept]
    assert ledger.silences(NOW + HOUR) == []


def test_a_silence_can_be_ended(ledger: Ledger) -> None:
    kept = ledger.add_silence(Silence(0, {"alarm": "*"}))
    ledger.end_silence(kept.id, NOW)
    assert ledger.silences(NOW) == []
    assert ledger.silences(NOW - MINUTE) == [replace(kept, end=NOW)]


def test_an_ended_silence_does_not_end_later(ledger: Ledger) -> None:
    kept = ledger.add_silence(Silence(0, {"alarm": "*"}, NOW, NOW + MINUTE))
    ledger.end_silence(kept.id, NOW + HOUR)
    assert ledger.silences(NOW + MINUTE) == []


def test_a_brief_transition_has_no_data(ledger: Ledger) -> None:
    (stored,) = ledger.record([], [(FIRED, [])], NOW)
    assert ledger.transitions(brief=True) == [replace(stored, reason_data={})]


def test_every_change_is_counted_and_looking_is_not(opener: Opener) -> None:
    store, reader = opener(), opener(writer=False)
    counts = [store.ledger.version]
    store.ledger.define([ERRORS], NOW)
    counts.append(store.ledger.version)
    store.ledger.define([ERRORS], NOW)
    store.ledger.due(NOW)
    assert store.ledger.version == counts[-1]
    store.ledger.record([STATUS], [(FIRED, ["ops"])], NOW)
    counts.append(store.ledger.version)
    store.ledger.settle(store.ledger.due(NOW)[0])
    counts.append(store.ledger.version)
    store.ledger.end_silence(store.ledger.add_silence(Silence(0)).id, NOW)
    counts.append(store.ledger.version)
    assert counts == sorted(set(counts))
    assert reader.ledger.version < counts[-1]
    reader.refresh()
    assert reader.ledger.version == counts[-1]
