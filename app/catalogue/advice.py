"""Recommended alarms held against resources: the alarm to define, or why there is none.

Names never change: ``watchdeck/<service>/<alarm>/<resource id>``, and for a composite
``watchdeck/<service>/<composite>/<what its children have in common>``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.catalogue.advised import (
    WATCHED,
    AlarmInput,
    RecommendedAlarm,
    RecommendedComposite,
    ThresholdFrom,
)
from app.catalogue.paths import search
from app.catalogue.schema import Service
from app.model.ids import Place, Resource
from app.model.watching import PLAIN

_LONGEST_NAME = 255
_LONGEST_DESCRIPTION = 1024


class Fit(StrEnum):
    """Whether a resource can have a recommended alarm."""

    FITS = "fits"
    NOT_FOR_IT = "not_for_it"
    IMPOSSIBLE = "impossible"


@dataclass(frozen=True, slots=True)
class Advice:
    """One recommended alarm for one resource; ``put`` is empty unless it fits, ``why`` says why."""

    service: Service
    alarm: RecommendedAlarm
    resource: Resource
    fit: Fit
    put: Mapping[str, Any]
    why: str = ""

    @property
    def key(self) -> str:
        """The alarm as configuration names it: ``<service>/<alarm>``."""
        return f"{self.service.id}/{self.alarm.id}"

    @property
    def name(self) -> str:
        return name_of(self.service.id, self.alarm.id, self.resource.id)

    @property
    def id(self) -> str:
        """The id that the definition has."""
        return f"{self.resource.account}/{self.resource.region}/{self.name}"


@dataclass(frozen=True, slots=True)
class Together:
    """One recommended composite: what it is called, its children, and PutCompositeAlarm."""

    composite: RecommendedComposite
    place: Place
    children: tuple[Advice, ...]
    put: Mapping[str, Any]


def advice(service: Service, resource: Resource) -> Iterator[Advice]:
    """What the service's file recommends for its kind of resource, in the order of the file."""
    if resource.service != service.id:
        return
    for alarm in service.alarms:
        if alarm.kind == resource.kind:
            yield _held(service, alarm, resource)


def together(service: Service, advised: Iterable[Advice]) -> Iterator[Together]:
    """The composites over recommended alarms that fit; each group of resources has its own."""
    several = [each for each in advised if each.fit is Fit.FITS]
    for composite in service.composites:
        groups: dict[tuple[Place, str], list[Advice]] = {}
        for each in several:
            common = _common(composite, each.resource) if each.alarm.id == composite.of else ""
            if common:
                groups.setdefault((each.resource.place, common), []).append(each)
        for (place, common), children in sorted(groups.items(), key=lambda item: item[0]):
            if len(children) >= composite.smallest:
                put = _composite_put(service, composite, common, children)
                yield Together(composite, place, tuple(children), put)


def name_of(service: str, alarm: str, ending: str) -> str:
    """The alarm's name; one that AWS would find too long ends in a digest of the whole."""
    name = f"watchdeck/{service}/{alarm}/{ending}"
    if len(name) <= _LONGEST_NAME:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: _LONGEST_NAME - 9]}-{digest}"


def _held(service: Service, alarm: RecommendedAlarm, resource: Resource) -> Advice:
    if alarm.match and not search(alarm.match, resource.configuration):
        if alarm.needs:
            return Advice(service, alarm, resource, Fit.IMPOSSIBLE, {}, f"Needs {alarm.needs}.")
        why = f"Only for {alarm.only}." if alarm.only else f"Only where {alarm.match}."
        return Advice(service, alarm, resource, Fit.NOT_FOR_IT, {}, why)
    threshold = _threshold(alarm, resource)
    if threshold is None and alarm.band is None:
        source = alarm.threshold
        path = source.configuration if isinstance(source, ThresholdFrom) else ""
        why = f"The resource has no {path}, from which the threshold is taken."
        return Advice(service, alarm, resource, Fit.IMPOSSIBLE, {}, why)
    found = {id_: _metric(service, alarm, each, resource) for id_, each in alarm.inputs.items()}
    for id_, metric in found.items():
        if metric is None:
            why = f"{alarm.inputs[id_].metric} is not published with the resource's dimensions."
            return Advice(service, alarm, resource, Fit.IMPOSSIBLE, {}, why)
    metrics = {id_: metric for id_, metric in found.items() if metric is not None}
    return Advice(service, alarm, resource, Fit.FITS, _put(service, alarm, resource, metrics))


