"""Answers become rows: whole slots only, percentiles apart, incomplete series set aside."""

from __future__ import annotations

import numpy as np

from app.aws import MetricData, MetricQuery
from app.model.ids import Place, SeriesKey
from collectors.metric_frames import BASIC, Rows

PLACE = Place("123456789012", "eu-central-1")
A = SeriesKey.of(PLACE, "AWS/Lambda", "Duration", {"FunctionName": "a"})
B = SeriesKey.of(PLACE, "AWS/Lambda", "Duration", {"FunctionName": "b"})


def answer(*lines: list[tuple[int, float]], incomplete: tuple[int, ...] = ()) -> MetricData:
    """Lines of (epoch ms, value)."""
    return MetricData(
        at=np.array([at for line in lines for at, _ in line], dtype=np.int64),
        values=np.array([value for line in lines for _, value in line], dtype=np.float64),
        starts=np.cumsum([0, *map(len, lines)]),
        complete=np.array([n not in incomplete for n in range(len(lines))]),
    )


def points(rows: Rows) -> list[tuple[object, ...]]:
    frame = rows.frames()["metrics"]
    return [
        (r["series"], r["period"], int(r["at"].timestamp() * 1000), r["sum"], r["sample_count"])
        for r in frame.iter_rows(named=True)
    ]


def test_four_statistics_become_one_row():
    rows = Rows()
    line = [(60_000, 1.0), (120_000, 2.0)]
    rows.add([MetricQuery(A, 60, BASIC)], answer(line, line, line, [(60_000, 7.0), (120_000, 8.0)]))
    assert points(rows) == [(0, 60, 60_000, 1.0, 7.0), (0, 60, 120_000, 2.0, 8.0)]
    assert rows.series == [A]


def test_a_slot_that_lacks_a_statistic_is_left_out():
    rows = Rows()
    line = [(60_000, 1.0), (120_000, 2.0)]
    rows.add([MetricQuery(A, 60, BASIC)], answer(line, line, [(120_000, 2.0)], line))
    assert points(rows) == [(0, 60, 120_000, 2.0, 2.0)]


def test_a_series_without_a_complete_answer_is_set_aside():
    rows = Rows()
    line = [(60_000, 1.0)]
    queries = [MetricQuery(A, 60, BASIC), MetricQuery(B, 60, BASIC)]
    rows.add(queries, answer(*[line] * 8, incomplete=(2,)))
    assert rows.series == [B]
    assert rows.incomplete == [queries[0]]


def test_percentiles_stand_in_their_own_table():
    rows = Rows()
    line = [(60_000, 1.0)]
    rows.add([MetricQuery(A, 60, (*BASIC, "p90", "p99"))], answer(*[line] * 5, [(60_000, 9.0)]))
    found = rows.frames()["metric_stats"].select("series", "statistic", "period", "value").rows()
    assert found == [(0, "p90", 60, 1.0), (0, "p99", 60, 9.0)]


def test_no_points_make_no_frames():
    rows = Rows()
    rows.add([MetricQuery(A, 60, BASIC)], answer([], [], [], []))
    assert rows.frames() == {}
    assert rows.incomplete == []
