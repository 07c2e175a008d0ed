"""Which alarms there are: the user's own, and those the catalogue recommends.

Own alarms come first; one that carries the name of a recommended alarm takes its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from alerts.choosing import Chosen, chooser
from app.catalogue import Catalogue
from app.catalogue.advice import Advice, Fit, advice, together
from app.catalogue.schema import Service
from app.config import AccountSettings, AlarmSettings, MetricAlarmSettings, OtherAlarmSettings
from app.model.alarms import AlarmDefinition, Origin, Switch
from app.model.ids import Place, Resource


def definitions(
    settings: AlarmSettings,
    accounts: Sequence[AccountSettings],
    catalogue: Catalogue,
    resources: Iterable[Resource],
    *,
    default_channels: Sequence[str] = (),
    switches: Mapping[str, Switch] | None = None,
) -> list[AlarmDefinition]:
    """Every alarm to evaluate, own ones first; an id occurs once.

    ``switches`` are the choices that were made on a page, by the id of the alarm.
    """
    by_place: dict[Place, list[Resource]] = {}
    for resource in resources:
        by_place.setdefault(resource.place, []).append(resource)
    own = (
        _own(alarm, accounts, catalogue, by_place, tuple(alarm.channels or default_channels))
        for alarm in settings.metric
    )
    channels = tuple(settings.recommended_channels or default_channels)
    choose = chooser(settings, channels, switches or {})
    found: dict[str, AlarmDefinition] = {}
    others = (
        _other(alarm, accounts, tuple(alarm.channels or default_channels))
        for alarm in settings.others
    )
    for definition in (*own, *others, *_recommended(choose, catalogue, by_place)):
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
    resource = watched_resource(watched, service, by_place.get(place, ()))
    return AlarmDefinition(
        place=place,
        put=alarm.put(),
        severity=alarm.severity,
        origin=Origin.CONFIG,
        service=service.id if service else "",
        resource=resource.arn if resource else "",
        channels=channels,
    )


def _other(
    alarm: OtherAlarmSettings, accounts: Sequence[AccountSettings], channels: tuple[str, ...]
) -> AlarmDefinition:
    place = Place(_account_id(alarm.account, accounts), alarm.region)
    return AlarmDefinition(place=place, put=alarm.put, severity=alarm.severity, channels=channels)


def _account_id(name: str, accounts: Sequence[AccountSettings]) -> str:
    return next((account.id for account in accounts if name in (account.id, account.name)), name)


def watched_resource(
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
    choose: Callable[[Advice], Chosen | None],
    catalogue: Catalogue,
    by_place: Mapping[Place, Sequence[Resource]],
) -> Iterator[AlarmDefinition]:
    for service in catalogue:
        on: list[tuple[Advice, Chosen]] = []
        for place in sorted(by_place):
            for each in (a for resource in by_place[place] for a in advice(service, resource)):
                chosen = choose(each) if each.fit is Fit.FITS else None
                if chosen is not None:
                    on.append((each, chosen))
        yield from (_definition(each, chosen) for each, chosen in on)
        yield from _composites(service, on)


def _definition(each: Advice, chosen: Chosen) -> AlarmDefinition:
    return AlarmDefinition(
        place=each.resource.place,
        put=chosen.put,
        severity=chosen.severity,
        origin=Origin.RECOMMENDED,
        service=each.service.id,
        resource=each.resource.arn,
        channels=chosen.channels,
    )


def _composites(service: Service, on: Sequence[tuple[Advice, Chosen]]) -> Iterator[AlarmDefinition]:
    """Over the alarms that are on; told to whoever hears of the first of its children."""
    channels = {each.id: chosen.channels for each, chosen in on}
    for group in together(service, [each for each, _ in on]):
        yield AlarmDefinition(
            place=group.place,
            put=group.put,
            severity=group.composite.severity,
            origin=Origin.RECOMMENDED,
            service=service.id,
            channels=channels[group.children[0].id],
        )
