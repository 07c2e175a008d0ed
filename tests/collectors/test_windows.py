"""Which time is asked for, given what was answered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.model.ids import Place
from app.model.rounds import Covered, Settledness
from app.model.time import Intervals, Window
from collectors.windows import Habits, askable, covered, fresh, newest_slice, past, retention

NOW = datetime(2026, 3, 10, 12, 2, 30, tzinfo=UTC)
PLACE = Place("123456789012", "eu-central-1")
HABITS = Habits()
NONE = Intervals()


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-03-{text}:00+00:00")


def window(start: str, end: str) -> Window:
    return Window(at(start), at(end))


def test_askable_time_ends_a_lag_ago_and_begins_where_cloudwatch_forgets():
    assert askable(HABITS, NOW) == Window(
        at("10T12:00") - timedelta(days=15, minutes=-13), at("10T12:00")
    )


@pytest.mark.parametrize(
    ("period", "days"), [(1, 0.125), (60, 15), (120, 15), (300, 63), (3600, 455), (86400, 455)]
)
def test_longer_periods_are_kept_longer(period: int, days: float):
    assert retention(period) == timedelta(days=days)


def test_a_new_series_gets_its_newest_three_hours_first():
    assert fresh(NONE, NONE, HABITS, askable(HABITS, NOW)) == window("10T09:00", "10T12:00")


def test_a_read_goes_back_over_what_was_not_final():
    answered = Intervals.of([window("10T00:00", "10T11:55")])
    settled = Intervals.of([window("10T00:00", "10T11:25")])
    habits = Habits(phase=timedelta(minutes=30))
    assert fresh(answered, settled, habits, askable(habits, NOW)) == window("10T11:25", "10T12:00")


def test_nothing_is_read_before_its_time():
    answered = Intervals.of([window("10T00:00", "10T11:56")])
    assert fresh(answered, answered, HABITS, askable(HABITS, NOW)) is None


def test_once_an_hour_all_three_hours_are_read_again():
    answered = Intervals.of([window("10T00:00", "10T11:55")])
    assert fresh(answered, answered, HABITS, askable(HABITS, NOW)) == window("10T09:00", "10T12:00")


def test_an_outage_is_made_good():
    answered = Intervals.of([window("09T00:00", "10T10:10")])
    habits = Habits(phase=timedelta(minutes=30))
    within = askable(habits, NOW)
    assert fresh(answered, answered, habits, within).start <= at("10T10:10")


def test_the_first_slice_of_history_is_the_rest_of_a_day():
    within = askable(HABITS, NOW)
    assert newest_slice(past(NONE, NONE, HABITS, within), HABITS, within.end, 40) == window(
        "09T11:00", "10T09:00"
    )


def test_further_slices_are_three_days_for_few_series():
    within = askable(HABITS, NOW)
    answered = Intervals.of([window("09T11:00", "10T12:00")])
    lacking = past(answered, answered, HABITS, within)
    assert newest_slice(lacking, HABITS, within.end, 40) == window("06T11:00", "09T11:00")


def test_slices_of_many_series_are_never_shorter_than_twelve_hours():
    within = askable(HABITS, NOW)
    answered = Intervals.of([window("09T11:00", "10T12:00")])
    lacking = past(answered, answered, HABITS, within)
    assert newest_slice(lacking, HABITS, within.end, 1_000_000).length == timedelta(hours=12)


def test_an_answer_is_final_only_where_points_can_no_longer_come():
    assert covered(PLACE, "g", window("10T11:00", "10T12:00"), at("10T11:30")) == [
        Covered(PLACE, "g", window("10T11:00", "10T11:30"), Settledness.SETTLED),
        Covered(PLACE, "g", window("10T11:30", "10T12:00"), Settledness.PROVISIONAL),
    ]


minutes = st.integers(0, 16 * 24 * 60)
spans = st.lists(st.tuples(minutes, st.integers(1, 600)), max_size=8)


def intervals(found: list[tuple[int, int]]) -> Intervals:
    end = askable(HABITS, NOW).end
    return Intervals.of(
        Window(end - timedelta(minutes=back), min(end, end - timedelta(minutes=back - length)))
        for back, length in found
    )


@given(spans, spans)
def test_reading_all_that_is_planned_leaves_nothing_out(first: list, second: list):
    answered = intervals(first)
    settled = answered & intervals(second)
    within = askable(HABITS, NOW)
    planned = past(answered, settled, HABITS, within)
    newest = fresh(answered, settled, HABITS, within)
    asked = planned | Intervals.of([newest] if newest else [])
    unread = (answered | asked).gaps(within)
    waiting = [] if newest else [Window(within.end - timedelta(hours=3), within.end)]
    assert not unread - Intervals.of(waiting)
    assert all(within.start <= w.start and w.end <= within.end for w in asked)


@given(spans)
def test_slices_taken_one_after_the_other_fill_the_past(found: list):
    answered = intervals(found)
    within = askable(HABITS, NOW)
    for _ in range(200):
        lacking = past(answered, answered, HABITS, within)
        if not lacking:
            return
        piece = newest_slice(lacking, HABITS, within.end, 4_000)
        assert piece
        answered |= Intervals.of([piece])
    raise AssertionError("the past is never full")
