"""Every series that was ever seen, with the small integer that stands for it.

The ids are given out by the catalog; a copy of all keys is kept in memory and
follows it. Ids are never used again.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import repeat

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sqlalchemy import Connection, bindparam, insert, select, update

from app.model.ids import Place, SeriesKey
from app.store import schema

DIMENSION = pl.Struct({"name": pl.String(), "value": pl.String()})
MOMENT = pl.Datetime("us", "UTC")
FOUND = pl.Schema(
    {
        "series": pl.UInt32(),
        "account": pl.String(),
        "region": pl.String(),
        "namespace": pl.String(),
        "metric": pl.String(),
        "dimensions": pl.List(DIMENSION),
        "first_seen": MOMENT,
        "last_listed": MOMENT,
    }
)
_HIDDEN = {"pairs": pl.List(pl.String())}


@dataclass(frozen=True, slots=True)
class Entry:
    """One series of the index."""

    id: int
    key: SeriesKey
    first_seen: datetime
    last_listed: datetime | None


@dataclass(frozen=True, slots=True)
class Registered:
    """Ids by position, and entries to write: above ``known`` new, the others listed again."""

    ids: NDArray[np.uint32]
    entries: tuple[Entry, ...]
    known: int


class SeriesIndex:
    """Series by key, by id and by what they are about; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._entries: dict[int, Entry] = {}
        self._ids: dict[SeriesKey, int] = {}
        self._ours: dict[int, int] = {}
        self._frame = pl.DataFrame(schema={**FOUND, **_HIDDEN})
        self._fresh: dict[int, Entry] = {}
        self.newest = 0

    def __len__(self) -> int:
        return len(self._entries)

    def find(
        self,
        *,
        places: Iterable[Place] | None = None,
        namespace: str | None = None,
        metric: str | None = None,
        dimensions: Mapping[str, str] | None = None,
        ids: Sequence[int] | pl.Series | NDArray[np.uint32] | None = None,
    ) -> pl.DataFrame:
        """The series that match all that is given, sorted by id.

        ``dimensions`` matches series that have at least these.
        """
        conditions = [pl.col("namespace") == namespace] if namespace is not None else []
        if metric is not None:
            conditions.append(pl.col("metric") == metric)
        if places is not None:
            conditions.append(_in_places(places))
        if ids is not None:
            wanted = pl.Series(ids, dtype=pl.UInt32, strict=False)
            conditions.append(pl.col("series").is_in(wanted.implode()))
        conditions += [
            pl.col("pairs").list.contains(_pair(name, value))
            for name, value in (dimensions or {}).items()
        ]
        found = self._table()
        for condition in conditions:
            found = found.filter(condition)
        return found.select(FOUND.names())

    def keys(self, ids: Iterable[int]) -> list[SeriesKey]:
        """The key of each id; KeyError for one that was never given out."""
        return [self._entries[int(one)].key for one in ids]

    def ids(self, keys: Sequence[SeriesKey]) -> NDArray[np.uint32]:
        """The id of each key, 0 for a series that is not known."""
        # Hashing the keys is the dearest part of a commit, so those that are our own
        # objects (see ``keys``) are known by their address; ours are never let go.
        found = np.fromiter(map(self._ours.get, map(id, keys), repeat(0)), np.uint32, len(keys))
        for position in np.flatnonzero(found == 0).tolist():
            found[position] = self._ids.get(keys[position], 0)
        return found

    def register(
        self, points: Sequence[SeriesKey], listed: Sequence[SeriesKey], now: datetime
    ) -> Registered:
        """Ids for the keys of ``points``, and the entries that must be written for both.

        Nothing is kept in memory until :meth:`apply`.
        """
        ids = self.ids(points)
        new: dict[SeriesKey, Entry] = {}
        for position in np.flatnonzero(ids == 0).tolist():
            ids[position] = self._entry(points[position], new, now).id
        relisted = {}
        for key in listed:
            entry = self._entry(key, new, now)
            relisted[entry.id] = replace(entry, last_listed=now)
        changed = {entry.id: entry for entry in new.values()} | relisted
        return Registered(ids, tuple(changed.values()), self.newest)

    def _entry(self, key: SeriesKey, new: dict[SeriesKey, Entry], now: datetime) -> Entry:
        """The entry of a key, made in ``new`` if there is none."""
        known = self._ids.get(key)
        if known is not None:
            return self._entries[known]
        if key not in new:
            new[key] = Entry(self.newest + 1 + len(new), key, now, None)
        return new[key]

    def apply(self, entries: Iterable[Entry]) -> None:
        """Take over entries of the catalog; seeing one twice does no harm."""
        with self._lock:
            for given in entries:
                known = self._entries.get(given.id)
                entry = given if known is None else replace(given, key=known.key)
                self._entries[entry.id] = self._fresh[entry.id] = entry
                self._ids[entry.key] = self._ours[id(entry.key)] = entry.id
                self.newest = max(self.newest, entry.id)

    def _table(self) -> pl.DataFrame:
        with self._lock:
            if self._fresh:
                added = _frame(self._fresh.values())
                older = self._frame.filter(~pl.col("series").is_in(added["series"].implode()))
                self._frame = pl.concat([older, added]).sort("series")
                self._fresh = {}
            return self._frame


