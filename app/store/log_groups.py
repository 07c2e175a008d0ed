"""Log groups: their ids in segments, and what AWS says of them."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from app.model.ids import Place
from app.model.logs import LogGroup, LogGroupKey
from app.model.time import epoch_ms, from_epoch_ms
from app.store import schema
from app.store.catalog import Catalog, grow
from app.store.seen import Seen

CHANGES = "log_groups"
_C = schema.log_groups.c
_INSERT = insert(schema.log_groups).returning(_C.id)


class GroupIndex:
    """Ids of log groups as this process knows them; follows the catalog when something changed."""

    def __init__(self, catalog: Catalog, seen: Seen) -> None:
        self._catalog, self._seen = catalog, seen
        self._lock = threading.Lock()
        self._known: dict[LogGroupKey, int] = {}
        self._groups: dict[LogGroupKey, LogGroup] = {}
        self._at = -1

    def ids(self) -> Mapping[LogGroupKey, int]:
        """The id of every group that was ever seen."""
        self._follow()
        return self._known

    def all(self) -> list[LogGroup]:
        """Every group that AWS still has or of which there are events, by place and name."""
        self._follow()
        return [self._groups[key] for key in sorted(self._groups)]

    def _follow(self) -> None:
        count = self._seen.count(CHANGES)
        if count == self._at:
            return
        with self._lock, self._catalog.read() as connection:
            rows = list(connection.execute(select(schema.log_groups)))
            self._known = {_key(row): int(row.id) for row in rows}
            self._groups = {_key(row): _group(row) for row in rows}
            self._at = count


def names(connection: Connection) -> dict[int, str]:
    """The name of every group by its id."""
    return {int(r.id): r.name for r in connection.execute(select(_C.id, _C.name))}


def register(
    connection: Connection,
    keys: Collection[LogGroupKey],
    known: Mapping[LogGroupKey, int],
    now: datetime,
) -> tuple[list[int], dict[str, int]]:
    """Ids for groups in this order, and the count of changes if some are new.

    ``known`` spares looking in the catalog; it need not hold every group.
    """
    ids = {key: known[key] for key in keys if key in known}
    ids |= _stored(connection, [key for key in keys if key not in ids])
    new = [key for key in dict.fromkeys(keys) if key not in ids]
    for key in new:
        row = {**_names(key), "first_seen": now}
        ids[key] = connection.execute(_INSERT, row).scalar_one()
    counts = {CHANGES: grow(connection, CHANGES)} if new else {}
    return [ids[key] for key in keys], counts


def describe(
    connection: Connection, groups: Sequence[LogGroup], listed: Collection[Place], now: datetime
) -> dict[str, int]:
    """Take over what AWS says; groups of ``listed`` places that it does not name are gone."""
    if not groups and not listed:
        return {}
    register(connection, [group.key for group in groups], {}, now)
    named = set()
    for group in groups:
        named.add(group.key)
        connection.execute(
            update(schema.log_groups)
            .where(*_is(group.key))
            .values(described=_described(group), last_seen=now, gone=None)
        )
    for row in connection.execute(select(_C.account, _C.region, _C.name).where(_C.gone.is_(None))):
        key = _key(row)
        if key.place in listed and key not in named:
            connection.execute(update(schema.log_groups).where(*_is(key)).values(gone=now))
    return {CHANGES: grow(connection, CHANGES)}


def _stored(connection: Connection, keys: Sequence[LogGroupKey]) -> dict[LogGroupKey, int]:
    """The ids of those groups that the catalog has."""
    found: dict[LogGroupKey, int] = {}
    for start in range(0, len(keys), 500):
        names = [key.name for key in keys[start : start + 500]]
        statement = select(_C.id, _C.account, _C.region, _C.name).where(_C.name.in_(names))
        found |= {_key(row): int(row.id) for row in connection.execute(statement)}
    return found


def _is(key: LogGroupKey) -> tuple[Any, ...]:
    place = key.place
    return _C.account == place.account, _C.region == place.region, _C.name == key.name


def _names(key: LogGroupKey) -> dict[str, object]:
    return {"account": key.place.account, "region": key.place.region, "name": key.name}


def _key(row: Any) -> LogGroupKey:
    return LogGroupKey(Place(row.account, row.region), row.name)


def _described(group: LogGroup) -> dict[str, object]:
    return {
        "arn": group.arn,
        "log_class": group.log_class,
        "retention_days": group.retention_days,
        "stored_bytes": group.stored_bytes,
        "created": None if group.created is None else epoch_ms(group.created),
        "metric_filters": list(group.metric_filters),
        "subscription_filters": list(group.subscription_filters),
        "tags": dict(group.tags),
    }


def _group(row: Any) -> LogGroup:
    said = {"arn": "", **(row.described or {})}
    created = said.pop("created", None)
    for name in ("metric_filters", "subscription_filters"):
        said[name] = tuple(said.get(name, ()))
    seen = {"first_seen": row.first_seen, "last_seen": row.last_seen, "gone": row.gone}
    found = LogGroup(_key(row), **seen, **said)
    return found if created is None else replace(found, created=from_epoch_ms(created))
