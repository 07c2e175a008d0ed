"""Which fields belong to the parameters of an alarm, by its kind.

DescribeAlarms answers with the same names and more: state, ARN and times, which are no
parameters and are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """The operation that creates the alarm."""

    METRIC = "PutMetricAlarm"
    COMPOSITE = "PutCompositeAlarm"
    LOG = "PutLogAlarm"


_SHARED = (
    "AlarmName", "AlarmDescription", "ActionsEnabled", "AlarmActions", "OKActions",
    "InsufficientDataActions", "ActionConfiguration", "Tags",
)  # fmt: skip
FIELDS: Mapping[Kind, tuple[str, ...]] = {
    Kind.METRIC: (
        *_SHARED,
        "Namespace", "MetricName", "Dimensions", "Statistic", "ExtendedStatistic", "Period",
        "Unit", "Metrics", "EvaluationPeriods", "DatapointsToAlarm", "Threshold",
        "ThresholdMetricId", "ComparisonOperator", "TreatMissingData",
        "EvaluateLowSampleCountPercentile", "EvaluationWindow", "WarmUpConfiguration",
        "EvaluationCriteria", "EvaluationInterval",
    ),
    Kind.COMPOSITE: (
        *_SHARED,
        "AlarmRule", "ActionsSuppressor", "ActionsSuppressorWaitPeriod",
        "ActionsSuppressorExtensionPeriod",
    ),
    Kind.LOG: (
        *_SHARED,
        "ScheduledQueryConfiguration", "QueryResultsToEvaluate", "QueryResultsToAlarm",
        "Threshold", "ComparisonOperator", "TreatMissingData", "ActionLogLineCount",
        "ActionLogLineRoleArn", "WarmUpConfiguration",
    ),
}  # fmt: skip

_EMPTY: tuple[Any, ...] = (None, [], {}, "")


def kind_of(alarm: Mapping[str, Any]) -> Kind:
    """Which kind of alarm the parameters make."""
    if alarm.get("AlarmRule") is not None:
        return Kind.COMPOSITE
    logs = {"ScheduledQueryConfiguration", "QueryResultsToEvaluate"}
    return Kind.LOG if logs & alarm.keys() else Kind.METRIC


def parameters(alarm: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters alone, in the order of AWS's documentation; what is empty is left out.

    Actions that are on say nothing, as that is what AWS takes them for.
    """
    found = {
        name: alarm[name]
        for name in FIELDS[kind_of(alarm)]
        if name in alarm and alarm[name] not in _EMPTY
    }
    if found.get("ActionsEnabled") is True:
        del found["ActionsEnabled"]
    if "Metrics" in found:
        found["Metrics"] = [_query(query) for query in found["Metrics"]]
    return found


def _query(query: Mapping[str, Any]) -> dict[str, Any]:
    """A query with ReturnData written out: AWS's default is true, Terraform's is false."""
    made = {name: value for name, value in query.items() if value not in _EMPTY}
    made["ReturnData"] = bool(query.get("ReturnData", True))
    return made
