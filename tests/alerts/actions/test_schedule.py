"""When mute rules mute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from alerts.actions.schedule import Schedule, duration, window_at
from alerts.mutes import MuteRule
from app.config import MuteRuleSettings

YEAR = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 3, 31, 23, 59, tzinfo=UTC))

HALVES = ("08:00", "08:30", "09:00", "09:30")


def starts(expression: str, timezone: str = "UTC") -> list[str]:
    found = Schedule.of(expression, timezone).starts(*YEAR)
    return [f"{at:%m-%d %H:%M}" for at in found][:4]


@pytest.mark.parametrize(
    ("expression", "timezone", "expected"),
    [
        ("at(2026-02-03T04:05)", "UTC", ["02-03 04:05"]),
        ("at(2026-02-03T04:05)", "+05:30", ["02-02 22:35"]),
        ("cron(30 2 1 * ?)", "UTC", ["01-01 02:30", "02-01 02:30", "03-01 02:30"]),
        ("cron(0 0 L * ?)", "UTC", ["01-31 00:00", "02-28 00:00", "03-31 00:00"]),
        ("cron(0 22 ? FEB-MAR SUN#4)", "UTC", ["02-22 22:00", "03-22 22:00"]),
        ("cron(0 9 ? 1 5L)", "UTC", ["01-30 09:00"]),
        ("cron(*/30 8-9/1 2 1 *)", "UTC", [f"01-02 {hour}" for hour in HALVES]),
        ("cron(0 8 * * 7)", "UTC", ["01-04 08:00", "01-11 08:00", "01-18 08:00", "01-25 08:00"]),
        ("cron(0 8 * * MON,WED)", "UTC", [f"01-{d} 08:00" for d in ("05", "07", "12", "14")]),
        ("cron(30 2 28,29 3 ?)", "Europe/Berlin", ["03-28 01:30", "03-29 01:30"]),
    ],
)  # fmt: skip
def test_a_rule_starts_when_its_expression_says(
    expression: str, timezone: str, expected: list[str]
) -> None:
    assert starts(expression, timezone) == expected


@pytest.mark.parametrize(
    "expression",
    ["rate(5 minutes)", "cron(0 0 * *)", "cron(60 0 * * *)", "cron(0 0 * * FOO)", "at(tomorrow)",
     "cron(0 0 0 * ?)x", "cron(0 0 ? * MON#6)", "cron(5-1 * * * *)"],
)  # fmt: skip
def test_an_expression_may_not_be_written_as(expression: str) -> None:
    with pytest.raises(ValueError, match=r"must be|not a field|out of range|at most five"):
        Schedule.of(expression)


@pytest.mark.parametrize(
    ("text", "length"),
    [("PT1M", timedelta(minutes=1)), ("P1DT2H", timedelta(hours=26)), ("P15D", timedelta(days=15))],
)
def test_a_duration_is_written_as(text: str, length: timedelta) -> None:
    assert duration(text) == length


@pytest.mark.parametrize("text", ["PT0M", "P16D", "1h", "P", "PT30S"])
def test_a_duration_may_not_be_written_as(text: str) -> None:
    with pytest.raises(ValueError, match="between PT1M and P15D"):
        duration(text)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-01-05T{text}+00:00")


@pytest.mark.parametrize(
    ("now", "end"),
    [("07:59", None), ("08:00", "09:30"), ("09:29", "09:30"), ("09:30", None)],
)
def test_windows_that_overlap_are_one(now: str, end: str | None) -> None:
    window = window_at(Schedule.of("cron(0,30 8 * * *)"), timedelta(hours=1), at(now))
    assert (window and window.end) == (end and at(end))


def test_a_mute_rule_is_a_silence_of_its_alarms_until_it_expires() -> None:
    rule = MuteRule.of(
        MuteRuleSettings(
            name="nights", schedule="cron(0 8 * * *)", duration="PT4H", alarms=["a*", "b"],
            start=at("06:00"), expire=at("10:00"), description="backups",
        )
    )  # fmt: skip
    found = rule.silences(at("08:30"))
    assert [(s.matchers, s.end, s.author) for s in found] == [
        ({"alarm": "a*"}, at("10:00"), "mute rule nights"),
        ({"alarm": "b"}, at("10:00"), "mute rule nights"),
    ]
    assert rule.silences(at("10:00")) == []
    assert rule.silences(at("08:30") - timedelta(days=1)) == []
