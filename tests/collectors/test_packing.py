"""Metrics in calls: whole, in order, below both limits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.aws import MetricQuery
from app.model.ids import Place, SeriesKey
from app.model.time import Window
from collectors.packing import pack

PLACE = Place("123456789012", "eu-central-1")
START = datetime(2026, 3, 10, tzinfo=UTC)


def query(number: int, statistics: int = 4, period: int = 60) -> MetricQuery:
    key = SeriesKey.of(PLACE, "AWS/Lambda", "Errors", {"FunctionName": str(number)})
    return MetricQuery(key, period, tuple(f"p{n}" for n in range(statistics)))


def hours(count: float) -> Window:
    return Window(START, START + timedelta(hours=count))


@pytest.mark.parametrize(
    ("window", "statistics", "expected"),
    [
        pytest.param(hours(0.5), 4, [125, 75], id="500 queries a call"),
        pytest.param(hours(3), 5, [100, 100], id="three hours of a full call"),
        pytest.param(hours(72), 4, [5] * 40, id="90,000 points a call"),
    ],
)
def test_calls_are_filled_to_a_limit(window: Window, statistics: int, expected: list[int]):
    calls = pack([query(n, statistics) for n in range(200)], window)
    assert [len(call) for call in calls] == expected


def test_a_metric_too_large_for_any_call_is_an_error():
    with pytest.raises(ValueError, match="Errors over 15 days, 0:00:00 fits into no call"):
        list(pack([query(1, 5)], hours(360)))


@given(
    st.lists(st.integers(1, 12), max_size=300),
    st.integers(1, 60),
)
def test_nothing_is_lost_split_or_out_of_bounds(sizes: list[int], length: int):
    queries = [query(n, size) for n, size in enumerate(sizes)]
    calls = list(pack(queries, hours(length)))
    assert [q for call in calls for q in call] == queries
    for call in calls:
        assert call
        assert sum(len(q.statistics) for q in call) <= 500
        assert sum(q.points(hours(length)) for q in call) <= 90_000
