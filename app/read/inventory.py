"""Which resources there are, what they look like, how they changed, what they belong to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from app.catalogue import Catalogue
from app.model.ids import Place, Resource
from app.model.readings import Reading
from app.read.books import Books
from app.read.related import Related, related
from app.read.scope import Scope
from app.store import ResourceChange

MISSING = "_missing"
"""The member of a configuration that lists the IAM actions that optional details lacked."""


@dataclass(frozen=True, slots=True)
class Found:
    """One hit of the search; kind and service are titles."""

    arn: str
    name: str
    kind: str
    service: str
    place: Place


@dataclass(frozen=True, slots=True)
class Change:
    """One member of a resource that changed; ``before`` or ``after`` is None where it was not."""

    at: datetime
    member: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Described:
    """One resource with the words of the catalogue and its page in the AWS console.

    ``missing`` are the IAM actions without which some details could not be read.
    """

    resource: Resource
    kind: str
    service: str
    console: str
    missing: tuple[str, ...] = ()


class InventoryReader:
    """Answers about resources."""

    def __init__(self, books: Books) -> None:
        self._books = books

    def search(self, text: str, limit: int = 12) -> Reading[tuple[Found, ...]]:
        """Resources whose name, id, ARN or tag holds every word of ``text``, best first."""
        words = text.casefold().split()
        ranked = sorted(
            (rank, resource.name or resource.id, arn)
            for arn, resource in self._books.resources().items()
            if words and (rank := _rank(words, resource)) is not None
        )
        resources = self._books.resources()
        found = tuple(self._found(resources[arn]) for _, _, arn in ranked[:limit])
        places = {resource.place for resource in resources.values()}
        standing = self._books.standings().of_inventory(places)
        return standing.reading(found, there=bool(found))

    def resource(self, arn: str) -> Reading[Described | None]:
        """One resource; None where the inventory does not know it (any more)."""
        resource = self._books.resources().get(arn) or self._gone(arn)
        places = {resource.place} if resource else _place_of(arn)
        standing = self._books.standings().of_inventory(places)
        return standing.reading(
            self._described(resource) if resource else None, there=resource is not None
        )

    def changes(self, arn: str, limit: int = 50) -> tuple[Change, ...]:
        """What changed of a resource, member by member, newest first; its arrival is none.

        Members that move by themselves (counts, running tasks) are no change.
        """
        resource = self._books.resources().get(arn) or self._gone(arn)
        ignored = {MISSING, *_volatile(self._books.catalogue, resource)}
        found: list[Change] = []
        for change in self._books.store.resources.changes(arn, limit):
            found += [c for c in _members(change) if c.member not in ignored]
        return tuple(found)

    def related(self, arn: str) -> tuple[Related, ...]:
        """Resources that name this one, that it names, or that carry the same telling tags."""
        resources = self._books.resources()
        return related(resources[arn], resources) if arn in resources else ()

    def listed(self, service: str, scope: Scope) -> Reading[tuple[Resource, ...]]:
        """All resources of one service in the places."""
        bound = self._books.bound(service, scope.places)
        standing = self._books.standings().of_inventory(scope.places)
        return standing.reading(bound.resources, there=bool(bound.resources))

    def _gone(self, arn: str) -> Resource | None:
        return next(iter(self._books.store.resources.find(arns=[arn], gone=True)), None)

    def _found(self, resource: Resource) -> Found:
        kind, service = titles(self._books.catalogue, resource)
        return Found(resource.arn, resource.name or resource.id, kind, service, resource.place)

    def _described(self, resource: Resource) -> Described:
        kind, service = titles(self._books.catalogue, resource)
        missing = resource.configuration.get(MISSING)
        return Described(
            resource,
            kind,
            service,
            console(self._books.catalogue, resource),
            tuple(str(action) for action in missing) if isinstance(missing, list | tuple) else (),
        )


def titles(catalogue: Catalogue, resource: Resource) -> tuple[str, str]:
    """Kind and service of a resource in words."""
    service = catalogue.services.get(resource.service)
    kind = service.resource_kind(resource.kind) if service else None
    return (kind.title if kind else resource.kind, service.title if service else resource.service)


def console(catalogue: Catalogue, resource: Resource) -> str:
    """The address of the resource in the AWS console, empty where it has none."""
    service = catalogue.services.get(resource.service)
    kind = service.resource_kind(resource.kind) if service else None
    template = (kind.console if kind else "") or (service.console if service else "")
    members = {
        name: quote(value, safe="")
        for name, value in resource.configuration.items()
        if isinstance(value, str)
    }
    values = _Blanks(
        members,
        region=resource.region,
        account=resource.account,
        id=quote(resource.id, safe="/"),
        name=quote(resource.name, safe="/"),
        arn=quote(resource.arn, safe=""),
    )
    return template.format_map(values)


class _Blanks(dict[str, str]):
    """Leaves out what a template names and the resource does not have."""

    def __missing__(self, key: str) -> str:
        return ""


def _rank(words: list[str], resource: Resource) -> int | None:
    """0 for the very name, then names that begin so, names, ARNs and ids, tags; None for no hit."""
    name = (resource.name or resource.id).casefold()
    text = " ".join(words)
    tags = " ".join(f"{k}={v} {k} {v}" for k, v in resource.tags.items()).casefold()
    ids = f"{resource.arn} {resource.id} {resource.kind} {resource.service}".casefold()
    if name == text or resource.arn.casefold() == text:
        return 0
    if name.startswith(text):
        return 1
    if all(word in name for word in words):
        return 2
    if all(word in f"{name} {ids}" for word in words):
        return 3
    return 4 if all(word in f"{name} {ids} {tags}" for word in words) else None


def _volatile(catalogue: Catalogue, resource: Resource | None) -> tuple[str, ...]:
    service = catalogue.services.get(resource.service) if resource else None
    kind = service.resource_kind(resource.kind) if service and resource else None
    return kind.volatile if kind else ()


def _members(change: ResourceChange) -> list[Change]:
    """One change of a resource as changes of its members; nothing for its arrival."""
    if change.before is None:
        return []
    if change.after is None:
        return [Change(change.at, "resource", "there", None)]
    sides = (
        ("", change.before, change.after),
        ("tag ", change.tags_before, change.tags_after),
        ("", {"state": change.state_before}, {"state": change.state_after}),
    )
    return [
        Change(change.at, f"{prefix}{member}", before.get(member), after.get(member))
        for prefix, before, after in sides
        for member in sorted({*before, *after})
        if before.get(member) != after.get(member)
    ]


def _place_of(arn: str) -> set[Place]:
    parts = arn.split(":")
    return {Place(parts[4], parts[3])} if len(parts) > 5 else set()
