"""The grid of time: which period suits a range, and where the answered slots end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.model.time import Window
from app.read.slots import Slots, period_for


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-24T{text}:00").replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("length", "at_least_s", "expected_s"),
    [
        pytest.param(timedelta(hours=1), 60, 60, id="an hour by the minute"),
        pytest.param(timedelta(hours=6), 60, 60, id="six hours still by the minute"),
        pytest.param(timedelta(hours=24), 60, 300, id="a day by five minutes"),
        pytest.param(timedelta(days=7), 60, 1_800, id="a week by half hours"),
        pytest.param(timedelta(hours=1), 300, 300, id="never finer than it is published"),
        pytest.param(timedelta(days=455), 60, 604_800, id="all that is kept by weeks"),
    ],
)
def test_a_longer_range_has_a_longer_period(
    length: timedelta, at_least_s: int, expected_s: int
) -> None:
    end = at("12:00")
    assert period_for(Window(end - length, end), at_least_s) == expected_s


def test_slots_hold_the_whole_window() -> None:
    slots = Slots.over(Window(at("10:03"), at("10:11")), 300)
    assert (slots.start, slots.end, slots.count) == (at("10:00"), at("10:15"), 3)


@pytest.mark.parametrize(
    ("end", "count"),
    [
        pytest.param(at("10:10"), 2, id="at a slot's end"),
        pytest.param(at("10:13"), 2, id="a slot that is not over is left out"),
        pytest.param(at("10:20"), 3, id="after all slots"),
        pytest.param(at("09:00"), 3, id="before them nothing is cut"),
        pytest.param(None, 3, id="nobody knows"),
    ],
)
def test_slots_end_with_what_is_answered(end: datetime | None, count: int) -> None:
    assert Slots.over(Window(at("10:00"), at("10:15")), 300).until(end).count == count


def test_a_slot_is_inside_when_it_begins_inside() -> None:
    slots = Slots.over(Window(at("10:00"), at("10:20")), 300)
    covered = (Window(at("10:03"), at("10:11")),)
    assert slots.inside(covered).tolist() == [False, True, True, False]
