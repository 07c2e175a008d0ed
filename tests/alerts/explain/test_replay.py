"""Decisions are replayed from the store as the engine made them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from alerts.explain import Replay, Replayer, marks_line
from app.catalogue import Catalogue
from app.model.alarms import AlarmDefinition
from app.model.states import AlarmState
from tests.support.alarm_yard import NOON, PLACE, Yard, alarm

MINUTE = timedelta(minutes=1)


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[Yard]:
    made = Yard(tmp_path)
    made.points("1x9 90", NOON)
    made.answered(NOON - timedelta(hours=2), NOON)
    made.engine(alarm()).tick(NOON + timedelta(seconds=30))
    yield made
    made.close()


def replay(yard: Yard, at: timedelta = timedelta()) -> Replay:
    [definition] = yard.store.ledger.definitions()
    return Replayer(yard.store, Catalogue({})).replay(definition, NOON + at)


def test_a_recorded_change_is_replayed_on_the_data_it_was_made_on(yard: Yard) -> None:
    yard.points("1 1 1", NOON + 3 * MINUTE)
    found = replay(yard, timedelta(seconds=30))
    assert found.recorded is not None
    assert found.explanation is not None
    assert found.explanation.at == NOON
    assert found.explanation.state is found.standing is AlarmState.ALARM
    assert found.explanation.reason == found.recorded.reason
    assert marks_line(found.explanation.slots) == "0 0 X"
    assert (found.differs, found.answered) == ((), True)


def test_a_moment_without_a_change_is_judged_again(yard: Yard) -> None:
    found = replay(yard, -5 * MINUTE)
    assert found.recorded is None
    assert found.explanation is not None
    assert found.explanation.state is AlarmState.OK
    assert marks_line(found.explanation.slots) == "0 0 0"


def test_points_that_changed_after_the_decision_are_told(yard: Yard) -> None:
    yard.points("3", NOON)
    found = replay(yard)
    assert found.explanation is not None
    assert found.explanation.state is AlarmState.OK
    assert found.standing is AlarmState.ALARM
    assert [(each.at, each.then, each.now) for each in found.differs] == [
        (NOON - MINUTE, 90.0, 3.0)
    ]


def test_time_that_was_not_asked_is_told(yard: Yard) -> None:
    assert replay(yard, 3 * MINUTE).answered is False


def test_a_composite_tells_its_children_and_who_decides(yard: Yard) -> None:
    [child] = yard.store.ledger.definitions()
    put = {"AlarmName": "all", "AlarmRule": 'ALARM("orders") AND NOT OK(orders)'}
    parent = AlarmDefinition(PLACE, put)
    yard.store.ledger.define([child, parent], NOON)
    found = Replayer(yard.store, Catalogue({})).replay(parent, NOON + MINUTE)
    assert found.children == {"orders": AlarmState.ALARM}
    assert found.deciding == ("orders",)
