"""Which days of the bill are asked for: pure, by the calendar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from app.model.ids import Place
from app.model.rounds import Result, Round, Settledness
from app.model.time import Intervals, Window
from collectors.spend_due import DAY, WEEK, Habit, is_due, most_wanted
from collectors.spend_windows import Known, askable, covered, history, lacking, newest

PLACE = Place("111111111111", "us-east-1")
YEARS = timedelta(days=1000)
OFTEN = timedelta(hours=8)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def days(start: str, end: str) -> Window:
    return Window(at(start), at(end))


def told(window: Window) -> tuple[str, str]:
    return f"{window.start:%Y-%m-%d}", f"{window.end:%Y-%m-%d}"


@pytest.mark.parametrize(
    ("now", "backfill", "expected"),
    [
        pytest.param("2026-11-24 08:00", 1000, ("2025-10-01", "2026-11-24"), id="fourteen months"),
        pytest.param("2026-01-01 00:00", 1000, ("2024-12-01", "2026-01-01"), id="over new year"),
        pytest.param("2026-11-24 08:00", 30, ("2026-10-25", "2026-11-24"), id="as wished"),
        pytest.param("2028-03-31 23:59", 1000, ("2027-02-01", "2028-03-31"), id="a leap year"),
    ],
)
def test_what_may_be_asked_ends_before_today(
    now: str, backfill: int, expected: tuple[str, str]
) -> None:
    assert told(askable(at(now), timedelta(days=backfill))) == expected


@pytest.mark.parametrize(
    ("now", "fitting", "expected"),
    [
        pytest.param("2026-11-24 08:00", None, ("2026-11-01", "2026-11-24"), id="this month"),
        pytest.param("2026-11-10 08:00", None, ("2026-10-01", "2026-11-10"), id="both open months"),
        pytest.param(
            "2026-11-11 08:00", None, ("2026-11-01", "2026-11-11"), id="the last is final"
        ),
        pytest.param("2026-01-01 08:00", None, ("2025-12-01", "2026-01-01"), id="new year"),
        pytest.param("2026-11-24 08:00", 5, ("2026-11-19", "2026-11-24"), id="what fits"),
        pytest.param("2026-11-24 08:00", 1, ("2026-11-21", "2026-11-24"), id="three at least"),
        pytest.param(
            "2026-11-24 08:00", 300, ("2026-11-01", "2026-11-24"), id="not more than open"
        ),
    ],
)
def test_the_newest_days_are_those_of_open_months(
    now: str, fitting: int | None, expected: tuple[str, str]
) -> None:
    assert told(newest(at(now), askable(at(now), YEARS), fitting)) == expected


def test_history_is_what_was_never_answered_and_what_was_not_read_since_it_closed() -> None:
    now = at("2026-11-24 08:00")
    known = Known(
        Intervals.of([days("2026-01-01", "2026-03-01"), days("2026-09-15", "2026-11-23")]),
        Intervals.of([days("2026-01-01", "2026-02-01"), days("2026-09-15", "2026-10-20")]),
    )
    found = lacking(known, now, askable(now, YEARS))
    assert [told(w) for w in found] == [
        ("2025-10-01", "2026-01-01"),
        ("2026-02-01", "2026-09-15"),
        ("2026-10-20", "2026-11-01"),
    ]


def test_history_waits_for_the_newest_days_and_leaves_them_alone() -> None:
    now = at("2026-11-24 08:00")
    within = askable(now, YEARS)
    assert not lacking(Known(Intervals(), Intervals()), now, within)
    all_but_yesterday = Intervals.of([Window(within.start, at("2026-11-23"))])
    closed = Intervals.of([Window(within.start, at("2026-11-01"))])
    assert not lacking(Known(all_but_yesterday, closed), now, within)


def test_history_goes_back_from_the_newest_gap() -> None:
    gaps = Intervals.of([days("2025-10-01", "2026-01-01"), days("2026-02-01", "2026-09-15")])
    assert told(history(gaps, None)) == ("2026-02-01", "2026-09-15")
    assert told(history(gaps, 10)) == ("2026-09-05", "2026-09-15")


@pytest.mark.parametrize(
    ("now", "estimated_from", "settled_until"),
    [
        pytest.param("2026-11-24 08:00", "2026-11-01", "2026-11-01", id="the month before"),
        pytest.param("2026-11-09 08:00", None, "2026-10-01", id="not before the tenth"),
        pytest.param("2026-11-10 08:00", "2026-10-01", "2026-10-01", id="still an estimate"),
        pytest.param("2026-11-20 08:00", "2026-10-01", "2026-11-01", id="an estimate for too long"),
    ],
)
def test_days_are_final_once_their_month_is(
    now: str, estimated_from: str | None, settled_until: str
) -> None:
    from_ = at(estimated_from) if estimated_from else None
    parts = covered(PLACE, "g", days("2026-09-01", "2026-11-08"), at(now), from_)
    assert [(told(p.window), p.settledness) for p in parts] == [
        (("2026-09-01", settled_until), Settledness.SETTLED),
        ((settled_until, "2026-11-08"), Settledness.PROVISIONAL),
    ]


def last(started: str, result: Result = Result.OK) -> Round:
    moment = at(started)
    return Round("spend", PLACE, "g", moment, moment, result, usd=Decimal(0))


@pytest.mark.parametrize(
    ("every", "before", "now", "due"),
    [
        pytest.param(DAY, None, "2026-11-24 03:00", True, id="the first time"),
        pytest.param(DAY, last("2026-11-24 00:10"), "2026-11-24 23:00", False, id="today already"),
        pytest.param(DAY, last("2026-11-23 23:50"), "2026-11-24 06:59", False, id="too early"),
        pytest.param(DAY, last("2026-11-23 23:50"), "2026-11-24 07:00", True, id="a new day"),
        pytest.param(WEEK, last("2026-11-18 07:00"), "2026-11-24 08:00", False, id="six days"),
        pytest.param(WEEK, last("2026-11-17 23:00"), "2026-11-24 07:00", True, id="a week"),
        pytest.param(OFTEN, last("2026-11-24 00:00"), "2026-11-24 07:59", False, id="soon again"),
        pytest.param(OFTEN, last("2026-11-24 00:00"), "2026-11-24 08:00", True, id="three a day"),
        pytest.param(
            DAY, last("2026-11-24 08:00", Result.UNREACHABLE), "2026-11-24 09:00", True, id="failed"
        ),
        pytest.param(
            DAY, last("2026-11-24 08:00", Result.DENIED), "2026-11-24 19:59", False, id="refused"
        ),
    ],
)
def test_each_thing_is_read_in_its_rhythm(
    every: timedelta, before: Round | None, now: str, due: bool
) -> None:
    assert is_due(Habit("g", every, paid=True), before, at(now), 7) is due


def test_what_waited_longest_goes_first_and_weekly_things_last() -> None:
    a, b, weekly = (Habit(n, e, paid=True) for n, e in (("a", DAY), ("b", DAY), ("weekly", WEEK)))
    rounds = {"a": last("2026-11-23 08:00"), "b": last("2026-11-22 08:00")}
    assert most_wanted([weekly, a, b], rounds) == [b, a, weekly]
    assert most_wanted([weekly, a, b], {}) == [a, b, weekly]
