"""What a suppressor holds back; waits are 120 seconds, extensions 180."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from app.config import StoreSettings
from app.model.alarms import AlarmDefinition, AlarmStatus, DeliveryState, Transition
from app.model.states import AlarmState
from app.store import open_store
from tests.alerts.delivery.test_delivery import Book, Desk
from tests.support.notices import AT, DEFINITION

MINUTE = timedelta(minutes=1)
HEAD = "111122223333/us-east-1/"
COMPOSITE = {
    "AlarmName": "top", "AlarmRule": "ALARM(a)", "ActionsSuppressor": "stop",
    "ActionsSuppressorWaitPeriod": 120, "ActionsSuppressorExtensionPeriod": 180,
}  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    store = open_store(StoreSettings(path=tmp_path), AT)
    stop = replace(DEFINITION, put={**DEFINITION.put, "AlarmName": "stop"})
    top = AlarmDefinition(DEFINITION.place, COMPOSITE, channels=("ops",))
    store.ledger.define([stop, top], AT)
    yield Desk(store.ledger, Book())
    store.close()


def changes(desk: Desk, minute: int, name: str, new: str) -> None:
    """Put a change on record; only the composite owes a message."""
    at, state = AT + minute * MINUTE, AlarmState(new)
    before = AlarmState.OK if state is AlarmState.ALARM else AlarmState.ALARM
    change = Transition(HEAD + name, at, before, state, "because", {})
    status = AlarmStatus(HEAD + name, state, "because", {}, at, at)
    desk.ledger.record([status], [(change, ["ops"] if name == "top" else [])], at)


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        pytest.param([(2, "top", "ALARM")], [(4, "top ALARM")], id="the wait"),
        pytest.param([(2, "top", "ALARM"), (3, "stop", "ALARM")], [], id="suppressed in time"),
        pytest.param([(2, "top", "ALARM"), (3, "top", "OK")], [(5, "top OK")], id="come and gone"),
        pytest.param(
            [(2, "top", "ALARM"), (3, "stop", "ALARM"), (6, "stop", "OK")], [(9, "top ALARM")],
            id="the extension",
        ),
        pytest.param(
            [(2, "top", "ALARM"), (3, "stop", "ALARM"), (6, "stop", "OK"), (7, "top", "OK")],
            [(9, "top OK")], id="a change in the extension waits",
        ),
        pytest.param(
            [(2, "top", "ALARM"), (5, "stop", "ALARM"), (6, "stop", "OK")], [(4, "top ALARM")],
            id="a suppressor that comes too late",
        ),
    ],
)  # fmt: skip
def test_a_documented_timeline_is_delivered(
    desk: Desk, events: list[tuple[int, str, str]], expected: list[tuple[int, str]]
) -> None:
    told = []
    for minute in range(15):
        for at, name, new in events:
            if at == minute:
                changes(desk, minute, name, new)
        told += [(minute, text) for sent in desk.deliver(AT + minute * MINUTE) for text in sent]
    assert told == expected


def test_a_message_that_is_held_says_by_what(desk: Desk) -> None:
    changes(desk, 0, "top", "ALARM")
    desk.deliver(AT)
    assert desk.why() == "Actions suppressed by WaitPeriod"
    changes(desk, 1, "stop", "ALARM")
    desk.deliver(AT + 2 * MINUTE)
    assert desk.states() == [DeliveryState.HELD]
    assert desk.why() == (
        "Actions suppressed by arn:aws:cloudwatch:us-east-1:111122223333:alarm:stop that "
        f"transitioned to ALARM at {AT + MINUTE:%A %d %B, %Y %H:%M:%S} UTC"
    )


def test_an_alarm_without_a_suppressor_is_told_at_once(desk: Desk) -> None:
    changes(desk, 0, "stop", "ALARM")
    top = AlarmDefinition(DEFINITION.place, {**COMPOSITE, "ActionsSuppressor": None})
    desk.ledger.define([top], AT)
    changes(desk, 0, "top", "ALARM")
    assert desk.deliver(AT) == [["top ALARM"]]
