"""Alarms that stand in the store: written on a page, and those of the accounts themselves.

What is written on a page takes the place of a recommended alarm of the same name, never of
one in the settings. An account's alarm is judged beside AWS and tells nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from alerts.rules import watched_resource
from app.catalogue import Catalogue
from app.model.alarms import AlarmDefinition, Origin, Severity
from app.model.ids import Place, Resource
from app.store import Store


def with_further(
    found: Sequence[AlarmDefinition],
    store: Store,
    catalogue: Catalogue,
    default_channels: Sequence[str],
) -> list[AlarmDefinition]:
    """The alarms of settings and catalogue with those of the store; an id occurs once."""
    written = {each.id: each for each in _written(store, catalogue, default_channels)}
    configured = {each.id for each in found if each.origin is Origin.CONFIG}
    kept = [each for each in found if each.id in configured or each.id not in written]
    kept += [each for id_, each in written.items() if id_ not in configured]
    taken = {each.id for each in kept}
    return kept + [each for each in _of_accounts(store, catalogue) if each.id not in taken]


def definition_of(
    put: Mapping[str, Any],
    place: Place,
    catalogue: Catalogue,
    resources: Sequence[Resource],
    *,
    origin: Origin = Origin.PAGE,
    severity: Severity = Severity.CRITICAL,
    channels: Sequence[str] = (),
) -> AlarmDefinition:
    """Parameters as a definition that knows which service and resource it watches."""
    service = catalogue.by_namespace(str(put.get("Namespace") or ""))
    watched = {str(d["Name"]): str(d["Value"]) for d in put.get("Dimensions") or ()}
    resource = watched_resource(watched, service, resources)
    return AlarmDefinition(
        place=place,
        put=put,
        severity=severity,
        origin=origin,
        service=service.id if service else "",
        resource=resource.arn if resource else "",
        channels=tuple(channels),
    )


def _written(
    store: Store, catalogue: Catalogue, default_channels: Sequence[str]
) -> list[AlarmDefinition]:
    return [
        definition_of(
            each.put or {},
            each.place,
            catalogue,
            store.resources.find(places=[each.place]),
            severity=each.severity,
            channels=each.channels or tuple(default_channels),
        )
        for each in store.own_alarms.standing()
    ]


def _of_accounts(store: Store, catalogue: Catalogue) -> list[AlarmDefinition]:
    by_place: dict[Place, list[Resource]] = {}
    alarms = store.account_alarms.find()
    for place in {each.place for each in alarms}:
        by_place[place] = store.resources.find(places=[place])
    return [
        definition_of(
            each.put,
            each.place,
            catalogue,
            by_place[each.place],
            origin=Origin.ACCOUNT,
            severity=Severity.WARNING,
        )
        for each in alarms
    ]
