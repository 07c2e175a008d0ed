"""How many queries of log events were answered here, and over how much, by UTC day.

CloudWatch bills the bytes of the groups over the window of a query; they are kept so that
it can be told what the same queries would have cost there.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

import orjson
from sqlalchemy import Connection, select

from app.model.time import Window
from app.store import schema
from app.store.catalog import Catalog, Upsert

_FACT = Upsert(schema.facts)
_PREFIX = "queries/"


@dataclass(frozen=True, slots=True)
class QueryDay:
    """The queries of one day (UTC), and the bytes of all events in their groups and windows."""

    day: date
    queries: int
    bytes: int


class QueryBook:
    """Counts queries, a month in one row; safe to share between threads."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._lock = threading.Lock()

    def note(self, at: datetime, bytes_: int) -> None:
        """Count one query."""
        name, day = f"{_PREFIX}{at:%Y-%m}", str(at.day)
        with self._lock, self._catalog.write() as connection:
            known = _month(connection, name)
            queries, before = known.get(day, (0, 0))
            counted = {**known, day: (queries + 1, before + bytes_)}
            _FACT.run(connection, [{"name": name, "value": orjson.dumps(counted).decode()}])

    def days(self, window: Window) -> list[QueryDay]:
        """The days that begin inside ``window`` and had a query, oldest first."""
        months = select(schema.facts.c.name, schema.facts.c.value).where(
            schema.facts.c.name.startswith(_PREFIX, autoescape=True)
        )
        found = []
        with self._catalog.read() as connection:
            for name, text in connection.execute(months):
                year, month = map(int, name.removeprefix(_PREFIX).split("-"))
                for day, (queries, bytes_) in orjson.loads(text).items():
                    found.append(QueryDay(date(year, month, int(day)), queries, bytes_))
        inside = [d for d in found if datetime(*d.day.timetuple()[:3], tzinfo=UTC) in window]
        return sorted(inside, key=lambda each: each.day)


def _month(connection: Connection, name: str) -> Mapping[str, tuple[int, int]]:
    statement = select(schema.facts.c.value).where(schema.facts.c.name == name).with_for_update()
    text = connection.execute(statement).scalar()
    counted: Mapping[str, tuple[int, int]] = orjson.loads(text) if text else {}
    return counted