def write(connection: Connection, registered: Registered, version: int) -> None:
    """Write entries that are new or were listed again."""
    new = [_row(entry, version) for entry in registered.entries if entry.id > registered.known]
    again = [
        {"one": entry.id, "listed": entry.last_listed, "version": version}
        for entry in registered.entries
        if entry.id <= registered.known
    ]
    if new:
        connection.execute(insert(schema.series), new)
    if again:
        statement = (
            update(schema.series)
            .where(schema.series.c.id == bindparam("one"))
            .values(last_listed=bindparam("listed"), changed=bindparam("version"))
        )
        connection.execute(statement, again)


def changed_since(connection: Connection, version: int) -> list[Entry]:
    """Every series that is new or was listed again after ``version``."""
    names: dict[str, str] = {}
    statement = select(schema.series).where(schema.series.c.changed > version)
    return [
        Entry(
            row.id,
            SeriesKey(
                names.setdefault(row.account, row.account),
                names.setdefault(row.region, row.region),
                names.setdefault(row.namespace, row.namespace),
                names.setdefault(row.metric, row.metric),
                tuple((names.setdefault(n, n), v) for n, v in row.dimensions),
            ),
            row.first_seen,
            row.last_listed,
        )
        for row in connection.execute(statement)
    ]


def _row(entry: Entry, version: int) -> dict[str, object]:
    key = entry.key
    return {
        "id": entry.id,
        "digest": key.digest(),
        "account": key.account,
        "region": key.region,
        "namespace": key.namespace,
        "metric": key.metric,
        "dimensions": key.dimensions,
        "first_seen": entry.first_seen,
        "last_listed": entry.last_listed,
        "changed": version,
    }


def _frame(entries: Iterable[Entry]) -> pl.DataFrame:
    rows = [
        (
            entry.id,
            entry.key.account,
            entry.key.region,
            entry.key.namespace,
            entry.key.metric,
            [{"name": name, "value": value} for name, value in entry.key.dimensions],
            entry.first_seen,
            entry.last_listed,
            [_pair(name, value) for name, value in entry.key.dimensions],
        )
        for entry in entries
    ]
    return pl.DataFrame(rows, schema={**FOUND, **_HIDDEN}, orient="row")


def _pair(name: str, value: str) -> str:
    return f"{name}\x1f{value}"


def _in_places(places: Iterable[Place]) -> pl.Expr:
    wanted = [pl.col("account").eq(p.account) & pl.col("region").eq(p.region) for p in places]
    return pl.any_horizontal(wanted) if wanted else pl.lit(value=False)
