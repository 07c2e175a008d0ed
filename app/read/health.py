"""Is everything well, and what needs somebody?

The attention list holds firing alarms, then conditions and states that no
alarm speaks of, then collecting that fails, then Watchdeck's own bill.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from app.model.alarms import Transition
from app.model.ids import Resource
from app.model.readings import Reading
from app.model.states import Health
from app.read.books import Books
from app.read.scope import Scope
from app.read.spending import Spending, this_month
from app.read.standing import Standing
from app.read.strip import Strip, strip
from app.read.survey import ServiceSurvey, Told
from app.read.troubles import (
    Trouble,
    Words,
    troubles_of_bill,
    troubles_of_collecting,
    troubles_of_services,
)


@dataclass(frozen=True, slots=True)
class ServiceHealth:
    """One service: ``open`` of its resources are not well, ``firing`` of its alarms not muted."""

    id: str
    title: str
    group: str
    health: Health
    reason: str
    since: datetime | None
    resources: int
    open: int
    alarms: int
    firing: int
    strip: Strip
    standing: Standing


@dataclass(frozen=True, slots=True)
class ResourceHealth:
    """One resource with its state and everything that was told of it, the worst first."""

    resource: Resource
    kind: str
    health: Health
    reason: str
    since: datetime | None
    told: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """All of health for one page: services in order of trouble, what needs somebody, the bill."""

    services: tuple[ServiceHealth, ...]
    troubles: tuple[Trouble, ...]
    resources: int
    alarms: int
    firing: int
    silenced: int
    spending: Spending


@dataclass(frozen=True, slots=True)
class ServiceState:
    """One service in depth: its resources in order of trouble, its own part of the list."""

    service: ServiceHealth
    resources: tuple[ResourceHealth, ...]
    troubles: tuple[Trouble, ...]


class HealthReader:
    """Answers whether things are well."""

    def __init__(self, books: Books, cap: Decimal, words: Words) -> None:
        self._books, self._cap, self._words = books, cap, words

    def overview(self, scope: Scope) -> Reading[Overview]:
        """Every service, and everything that needs somebody."""
        surveys = self._books.surveys(scope.places, scope.now)
        transitions = self._transitions(scope.now)
        services = [_service(each, strip(each, transitions, scope.now)) for each in surveys]
        alarms = self._books.alarms(scope.places, scope.now)
        bill = this_month(self._books.store, self._cap, scope.now)
        standings = self._books.standings()
        failing = standings.failing(scope.places)
        since = self._books.store.rounds.failing_since
        found = [
            *troubles_of_services(surveys, self._words, scope.now),
            *troubles_of_collecting(failing, since, self._words),
            *troubles_of_bill(bill),
        ]
        overview = Overview(
            services=tuple(sorted(services, key=lambda s: (s.health.weight, s.title))),
            troubles=tuple(found),
            resources=sum(s.resources for s in services),
            alarms=len(alarms),
            firing=sum(a.is_firing and a.silence is None for a in alarms),
            silenced=sum(a.is_firing and a.silence is not None for a in alarms),
            spending=bill,
        )
        standing = standings.of_metrics(scope.places)
        return standing.reading(overview, there=bool(services))

    def service(self, service: str, scope: Scope) -> Reading[ServiceState | None]:
        """One service with all of its resources; None where nothing of it is known."""
        surveyed = self._books.surveyed(service, scope.places, scope.now)
        if surveyed is None:
            known = self._books.catalogue.services[service]
            standing = self._books.standings().of_service(known, scope.places)
            return standing.reading(None, there=False)
        day = strip(surveyed, self._transitions(scope.now), scope.now)
        kinds = [kind.title for kind in surveyed.service.resources]
        resources = sorted(
            _resources(surveyed),
            key=lambda r: (r.health.weight, kinds.index(r.kind), r.resource.name),
        )
        found = troubles_of_services([surveyed], self._words, scope.now)
        state = ServiceState(_service(surveyed, day), tuple(resources), tuple(found))
        return surveyed.standing.reading(state, there=bool(resources))

    def resource(self, arn: str, scope: Scope) -> tuple[ResourceHealth, Strip] | None:
        """One resource and its last day; None for one that the inventory does not know."""
        resource = self._books.resources().get(arn)
        if resource is None or resource.service not in self._books.catalogue.services:
            return None
        surveyed = self._books.surveyed(resource.service, (resource.place,), scope.now)
        if surveyed is None:
            return None
        for row, found in enumerate(_resources(surveyed)):
            if found.resource.arn == arn:
                return found, strip(surveyed, self._transitions(scope.now), scope.now, {row})
        return None

    def _transitions(self, now: datetime) -> dict[str, list[Transition]]:
        return self._books.transitions(now)


def _service(surveyed: ServiceSurvey, day: Strip) -> ServiceHealth:
    service, verdict = surveyed.service, surveyed.verdict
    return ServiceHealth(
        id=service.id,
        title=service.title,
        group=service.group,
        health=verdict.health,
        reason=verdict.reason,
        since=verdict.since,
        resources=len(surveyed.bound.resources),
        open=sum(is_open(v.health) for v in surveyed.verdicts),
        alarms=len(surveyed.alarms),
        firing=sum(a.is_firing and a.silence is None for a in surveyed.alarms),
        strip=day,
        standing=surveyed.standing,
    )


def is_open(health: Health) -> bool:
    """True for a state that needs somebody."""
    return health in (Health.CRITICAL, Health.WARNING, Health.COULD_NOT_ASK)


def _resources(surveyed: ServiceSurvey) -> Iterator[ResourceHealth]:
    titles = {kind.kind: kind.title for kind in surveyed.service.resources}
    for resource, verdict, told in zip(
        surveyed.bound.resources, surveyed.verdicts, surveyed.told, strict=True
    ):
        kind = titles.get(resource.kind, resource.kind)
        yield ResourceHealth(
            resource, kind, verdict.health, verdict.reason, verdict.since, tuple(told)
        )