def _put(
    service: Service,
    alarm: RecommendedAlarm,
    resource: Resource,
    metrics: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    """The alarm as PutMetricAlarm."""
    watched: Mapping[str, Any] = (
        _of_one(alarm, metrics[WATCHED]) if alarm.is_plain else _of_several(alarm, metrics)
    )
    threshold = _threshold(alarm, resource)
    return {
        "AlarmName": name_of(service.id, alarm.id, resource.id),
        "AlarmDescription": f"{alarm.title}: {alarm.says}"[:_LONGEST_DESCRIPTION],
        **watched,
        "EvaluationPeriods": alarm.evaluation_periods,
        "DatapointsToAlarm": alarm.datapoints_to_alarm,
        **({} if threshold is None else {"Threshold": threshold}),
        "ComparisonOperator": alarm.comparison,
        "TreatMissingData": alarm.treat_missing_data,
    }


def _of_one(alarm: RecommendedAlarm, metric: Mapping[str, Any]) -> dict[str, Any]:
    statistic = "Statistic" if alarm.statistic in PLAIN else "ExtendedStatistic"
    return {**metric, statistic: alarm.statistic, "Period": alarm.period}


def _of_several(
    alarm: RecommendedAlarm, metrics: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """Metrics with an expression over them, or one metric and the band around it."""
    queries = [_query(alarm, id_, metric) for id_, metric in metrics.items()]
    if alarm.band is None:
        shown = {"Id": "watched", "Expression": alarm.expression, "Label": alarm.title}
        return {"Metrics": [*queries, {**shown, "ReturnData": True}]}
    expression = f"ANOMALY_DETECTION_BAND({WATCHED}, {alarm.band:g})"
    band = {"Id": "band", "Expression": expression, "Label": "usual", "ReturnData": True}
    return {"Metrics": [*queries, band], "ThresholdMetricId": "band"}


def _query(alarm: RecommendedAlarm, id_: str, metric: Mapping[str, Any]) -> dict[str, Any]:
    stat = {"Metric": metric, "Period": alarm.period, "Stat": alarm.inputs[id_].statistic}
    return {"Id": id_, "MetricStat": stat, "ReturnData": not alarm.expression}


def _composite_put(
    service: Service, composite: RecommendedComposite, common: str, children: list[Advice]
) -> dict[str, Any]:
    names = [f'"{each.name}"' for each in children]
    if composite.at_least == "all":
        rule = " AND ".join(f"ALARM({name})" for name in names)
    else:
        rule = f"AT_LEAST({composite.at_least}, ALARM, ({', '.join(names)}))"
    return {
        "AlarmName": name_of(service.id, composite.id, common),
        "AlarmDescription": f"{composite.title}: {composite.says}"[:_LONGEST_DESCRIPTION],
        "AlarmRule": rule,
    }


def _common(composite: RecommendedComposite, resource: Resource) -> str:
    about = {
        "name": resource.name or resource.id,
        "configuration": resource.configuration,
        "tags": resource.tags,
    }
    found = search(composite.by, about)
    return str(found) if found not in (None, "", [], {}) else ""


def _threshold(alarm: RecommendedAlarm, resource: Resource) -> float | None:
    if not isinstance(alarm.threshold, ThresholdFrom):
        return None if alarm.threshold is None else float(alarm.threshold)
    found = search(alarm.threshold.configuration, resource.configuration)
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    return float(found) * alarm.threshold.times


def _metric(
    service: Service, alarm: RecommendedAlarm, each: AlarmInput, resource: Resource
) -> dict[str, Any] | None:
    """The one series to watch, None where the metric has no such series."""
    known = {**resource.dimensions, **alarm.dimensions}
    metric = service.metric(each.metric)
    dimensions = _dimensions(metric.dimensions if metric else (), known)
    if dimensions is None:
        return None
    return {
        "Namespace": metric.namespace if metric else service.namespace,
        "MetricName": each.metric,
        "Dimensions": [{"Name": n, "Value": v} for n, v in sorted(dimensions.items())],
    }


def _dimensions(
    sets: tuple[tuple[str, ...], ...], known: Mapping[str, str]
) -> dict[str, str] | None:
    if not sets or any(set(names) == set(known) for names in sets):
        return dict(known)
    inside = [names for names in sets if set(names) <= set(known)]
    if not inside:
        return None
    return {name: known[name] for name in max(inside, key=len)}
