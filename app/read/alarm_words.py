"""Alarms in words: what a definition asks for, and why it stands as it does."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.catalogue import Catalogue
from app.model import written
from app.model.alarms import AlarmDefinition, Origin
from app.model.ids import Place, SeriesKey
from app.read.alarm_subject import has_band, is_composite, metric, name, period_s, subject

COMPARED = {
    "GreaterThanThreshold": "above",
    "GreaterThanOrEqualToThreshold": "at or above",
    "LessThanThreshold": "below",
    "LessThanOrEqualToThreshold": "at or below",
    "LessThanLowerOrGreaterThanUpperThreshold": "outside of",
    "LessThanLowerThreshold": "below",
    "GreaterThanUpperThreshold": "above",
}
SIGNS = {
    "GreaterThanThreshold": ">",
    "GreaterThanOrEqualToThreshold": "≥",
    "LessThanThreshold": "<",
    "LessThanOrEqualToThreshold": "≤",
}
BREACHES: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
UNITS = {
    "Count": "count",
    "Percent": "percent",
    "Milliseconds": "milliseconds",
    "Seconds": "seconds",
    "Bytes": "bytes",
    "Bytes/Second": "bytes_per_second",
    "Count/Second": "per_second",
}
"""CloudWatch's units as units of the pages; any other is written without one."""


@dataclass(frozen=True, slots=True)
class Defined:
    """An alarm with all that can be said of it once and for all.

    ``title`` is what people call it, without the resource that it watches;
    ``condition`` and ``brief`` say what it waits for.
    """

    definition: AlarmDefinition
    title: str
    unit: str
    condition: str
    brief: str
    key: SeriesKey

    @classmethod
    def of(cls, definition: AlarmDefinition, catalogue: Catalogue) -> Defined:
        put = definition.put
        key = _series(metric(put), definition.place)
        known = catalogue.metric(key.namespace, key.metric)
        unit = unit_of(put, known.unit if known else "")
        condition, brief = condition_words(put, unit), short_condition(put, unit)
        return cls(definition, title_of(definition, catalogue), unit, condition, brief, key)


def _series(put: Mapping[str, Any], place: Place) -> SeriesKey:
    dimensions = {str(d["Name"]): str(d["Value"]) for d in put.get("Dimensions") or ()}
    namespace, called = str(put.get("Namespace", "")), str(put.get("MetricName", ""))
    return SeriesKey.of(place, namespace, called, dimensions)


def statistic(put: Mapping[str, Any]) -> str:
    """The statistic of the definition, plain or extended."""
    return str(put.get("Statistic") or put.get("ExtendedStatistic") or "")


def threshold(put: Mapping[str, Any]) -> float | None:
    found = put.get("Threshold")
    return None if found is None else float(found)


def _counts(put: Mapping[str, Any]) -> tuple[int, int]:
    """M and N."""
    n = int(put.get("EvaluationPeriods") or put.get("QueryResultsToEvaluate") or 1)
    return int(put.get("DatapointsToAlarm") or put.get("QueryResultsToAlarm") or n), n


def condition_words(put: Mapping[str, Any], unit: str) -> str:
    """ "Errors (Sum) above 5 in 3 of 3 periods of 1 min"."""
    if is_composite(put):
        return rule_words(put)
    needed, periods = _counts(put)
    compared = COMPARED.get(str(put.get("ComparisonOperator")), "against")
    limit = limit_words(put, unit)
    length = written.length(timedelta(seconds=period_s(put)))
    when = f"in {needed} of {periods} periods of {length}" if periods > 1 else f"over {length}"
    return f"{subject(put)} {compared} {limit} {when}"


def rule_words(put: Mapping[str, Any]) -> str:
    """The rule of a composite on one line."""
    return " ".join(str(put["AlarmRule"]).split())


def title_of(definition: AlarmDefinition, catalogue: Catalogue) -> str:
    """What people call the alarm: the catalogue's title where there is one, else its name."""
    service = catalogue.services.get(definition.service)
    if definition.origin is not Origin.RECOMMENDED or service is None:
        return definition.name
    advised = definition.name.split("/")[2:3]
    titles = {alarm.id: alarm.title for alarm in service.alarms}
    titles |= {composite.id: composite.title for composite in service.composites}
    found = titles.get(advised[0]) if advised else None
    return found[:1].upper() + found[1:] if found else definition.name


def short_condition(put: Mapping[str, Any], unit: str) -> str:
    """ "Sum > 5, 3 of 3 × 1 min", for a list whose titles name the metric."""
    if is_composite(put):
        return rule_words(put)
    needed, periods = _counts(put)
    sign = SIGNS.get(str(put.get("ComparisonOperator")), "against")
    length = written.length(timedelta(seconds=period_s(put)))
    what = statistic(put) or subject(put)
    if has_band(put):
        sign = COMPARED.get(str(put.get("ComparisonOperator")), "outside")
    return f"{what} {sign} {limit_words(put, unit)}, {needed} of {periods} × {length}"


def breach_words(put: Mapping[str, Any], newest: float | None, unit: str) -> str:
    """ "Errors 12, above 5": the shortest way to say why an alarm fires."""
    if is_composite(put):
        return f"Its rule holds: {rule_words(put)}"
    compared = COMPARED.get(str(put.get("ComparisonOperator")), "against")
    value = "" if newest is None else f" {written.value(newest, unit)},"
    return f"{name(put)}{value} {compared} {limit_words(put, unit)}"


def limit_words(put: Mapping[str, Any], unit: str) -> str:
    """The threshold with its unit; a band says for itself that it is one."""
    if has_band(put):
        return "what is usual"
    return written.value(threshold(put), unit)


def unit_of(put: Mapping[str, Any], published: str = "") -> str:
    """The unit of the alarm's values: as PutMetricAlarm says, else as the metric is published."""
    if statistic(put) == "SampleCount":
        return "count"
    return UNITS.get(str(put.get("Unit") or published), "none")


def newest_point(reason_data: Mapping[str, Any]) -> float | None:
    """The newest value that the evaluation saw, from CloudWatch's StateReasonData."""
    points = reason_data.get("recentDatapoints")
    if not isinstance(points, list):
        return None
    known = [float(p) for p in points if isinstance(p, int | float)]
    return known[-1] if known else None
