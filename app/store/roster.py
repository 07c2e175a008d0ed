"""The list of segments: rows of the catalog, and a copy of the live ones in memory."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from app.model.ids import Place
from app.model.time import Window
from app.store import log_facts, schema, spend_parts
from app.store.segments import Bounds, Level, Segment, State

_INSERT = insert(schema.segments).returning(schema.segments.c.id)


@dataclass(frozen=True, slots=True)
class Scope:
    """Coverage that a segment carries: if the segment is lost, this must be asked again."""

    place: Place
    group: str
    window: Window


@dataclass(frozen=True, slots=True)
class Listed:
    """A segment as the catalog has it."""

    segment: Segment
    state: State
    changed: int


class Stale(Exception):
    """A segment that was to be replaced is no longer live; do it over with a new list."""


class Roster:
    """The live segments in memory, up to catalog version ``version``."""

    def __init__(self) -> None:
        self._live: dict[str, dict[int, Segment]] = {}
        self._copies: dict[str, tuple[Segment, ...]] = {}

    def live(self, table: str) -> tuple[Segment, ...]:
        """Every live segment of a table, oldest listing first."""
        copy = self._copies.get(table)
        if copy is None:
            copy = tuple(self._live.get(table, {}).values())
            self._copies[table] = copy
        return copy

    def apply(self, listed: Iterable[Listed]) -> None:
        """Follow changes of the catalog; seeing one twice does no harm."""
        for one in listed:
            known = self._live.setdefault(one.segment.table, {})
            if one.state is State.LIVE:
                known[one.segment.id] = one.segment
            else:
                known.pop(one.segment.id, None)
            self._copies.pop(one.segment.table, None)

    def clear(self) -> None:
        self._live.clear()
        self._copies.clear()


def add(
    connection: Connection, segments: Sequence[Segment], version: int, now: datetime
) -> list[Segment]:
    """List new segments as live; they come back with their ids."""
    listed = []
    for segment in segments:
        values = _values(segment) | {"created": now, "changed": version}
        listed.append(replace(segment, id=connection.execute(_INSERT, values).scalar_one()))
    return listed


def retire(
    connection: Connection, segments: Sequence[Segment], version: int, now: datetime
) -> None:
    """Take segments off the list; their files stay for readers that hold them open."""
    column = schema.segments.c
    for segment in segments:
        done = connection.execute(
            update(schema.segments)
            .where(column.id == segment.id, column.state == State.LIVE.value)
            .values(state=State.RETIRED.value, retired=now, changed=version)
        )
        if done.rowcount != 1:
            raise Stale(segment.path)


def quarantine(connection: Connection, segment: Segment, version: int, now: datetime) -> bool:
    """Mark a live segment as damaged; False if it is no longer live."""
    column = schema.segments.c
    done = connection.execute(
        update(schema.segments)
        .where(column.id == segment.id, column.state == State.LIVE.value)
        .values(state=State.QUARANTINED.value, retired=now, changed=version)
    )
    return done.rowcount == 1


def changed_since(connection: Connection, version: int) -> list[Listed]:
    """Every segment whose row changed after ``version``, in the order of change."""
    column = schema.segments.c
    statement = (
        select(schema.segments).where(column.changed > version).order_by(column.changed, column.id)
    )
    return [_listed(row) for row in connection.execute(statement)]


def in_state(connection: Connection, state: State, table: str | None = None) -> list[Segment]:
    """Every segment in ``state``, of one table or of all, by id."""
    column = schema.segments.c
    statement = select(schema.segments).where(column.state == state.value).order_by(column.id)
    if table is not None:
        statement = statement.where(column.table_name == table)
    return [_listed(row).segment for row in connection.execute(statement)]


def retired_before(connection: Connection, moment: datetime) -> list[Listed]:
    """Segments that were taken off the list before ``moment``."""
    column = schema.segments.c
    statement = select(schema.segments).where(
        column.state == State.RETIRED.value, column.retired <= moment
    )
    return [_listed(row) for row in connection.execute(statement)]


def forget(connection: Connection, ids: Collection[int]) -> None:
    """Drop the rows of segments whose files are gone, with their scopes."""
    for one in ids:
        connection.execute(delete(schema.scopes).where(schema.scopes.c.segment == one))
        log_facts.forget(connection, one)
        spend_parts.forget(connection, one)
        connection.execute(delete(schema.segments).where(schema.segments.c.id == one))


def paths(connection: Connection) -> set[str]:
    """The path of every listed segment, whatever its state."""
    return set(connection.execute(select(schema.segments.c.path)).scalars())


def add_scopes(connection: Connection, segment: int, scopes: Iterable[Scope]) -> None:
    """Remember which coverage ``segment`` carries."""
    rows = [
        {
            "segment": segment,
            "account": scope.place.account,
            "region": scope.place.region,
            "group_name": scope.group,
            "start_at": scope.window.start,
            "end_at": scope.window.end,
        }
        for scope in scopes
    ]
    if rows:
        connection.execute(insert(schema.scopes), rows)


def scopes_of(connection: Connection, ids: Collection[int]) -> list[Scope]:
    """The coverage that these segments carry."""
    found: list[Scope] = []
    for one in ids:
        statement = select(schema.scopes).where(schema.scopes.c.segment == one)
        found += [
            Scope(Place(row.account, row.region), row.group_name, Window(row.start_at, row.end_at))
            for row in connection.execute(statement)
        ]
    return found


def _values(segment: Segment) -> dict[str, object]:
    bounds = segment.bounds
    values: dict[str, object] = {
        "table_name": segment.table,
        "path": segment.path,
        "level": segment.level.value,
        "state": State.LIVE.value,
        "rows": segment.rows,
        "bytes": segment.bytes,
        "checksum": segment.checksum,
    }
    for name in ("at", "series", "period", "seq"):
        values[f"{name}_min"], values[f"{name}_max"] = getattr(bounds, name)
    return values


def _listed(row: Row[Any]) -> Listed:
    bounds = Bounds(
        at=(row.at_min, row.at_max),
        series=(row.series_min, row.series_max),
        period=(row.period_min, row.period_max),
        seq=(row.seq_min, row.seq_max),
    )
    segment = Segment(
        table=row.table_name,
        path=row.path,
        level=Level(row.level),
        rows=row.rows,
        bytes=row.bytes,
        checksum=row.checksum,
        bounds=bounds,
        id=row.id,
    )
    return Listed(segment, State(row.state), row.changed)
