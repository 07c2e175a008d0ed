"""Which resources there are, with tags and configuration.

One round is one service in one place; kinds that are listed for checks only have
rounds of their own, so that a role which may not list them loses nothing else. What
each kind needs is said by the catalogue's files; there is no code here that knows a
service. A kind is one batch: it is committed whole, or its older picture stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.aws import Aws
from app.catalogue import Catalogue
from app.catalogue.schema import ResourceKind, Service
from app.config import CollectionSettings
from app.model.errors import AwsError, BadRequest, Denied, NotEnabled
from app.model.ids import Place
from app.model.rounds import Batch, Listing, Result, Round
from collectors.asking import is_refused
from collectors.base import Task
from collectors.inventory_asking import COLLECTOR, Asking, Item
from collectors.inventory_resources import arn_of, mark_mentioned, resource_of

_OF_ONE_CALL = (Denied, NotEnabled, BadRequest)
"""Errors that say nothing about the next kind; after any other the round ends."""

_ANSWERED = (Result.OK, Result.PARTIAL)


@dataclass(frozen=True, slots=True)
class InventoryCollector:
    """Lists what the catalogue describes."""

    aws: Aws
    catalogue: Catalogue
    settings: CollectionSettings
    rounds: Callable[[], Sequence[Round]] = tuple
    """The newest round of each collector, place and group."""

    @property
    def name(self) -> str:
        return COLLECTOR

    @property
    def every(self) -> timedelta:
        return self.settings.inventory.every

    def plan(self, place: Place, now: datetime) -> list[Task]:
        """One task for each part of a service that is collected and due."""
        wanted = self.settings.services
        answered = {
            each.group: each.finished
            for each in self.rounds()
            if (each.collector, each.place) == (COLLECTOR, place) and each.result in _ANSWERED
        }
        return [
            Task(place, group)
            for service in self.catalogue
            if wanted == "all" or service.id in wanted
            if not service.regions or place.region in service.regions
            for group in service.parts
            if group not in answered or now - answered[group] >= timedelta(hours=service.hours)
        ]

    def collect(self, task: Task, now: datetime) -> Iterator[Batch]:
        """One batch for each kind that could be asked; then the first error, if there was one."""
        service = self.catalogue.services[task.group.partition("/")[0]]
        asking = Asking(self.aws, task.place)
        failed: AwsError | None = None
        for kind in service.parts[task.group]:
            try:
                yield _batch(service, kind, asking, task.place)
            except AwsError as error:
                failed = failed or error
                if not (isinstance(error, _OF_ONE_CALL) or is_refused(error)):
                    break
        if failed is not None:
            raise failed


def _batch(service: Service, kind: ResourceKind, asking: Asking, place: Place) -> Batch:
    asking.notes.clear()
    asking.cut = False
    items = _items(kind, asking)
    by_arn = {arn: item for item in items if (arn := arn_of(place, kind, item))}
    _mark(kind, asking, items, by_arn)
    found = (resource_of(place, service.id, kind, item) for item in by_arn.values())
    resources = sorted((r for r in found if r is not None), key=lambda r: r.arn)
    # A list that was cut says nothing about what it does not hold.
    listings = [] if asking.cut else [Listing(place, service.id, kind.kind)]
    return Batch(resources=resources, listings=listings, notes=tuple(asking.notes))


def _items(kind: ResourceKind, asking: Asking) -> list[Item]:
    """All items of a kind, described."""
    if kind.per is None:
        return _described(kind, asking, asking.listed(kind.list))
    parents = asking.listed(kind.per)
    for describe in kind.per_describe:
        parents = asking.described(describe, parents)
    items: list[Item] = []
    for parent in parents:
        children = asking.listed(kind.list, parent)
        items += _described(kind, asking, [{**child, "parent": parent} for child in children])
    return items


def _described(kind: ResourceKind, asking: Asking, items: Sequence[Item]) -> list[Item]:
    described = list(items)
    for describe in kind.describe:
        described = asking.described(describe, described)
    return described


def _mark(
    kind: ResourceKind, asking: Asking, items: Sequence[Item], by_arn: dict[str, Item]
) -> None:
    """Tell each item what points at it; a source that may not be asked is left out and said."""
    for mention in kind.mentions:
        sources: Sequence[Item] = items
        if mention.call:
            try:
                sources = asking.listed(mention.call)
            except AwsError as error:
                if not is_refused(error):
                    raise
                asking.notes[error.message] = None
                sources = ()
        mark_mentioned(mention, sources, by_arn)
