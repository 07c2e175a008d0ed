"""Alarms on queries are rehearsed and replayed as the engine judged them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from alerts.explain import Replayer
from alerts.rehearse import Rehearser
from app.catalogue import Catalogue
from app.model.groups import logs_group, metrics_group
from app.model.states import AlarmState
from app.model.time import Window
from app.read.logs import LogsReader
from tests.support.alarm_yard import NAMESPACE, NOON, Yard, other

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
HEAD = "111111111111/eu-central-1/"
GROUP = "/app/orders"
QUERY = 'SELECT MAX(Busy) FROM "App/Orders"'
WORST = other(
    "worst",
    EvaluationPeriods=1, DatapointsToAlarm=1, Threshold=10.0,
    ComparisonOperator="GreaterThanThreshold",
    Metrics=[{
        "Id": "q", "Period": 300,
        "Expression": f"{QUERY} GROUP BY Team ORDER BY MAX() DESC",
    }],
)  # fmt: skip


def log_alarm(aggregation: str) -> Any:
    return other(
        "errors",
        QueryResultsToEvaluate=1, QueryResultsToAlarm=1, Threshold=2.0,
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
    )  # fmt: skip


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[Yard]:
    made = Yard(tmp_path)
    yield made
    made.close()


def by_ticks(yard: Yard, made: Any, until: datetime) -> list[tuple[datetime, str, str]]:
    """The changes that the engine records in half an hour, judging every five minutes."""
    engine = yard.engine(made, logs=LogsReader(yard.store))
    for step in range(7):
        at = until - (6 - step) * 5 * MINUTE
        yard.answered(NOON - 3 * HOUR, at, groups=[metrics_group(NAMESPACE), logs_group(GROUP)])
        engine.tick(at)
    id_ = HEAD + made.put["AlarmName"]
    found = yard.store.ledger.transitions(alarm=id_)
    return [(t.at, str(t.new), t.reason) for t in reversed(found)]


def errors(yard: Yard, *counts: int) -> None:
    """Errors in each five minutes, the last before noon, of teams a and b by turns."""
    for step, count in enumerate(reversed(counts)):
        end = NOON - step * 5 * MINUTE
        messages = [
            (end - timedelta(seconds=n + 1), json.dumps({"level": "ERROR", "team": "ab"[n % 2]}))
            for n in range(count)
        ]
        yard.events(GROUP, messages)


def test_a_query_over_metrics_is_rehearsed_as_it_was_judged(yard: Yard) -> None:
    yard.points("5x9 20x4 5x9 30x4", NOON, metric="Busy", dimensions={"Team": "a"})
    yard.points("5x14 20x4 5x9", NOON, metric="Busy", dimensions={"Team": "b"})
    judged = by_ticks(yard, WORST, NOON)
    [definition] = yard.store.ledger.definitions()
    found = Rehearser(yard.store, Catalogue({})).rehearse(
        definition, Window(NOON - 30 * MINUTE, NOON)
    )
    assert found.problem == ""
    assert [(c.at, str(c.new), c.reason) for c in found.changes] == judged
    assert [new for _, new, _ in judged] == ["OK", "ALARM", "OK", "ALARM"]
    assert found.line.name == "series in ALARM"
    assert found.line.values.tolist()[-6:] == [0, 0, 1, 1, 0, 1]
    told = Replayer(yard.store, Catalogue({})).replay(definition, NOON)
    assert told.series is not None
    assert told.series.state is AlarmState.ALARM
    assert told.series.lines[0].startswith("Team=a is ALARM: Threshold Crossed")
    assert told.series.lines[1] == "1 more is OK."


@pytest.mark.parametrize("by", ["", " by team"])
def test_a_query_over_logs_is_rehearsed_as_it_was_judged(yard: Yard, by: str) -> None:
    errors(yard, 1, 6, 6, 1, 1, 8)
    judged = by_ticks(yard, log_alarm(f"count(*){by}"), NOON)
    [definition] = yard.store.ledger.definitions()
    logs = LogsReader(yard.store)
    found = Rehearser(yard.store, Catalogue({}), logs=logs).rehearse(
        definition, Window(NOON - 25 * MINUTE, NOON)
    )
    assert [new for _, new, _ in judged][-3:] == ["ALARM", "OK", "ALARM"]
    assert [(c.at, str(c.new)) for c in found.changes][-3:] == [(a, n) for a, n, _ in judged][-3:]
    told = Replayer(yard.store, Catalogue({}), logs=logs).replay(definition, NOON)
    assert told.series is not None
    assert told.series.state is AlarmState.ALARM
    expected = "team=a is ALARM" if by else "The run at 12:00:00 UTC returned 8."
    assert any(line.startswith(expected) for line in told.series.lines)


def test_the_newest_results_of_a_log_alarm_are_replayed_together(yard: Yard) -> None:
    errors(yard, 8, 8, 8)
    made = log_alarm("count(*)")
    made.put.update(QueryResultsToEvaluate=3, QueryResultsToAlarm=2)
    by_ticks(yard, made, NOON)
    [definition] = yard.store.ledger.definitions()
    told = Replayer(yard.store, Catalogue({}), logs=LogsReader(yard.store)).replay(definition, NOON)
    assert told.series is not None
    assert told.series.state is AlarmState.ALARM
    assert len(told.series.lines) == 3


def test_time_that_was_not_asked_for_is_not_judged(yard: Yard) -> None:
    yard.points("20x60", NOON, metric="Busy", dimensions={"Team": "a"})
    yard.answered(NOON - 20 * MINUTE, NOON, groups=[metrics_group(NAMESPACE)])
    yard.engine(WORST).tick(NOON)
    [definition] = yard.store.ledger.definitions()
    found = Rehearser(yard.store, Catalogue({})).rehearse(definition, Window(NOON - HOUR, NOON))
    assert found.unasked == 55 * MINUTE  # both later moments look back over all that was asked
    told = Replayer(yard.store, Catalogue({})).replay(definition, NOON - 30 * MINUTE)
    assert "AWS has not answered" in told.problem


def test_without_a_reader_of_logs_the_way_to_rehearse_is_told(yard: Yard) -> None:
    yard.engine(log_alarm("count(*)")).tick(NOON)
    [definition] = yard.store.ledger.definitions()
    found = Rehearser(yard.store, Catalogue({})).rehearse(definition, Window(NOON - HOUR, NOON))
    assert "watchdeck alarms backtest" in found.problem
