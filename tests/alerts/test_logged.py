"""Log alarms over stored events: a query every five minutes, threshold 2."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from alerts.engine import Engine
from app.model.groups import logs_group
from app.read.logs import LogsReader
from tests.support.alarm_yard import NOON, Yard, other

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
HEAD = "111111111111/eu-central-1/"
GROUP = "/app/orders"


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[Yard]:
    made = Yard(tmp_path)
    yield made
    made.close()


def log_alarm(aggregation: str, *, name: str = "errors", n: int = 1, **more: Any) -> Any:
    return other(
        name,
        QueryResultsToEvaluate=n, QueryResultsToAlarm=1, Threshold=2.0,
        ComparisonOperator="GreaterThanThreshold",
        ScheduledQueryConfiguration={
            "QueryString": "filter level = 'ERROR'",
            "ScheduledQueryRoleARN": "arn:aws:iam::111111111111:role/r",
            "AggregationExpression": aggregation,
            "LogGroupIdentifiers": [GROUP],
            "ScheduleConfiguration": {
                "ScheduleExpression": "rate(5 minutes)", "StartTimeOffset": 300,
            },
        },
        **more,
    )  # fmt: skip


def engine(yard: Yard, *alarms: Any) -> Engine:
    return yard.engine(*alarms, logs=LogsReader(yard.store))


def errors(yard: Yard, at: datetime, count: int, team: str = "a") -> None:
    """So many errors in the five minutes before ``at``."""
    line = {"level": "ERROR", "team": team, "ms": 10 * count}
    messages = [
        (at - timedelta(seconds=n + 1), json.dumps(line | {"n": n, "at": str(at)}))
        for n in range(count)
    ]
    yard.events(GROUP, messages)


def collected(yard: Yard, until: datetime) -> None:
    yard.answered(NOON - HOUR, until, groups=[logs_group(GROUP)])


def state(yard: Yard, name: str = "errors") -> tuple[str, str]:
    status = yard.store.ledger.statuses()[HEAD + name]
    return str(status.state), status.problem or status.reason


def changes(yard: Yard, name: str = "errors") -> list[tuple[str, str]]:
    found = yard.store.ledger.transitions(alarm=HEAD + name)
    return [(f"{t.at:%H:%M}", str(t.new)) for t in reversed(found)]


def test_a_count_above_the_threshold_raises_the_alarm(yard: Yard) -> None:
    errors(yard, NOON, 3)
    collected(yard, NOON)
    engine(yard, log_alarm("count(*)")).tick(NOON)
    now, reason = state(yard)
    assert now == "ALARM"
    assert reason == (
        "Threshold Crossed: 1 out of the last 1 query results [3.0 (01/01/26 12:00:00)] was "
        "greater than the threshold (2.0) (minimum 1 datapoint for OK -> ALARM transition)."
    )


def test_a_count_of_nothing_is_zero_and_an_average_of_nothing_is_missing(yard: Yard) -> None:
    errors(yard, NOON - 10 * MINUTE, 3)
    collected(yard, NOON)
    engine(yard, log_alarm("count(*)"), log_alarm("avg(ms)", name="slow")).tick(NOON)
    assert state(yard)[0] == "OK"
    assert state(yard, "slow")[0] == "INSUFFICIENT_DATA"


def test_the_query_runs_as_often_as_its_schedule_says(yard: Yard) -> None:
    made = engine(yard, log_alarm("count(*)"))
    for minute in range(12):
        at = NOON + minute * MINUTE
        if minute == 4:
            errors(yard, NOON + 5 * MINUTE, 3)
        collected(yard, at)
        made.tick(at)
    assert changes(yard) == [("12:00", "OK"), ("12:05", "ALARM"), ("12:10", "OK")]


def test_a_run_waits_for_its_events(yard: Yard) -> None:
    errors(yard, NOON, 3)
    collected(yard, NOON - MINUTE)
    made = engine(yard, log_alarm("count(*)"))
    made.tick(NOON)
    assert changes(yard) == [("12:00", "OK")]
    collected(yard, NOON)
    made.tick(NOON + MINUTE)
    assert changes(yard) == [("12:00", "OK"), ("12:01", "ALARM")]


def test_what_could_not_be_collected_neither_raises_nor_resolves(yard: Yard) -> None:
    errors(yard, NOON, 3)
    collected(yard, NOON)
    made = engine(yard, log_alarm("count(*)"))
    made.tick(NOON)
    made.tick(NOON + 30 * MINUTE)
    now, problem = state(yard)
    assert now == "ALARM"
    assert problem == (
        f"AWS could not be asked for the log group {GROUP} in 111111111111/eu-central-1 "
        "since 2026-01-01 12:00 UTC."
    )


def test_the_newest_results_are_remembered_across_a_restart(yard: Yard) -> None:
    errors(yard, NOON, 3)
    collected(yard, NOON + 10 * MINUTE)
    engine(yard, log_alarm("count(*)", n=3)).tick(NOON)
    engine(yard, log_alarm("count(*)", n=3)).tick(NOON + 10 * MINUTE)
    assert changes(yard) == [("12:00", "ALARM")]
    assert yard.store.ledger.statuses()[HEAD + "errors"].reason_data["runs"] == [
        [round((NOON + 10 * MINUTE).timestamp()), {"": 0.0}],
        [round((NOON + 5 * MINUTE).timestamp()), {"": 0.0}],
        [round(NOON.timestamp()), {"": 3.0}],
    ]


def test_groups_are_contributors(yard: Yard) -> None:
    errors(yard, NOON, 3, team="a")
    errors(yard, NOON, 1, team="b")
    collected(yard, NOON)
    made = engine(yard, log_alarm("count(*) by team"))
    made.tick(NOON)
    assert state(yard) == ("ALARM", "1 out of 2 time series evaluated to ALARM")
    kept = yard.store.ledger.statuses()[HEAD + "errors"].reason_data["contributors"]
    assert [each["attributes"] for each in kept.values()] == [{"team": "a"}]
    errors(yard, NOON + 5 * MINUTE, 1, team="b")
    collected(yard, NOON + 5 * MINUTE)
    made.tick(NOON + 5 * MINUTE)
    assert state(yard) == ("OK", "2 time series evaluated to OK")


def test_a_query_that_is_wrong_says_so_and_stops_no_other(yard: Yard) -> None:
    errors(yard, NOON - HOUR, 1)
    collected(yard, NOON)
    wrong = log_alarm("count(*)")
    wrong.put["ScheduledQueryConfiguration"]["QueryString"] = "filter ("
    made = engine(yard, wrong, log_alarm("count(*)", name="right"))
    made.tick(NOON)
    assert state(yard)[1].startswith("The query is refused: ")
    assert state(yard, "right")[0] == "OK"


def test_a_warm_up_waits_for_its_results(yard: Yard) -> None:
    warm = {"WarmUpPeriodDurationInMinutes": 60}
    made = engine(yard, log_alarm("count(*)", n=3, WarmUpConfiguration=warm))
    for minute in (0, 5, 10):
        collected(yard, NOON + minute * MINUTE)
        made.tick(NOON + minute * MINUTE)
    assert changes(yard) == [("12:10", "OK")]


def test_time_that_was_not_collected_is_no_result(yard: Yard) -> None:
    """Between two runs nothing was collected: what they would have found is not made up as 0."""
    at = NOON - 30 * MINUTE
    made = log_alarm("count(*)", n=3)
    errors(yard, at, 8)
    yard.answered(NOON - HOUR, at, groups=[logs_group(GROUP)])
    engine(yard, made).tick(at)
    yard.answered(NOON - 5 * MINUTE, NOON, groups=[logs_group(GROUP)])
    engine(yard, made).tick(NOON)
    kept = yard.store.ledger.statuses()[HEAD + "errors"].reason_data["runs"]
    assert [result for _, result in kept] == [{"": 0.0}, {"": 8.0}]


def test_a_changed_query_begins_without_data(yard: Yard) -> None:
    errors(yard, NOON, 8)
    collected(yard, NOON + HOUR)
    engine(yard, log_alarm("count(*)")).tick(NOON)
    assert state(yard)[0] == "ALARM"
    engine(yard, log_alarm("max(ms)")).tick(NOON + MINUTE)
    changes = yard.store.ledger.transitions(alarm=HEAD + "errors")
    assert yard.store.ledger.statuses()[HEAD + "errors"].reason_data["runs"] == [
        [int(NOON.timestamp()), {"": 80.0}]
    ]
    assert [str(each.new) for each in changes] == ["ALARM"]


def test_a_query_that_is_refused_leaves_the_alarm_without_data(yard: Yard) -> None:
    errors(yard, NOON, 8)
    collected(yard, NOON + HOUR)
    engine(yard, log_alarm("count(*)")).tick(NOON)
    broken = log_alarm("count(*)")
    broken.put["ScheduledQueryConfiguration"]["QueryString"] = "filter level ="
    engine(yard, broken).tick(NOON + 5 * MINUTE)
    now, why = state(yard)
    assert now == "INSUFFICIENT_DATA"
    assert "refused" in why
