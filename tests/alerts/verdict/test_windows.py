"""Which slots an alarm looks at."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from alerts.verdict import Rule, slots
from alerts.verdict.zones import zone


def rule(period: int, n: int, **more: object) -> Rule:
    return Rule.of(
        {
            "Statistic": "Average", "Period": period, "EvaluationPeriods": n, "Threshold": 1.0,
            "ComparisonOperator": "GreaterThanThreshold", **more,
        }
    )  # fmt: skip


def epoch(text: str, where: str = "UTC") -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(where)).timestamp()


def starts(made: Rule, now: float) -> list[str]:
    return [f"{datetime.fromtimestamp(s, UTC):%d %H:%M:%S}" for s, _ in slots(made, now)]


@pytest.mark.parametrize(
    ("period", "n", "expected"),
    [
        pytest.param(60, 1, 3, id="one looks at three"),
        pytest.param(300, 3, 5, id="the published example"),
        pytest.param(300, 6, 8, id="two more up to eight"),
        pytest.param(60, 9, 12, id="a third more above"),
        pytest.param(60, 100, 133, id="a third, rounded down"),
        pytest.param(10, 3, 9, id="recorded at ten seconds"),
        pytest.param(30, 3, 5, id="the same formula at thirty"),
    ],
)
def test_the_evaluation_range_is_wider_than_n(period: int, n: int, expected: int) -> None:
    assert len(slots(rule(period, n), epoch("2026-01-01T12:00:00"))) == expected


def test_slots_end_at_the_minute_and_are_not_aligned_to_the_clock() -> None:
    found = starts(rule(300, 3), epoch("2026-01-01T12:16:59"))
    assert found == ["01 11:51:00", "01 11:56:00", "01 12:01:00", "01 12:06:00", "01 12:11:00"]


def test_a_ten_second_alarm_takes_its_newest_slot_one_tick_late() -> None:
    assert starts(rule(10, 3), epoch("2026-09-14T05:43:07"))[-1] == "14 05:42:40"


def test_an_expression_of_ten_seconds_takes_it_at_once() -> None:
    query = {"Id": "e", "Expression": "m1", "Period": 10}
    made = Rule.of(
        {
            "Metrics": [query], "EvaluationPeriods": 1, "Threshold": 1.0,
            "ComparisonOperator": "GreaterThanThreshold",
        }
    )  # fmt: skip
    assert starts(made, epoch("2026-09-14T06:46:28"))[-1] == "14 06:46:10"


def test_an_alarm_over_days_moves_once_an_hour() -> None:
    made = rule(86_400, 2)
    assert starts(made, epoch("2026-01-10T12:59:00"))[-1] == "09 12:00:00"


def test_a_day_exactly_is_no_alarm_over_days() -> None:
    assert starts(rule(3600, 24), epoch("2026-01-10T12:59:00"))[-1] == "10 11:59:00"


def clock(period: int, n: int, name: str) -> Rule:
    return rule(period, n, EvaluationWindow={"WallClockWindow": {"Timezone": name}})


def test_a_wall_clock_window_holds_exactly_the_last_completed_periods() -> None:
    made = clock(3600, 2, "UTC")
    assert starts(made, epoch("2026-05-01T09:20:00")) == ["01 07:00:00", "01 08:00:00"]


def test_hours_of_a_half_hour_zone_begin_at_half_past() -> None:
    assert starts(clock(3600, 1, "+05:30"), epoch("2026-05-01T09:20:00")) == ["01 07:30:00"]


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        pytest.param("2026-03-30", 23, id="the day that loses an hour"),
        pytest.param("2026-10-26", 25, id="the day that gains one"),
        pytest.param("2026-06-02", 24, id="any other day"),
    ],
)
def test_a_local_day_follows_daylight_saving(day: str, hours: int) -> None:
    now = epoch(f"{day}T08:00:00", "Europe/Berlin")
    ((start, end),) = slots(clock(86_400, 1, "Europe/Berlin"), now)
    assert (end - start) / 3600 == hours


def test_a_local_week_begins_on_monday() -> None:
    now = epoch("2026-05-06T08:00:00", "America/New_York")
    ((start, _),) = slots(clock(604_800, 1, "America/New_York"), now)
    assert datetime.fromtimestamp(start, ZoneInfo("America/New_York")).isoformat() == (
        "2026-04-27T00:00:00-04:00"
    )


@pytest.mark.parametrize("name", ["Z", "UTC", "+05:30", "UTC+05:30", "GMT-08:00", "Asia/Kolkata"])
def test_a_time_zone_may_be_written_as(name: str) -> None:
    assert zone(name) is not None


@pytest.mark.parametrize("name", ["+05:31", "+5:30", "+19:00", "Mars/Base", "", "../etc"])
def test_a_time_zone_may_not_be_written_as(name: str) -> None:
    with pytest.raises(ValueError, match="Timezone"):
        zone(name)
