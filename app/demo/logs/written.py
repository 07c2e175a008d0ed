"""Log groups and events that callers made themselves (CreateLogGroup, PutLogEvents)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from threading import Lock

import polars as pl

from app.demo.logs.groups import Group
from app.model.ids import Place

SCHEMA = pl.Schema(
    {
        "at": pl.Int64(),
        "ingested": pl.Int64(),
        "stream": pl.String(),
        "message": pl.String(),
        "id": pl.String(),
    }
)
Key = tuple[Place, str]
Row = tuple[int, int, str, str, str]


class WrittenLogs:
    """Everything that was put, in memory."""

    def __init__(self) -> None:
        self._groups: dict[Key, Group] = {}
        self._events: dict[Key, list[Row]] = {}
        self._count = 0
        self._lock = Lock()

    def create(self, place: Place, group: Group) -> None:
        """A new group, or one that is changed."""
        with self._lock:
            self._groups[place, group.name] = group

    def delete(self, place: Place, name: str) -> bool:
        """Forget a group that was made here, with its events."""
        with self._lock:
            self._events.pop((place, name), None)
            return self._groups.pop((place, name), None) is not None

    def groups(self, place: Place) -> Mapping[str, Group]:
        with self._lock:
            return {name: g for (where, name), g in self._groups.items() if where == place}

    def add_filter(self, place: Place, group: Group, put: Mapping[str, object]) -> None:
        """A metric filter; one of the same name is replaced."""
        others = [f for f in group.metric_filters if f["filterName"] != put["filterName"]]
        self.create(place, replace(group, metric_filters=(*others, put)))

    def put(
        self, place: Place, name: str, stream: str, events: Sequence[tuple[int, str]], now_ms: int
    ) -> None:
        """Events of a stream, by their time in milliseconds; they arrive now."""
        with self._lock:
            rows = self._events.setdefault((place, name), [])
            for at, message in events:
                self._count += 1
                rows.append((at, now_ms, stream, message, f"4{at:014d}{self._count:041d}"))

    def events(self, place: Place, name: str, start_ms: int, end_ms: int) -> pl.DataFrame | None:
        """Events with a time in [start, end); None where none was ever put."""
        return self._found(place, name, 0, start_ms, end_ms)

    def arrivals(self, place: Place, name: str, start_ms: int, end_ms: int) -> pl.DataFrame | None:
        """Events that arrived in [start, end); None where none was ever put."""
        return self._found(place, name, 1, start_ms, end_ms)

    def _found(
        self, place: Place, name: str, column: int, start_ms: int, end_ms: int
    ) -> pl.DataFrame | None:
        with self._lock:
            rows = self._events.get((place, name))
            if not rows:
                return None
            inside = [row for row in rows if start_ms <= int(row[column]) < end_ms]
        return pl.DataFrame(inside, schema=SCHEMA, orient="row")
