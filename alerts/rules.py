"""Which alarms there are: the user's own, and those the catalogue recommends.

Own alarms come first; one that carries the name of a recommended alarm takes its place.
Names of recommended alarms never change: ``watchdeck/<service>/<alarm>/<resource id>``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from app.catalogue import Catalogue
from app.catalogue.paths import search
from app.catalogue.schema import RecommendedAlarm, Service, ThresholdFrom
from app.config import AccountSettings, AlarmSettings, MetricAlarmSettings
from app.model.alarms import AlarmDefinition, Origin
from app.model.ids import Place, Resource
from app.model.watching import PLAIN

_LONGEST_NAME = 255


def definitions(
    settings: AlarmSettings,
    accounts: Sequence[AccountSettings],
    catalogue: Catalogue,
    resources: Iterable[Resource],
    *,
    default_channels: Sequence[str] = (),
) -> list[AlarmDefinition]:
    """Every alarm to evaluate, own ones first; an id occurs once."""
    by_place: dict[Place, list[Resource]] = {}
    for resource in resources:
        by_place.setdefault(resource.place, []).append(resource)
    own = (
        _own(alarm, accounts, catalogue, by_place, tuple(alarm.channels or default_channels))
        for alarm in settings.metric
    )
    channels = tuple(settings.recommended_channels or default_channels)
    found: dict[str, AlarmDefinition] = {}
    for definition in (*own, *_recommended(settings, catalogue, by_place, channels)):
        found.setdefault(definition.id, definition)
    return list(found.values())


def unknown_services(settings: AlarmSettings, catalogue: Catalogue) -> list[str]:
    """Ids under ``alarms.recommended`` that no service file describes."""
    if isinstance(settings.recommended, str):
        return []
    return [name for name in settings.recommended if name not in catalogue.services]


def _own(
    alarm: MetricAlarmSettings,
    accounts: Sequence[AccountSettings],
    catalogue: Catalogue,
    by_place: Mapping[Place, Sequence[Resource]],
    channels: tuple[str, ...],
) -> AlarmDefinition:
    place = Place(_account_id(alarm.account, accounts), alarm.region)
    service = catalogue.by_namespace(alarm.Namespace)
    watched = {d.Name: d.Value for d in alarm.Dimensions}
    resource = _watched_resource(watched, service, by_place.get(place, ()))
    return AlarmDefinition(
        place=place,
        put=alarm.put(),
        severity=alarm.severity,
        origin=Origin.CONFIG,
        service=service.id if service else "",
        resource=resource.arn if resource else "",
        channels=channels,
    )


def _account_id(name: str, accounts: Sequence[AccountSettings]) -> str:
    return next((account.id for account in accounts if name in (account.id, account.name)), name)


def _watched_resource(
    watched: Mapping[str, str], service: Service | None, resources: Sequence[Resource]
) -> Resource | None:
    """The resource whose dimensions an alarm names; of several the one that names most."""
    if service is None:
        return None
    fitting = [
        resource
        for resource in resources
        if resource.service == service.id
        and resource.dimensions
        and resource.dimensions.items() <= watched.items()
    ]
    return max(fitting, key=lambda resource: len(resource.dimensions), default=None)


def _recommended(
    settings: AlarmSettings,
    catalogue: Catalogue,
    by_place: Mapping[Place, Sequence[Resource]],
    channels: tuple[str, ...],
) -> Iterator[AlarmDefinition]:
    for service in catalogue:
        if settings.recommended != "all" and service.id not in settings.recommended:
            continue
        for place in sorted(by_place):
            for resource in by_place[place]:
                yield from recommended_for(service, resource, channels)


def recommended_for(
    service: Service, resource: Resource, channels: tuple[str, ...] = ()
) -> Iterator[AlarmDefinition]:
    """The alarms that a service file recommends for one resource."""
    if resource.service != service.id:
        return
    for alarm in service.alarms:
        put = _put(service, alarm, resource)
        if put is not None:
            yield AlarmDefinition(
                place=resource.place,
                put=put,
                severity=alarm.severity,
                origin=Origin.RECOMMENDED,
                service=service.id,
                resource=resource.arn,
                channels=channels,
            )


def _put(service: Service, alarm: RecommendedAlarm, resource: Resource) -> dict[str, Any] | None:
    """The alarm as PutMetricAlarm, None where it does not apply to the resource."""
    threshold = _threshold(alarm, resource)
    dimensions = _dimensions(service, alarm, resource)
    if not _applies(alarm, resource) or threshold is None or dimensions is None:
        return None
    metric = service.metric(alarm.metric)
    statistic = "Statistic" if alarm.statistic in PLAIN else "ExtendedStatistic"
    return {
        "AlarmName": _name(service, alarm, resource),
        "AlarmDescription": f"{alarm.title}: {alarm.says}"[:1024],
        "Namespace": metric.namespace if metric else service.namespace,
        "MetricName": alarm.metric,
        "Dimensions": [{"Name": n, "Value": v} for n, v in sorted(dimensions.items())],
        statistic: alarm.statistic,
        "Period": alarm.period,
        "EvaluationPeriods": alarm.evaluation_periods,
        "DatapointsToAlarm": alarm.datapoints_to_alarm,
        "Threshold": threshold,
        "ComparisonOperator": alarm.comparison,
        "TreatMissingData": alarm.treat_missing_data,
    }


def _applies(alarm: RecommendedAlarm, resource: Resource) -> bool:
    if resource.kind != alarm.kind:
        return False
    return not alarm.match or bool(search(alarm.match, resource.configuration))


def _threshold(alarm: RecommendedAlarm, resource: Resource) -> float | None:
    if not isinstance(alarm.threshold, ThresholdFrom):
        return float(alarm.threshold)
    found = search(alarm.threshold.configuration, resource.configuration)
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    return float(found) * alarm.threshold.times


def _dimensions(
    service: Service, alarm: RecommendedAlarm, resource: Resource
) -> dict[str, str] | None:
    """The dimensions of the one series to watch, None where the metric has no such series."""
    known = {**resource.dimensions, **alarm.dimensions}
    metric = service.metric(alarm.metric)
    sets = metric.dimensions if metric else ()
    if not sets or any(set(names) == set(known) for names in sets):
        return known
    inside = [names for names in sets if set(names) <= set(known)]
    if not inside:
        return None
    return {name: known[name] for name in max(inside, key=len)}


def _name(service: Service, alarm: RecommendedAlarm, resource: Resource) -> str:
    """The alarm's name; one that AWS would find too long ends in a digest of the whole."""
    name = f"watchdeck/{service.id}/{alarm.id}/{resource.id}"
    if len(name) <= _LONGEST_NAME:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: _LONGEST_NAME - 9]}-{digest}"
