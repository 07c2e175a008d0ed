"""The account's own alarms as they come from AWS's protocol."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from app.model.states import AlarmState
from collectors.alarms import GROUP, AlarmsCollector
from collectors.base import Task
from tests.support.moto_aws import PLACE, MotoAws, moto_server

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
LATE = {
    "AlarmName": "late", "Namespace": "App", "MetricName": "Age", "Statistic": "Maximum",
    "Period": 60, "EvaluationPeriods": 3, "Threshold": 80.0,
    "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "notBreaching",
    "Dimensions": [{"Name": "QueueName", "Value": "orders"}],
}  # fmt: skip


@pytest.fixture(scope="module")
def moto() -> Iterator[MotoAws]:
    with moto_server() as server:
        client = server.client("cloudwatch")
        client.put_metric_alarm(**LATE)
        client.put_metric_alarm(**{**LATE, "AlarmName": "other"})
        client.put_metric_alarm(**{**LATE, "AlarmName": "all"})
        data = json.dumps({"version": "1.0", "evaluatedDatapoints": []})
        client.set_alarm_state(
            AlarmName="late", StateValue="ALARM", StateReason="too late", StateReasonData=data
        )
        yield server


def test_alarms_that_are_asked_for_come_with_parameters_and_state(moto: MotoAws) -> None:
    collector = AlarmsCollector(moto.aws(), ["late", "a*"])
    [task] = collector.plan(PLACE, NOON)
    [batch] = collector.collect(task, NOON)
    all_, late = batch.account_alarms
    assert batch.alarm_listings == [PLACE]
    assert (all_.name, all_.id) == ("all", f"{PLACE}/all")
    assert {name: late.put[name] for name in LATE} == LATE
    assert (late.state, late.reason) == (AlarmState.ALARM, "too late")
    assert late.reason_data == {"version": "1.0", "evaluatedDatapoints": []}
    assert late.since.tzinfo is not None


def test_nothing_is_asked_where_no_alarm_is_wanted(moto: MotoAws) -> None:
    assert AlarmsCollector(moto.aws(), []).plan(PLACE, NOON) == []


def test_a_list_of_no_alarm_that_fits_says_that_they_are_gone(moto: MotoAws) -> None:
    [batch] = AlarmsCollector(moto.aws(), ["zz"]).collect(Task(PLACE, GROUP), NOON)
    assert (batch.account_alarms, batch.alarm_listings) == ([], [PLACE])
