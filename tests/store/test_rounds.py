"""Rounds and the meter: what is remembered of asking."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from app.model.rounds import MeterEntry, Result, Round
from app.model.time import Window
from tests.store.samples import DAY, GROUP, HOUR, MINUTE, NOW, PROD, STAGING, Writing, window

GOOD = Round(
    collector="metrics",
    place=PROD,
    group=GROUP,
    started=NOW - MINUTE,
    finished=NOW,
    result=Result.OK,
    window=window("11:00", "11:05"),
    rows=25,
    calls=2,
    usd=Decimal("0.00005"),
)
DENIED = replace(
    GOOD,
    result=Result.DENIED,
    window=None,
    rows=0,
    message="the role may not",
    action="cloudwatch:GetMetricData",
)
CALL = MeterEntry(NOW, PROD, "cloudwatch", "GetMetricData", "metrics", 2, 500, Decimal("0.005"))


def note(writing: Writing, *rounds: Round) -> None:
    for done in rounds:
        writing.store.note(lease=writing.lease, now=NOW, round=done)


def later(done: Round, hours: int) -> Round:
    return replace(done, started=done.started + hours * HOUR, finished=done.finished + hours * HOUR)


def test_the_newest_round_of_each_task_is_known(writing: Writing) -> None:
    other = replace(GOOD, place=STAGING)
    note(writing, GOOD, other, later(DENIED, 1))
    assert writing.store.rounds.latest() == [later(DENIED, 1), other]


def test_recent_rounds_come_newest_first(writing: Writing) -> None:
    note(writing, GOOD, later(DENIED, 1), later(GOOD, 2))
    rounds = writing.store.rounds
    assert rounds.recent() == [later(GOOD, 2), later(DENIED, 1), GOOD]
    assert rounds.recent(1) == [later(GOOD, 2)]
    assert rounds.recent(result=Result.DENIED) == [later(DENIED, 1)]
    assert rounds.recent(place=STAGING) == []
    assert rounds.recent(collector="inventory") == []


def test_failing_begins_with_the_first_failure(writing: Writing) -> None:
    note(writing, GOOD, later(DENIED, 1), later(DENIED, 2))
    since = writing.store.rounds.failing_since("metrics", PROD, GROUP)
    assert since == later(DENIED, 1).started


def test_an_answer_ends_failing(writing: Writing) -> None:
    note(writing, DENIED, later(replace(GOOD, result=Result.PARTIAL), 1))
    assert writing.store.rounds.failing_since("metrics", PROD, GROUP) is None


def test_calls_add_up_over_the_month(writing: Writing) -> None:
    writing.store.note(lease=writing.lease, now=NOW, meter=[CALL, CALL])
    writing.store.note(lease=writing.lease, now=NOW, meter=[replace(CALL, at=NOW - DAY)])
    (found,) = writing.store.meter.month(NOW)
    start = datetime(2026, 11, 1, tzinfo=UTC)
    assert found == replace(CALL, at=start, calls=6, units=1500, usd=Decimal("0.015"))


def test_another_month_does_not_count(writing: Writing) -> None:
    october = replace(CALL, at=datetime(2026, 10, 31, 23, 59, tzinfo=UTC))
    writing.store.note(lease=writing.lease, now=NOW, meter=[october])
    assert writing.store.meter.month(NOW) == []
    assert len(writing.store.meter.month(october.at)) == 1


def test_the_dearest_call_comes_first(writing: Writing) -> None:
    cheap = replace(CALL, operation="ListMetrics", usd=Decimal("0.0000001"))
    writing.store.note(lease=writing.lease, now=NOW, meter=[cheap, CALL])
    found = writing.store.meter.month(NOW)
    assert [(e.operation, e.usd) for e in found] == [
        ("GetMetricData", Decimal("0.005")),
        ("ListMetrics", Decimal("0.0000001")),
    ]


def test_small_prices_add_up_exactly(writing: Writing) -> None:
    tiny = replace(CALL, usd=Decimal("0.0000004"))
    writing.store.note(lease=writing.lease, now=NOW, meter=[tiny] * 1000)
    assert writing.store.meter.month(NOW)[0].usd == Decimal("0.0004")


def test_days_are_rows(writing: Writing) -> None:
    entries = [CALL, replace(CALL, at=NOW - DAY, throttles=3, errors=1)]
    writing.store.note(lease=writing.lease, now=NOW, meter=entries)
    found = writing.store.meter.days(Window(NOW - 2 * DAY, NOW + DAY))
    assert found.select("day", "units", "usd", "throttles", "errors").rows() == [
        ((NOW - DAY).date(), 500, 0.005, 3, 1),
        (NOW.date(), 500, 0.005, 0, 0),
    ]
