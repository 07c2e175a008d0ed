"""What the inventory knows: resources, when they were seen, how they changed, what is gone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    bindparam,
    false,
    insert,
    or_,
    select,
    update,
)

from app.model.ids import Place, Resource
from app.model.rounds import Listing
from app.store import columns, schema
from app.store.catalog import Catalog, Upsert, grow
from app.store.seen import Seen

_COLUMN = schema.resources.c
_WRITE = Upsert(schema.resources, keep={"first_seen"})
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class ResourceChange:
    """What a resource looked like before and after; None where it was not there."""

    at: datetime
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    tags_before: Mapping[str, str]
    tags_after: Mapping[str, str]
    state_before: str
    state_after: str


class Resources:
    """Questions about the inventory."""

    def __init__(self, catalog: Catalog, seen: Seen) -> None:
        self._catalog = catalog
        self._seen = seen

    @property
    def version(self) -> int:
        """Grows when a resource comes, changes or goes, as far as this process knows; no SQL.

        That a resource was merely seen again (``last_seen``) does not count.
        """
        return self._seen.count("resources")

    def find(
        self,
        *,
        service: str | None = None,
        kind: str | None = None,
        places: Iterable[Place] | None = None,
        arns: Collection[str] | None = None,
        gone: bool = False,
    ) -> list[Resource]:
        """Resources that match all that is given, by service, kind, place and name.

        Those that are there, or with ``gone`` those that no longer are.
        """
        conditions: list[ColumnElement[bool]] = [
            _COLUMN.gone.is_not(None) if gone else _COLUMN.gone.is_(None)
        ]
        if service is not None:
            conditions.append(_COLUMN.service == service)
        if kind is not None:
            conditions.append(_COLUMN.kind == kind)
        if places is not None:
            conditions.append(or_(false(), *(_in_place(place) for place in places)))
        with self._catalog.read() as connection:
            found = _with_arns(connection, conditions, arns)
        return sorted(found, key=_order)

    def changes(self, arn: str, limit: int = 100) -> list[ResourceChange]:
        """How a resource came, changed and went, newest first."""
        column = schema.resource_changes.c
        statement = (
            select(schema.resource_changes)
            .where(column.arn == arn)
            .order_by(column.at.desc(), column.id.desc())
            .limit(limit)
        )
        with self._catalog.read() as connection:
            return [_change(row) for row in connection.execute(statement)]


def record(
    connection: Connection, seen: Sequence[Resource], listings: Sequence[Listing], now: datetime
) -> dict[str, int]:
    """Take over what the inventory saw, and mark as gone what a listing did not name.

    Gives the counter of changes, if there were any.
    """
    found = {resource.arn: resource for resource in seen}
    before = _snapshots(connection, list(found))
    changes = []
    for arn, resource in found.items():
        after = _snapshot(resource)
        if before.get(arn) != after:
            changes.append({"arn": arn, "at": now, "before": before.get(arn), "after": after})
    _write_seen(connection, found, now)
    for listing in listings:
        changes += _lose(connection, listing, set(found), now)
    if not changes:
        return {}
    connection.execute(insert(schema.resource_changes), changes)
    return {"resources": grow(connection, "resources")}


def _snapshots(connection: Connection, arns: Sequence[str]) -> dict[str, Any]:
    """How resources that are there look in the catalog."""
    statement = select(schema.resources).where(
        _COLUMN.arn.in_(bindparam("arns", expanding=True)), _COLUMN.gone.is_(None)
    )
    return {
        row.arn: _snapshot(_resource(row))
        for some in _portions(arns)
        for row in connection.execute(statement, {"arns": some})
    }


def _snapshot(resource: Resource) -> Any:
    """What is compared and kept in the history, as JSON would give it back."""
    facts = {
        "name": resource.name,
        "state": resource.state,
        "tags": resource.tags,
        "configuration": resource.configuration,
    }
    return columns.as_json(facts)


def _write_seen(connection: Connection, found: Mapping[str, Resource], now: datetime) -> None:
    rows = [
        {
            "arn": resource.arn,
            "account": resource.account,
            "region": resource.region,
            "service": resource.service,
            "kind": resource.kind,
            "id": resource.id,
            "name": resource.name,
            "state": resource.state,
            "tags": resource.tags,
            "dimensions": resource.dimensions,
            "configuration": resource.configuration,
            "first_seen": now,
            "last_seen": now,
            "gone": None,
        }
        for resource in found.values()
    ]
    _WRITE.run(connection, rows)


def _lose(
    connection: Connection, listing: Listing, named: set[str], now: datetime
) -> list[dict[str, Any]]:
    """Mark what ``listing`` should have named and did not as gone; the changes to record."""
    statement = select(schema.resources).where(
        _in_place(listing.place),
        _COLUMN.service == listing.service,
        _COLUMN.kind == listing.kind,
        _COLUMN.gone.is_(None),
    )
    lost = [row for row in connection.execute(statement) if row.arn not in named]
    if lost:
        connection.execute(
            update(schema.resources).where(_COLUMN.arn == bindparam("lost")).values(gone=now),
            [{"lost": row.arn} for row in lost],
        )
    return [
        {"arn": row.arn, "at": now, "before": _snapshot(_resource(row)), "after": None}
        for row in lost
    ]


def _with_arns(
    connection: Connection,
    conditions: Sequence[ColumnElement[bool]],
    arns: Collection[str] | None,
) -> list[Resource]:
    statement = select(schema.resources).where(and_(*conditions))
    if arns is None:
        return [_resource(row) for row in connection.execute(statement)]
    statement = statement.where(_COLUMN.arn.in_(bindparam("arns", expanding=True)))
    return [
        _resource(row)
        for some in _portions(list(dict.fromkeys(arns)))
        for row in connection.execute(statement, {"arns": some})
    ]


def _portions(arns: Sequence[str]) -> Iterator[Sequence[str]]:
    """Few enough at once for the limit on parameters of a statement."""
    for start in range(0, len(arns), _AT_ONCE):
        yield arns[start : start + _AT_ONCE]


def _in_place(place: Place) -> ColumnElement[bool]:
    return and_(_COLUMN.account == place.account, _COLUMN.region == place.region)


def _order(resource: Resource) -> tuple[str, ...]:
    place = (resource.account, resource.region)
    return (resource.service, resource.kind, *place, resource.name, resource.arn)


def _resource(row: Row[Any]) -> Resource:
    return Resource(
        arn=row.arn,
        account=row.account,
        region=row.region,
        service=row.service,
        kind=row.kind,
        id=row.id,
        name=row.name,
        state=row.state,
        tags=row.tags,
        dimensions=row.dimensions,
        configuration=row.configuration,
        first_seen=row.first_seen,
        last_seen=row.last_seen,
    )


def _change(row: Row[Any]) -> ResourceChange:
    before, after = row.before or {}, row.after or {}
    return ResourceChange(
        at=row.at,
        before=before.get("configuration"),
        after=after.get("configuration"),
        tags_before=before.get("tags", {}),
        tags_after=after.get("tags", {}),
        state_before=before.get("state", ""),
        state_after=after.get("state", ""),
    )
