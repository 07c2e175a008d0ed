"""What the catalog knows of a segment of log events, beside what it knows of every segment."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray
from sqlalchemy import Connection, Row, delete, insert, select

from app.model.logs import FieldInfo, FieldKind
from app.store import schema
from app.store.catalog import Catalog
from app.store.log_known import NOTHING_KNOWN, Known

MOST_HELD = 1_000_000
"""Fields and groups of segments that are kept in memory, some hundred bytes each."""

GROUP_ROW = np.dtype([("group", "<u4"), ("rows", "<u4"), ("first", "<i8"), ("last", "<i8")])
"""One group of a segment in the order of its rows: id, how many, first and last ``at`` in ms."""


FieldBounds = tuple[float, float] | tuple[str, str]
"""Least and greatest value of a field."""


@dataclass(frozen=True, slots=True)
class LogFacts:
    """What is in a segment, so that it need not be opened to know.

    ``bounds`` are those of columns of numbers and of short texts; ``ingested`` is
    first and last in ms. ``raw_bytes`` are those of all messages, ``tokens`` is
    where in the file the filter begins and how many bytes it has.
    """

    groups: NDArray[Any]
    fields: Mapping[str, FieldInfo]
    bounds: Mapping[str, FieldBounds]
    more_fields: bool
    ingested: tuple[int, int]
    raw_bytes: int
    tokens: tuple[int, int]
    known: Known = NOTHING_KNOWN

    @property
    def size(self) -> int:
        """About how much memory this takes, in fields and groups."""
        return len(self.fields) + len(self.groups) + len(self.known.minutes)


class FactsShelf:
    """Facts of the segments that were asked for lately; safe to share between threads."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._lock = threading.Lock()
        self._facts: OrderedDict[int, LogFacts] = OrderedDict()
        self._held = 0

    def of(self, ids: Collection[int]) -> dict[int, LogFacts]:
        """Facts by the id of the segment; of one that was forgotten there are none."""
        with self._lock:
            found = {one: self._facts[one] for one in ids if one in self._facts}
            for one in found:
                self._facts.move_to_end(one)
        missing = [one for one in ids if one not in found]
        if not missing:
            return found
        with self._catalog.read() as connection:
            read = of_segments(connection, missing)
        with self._lock:
            self._held += sum(f.size for i, f in read.items() if i not in self._facts)
            self._facts |= read
            while self._held > MOST_HELD:
                self._held -= self._facts.popitem(last=False)[1].size
        return found | read


def add(connection: Connection, segment: int, facts: LogFacts) -> None:
    """Remember the facts of a listed segment."""
    fields = {
        name: [info.kind.value, info.count, info.column, *facts.bounds.get(name, ())]
        for name, info in facts.fields.items()
    }
    connection.execute(
        insert(schema.log_segments),
        {
            "segment": segment,
            "groups": facts.groups.tobytes(),
            "fields": _written(fields, facts.known),
            "more_fields": int(facts.more_fields),
            "ingested_min": facts.ingested[0],
            "ingested_max": facts.ingested[1],
            "raw_bytes": facts.raw_bytes,
            "tokens_at": facts.tokens[0],
            "tokens_bytes": facts.tokens[1],
        },
    )


def of_segments(connection: Connection, ids: Collection[int]) -> dict[int, LogFacts]:
    """The facts of these segments, some hundred at a time."""
    column = schema.log_segments.c
    found = {}
    for some in _portions(sorted(ids)):
        statement = select(schema.log_segments).where(column.segment.in_(some))
        for row in connection.execute(statement):
            found[int(row.segment)] = _facts(row)
    return found


def ingested_within(connection: Connection, start_ms: int, end_ms: int) -> list[int]:
    """Segments that may hold events ingested from ``start_ms`` to before ``end_ms``."""
    column = schema.log_segments.c
    statement = select(column.segment).where(
        column.ingested_min < end_ms, column.ingested_max >= start_ms
    )
    return [int(one) for one in connection.execute(statement).scalars()]


def _written(fields: Mapping[str, Any], known: Known) -> str:
    """All that is JSON in one text; at first it held the fields alone."""
    minutes = {str(minute): count for minute, count in known.minutes.items()}
    return orjson.dumps([fields, known.words, minutes]).decode()


def _read(written: str) -> tuple[Mapping[str, Any], Known]:
    held = orjson.loads(written)
    if isinstance(held, dict):
        return held, NOTHING_KNOWN
    fields, words, minutes = held
    return fields, Known(words, {int(minute): count for minute, count in minutes.items()})


def _facts(row: Row[Any]) -> LogFacts:
    fields, known = _read(row.fields)
    return LogFacts(
        groups=np.frombuffer(row.groups, dtype=GROUP_ROW),
        fields={
            name: FieldInfo(FieldKind(kind), count, column)
            for name, (kind, count, column, *_) in fields.items()
        },
        bounds={name: (ends[0], ends[1]) for name, (_, _, _, *ends) in fields.items() if ends},
        more_fields=bool(row.more_fields),
        ingested=(int(row.ingested_min), int(row.ingested_max)),
        raw_bytes=int(row.raw_bytes),
        tokens=(int(row.tokens_at), int(row.tokens_bytes)),
        known=known,
    )


def forget(connection: Connection, segment: int) -> None:
    """Drop what is known of a segment."""
    connection.execute(delete(schema.log_segments).where(schema.log_segments.c.segment == segment))


def _portions(ids: list[int]) -> Iterable[list[int]]:
    return (ids[at : at + 500] for at in range(0, len(ids), 500))
