"""Windows and interval sets hold every moment exactly once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.model.time import Intervals, Window, ceil, epoch_ms, floor, from_epoch_ms

MINUTE = timedelta(minutes=1)


def at(text: str) -> datetime:
    hour, minute = map(int, text.split(":"))
    return datetime(2026, 3, 1, hour, minute, tzinfo=UTC)


def window(start: str, end: str) -> Window:
    return Window(at(start), at(end))


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        pytest.param("10:00", "10:05", ("10:00", "10:05"), id="already whole"),
        pytest.param("10:01", "10:04", ("10:00", "10:05"), id="widened both ways"),
        pytest.param("10:05", "10:05", ("10:05", "10:05"), id="empty stays empty"),
    ],
)
def test_a_window_is_aligned_to_whole_periods(
    start: str, end: str, expected: tuple[str, str]
) -> None:
    assert window(start, end).aligned(5 * MINUTE) == window(*expected)


def test_a_window_holds_its_start_and_not_its_end() -> None:
    assert at("10:00") in window("10:00", "10:05")
    assert at("10:05") not in window("10:00", "10:05")


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="aware UTC"):
        Window(datetime(2026, 3, 1), at("10:00"))  # noqa: DTZ001 - the mistake under test


def test_a_window_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="ends before it starts"):
        window("10:05", "10:00")


def test_a_split_leaves_the_rest_in_the_last_part() -> None:
    parts = list(window("10:00", "10:25").split(10 * MINUTE))
    assert parts == [
        window("10:00", "10:10"),
        window("10:10", "10:20"),
        window("10:20", "10:25"),
    ]


def test_floor_and_ceil_leave_a_whole_period_alone() -> None:
    assert floor(at("10:05"), 5 * MINUTE) == ceil(at("10:05"), 5 * MINUTE) == at("10:05")
    assert (floor(at("10:06"), 5 * MINUTE), ceil(at("10:06"), 5 * MINUTE)) == (
        at("10:05"),
        at("10:10"),
    )


def test_milliseconds_since_the_epoch_come_back_as_the_same_time() -> None:
    assert epoch_ms(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)) == 1000
    assert from_epoch_ms(1772359200000) == at("10:00")


def test_neighbouring_windows_are_joined() -> None:
    assert Intervals.of([window("10:05", "10:10"), window("10:00", "10:05")]).windows == (
        window("10:00", "10:10"),
    )


def test_gaps_are_what_is_left_of_a_window() -> None:
    known = Intervals.of([window("10:05", "10:10"), window("10:20", "10:25")])
    assert known.gaps(window("10:00", "10:30")).windows == (
        window("10:00", "10:05"),
        window("10:10", "10:20"),
        window("10:25", "10:30"),
    )


minutes = st.integers(min_value=0, max_value=60)


@st.composite
def some_windows(draw: st.DrawFn) -> list[Window]:
    pairs = draw(st.lists(st.tuples(minutes, minutes), max_size=6))
    base = datetime(2026, 3, 1, tzinfo=UTC)
    return [Window(base + min(p) * MINUTE, base + max(p) * MINUTE) for p in pairs]


def held(intervals: Intervals) -> set[datetime]:
    base = datetime(2026, 3, 1, tzinfo=UTC)
    every = (base + n * MINUTE for n in range(61))
    return {moment for moment in every if any(moment in w for w in intervals)}


@given(some_windows(), some_windows())
def test_intervals_behave_as_sets_of_moments(left: list[Window], right: list[Window]) -> None:
    a, b = Intervals.of(left), Intervals.of(right)
    assert held(a | b) == held(a) | held(b)
    assert held(a & b) == held(a) & held(b)
    assert held(a - b) == held(a) - held(b)


@given(some_windows(), some_windows())
def test_intervals_stay_disjoint_and_in_order(left: list[Window], right: list[Window]) -> None:
    for result in (
        Intervals.of(left) | Intervals.of(right),
        Intervals.of(left) - Intervals.of(right),
    ):
        for earlier, later in zip(result.windows, result.windows[1:], strict=False):
            assert earlier.end <= later.start
        assert all(result.windows)
