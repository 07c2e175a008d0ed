"""Alarms that people wrote on a page; every version stays, the newest of an alarm holds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Row, func, insert, select

from app.model.alarms import Severity
from app.model.own_alarms import Version
from app.store import schema
from app.store.catalog import Catalog, grow
from app.store.seen import Seen

_C = schema.own_alarms.c


class OwnAlarms:
    """Versions of alarms, and who wrote them; counted as changes of the ledger."""

    def __init__(self, catalog: Catalog, seen: Seen) -> None:
        self._catalog, self._seen = catalog, seen

    def add(self, version: Version) -> Version:
        """Keep a version; it comes back with its id."""
        statement = insert(schema.own_alarms).returning(_C.id)
        with self._catalog.write() as connection:
            changes = grow(connection, "ledger")
            id_ = connection.execute(statement, _row(version)).scalar_one()
        self._seen.note({"ledger": changes})
        return replace(version, id=id_)

    def newest(self) -> int:
        """The id of the last version, 0 before the first; one small query."""
        with self._catalog.read() as connection:
            return int(connection.execute(select(func.max(_C.id))).scalar() or 0)

    def standing(self) -> list[Version]:
        """The version that holds of each alarm that was not removed, by id of the alarm."""
        last = select(func.max(_C.id)).group_by(_C.alarm)
        statement = select(schema.own_alarms).where(_C.id.in_(last)).order_by(_C.alarm)
        with self._catalog.read() as connection:
            versions = [_version(row) for row in connection.execute(statement)]
        return [each for each in versions if each.put is not None]

    def history(self, alarm: str, limit: int = 100) -> list[Version]:
        """Who wrote what, newest first."""
        statement = (
            select(schema.own_alarms).where(_C.alarm == alarm).order_by(_C.id.desc()).limit(limit)
        )
        with self._catalog.read() as connection:
            return [_version(row) for row in connection.execute(statement)]


def _row(version: Version) -> dict[str, Any]:
    return {
        "alarm": version.alarm,
        "put": version.put,
        "severity": version.severity.value,
        "channels": list(version.channels),
        "at": version.at,
        "author": version.author,
        "comment": version.comment,
    }


def _version(row: Row[Any]) -> Version:
    return Version(
        alarm=row.alarm,
        put=row.put,
        severity=Severity(row.severity),
        channels=tuple(row.channels),
        at=row.at,
        author=row.author,
        comment=row.comment,
        id=row.id,
    )
