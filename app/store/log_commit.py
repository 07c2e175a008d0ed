"""Log events of a batch as a segment, without those that are there already.

CloudWatch is asked for the same time again and again, because events come late.
Here every event is told by its id, so nothing else has to care: segments never
hold one twice, and scans need not look for doubles.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sqlalchemy import Connection

from app.model.logs import EVENT_COLUMNS, FIELD, LogRows
from app.store import log_facts
from app.store.files import SegmentFiles
from app.store.log_encode import columns_of, encode, in_order
from app.store.log_facts import LogFacts
from app.store.segments import Encoded, Level, Segment

Events = NDArray[np.uint64]
MOST_REMEMBERED = 64
"""Segments whose events are kept in memory; the newest hours are asked for again most."""

_KINDS = (pl.Float64(), pl.String(), pl.Boolean())


class EventMemory:
    """Which events segments hold, read once and kept for the segments looked at last.

    Used inside write transactions only, which exclude each other.
    """

    def __init__(self, files: SegmentFiles) -> None:
        self._files = files
        self._events: OrderedDict[int, Events] = OrderedDict()
        self._facts: dict[int, LogFacts] = {}

    def note(self, segment: Segment, facts: LogFacts, events: Events) -> None:
        """What this process has just written."""
        self._facts[segment.id] = facts
        self._keep(segment.id, events)

    def of_group(
        self,
        connection: Connection,
        live: Sequence[Segment],
        group: int,
        span: tuple[int, int],
    ) -> list[Events]:
        """Events of ``group`` in all segments that reach into ``span`` (ms, both inside)."""
        near = [
            s
            for s in live
            if s.bounds.at[0] <= span[1]
            and s.bounds.at[1] >= span[0]
            and s.bounds.series[0] <= group <= s.bounds.series[1]
        ]
        self._learn(connection, near, live)
        found = []
        for segment in near:
            facts = self._facts[segment.id]
            at = int(np.searchsorted(facts.groups["group"], group))
            if at == len(facts.groups) or facts.groups["group"][at] != group:
                continue
            own = facts.groups[at]
            if own["first"] <= span[1] and own["last"] >= span[0]:
                start = facts.offset_of(at)
                found.append(self._of(segment)[start : start + int(own["rows"])])
        return found

    def _learn(
        self, connection: Connection, near: Sequence[Segment], live: Sequence[Segment]
    ) -> None:
        unknown = [s.id for s in near if s.id not in self._facts]
        if not unknown:
            return
        there = {s.id for s in live}
        self._facts = {id_: facts for id_, facts in self._facts.items() if id_ in there}
        self._facts |= log_facts.of_segments(connection, unknown)

    def _of(self, segment: Segment) -> Events:
        events = self._events.get(segment.id)
        if events is None:
            [path] = self._files.locations([segment.path])
            frame = pl.scan_parquet(path, glob=False, cache=False).select("event").collect()
            events = frame["event"].to_numpy()
        self._keep(segment.id, events)
        return events

    def _keep(self, segment: int, events: Events) -> None:
        self._events[segment] = events
        self._events.move_to_end(segment)
        while len(self._events) > MOST_REMEMBERED:
            self._events.popitem(last=False)


def prepared(
    connection: Connection,
    logs: LogRows,
    ids: Sequence[int],
    memory: EventMemory,
    live: Sequence[Segment],
) -> pl.DataFrame:
    """The rows of ``logs`` that no segment holds yet, with ids for positions, in order."""
    _check(logs)
    numbers = np.array(ids, dtype=np.uint32)
    names = [*EVENT_COLUMNS, *columns_of(logs.fields)]
    rows = logs.frame.select(names).with_columns(
        pl.Series("group", numbers[logs.frame["group"].to_numpy()], dtype=pl.UInt32),
        pl.col("at", "ingested").cast(EVENT_COLUMNS["at"]),
    )
    rows = in_order(rows)
    new = _unlike_the_one_before(rows)
    for group, first, count in _runs(rows):
        part = slice(first, first + count)
        at = rows["at"][part].to_physical()
        span = int(at.min()), int(at.max())  # type: ignore[arg-type] # an Int64 column
        known = memory.of_group(connection, live, group, span)
        if known:
            events = rows["event"][part].to_numpy()
            new[part] &= ~np.isin(events, np.concatenate(known))
    return rows if new.all() else rows.filter(pl.Series(new))


def encoded(rows: pl.DataFrame, logs: LogRows, seq: int) -> Encoded:
    """A fresh segment of new rows."""
    return encode(rows, logs.fields, Level.FRESH, seq, more=logs.more_fields)


def _unlike_the_one_before(rows: pl.DataFrame) -> NDArray[np.bool_]:
    """Rows in order that are not the same event as the row before them."""
    group, event = rows["group"].to_numpy(), rows["event"].to_numpy()
    new = np.ones(rows.height, dtype=np.bool_)
    new[1:] = (group[1:] != group[:-1]) | (event[1:] != event[:-1])
    return new


def _runs(rows: pl.DataFrame) -> Iterable[tuple[int, int, int]]:
    """Group, first row and number of rows, for rows that are in order."""
    groups, first, counts = np.unique(
        rows["group"].to_numpy(), return_index=True, return_counts=True
    )
    return zip(groups.tolist(), first.tolist(), counts.tolist(), strict=True)


def _check(logs: LogRows) -> None:
    frame = logs.frame
    missing = [
        name for name in (*EVENT_COLUMNS, *columns_of(logs.fields)) if name not in frame.columns
    ]
    if missing:
        raise ValueError(f"log events lack the column {', '.join(missing)}")
    absent = [n for n in ("group", "at", "event", "message") if frame[n].null_count()]
    if absent:
        raise ValueError(f"log events have no {', '.join(absent)}")
    if frame.height and int(frame["group"].max()) >= len(logs.groups):  # type: ignore[arg-type]
        raise ValueError("log events name a group that the batch does not hold")
    wrong = [
        name
        for name in frame.columns
        if name.startswith(FIELD) and frame.schema[name] not in _KINDS
    ]
    if wrong:
        raise ValueError(f"{wrong[0]} is neither number, text nor boolean")


def listed(
    connection: Connection, segments: Iterable[Segment], facts: Mapping[str, LogFacts]
) -> None:
    """Remember the facts of those segments that were listed just now, by path."""
    for segment in segments:
        own = facts.get(segment.path)
        if own is not None:
            log_facts.add(connection, segment.id, own)
