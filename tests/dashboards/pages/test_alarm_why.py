"""Beside an alarm: its last decision step by step, and its traps."""

from __future__ import annotations

from datetime import timedelta

from app.model.alarms import AlarmDefinition
from app.model.states import AlarmState
from dashboards.pages import alarm_why
from dashboards.parts import Seen
from tests.support.components import text
from tests.support.shelf import HOME, NOW, Shelf, errors_alarm, function

ALARM = errors_alarm(function("failing"))


def test_the_last_change_is_told_step_by_step(shelf: Shelf, seen: Seen) -> None:
    words = text(alarm_why.why(shelf.reads, ALARM.id, seen)[0])
    assert words == (
        "11:48: X X X X X (0 good, X breaching)"
        "The evaluation range holds 5 slots of 60 s; 5 of them have a point, 3 are asked for."
        "The newest 3 points count, 3 of them breach; older ones are left out."
        "Step 1: enough points, and 3 breaches are at least 3: ALARM."
    )


def test_a_composite_tells_who_decides(shelf: Shelf, seen: Seen) -> None:
    both = AlarmDefinition(HOME, {"AlarmName": "both", "AlarmRule": f"ALARM({ALARM.name})"})
    shelf.alarm(both, AlarmState.ALARM, NOW - timedelta(minutes=5))
    words = text(alarm_why.why(shelf.reads, both.id, seen)[0])
    assert words == "failing-errors is ALARM, which decides."


def test_an_alarm_that_never_changed_says_so(shelf: Shelf, seen: Seen) -> None:
    children, look, line, *_ = alarm_why.why(shelf.reads, "1/eu/nobody", seen)
    assert (children, look, text(line)) == (
        None, "panel look-nothing", "It has not changed its state yet.",
    )  # fmt: skip


def test_traps_are_listed_with_the_way_out(shelf: Shelf, seen: Seen) -> None:
    put = {**ALARM.put, "AlarmName": "odd", "Unit": "Seconds"}
    shelf.alarm(AlarmDefinition(HOME, put, channels=("console",)), AlarmState.OK, NOW)
    words = text(alarm_why.traps(shelf.reads, f"{HOME}/odd", seen)[0])
    assert words == (
        "Error: The metric is published in Count; with the unit Seconds CloudWatch finds no data. "
        "Leave the unit out."
    )


def test_an_alarm_in_order_stands_in_no_trap(shelf: Shelf, seen: Seen) -> None:
    assert text(alarm_why.traps(shelf.reads, ALARM.id, seen)[2]) == "It stands in no known trap."
