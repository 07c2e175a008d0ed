"""Which stretch of a log group's time is read next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.model.time import Intervals, Window
from collectors.log_windows import (
    LONGEST_SLICE,
    Habits,
    Reach,
    askable,
    fresh,
    newest,
    newest_slice,
    past,
    swept,
)

NOW = datetime(2026, 11, 24, 10, 7, 30, tzinfo=UTC)
SECOND, MINUTE, HOUR, DAY = (
    timedelta(seconds=1),
    timedelta(minutes=1),
    timedelta(hours=1),
    timedelta(days=1),
)
HABITS = Habits()
TEN = timedelta(minutes=10)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-24 {text}").replace(tzinfo=UTC)


def read(*windows: tuple[str, str]) -> Intervals:
    return Intervals.of(Window(at(start), at(end)) for start, end in windows)


def test_what_may_be_asked_ends_with_the_lag_and_begins_with_the_backfill() -> None:
    assert askable(HABITS, NOW, None) == Window(at("10:07") - 3 * DAY, at("10:07:10"))
    assert askable(HABITS, NOW, DAY).start == at("10:07") - DAY


@pytest.mark.parametrize(
    ("answered", "back", "start"),
    [
        pytest.param(read(), TEN, "09:47", id="a first read takes the zone"),
        pytest.param(read(("08:00", "10:06:10")), TEN, "09:56", id="over the overlap"),
        pytest.param(read(("08:00", "10:06:10")), MINUTE, "10:05", id="over a minute when lean"),
        pytest.param(read(("08:00", "09:30")), TEN, "09:47", id="after a pause only the zone"),
        pytest.param(
            read(("08:00", "09:50"), ("09:55", "10:06")), TEN, "09:56", id="holes are history"
        ),
    ],
)
def test_the_newest_read(answered: Intervals, back: timedelta, start: str) -> None:
    within = askable(HABITS, NOW, None)
    assert fresh(answered, HABITS, within, back) == Window(at(start), at("10:07:10"))


def test_history_waits_for_the_newest_time() -> None:
    within = askable(HABITS, NOW, None)
    assert not past(Intervals(), HABITS, within)
    assert not past(read(("08:00", "09:30")), HABITS, within)


def test_history_is_every_hole_and_the_overlap_before_it() -> None:
    within = Window(at("06:00"), at("10:07:10"))
    answered = read(("07:00", "08:00"), ("09:00", "10:06"))
    assert past(answered, HABITS, within) == read(("06:00", "07:00"), ("07:50", "09:00"))


def test_slices_of_history_are_the_newest_and_at_most_a_day_long() -> None:
    lacking = Intervals.of([Window(NOW - 4 * DAY, NOW - 2 * DAY), Window(NOW - DAY, NOW - HOUR)])
    assert newest_slice(lacking) == Window(NOW - DAY, NOW - HOUR)
    assert newest_slice(Intervals(lacking.windows[:1])) == Window(NOW - 3 * DAY, NOW - 2 * DAY)


def test_a_group_with_many_events_goes_back_far_only_now_and_then() -> None:
    assert Reach().back(HABITS, NOW) == TEN
    assert Reach(lean=True, full=NOW - MINUTE).back(HABITS, NOW) == MINUTE
    assert Reach(lean=True, full=NOW - 5 * MINUTE).back(HABITS, NOW) == 15 * MINUTE


def test_quiet_groups_are_read_less_often_only_where_there_are_too_many() -> None:
    crowded = Habits(crowded=True)
    assert HABITS.pace(5 * DAY) == MINUTE
    assert crowded.pace(HOUR) == 6 * MINUTE
    assert crowded.pace(5 * DAY) == TEN
    assert crowded.pace(MINUTE) == MINUTE


def test_a_day_is_read_again_when_it_is_old_enough() -> None:
    within = Window(NOW - 3 * DAY, NOW)
    answered = Intervals.of([Window(NOW - 25 * HOUR, NOW)])
    assert swept(answered, Intervals(), Habits(phase=2 * HOUR), within) is None
    again = swept(answered, Intervals(), HABITS, within)
    assert again == Window(at("09:07") - DAY, at("09:07"))
    settled = Intervals.of([Window(NOW - 25 * HOUR, NOW - 20 * HOUR)])
    assert swept(answered, settled, HABITS, within) is None


def test_without_a_sweep_nothing_is_read_again() -> None:
    answered = Intervals.of([Window(NOW - 3 * DAY, NOW)])
    habits = Habits(sweep=timedelta(0))
    assert swept(answered, Intervals(), habits, Window(NOW - 3 * DAY, NOW)) is None


pauses = st.lists(
    st.one_of(st.just(MINUTE), st.timedeltas(SECOND, 2 * DAY)), min_size=1, max_size=30
)


@given(pauses, st.booleans())
def test_whatever_the_pauses_all_time_is_read_in_the_end(
    lengths: list[timedelta], lean: bool
) -> None:
    now, answered, reach = NOW, Intervals(), Reach(lean)
    for length in lengths:
        now += length
        within = askable(HABITS, now, None)
        window = fresh(answered, HABITS, within, reach.back(HABITS, now))
        assert within.start <= window.start <= window.end == within.end
        answered |= Intervals.of([window])
        # A slice of history for each read: it catches up while reading goes on.
        lacking = past(answered, HABITS, within)
        if lacking:
            answered |= Intervals.of([newest_slice(lacking)])
    while lacking := past(answered, HABITS, within):
        one = newest_slice(lacking)
        assert one.length <= LONGEST_SLICE
        answered |= Intervals.of([one])
    assert not answered.gaps(within)


late = st.timedeltas(timedelta(0), TEN)


@given(st.timedeltas(timedelta(0), 2 * HOUR), late, st.booleans())
def test_an_event_that_comes_within_the_overlap_is_seen(
    offset: timedelta, lateness: timedelta, lean: bool
) -> None:
    """Reads each minute; each sees what has arrived by then and lies in its window."""
    event, arrival = NOW + offset, NOW + offset + lateness
    answered, full = Intervals(), None
    seen = False
    for minute in range(150):
        now = NOW + minute * MINUTE
        back = Reach(lean, full).back(HABITS, now)
        if back >= HABITS.overlap:
            full = now
        within = askable(HABITS, now, None)
        window = fresh(answered, HABITS, within, back)
        answered |= Intervals.of([window])
        seen |= event in window and arrival <= now
    assert seen
    assert newest(answered) == askable(HABITS, now, None).end
