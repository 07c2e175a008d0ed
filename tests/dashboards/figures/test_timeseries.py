"""Lines over time as plain figures."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from dashboards.figures import Event, Kind, Threshold, empty, timeseries
from tests.support.figures import size, unpacked, valid

NOON_MS = 1_795_521_600_000


def test_a_gap_stays_a_gap(line, window):
    trace = valid(timeseries([line("1 2 _ 4 5")], window=window))["data"][0]
    assert unpacked(trace["y"]) == [1, 2, None, 4, 5]
    assert trace["connectgaps"] is False


def test_times_are_a_start_and_a_step(line, window):
    trace = valid(timeseries([line("1 2", minutes=5)], window=window))["data"][0]
    assert (trace["x0"], trace["dx"]) == (NOON_MS, 300_000)
    assert "x" not in trace


def test_values_travel_as_float32(line, window):
    trace = timeseries([line("1 2")], window=window)["data"][0]
    assert trace["y"]["dtype"] == "f4"


def test_a_lone_point_between_gaps_gets_a_dot(line, window):
    trace = valid(timeseries([line("1 2 _ 9 _ 1 1")], window=window))["data"][0]
    assert trace["mode"] == "lines+markers"
    assert unpacked(trace["marker"]["size"]) == [0, 0, 0, 4, 0, 0, 0]


def test_a_line_without_lone_points_has_no_markers(line, window):
    assert timeseries([line("1 2 3")], window=window)["data"][0]["mode"] == "lines"


def test_colours_are_roles_by_rank_and_errors_take_no_rank(line, window):
    lines = [line("1", "errors"), line("1", "a"), line("1", "b")]
    data = valid(timeseries(lines, window=window, kinds={"errors": Kind.ERROR}))["data"]
    assert [t["line"]["color"] for t in data] == ["--critical", "--series-1", "--series-2"]


def test_percentiles_share_one_hue(line, window):
    kinds = {"p50": Kind.P50, "p95": Kind.P95, "p99": Kind.P99}
    data = valid(timeseries([line("1", n) for n in kinds], window=window, kinds=kinds))["data"]
    assert {t["line"]["color"] for t in data} == {"--series-1"}
    assert [t["line"].get("dash") for t in data] == [None, None, "dash"]


def test_the_eleventh_line_is_left_out_and_the_ninth_is_grey(line, window):
    data = valid(timeseries([line("1", str(n)) for n in range(12)], window=window))["data"]
    assert len(data) == 10
    assert data[8]["line"]["color"] == "--series-other"


def test_a_threshold_is_a_dashed_line_with_its_words(line, window):
    figure = timeseries([line("1 3")], window=window, threshold=Threshold(2, "alarm above 2"))
    shape, words = valid(figure)["layout"]["shapes"][0], figure["layout"]["annotations"][0]
    assert (shape["y0"], shape["line"]["dash"], shape["line"]["color"]) == (2, "dash", "--critical")
    assert words["text"] == "alarm above 2"


@pytest.mark.parametrize(("value", "side"), [(2, "bottom"), (50, "top")])
def test_the_words_of_a_threshold_stay_in_the_plot(line, window, value, side):
    figure = timeseries([line("1 3")], window=window, threshold=Threshold(value, "x"))
    assert figure["layout"]["annotations"][0]["yanchor"] == side


def test_a_threshold_above_the_data_is_on_the_sheet(line, window):
    figure = timeseries([line("1 2")], window=window, threshold=Threshold(50, "x"))
    assert figure["layout"]["yaxis"]["range"][1] >= 50


def test_events_inside_the_window_are_marked_and_named(line, window):
    inside = Event(window.start + timedelta(minutes=30), "deploy")
    outside = Event(window.end + timedelta(minutes=1), "later")
    layout = valid(timeseries([line("1")], window=window, events=[inside, outside]))["layout"]
    assert layout["meta"]["events"] == [(NOON_MS + 1_800_000, "deploy")]
    assert len(layout["shapes"]) == 1


def test_the_sheet_spans_the_window_whatever_the_data(line, window):
    layout = timeseries([line("1")], window=window)["layout"]
    assert layout["xaxis"]["range"] == [NOON_MS, NOON_MS + 3_600_000]


def test_a_sheet_without_lines_is_still_a_figure(window):
    assert valid(empty(window))["data"] == []


def test_a_long_line_keeps_its_peak_within_a_thousand_points(line, window):
    values = np.ones(20_000)
    values[12_345] = 77.0
    trace = valid(timeseries([line(values)], window=window))["data"][0]
    drawn = unpacked(trace["y"])
    assert len(drawn) <= 1000
    assert max(drawn) == 77.0
    assert trace["dx"] * len(drawn) == pytest.approx(20_000 * 60_000, rel=0.01)


def test_a_gap_of_a_long_line_survives_thinning(line, window):
    values = np.ones(20_000)
    values[8_000:12_000] = np.nan
    drawn = unpacked(timeseries([line(values)], window=window)["data"][0]["y"])
    assert drawn.count(None) == pytest.approx(len(drawn) * 0.2, abs=4)


def test_ten_lines_of_a_thousand_points_stay_under_60_kb(line, window):
    lines = [line(np.random.default_rng(n).random(1000), f"line {n}") for n in range(10)]
    assert size(valid(timeseries(lines, window=window))) <= 60_000


def test_infinite_values_do_not_break_the_axis(line, window):
    figure = valid(timeseries([line([1.0, np.inf, 2.0])], window=window))
    assert figure["layout"]["yaxis"]["range"] == [0, 2]
