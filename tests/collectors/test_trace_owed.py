"""Which traces are asked for again, how often, and for how long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.model.ids import Place
from app.model.rounds import Batch
from app.model.traces import OwedTrace, TraceDocuments, TraceSource
from collectors import trace_owed
from collectors.trace_owed import Owed
from tests.support.traces import trace_id

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
PLACE = Place("111111111111", "eu-central-1")
DAY = timedelta(days=1)


def debt(number: int, age: timedelta = DAY, tries: int = 0, weight: float = 1.0) -> OwedTrace:
    return OwedTrace(trace_id(number), PLACE, NOW - age, tries, weight)


def fetched(number: int) -> TraceDocuments:
    return TraceDocuments(trace_id(number), PLACE, TraceSource.XRAY, ("{}",), whole=True)


def test_what_was_fetched_is_paid_and_what_was_not_is_owed_once() -> None:
    owed = Owed.of([debt(1), debt(2)], NOW)
    batch = owed.settled(Batch(traces=[fetched(1)]), [debt(1), debt(2), debt(3)])
    assert [o.trace_id for o in batch.traces_settled] == [trace_id(1)]
    assert [o.trace_id for o in batch.traces_owed] == [trace_id(3)]
    assert set(owed.left) == {trace_id(2), trace_id(3)}


def test_what_is_not_given_is_tried_three_times() -> None:
    owed = Owed.of([debt(1), debt(2, tries=2), debt(3)], NOW)
    batch = owed.tried(Batch(), list(owed.left.values()), {trace_id(3)})
    assert [(o.trace_id, o.tries) for o in batch.traces_owed] == [(trace_id(1), 1)]
    assert {o.trace_id for o in batch.traces_settled} == {trace_id(2), trace_id(3)}
    assert set(owed.left) == {trace_id(1)}


def test_what_x_ray_no_longer_has_is_not_asked_for() -> None:
    owed = Owed.of([debt(1, 30 * DAY), debt(2, 29 * DAY)], NOW)
    assert set(owed.left) == {trace_id(2)}


def test_what_waits_is_told_with_its_age() -> None:
    owed = Owed.of([debt(1), debt(2, 3 * DAY)], NOW)
    wanted = "2 traces are still to be fetched whole, the oldest since 2026-11-21 12:00 (UTC)"
    assert owed.note == wanted
    assert Owed.of([], NOW).note == ""


def test_more_than_can_wait_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trace_owed, "MOST", 2)
    owed = Owed.of([debt(1)], NOW)
    batch = owed.settled(Batch(notes=["before"]), [debt(2), debt(3), debt(4)])
    assert [o.trace_id for o in batch.traces_owed] == [trace_id(2)]
    assert batch.notes[0] == "before"
    assert batch.notes[1].startswith("2 traces that failed or have changed are not fetched whole")


def test_slow_and_drawn_ones_leave_half_of_the_room_to_failed_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(trace_owed, "MOST", 4)
    owed = Owed.of([debt(1)], NOW)
    batch = owed.settled(Batch(), [], [debt(2), debt(3), debt(4)])
    assert [o.trace_id for o in batch.traces_owed] == [trace_id(2)]
    said = "2 traces that were slow or belong to the share are not fetched whole and not asked for"
    assert batch.notes == [f"{said} again: 2 are waiting already"]
    failed = owed.settled(Batch(), [debt(5), debt(6)])
    assert [o.trace_id for o in failed.traces_owed] == [trace_id(5), trace_id(6)]


def test_failed_and_slow_ones_are_asked_for_before_drawn_ones_and_then_the_oldest() -> None:
    drawn, old = debt(1, 9 * DAY, weight=20.0), debt(2, 2 * DAY)
    owed = Owed.of([drawn, debt(3), old], NOW)
    ids = [trace_id(n) for n in (1, 2, 3, 4)]
    assert owed.due(ids, 5) == [old, debt(3), drawn]
    assert owed.due(ids, 2) == [old, debt(3)]
    assert owed.due(ids, -1) == []
