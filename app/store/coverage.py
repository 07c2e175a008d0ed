"""Which windows AWS has answered for, per place and group, as disjoint intervals.

``answered`` holds everything asked with an answer; ``settled`` the part of it
that will not change any more. What is in neither is asked again by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from app.model.ids import Place
from app.model.rounds import Covered, Settledness
from app.model.time import Intervals, Window
from app.store import schema
from app.store.catalog import Catalog
from app.store.roster import Scope


class Kind(StrEnum):
    """The two interval sets that are kept for each place and group."""

    ANSWERED = "answered"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class Coverage:
    """What is known to have been asked; ``settled`` lies inside ``answered``."""

    answered: Intervals
    settled: Intervals


Target = tuple[Place, str, Kind]


def read(catalog: Catalog, place: Place, group: str) -> Coverage:
    """The coverage of one group in one place."""
    with catalog.read() as connection:
        return Coverage(
            _load(connection, (place, group, Kind.ANSWERED)),
            _load(connection, (place, group, Kind.SETTLED)),
        )


def read_all(catalog: Catalog) -> dict[tuple[Place, str], Coverage]:
    """The coverage of every group in every place."""
    windows: dict[tuple[Place, str], dict[str, list[Window]]] = {}
    with catalog.read() as connection:
        for row in connection.execute(select(schema.coverage)):
            target = (Place(row.account, row.region), row.group_name)
            kinds = windows.setdefault(target, {kind.value: [] for kind in Kind})
            kinds[row.kind].append(Window(row.start_at, row.end_at))
    return {
        target: Coverage(Intervals.of(kinds[Kind.ANSWERED]), Intervals.of(kinds[Kind.SETTLED]))
        for target, kinds in windows.items()
    }


def answered(catalog: Catalog) -> dict[tuple[Place, str], Intervals]:
    """What was answered of every group in every place; quicker than all of :func:`read_all`."""
    windows: dict[tuple[str, str, str], list[Window]] = {}
    with catalog.read() as connection:
        for account, region, group, start, end in connection.execute(_ANSWERED):
            windows.setdefault((account, region, group), []).append(Window(start, end))
    return {
        (Place(account, region), group): Intervals.of(found)
        for (account, region, group), found in windows.items()
    }


def groups(catalog: Catalog, place: Place | None) -> list[tuple[Place, str]]:
    """Every place and group that has coverage, sorted."""
    column = schema.coverage.c
    statement = select(column.account, column.region, column.group_name).distinct()
    if place is not None:
        statement = statement.where(column.account == place.account, column.region == place.region)
    with catalog.read() as connection:
        return sorted((Place(a, r), g) for a, r, g in connection.execute(statement))


def extend(connection: Connection, covered: Iterable[Covered]) -> None:
    """Add answered windows; settled ones count as answered too."""
    added: dict[Target, list[Window]] = {}
    for one in covered:
        kinds = [Kind.ANSWERED]
        if one.settledness is Settledness.SETTLED:
            kinds.append(Kind.SETTLED)
        for kind in kinds:
            added.setdefault((one.place, one.group, kind), []).append(one.window)
    for target, windows in added.items():
        union = Intervals.of(windows)
        if union:
            _join(connection, target, union)


def reopen(connection: Connection, scopes: Iterable[Scope]) -> None:
    """Take windows back, so that they are asked again."""
    lost: dict[tuple[Place, str], list[Window]] = {}
    for scope in scopes:
        lost.setdefault((scope.place, scope.group), []).append(scope.window)
    for (place, group), windows in lost.items():
        for kind in Kind:
            target = (place, group, kind)
            kept = _load(connection, target) - Intervals.of(windows)
            _replace(connection, target, kept)


def drop_before(connection: Connection, moment: datetime) -> None:
    """Forget coverage older than ``moment``, whose data has been removed."""
    column = schema.coverage.c
    connection.execute(delete(schema.coverage).where(column.end_at <= moment))
    connection.execute(
        update(schema.coverage).where(column.start_at < moment).values(start_at=moment)
    )


def drop_groups_before(connection: Connection, prefix: str, moment: datetime) -> None:
    """Forget what groups under ``prefix`` answered before ``moment`` and have not gone on with.

    Each other set of alarms has coverage of its own, and an old one is never asked again.
    """
    column = schema.coverage.c
    old = column.group_name.startswith(prefix, autoescape=True) & (column.end_at < moment)
    connection.execute(delete(schema.coverage).where(old))


def _join(connection: Connection, target: Target, added: Intervals) -> None:
    """Write the union of ``added`` and the stored windows that touch it."""
    span = {"first": added.windows[0].start, "last": added.windows[-1].end}
    near = _parameters(target) | span
    touched = [Window(start, end) for start, end in connection.execute(_NEAR, near)]
    union = added | Intervals.of(touched)
    if union.windows == tuple(touched):
        return
    if touched:
        connection.execute(_DELETE_NEAR, near)
    _insert(connection, target, union)


def _load(connection: Connection, target: Target) -> Intervals:
    rows = connection.execute(_ALL, _parameters(target))
    return Intervals.of(Window(start, end) for start, end in rows)


def _replace(connection: Connection, target: Target, windows: Intervals) -> None:
    connection.execute(_DELETE_ALL, _parameters(target))
    _insert(connection, target, windows)


def _insert(connection: Connection, target: Target, windows: Intervals) -> None:
    place, group, kind = target
    rows = [
        {
            "account": place.account,
            "region": place.region,
            "group_name": group,
            "kind": kind.value,
            "start_at": window.start,
            "end_at": window.end,
        }
        for window in windows
    ]
    if rows:
        connection.execute(insert(schema.coverage), rows)


def _parameters(target: Target) -> dict[str, object]:
    place, group, kind = target
    return {"a": place.account, "r": place.region, "g": group, "k": kind.value}


_COLUMN = schema.coverage.c
_TARGET = (
    _COLUMN.account == bindparam("a"),
    _COLUMN.region == bindparam("r"),
    _COLUMN.group_name == bindparam("g"),
    _COLUMN.kind == bindparam("k"),
)
_TOUCHING = (_COLUMN.start_at <= bindparam("last"), _COLUMN.end_at >= bindparam("first"))
_ANSWERED = select(
    _COLUMN.account, _COLUMN.region, _COLUMN.group_name, _COLUMN.start_at, _COLUMN.end_at
).where(_COLUMN.kind == Kind.ANSWERED.value)
_WINDOWS = select(_COLUMN.start_at, _COLUMN.end_at).order_by(_COLUMN.start_at)
_ALL = _WINDOWS.where(*_TARGET)
_NEAR = _WINDOWS.where(*_TARGET, *_TOUCHING)
_DELETE_ALL = delete(schema.coverage).where(*_TARGET)
_DELETE_NEAR = delete(schema.coverage).where(*_TARGET, *_TOUCHING)
