"""What an alarm looks at, whatever its kind: a metric, an expression, a log query, other alarms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_BAND = "ANOMALY_DETECTION_BAND"


def is_composite(put: Mapping[str, Any]) -> bool:
    return bool(put.get("AlarmRule"))


def is_computed(put: Mapping[str, Any]) -> bool:
    """Whether it watches an expression, or a metric against a band."""
    return bool(put.get("Metrics"))


def has_band(put: Mapping[str, Any]) -> bool:
    return bool(put.get("ThresholdMetricId"))


def is_band(query: Mapping[str, Any]) -> bool:
    """Whether a query gives the band and not what is watched."""
    return str(query.get("Expression") or "").lstrip().upper().startswith(_BAND)


def watched(put: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The query of ``Metrics`` whose values are judged."""
    returned = [q for q in put.get("Metrics") or () if q.get("ReturnData", True) and not is_band(q)]
    return next(iter(returned), None)


def subject(put: Mapping[str, Any]) -> str:
    """ "Errors (Sum)", "failure rate", "Log query"."""
    query = watched(put)
    if query is not None:
        stat = query.get("MetricStat")
        if stat:
            return f"{stat['Metric'].get('MetricName', 'Metric')} ({stat.get('Stat', '')})"
        return str(query.get("Label") or query.get("Expression"))
    logs = put.get("ScheduledQueryConfiguration")
    if logs:
        return str(logs.get("AggregationExpression") or "Log query")
    statistic = put.get("Statistic") or put.get("ExtendedStatistic") or ""
    return f"{put.get('MetricName', 'Metric')} ({statistic})"


def name(put: Mapping[str, Any]) -> str:
    """The subject without its statistic, for the legend of a chart."""
    return subject(put).partition(" (")[0]


def metric(put: Mapping[str, Any]) -> Mapping[str, Any]:
    """The metric that gives the unit: the one that is watched, or the definition itself."""
    query = watched(put)
    stat = query.get("MetricStat") if query else None
    found: Mapping[str, Any] = stat["Metric"] if stat else put
    return found


def period_s(put: Mapping[str, Any]) -> int:
    """The period in seconds, wherever it is written."""
    if put.get("Period"):
        return int(put["Period"])
    for query in put.get("Metrics") or ():
        found = (query.get("MetricStat") or {}).get("Period") or query.get("Period")
        if found:
            return int(found)
    return 60
