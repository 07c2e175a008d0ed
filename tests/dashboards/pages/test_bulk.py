"""Bulk actions on the list of alarms, and silenced ones folded away."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from app.model.alarms import Choice, Origin
from app.model.states import AlarmState
from app.read import AlarmRow
from dashboards.pages import alarms, bulk
from dashboards.parts import Seen
from tests.support.shelf import HOME, NOW, Shelf, errors_alarm, function

HOUR = timedelta(hours=1)
NAMES = ["failing-errors", "well-errors"]


def rows(shelf: Shelf) -> list[AlarmRow]:
    return list(shelf.reads.alarms.current(shelf.scope()).value)


def test_several_alarms_are_silenced_at_once(shelf: Shelf, seen: Seen) -> None:
    told = bulk.done(shelf.reads, bulk.SILENCE, rows(shelf), ("4h", " known "), seen)
    assert told == "Silenced 2 alarms until today 16:00." or told.startswith("Silenced 2 alarms")
    kept = [row.silence for row in rows(shelf)]
    assert [(s.comment, s.end, s.author) for s in kept if s] == [
        ("known", NOW + 4 * HOUR, "dashboard")
    ] * 2


def test_their_silences_end_at_once(shelf: Shelf, seen: Seen) -> None:
    bulk.done(shelf.reads, bulk.SILENCE, rows(shelf)[:1], ("1h", "known"), seen)
    later = Seen(NOW + timedelta(minutes=1), seen.zone)
    assert bulk.done(shelf.reads, bulk.END, rows(shelf), ("", ""), later) == "Ended 1 silences."
    assert shelf.store.ledger.silences(later.now) == []
    assert bulk.done(shelf.reads, bulk.END, [], ("", ""), later) == "None of them is silenced."


def test_recommended_ones_are_switched_off_and_own_ones_are_not(shelf: Shelf, seen: Seen) -> None:
    own = replace(errors_alarm(function("mine")), origin=Origin.CONFIG)
    shelf.alarm(own, AlarmState.OK, NOW - HOUR)
    told = bulk.done(shelf.reads, bulk.OFF, rows(shelf), ("", "too loud"), seen)
    assert told == "Switched off 2 recommended alarms, from the next evaluation on."
    kept = shelf.store.switches.standing()
    assert set(kept) == {f"{HOME.account}/{HOME.region}/{name}" for name in NAMES}
    assert {(each.choice, each.comment) for each in kept.values()} == {(Choice.OFF, "too loud")}
    mine = [row for row in rows(shelf) if row.name == "mine-errors"]
    told = bulk.done(shelf.reads, bulk.OFF, mine, ("", "too loud"), seen)
    assert told.startswith("None of them is a recommended alarm")


@pytest.mark.parametrize("asked_for", [bulk.SILENCE, bulk.OFF])
def test_nothing_is_done_without_a_reason(shelf: Shelf, seen: Seen, asked_for: str) -> None:
    told = bulk.done(shelf.reads, asked_for, rows(shelf), ("1h", "  "), seen)
    assert told == "Write a reason first."
    assert shelf.store.ledger.silences(NOW) == []
    assert shelf.store.switches.standing() == {}


def test_silenced_alarms_are_folded_away_and_counted(shelf: Shelf, seen: Seen) -> None:
    failing = [row for row in rows(shelf) if row.name == "failing-errors"]
    bulk.done(shelf.reads, bulk.SILENCE, failing, ("1h", "known"), seen)
    options, shown = alarms.answer(shelf.reads, "", "", shelf.scope(), seen)[:2]
    assert [row["name"] for row in shown] == ["well-errors"]
    assert {each["label"] for each in options} >= {"Not silenced 1", "Silenced 1", "All 2"}
    shown = alarms.answer(shelf.reads, "", "silenced", shelf.scope(), seen)[1]
    assert [row["name"] for row in shown] == ["failing-errors"]
    assert len(alarms.answer(shelf.reads, "", "all", shelf.scope(), seen)[1]) == 2


def test_a_row_says_why(shelf: Shelf, seen: Seen) -> None:
    shown = alarms.answer(shelf.reads, "", "", shelf.scope(), seen)[1]
    assert shown[0]["reason"] == "Threshold Crossed: state ALARM"
