"""Transitions to write messages about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from alerts.message import Names, Notice
from app.model.alarms import ATTRIBUTES, AlarmDefinition, Severity, Transition
from app.model.ids import Place
from app.model.states import AlarmState

AT = datetime(2026, 1, 1, 12, 0, 0, 401_000, tzinfo=UTC)
NAMES = Names({"111122223333": "blog-prod"}, "https://ops.example.com/")
PUT: dict[str, Any] = {
    "AlarmName": "orders-5xx",
    "AlarmDescription": None,
    "AlarmConfigurationUpdatedTimestamp": "2026-01-01T11:00:00.000+0000",
    "Namespace": "AWS/ApiGateway",
    "MetricName": "5XXError",
    "Dimensions": [{"Name": "ApiName", "Value": "orders"}],
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 1,
    "DatapointsToAlarm": 1,
    "Threshold": 21.0,
    "ComparisonOperator": "GreaterThanThreshold",
    "TreatMissingData": "notBreaching",
}
DEFINITION = AlarmDefinition(
    Place("111122223333", "us-east-1"),
    PUT,
    service="apigateway",
    resource="arn:aws:apigateway:us-east-1::/restapis/orders",
)
ALARM = Transition(
    DEFINITION.id,
    AT,
    AlarmState.OK,
    AlarmState.ALARM,
    "Threshold Crossed: 1 out of the last 1 datapoints [21.5 (01/01/26 11:59:00)] was greater "
    "than the threshold (21.0) (minimum 1 datapoint for OK -> ALARM transition).",
    {
        "version": "1.0",
        "recentDatapoints": [0.0, 3.0, None, 21.5],
        "threshold": 21.0,
        "evaluatedDatapoints": [{"timestamp": "2026-01-01T11:59:00.000+0000", "value": 21.5}],
    },
)
TEAM = replace(
    ALARM,
    reason_data={**ALARM.reason_data, ATTRIBUTES: {"Team": "a"}},
    contributor="5f0c9d0f6a1c4c1d",
)
"""The same for one contributor of the alarm."""
OK = replace(ALARM, old=AlarmState.ALARM, new=AlarmState.OK, reason="was not greater")
NO_DATA = replace(
    ALARM,
    new=AlarmState.INSUFFICIENT_DATA,
    reason="Insufficient Data: 1 datapoint was unknown.",
    reason_data={
        "version": "1.0",
        "recentDatapoints": [],
        "evaluatedDatapoints": [{"timestamp": "x"}],
    },
)


def notice(
    change: Transition = ALARM,
    severity: Severity = Severity.CRITICAL,
    names: Names = NAMES,
    **put: Any,
) -> Notice:
    """A notice of ``change``; ``put`` changes fields of the alarm."""
    definition = replace(DEFINITION, put=PUT | put, severity=severity)
    return Notice.of(replace(change, alarm=definition.id), definition, names)
