"""Which files were taken already: a ledger that is kept with the rows that were in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from app.model.rounds import TakenObject
from app.store import schema
from app.store.catalog import Catalog

_C = schema.objects.c


class Objects:
    """Answers what was taken of a source."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def taken(self, source: str, after: str = "") -> Mapping[str, str]:
        """The mark of each file whose name comes after ``after``."""
        statement = select(_C.name, _C.mark).where(_C.source == source, _C.name > after)
        with self._catalog.read() as connection:
            return {row.name: row.mark for row in connection.execute(statement)}

    def newest(self, source: str, taken_before: datetime) -> str:
        """The last name among those that were taken so long ago, "" if there is none."""
        statement = (
            select(_C.name)
            .where(_C.source == source, _C.taken < taken_before)
            .order_by(_C.name.desc())
            .limit(1)
        )
        with self._catalog.read() as connection:
            return connection.execute(statement).scalar() or ""


def record(connection: Connection, objects: Sequence[TakenObject], now: datetime) -> None:
    """Remember what was taken, and forget what is gone."""
    for each in objects:
        connection.execute(
            delete(schema.objects).where(_C.source == each.source, _C.name == each.name)
        )
        if each.mark:
            row = {"source": each.source, "name": each.name, "mark": each.mark, "taken": now}
            connection.execute(insert(schema.objects), row)
