"""The histogram of response times."""

from __future__ import annotations

from app.read import TimeSpread
from dashboards.parts import histogram
from tests.support.components import with_class


def test_the_name_of_a_mark_stays_within_the_histogram() -> None:
    spread = TimeSpread(10.0, 1000.0, (1, 2), (0, 1))
    drawn = histogram(spread, (("p50", 30.0), ("p99", 990.0)))
    assert [mark.children for mark in with_class(drawn, "leftward")] == ["p99"]
