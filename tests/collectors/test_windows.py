"""Which time is asked for, given what was answered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.model.ids import Place
from app.model.rounds import Covered, Settledness
from app.model.time import Intervals, Window
from collectors.windows import (
    FRESH,
    LATE,
    PARTS,
    Due,
    Habits,
    askable,
    covered,
    fresh,
    newest_slice,
    past,
    retention,
    settling,
)

NOW = datetime(2026, 3, 10, 12, 2, 30, tzinfo=UTC)
PLACE = Place("123456789012", "eu-central-1")
HABITS = Habits()
NONE = Intervals()


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-03-{text}:00+00:00")


def window(start: str, end: str) -> Window:
    return Window(at(start), at(end))


def due(answered: Intervals, settled: Intervals = NONE, habits: Habits = HABITS) -> Due:
    found = fresh(answered, settled, habits, askable(habits, NOW))
    assert found is not None
    return found


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
    assert due(NONE).window == window("10T09:00", "10T12:00")
    assert not due(NONE).parts


def test_a_read_goes_back_over_what_was_too_new_for_the_one_before():
    answered = Intervals.of([window("10T00:00", "10T11:55")])
    habits = Habits(phase=timedelta(minutes=30))
    assert due(answered, habits=habits) == Due(
        window("10T11:25", "10T12:00"), wide=window("10T00:00", "10T12:00")
    )


def test_nothing_is_read_before_its_time():
    answered = Intervals.of([window("10T00:00", "10T11:56")])
    assert fresh(answered, answered, HABITS, askable(HABITS, NOW)) is None


def test_once_an_hour_all_three_hours_are_read_again():
    answered = Intervals.of([window("10T00:00", "10T11:55")])
    assert due(answered).window == window("10T09:00", "10T12:00")


def test_an_outage_is_made_good():
    answered = Intervals.of([window("09T00:00", "10T11:40")])
    assert due(answered, habits=Habits(phase=timedelta(minutes=30))).window == window(
        "10T11:10", "10T12:00"
    )


def test_history_waits_until_the_newest_time_is_there():
    answered = Intervals.of([window("01T00:00", "09T20:00")])
    assert not past(answered, NONE, HABITS, askable(HABITS, NOW))


def test_the_time_before_a_long_outage_is_read_again_with_the_gap():
    answered = Intervals.of([window("01T00:00", "09T20:00"), window("10T09:00", "10T12:00")])
    within = Window(at("01T00:00"), at("10T12:00"))
    assert past(answered, NONE, HABITS, within).windows[-1] == window("09T19:30", "10T09:00")


def test_each_hour_one_part_of_the_series_is_read_two_days_back():
    answered = Intervals.of([window("01T00:00", "10T11:55")])
    assert due(answered, answered).parts == {12}
    assert due(answered, answered).wide == window("08T12:00", "10T12:00")


def test_what_is_not_final_yet_is_read_as_well():
    answered = Intervals.of([window("01T00:00", "10T11:55")])
    settled = Intervals.of([window("01T00:00", "07T13:00")])
    assert due(answered, settled).wide == window("07T13:00", "10T12:00")


def test_what_was_left_behind_for_days_is_history_again():
    answered = Intervals.of([window("01T00:00", "10T11:55")])
    settled = Intervals.of([window("01T00:00", "05T00:00")])
    within = Window(at("01T00:00"), at("10T12:00"))
    assert due(answered, settled).wide.start == at("06T12:00")
    assert past(answered, settled, HABITS, within) == Intervals((window("05T00:00", "06T12:00"),))


def test_parts_whose_hour_passed_unread_have_their_turn_together():
    answered = Intervals.of([window("09T00:00", "10T08:30")])
    assert due(answered, answered).parts == {9, 10, 11, 12}


def test_a_read_never_goes_back_to_what_was_never_asked():
    answered = Intervals.of([window("09T06:00", "10T11:55")])
    assert due(answered).wide.start == at("09T06:00")


def test_points_of_ten_seconds_are_read_back_as_far_as_they_are_kept():
    answered = Intervals.of([window("01T00:00", "10T11:55")])
    assert due(answered, habits=Habits(period=10)).wide.length <= timedelta(hours=3)


def test_time_is_final_once_every_part_was_read_two_days_after_it():
    answered = Intervals.of([window("01T00:00", "10T12:00")])
    read = Due(window("10T11:25", "10T12:00"), window("06T12:00", "10T12:00"), frozenset({12}))
    assert settling(answered, NONE, read) == Intervals((window("06T12:00", "07T12:00"),))


def test_the_first_slice_of_history_is_the_rest_of_a_day():
    within = askable(HABITS, NOW)
    answered = Intervals.of([window("10T09:00", "10T12:00")])
    lacking = past(answered, NONE, HABITS, within)
    assert newest_slice(lacking, HABITS, within.end, 40) == window("09T11:00", "10T09:00")


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
    newest = fresh(answered, settled, HABITS, within)
    asked = Intervals.of([newest.window] if newest else [])
    asked |= past(answered | asked, settled, HABITS, within)
    unread = (answered | asked).gaps(within)
    waiting = [] if newest else [Window(within.end - timedelta(hours=3), within.end)]
    assert not unread - Intervals.of(waiting)
    assert all(within.start <= w.start and w.end <= within.end for w in asked)


@given(spans)
def test_slices_taken_one_after_the_other_fill_the_past(found: list):
    within = askable(HABITS, NOW)
    answered = intervals(found) | Intervals.of([Window(within.end - FRESH, within.end)])
    for _ in range(200):
        lacking = past(answered, answered, HABITS, within)
        if not lacking:
            return
        piece = newest_slice(lacking, HABITS, within.end, 4_000)
        assert piece
        answered |= Intervals.of([piece])
    raise AssertionError("the past is never full")


@given(st.lists(st.integers(5, 90) | st.integers(5, 4_000), min_size=1, max_size=120))
def test_nothing_is_final_that_a_part_of_the_series_has_not_read_late_enough(pauses: list[int]):
    end = at("01T00:00")
    answered, settled = NONE, NONE
    read_late = dict.fromkeys(range(PARTS), NONE)
    for pause in pauses:
        end += timedelta(minutes=pause)
        within = Window(at("01T00:00") - timedelta(days=15), end)
        now = fresh(answered, settled, HABITS, within)
        assert now is not None
        answered |= Intervals.of([now.window])
        for part in now.parts:
            old = Window(now.wide.start, max(now.wide.start, end - LATE))
            read_late[part] |= Intervals.of([old])
        settled |= settling(answered, settled, now)
        for old in past(answered, settled, HABITS, within):
            answered |= Intervals.of([old])
            final = Intervals.of([Window(old.start, max(old.start, min(old.end, end - LATE)))])
            settled |= final
            read_late = {part: read | final for part, read in read_late.items()}
        assert all(not settled - read for read in read_late.values())


def test_after_three_days_of_reading_the_first_is_final():
    answered, settled = Intervals.of([window("01T00:00", "01T03:00")]), NONE
    for minutes in range(185, 4 * 24 * 60 + 5, 5):
        end = at("01T00:00") + timedelta(minutes=minutes)
        now = fresh(answered, settled, HABITS, Window(at("01T00:00"), end))
        assert now is not None
        answered |= Intervals.of([now.window])
        settled |= settling(answered, settled, now)
        assert now.wide.length <= timedelta(hours=73)
    assert settled == Intervals((window("01T00:00", "02T00:00"),))
