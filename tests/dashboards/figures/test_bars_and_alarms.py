"""Bars, the alarm chart and sparklines."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import unquote

import numpy as np
import pytest

from app.model.states import AlarmState
from dashboards.figures import Kind, StateChange, Threshold, alarm_chart, bars, sparkline
from tests.support.figures import unpacked, valid


def test_bars_are_stacked_and_the_axis_holds_the_stack(line, window):
    layout = valid(bars([line("1 5"), line("2 6", "b")], window=window))["layout"]
    assert layout["barmode"] == "stack"
    assert layout["yaxis"]["range"][1] >= 11


def test_an_unfinished_bucket_is_paler(line, window):
    trace = valid(bars([line("4 5 2", partial=True)], window=window))["data"][0]
    assert unpacked(trace["marker"]["opacity"]) == pytest.approx([1.0, 1.0, 0.45])


def test_errors_are_critical_and_leave_the_first_colour_to_others(line, window):
    lines = [line("1", "5xx"), line("1", "4xx")]
    data = valid(bars(lines, window=window, kinds={"5xx": Kind.ERROR}))["data"]
    assert [t["marker"]["color"] for t in data] == ["--critical", "--series-1"]


def test_too_many_bars_are_added_up_and_none_is_lost(line, window):
    trace = valid(bars([line(np.ones(2400))], window=window))["data"][0]
    drawn = unpacked(trace["y"])
    assert len(drawn) <= 240
    assert sum(drawn) == 2400


def test_an_empty_bucket_stays_empty(line, window):
    drawn = unpacked(bars([line("_ 1")], window=window)["data"][0]["y"])
    assert drawn == [None, 1]


def test_the_stretch_in_alarm_lies_on_the_axis(line, window):
    at = window.start
    changes = [
        StateChange(at - timedelta(hours=2), AlarmState.ALARM),
        StateChange(at + timedelta(minutes=10), AlarmState.OK),
        StateChange(at + timedelta(minutes=50), AlarmState.INSUFFICIENT_DATA),
    ]
    figure = valid(
        alarm_chart(line("1 2"), window=window, threshold=Threshold(2, "x"), changes=changes)
    )
    start = figure["layout"]["meta"]["start"]
    stretches = [s for s in figure["layout"]["shapes"] if s["type"] == "rect"]
    minutes = [((s["x0"] - start) / 60_000, (s["x1"] - start) / 60_000) for s in stretches]
    assert minutes == [(0, 10), (50, 60)]
    assert [s["fillcolor"] for s in stretches] == ["--critical", "--no-data"]


def test_changes_of_state_are_named_on_the_chart(line, window):
    change = StateChange(window.start + timedelta(minutes=10), AlarmState.ALARM)
    figure = alarm_chart(line("1"), window=window, threshold=Threshold(2, "x"), changes=[change])
    assert [text for _, text in figure["layout"]["meta"]["events"]] == ["to ALARM"]


def test_an_alarm_without_points_still_shows_its_threshold(window):
    figure = valid(alarm_chart(None, window=window, threshold=Threshold(2, "above 2")))
    assert figure["data"] == []
    assert figure["layout"]["annotations"][0]["text"] == "above 2"


def test_a_sparkline_ends_in_a_dot_and_starts_at_zero():
    drawn = unquote(sparkline([0, 5, 10]))
    assert 'd="M2.0 18.0L60.0 10.0L118.0 2.0"' in drawn
    assert 'cx="118.0" cy="2.0"' in drawn


def test_a_sparkline_lifts_the_pen_over_a_gap():
    assert unquote(sparkline([1, None, 1])).count("M") == 2


def test_a_sparkline_of_nothing_is_empty():
    assert sparkline([None, float("nan")]) == ""
    assert sparkline([]) == ""
