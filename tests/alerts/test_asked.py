"""How far answers reach for an alarm on a metric that log events make."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from alerts.asked import reach
from alerts.book import Scope
from app.model.groups import alarmed_group, derived_group, metrics_group
from app.model.ids import Place
from app.model.time import Intervals, Window

PLACE = Place("111111111111", "eu-central-1")
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
READ, MADE = alarmed_group("Shop", 60), derived_group("Shop", "Orders", [])
SCOPE = Scope(PLACE, "Shop", (READ, MADE, metrics_group("Shop", 60)), 60)


def reached(answered: Mapping[str, tuple[int, int]]) -> tuple[int, int, str]:
    """Answered minutes before noon by group; start, end and problem."""
    answers = {
        (PLACE, group): Intervals.of([Window(NOON - start * MINUTE, NOON - end * MINUTE)])
        for group, (start, end) in answered.items()
    }
    found = reach(SCOPE, answers, [], NOON, 5 * MINUTE)
    return (NOON - found.start) // MINUTE, (NOON - found.end) // MINUTE, found.problem


@pytest.mark.parametrize(
    ("answered", "expected"),
    [
        pytest.param({MADE: (60, 1)}, (60, 1), id="events"),
        pytest.param({READ: (60, 1)}, (60, 1), id="CloudWatch"),
        pytest.param({READ: (90, 0), MADE: (60, 2)}, (60, 2), id="events come first"),
        pytest.param({READ: (90, 1), MADE: (9000, 2000)}, (90, 1), id="events given up"),
    ],
)
def test_whoever_makes_the_metric_tells_how_far_it_reaches(
    answered: dict[str, tuple[int, int]], expected: tuple[int, int]
) -> None:
    assert reached(answered) == (*expected, "")


def test_events_that_are_not_read_any_more_are_a_problem() -> None:
    start, end, problem = reached({MADE: (60, 30)})
    assert (start, end) == (60, 30)
    assert "could not be asked" in problem
