"""What is covered of all series of a namespace, whose cohorts are read minutes apart."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.model.rounds import Covered, Settledness
from app.model.time import Intervals, Window
from collectors.metric_series import Cohort
from collectors.metric_tasks import Bundle, Known, Space
from collectors.windows import Due, Habits
from tests.collectors.working import NOW, PLACE

GROUP = "metrics/AWS/SQS/60"
MINUTE = timedelta(minutes=1)


def at(clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-03-10T{clock}:00+00:00")


def known(name: str, start: str, end: str) -> Known:
    answered = Intervals.of([Window(at(start), at(end))])
    return Known(Cohort.of(f"{GROUP}/{name}", ()), answered, Intervals())


def of_all(space: Space, *read: int) -> list[tuple[datetime, datetime]]:
    """What is covered of the whole group once some cohorts are read from 11:30 to 12:05."""
    window = Window(at("11:30"), at("12:05"))
    bundle = Bundle(Due(window, window), tuple(space.known[n] for n in read))
    found = [each for each in space.covers(bundle) if each.group == GROUP]
    assert all(isinstance(each, Covered) for each in found)
    assert {each.settledness for each in found} <= {Settledness.PROVISIONAL}
    return [(w.start, w.end) for w in Intervals.of(each.window for each in found)]


def space(*cohorts: Known) -> Space:
    habits = Habits(60, 2 * MINUTE, 30 * MINUTE, timedelta(hours=24), 5 * MINUTE, timedelta())
    return Space(PLACE, GROUP, habits, Window(NOW - timedelta(hours=24), NOW), cohorts)


def test_the_whole_reaches_as_far_as_the_cohort_that_was_read_least() -> None:
    both = space(known("1", "10:00", "12:00"), known("2", "10:00", "12:02"))
    assert of_all(both, 0) == [(at("10:00"), at("12:02"))]


def test_what_one_cohort_lacks_the_whole_lacks() -> None:
    both = space(known("1", "10:00", "12:00"), known("2", "11:50", "12:02"))
    assert of_all(both, 0) == [(at("11:50"), at("12:02"))]
    apart = space(known("1", "10:00", "12:00"), known("2", "09:00", "10:00"))
    assert of_all(apart, 0) == []


def test_cohorts_that_are_read_together_cover_the_whole() -> None:
    both = space(known("1", "11:00", "12:00"), known("2", "11:00", "12:00"))
    assert of_all(both, 0, 1) == [(at("11:00"), at("12:05"))]
