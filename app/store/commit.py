"""How a batch becomes segments, and rows of the catalog, in one transaction.

The files are written inside the transaction: it excludes every other writer,
so an unlisted file is never somebody's commit that is still under way.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sqlalchemy import Connection

from app.model.errors import StoreError
from app.model.logs import LogGroupKey
from app.model.rounds import Batch
from app.store import (
    account_alarms,
    coverage,
    log_commit,
    log_groups,
    log_points,
    objects,
    resources,
    roster,
    series,
    spend_commit,
    spend_facts,
    trace_book,
    trace_commit,
)
from app.store.files import SegmentFiles
from app.store.log_memory import EventMemory
from app.store.roster import Scope
from app.store.segments import Encoded, Level, Segment, encode, in_key_order, is_in_key_order
from app.store.series import Entry, SeriesIndex
from app.store.tables import METRICS, TABLES, Table
from app.store.trace_tables import SPANS, TRACES

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Committed:
    """What a commit added; ``seq`` is its fetch sequence."""

    rows: int
    bytes: int
    seq: int


@dataclass(frozen=True, slots=True)
class Written:
    """What a commit wrote, to be taken over in memory once the transaction stands."""

    segments: tuple[Segment, ...]
    frames: Mapping[str, pl.DataFrame]
    entries: tuple[Entry, ...]
    counts: Mapping[str, int]

    @property
    def rows(self) -> int:
        return sum(segment.rows for segment in self.segments)

    @property
    def bytes(self) -> int:
        return sum(segment.bytes for segment in self.segments)


@dataclass(frozen=True, slots=True)
class Writer:
    """What a commit needs beside the batch."""

    files: SegmentFiles
    index: SeriesIndex
    now: datetime
    memory: EventMemory
    log_groups: Mapping[LogGroupKey, int]
    stored: log_points.Stored
    traces: trace_commit.Stored


def write(connection: Connection, batch: Batch, writer: Writer, seq: int) -> Written:
    """Write all of ``batch`` under fetch sequence ``seq``; the caller ends the transaction."""
    index, now = writer.index, writer.now
    registered = index.register(batch.series, batch.listed_series, now)
    series.write(connection, registered, seq)
    events, counts = _log_events(connection, batch, writer)
    frames = _frames(batch, registered.ids, seq, _added(batch, events, registered.ids, writer))
    ready = [encode(TABLES[name], frame, Level.FRESH) for name, frame in frames.items()]
    if events is not None and batch.logs is not None and events.height:
        ready.append(log_commit.encoded(events, batch.logs, seq))
    charged = spend_commit.prepared(connection, batch.spend, batch.staged_spend, seq)
    ready += charged.fresh
    ready += _traces(batch, writer, seq)
    carried = (*batch.covered, *batch.part_of)
    scopes = [Scope(c.place, c.group, c.window) for c in carried if c.window]
    everything = [*ready, *charged.staged]
    with undone_on_failure(writer.files, everything):
        for one in ready:
            writer.files.put(one.segment.path, one.content)
        writer.files.publish([one.segment.path for one in charged.staged])
        listed = roster.add(connection, [one.segment for one in everything], seq, now)
        for segment in listed:
            roster.add_scopes(connection, segment.id, scopes)
        coverage.extend(connection, batch.covered)
        log_commit.listed(connection, listed, {e.segment.path: e.facts for e in ready if e.facts})
        spend_commit.listed(connection, listed, charged.parts)
        counts |= charged.counts | spend_facts.record(connection, batch.spend_facts)
        if batch.resources or batch.listings:
            counts |= resources.record(connection, batch.resources, batch.listings, now)
        counts |= log_groups.describe(connection, batch.log_groups, batch.log_listings, now)
        objects.record(connection, batch.objects, now)
        account_alarms.record(connection, batch.account_alarms, batch.alarm_listings, now)
        trace_book.record(connection, batch, now)
    for one in ready:
        if one.facts is not None and events is not None:
            writer.memory.note(one.segment.path, events)
    return Written(tuple(listed), frames, registered.entries, counts)


def _added(
    batch: Batch, events: pl.DataFrame | None, ids: NDArray[np.uint32], writer: Writer
) -> pl.DataFrame | None:
    """What the new log events add to metrics, as rows without a sequence."""
    points = batch.logs.points if batch.logs is not None else None
    if points is None or points.is_empty():
        return None
    return log_points.added(points, events, ids, writer.stored)


def _frames(
    batch: Batch, ids: NDArray[np.uint32], seq: int, added: pl.DataFrame | None
) -> dict[str, pl.DataFrame]:
    """The rows of each table as they are stored."""
    frames = {
        name: _prepared(_table(name), frame, ids, seq)
        for name, frame in batch.frames.items()
        if frame.height
    }
    if added is not None:
        more = added.with_columns(seq=pl.lit(seq, dtype=pl.UInt64)).select(METRICS.schema.names())
        own = frames.get(METRICS.name, METRICS.empty())
        frames[METRICS.name] = _ordered(METRICS, pl.concat([own, more]))
    return frames


def _traces(batch: Batch, writer: Writer, seq: int) -> list[Encoded]:
    """Fresh segments of the traces of a batch, each put together with what is stored of it."""
    found = trace_commit.frames(batch.traces, writer.traces, writer.now, seq)
    tables = [table for table in (SPANS, TRACES) if table.name in found]
    ordered = [in_key_order(table, found[table.name].lazy()).collect() for table in tables]
    return [encode(table, rows, Level.FRESH) for table, rows in zip(tables, ordered, strict=True)]


def _log_events(
    connection: Connection, batch: Batch, writer: Writer
) -> tuple[pl.DataFrame | None, dict[str, int]]:
    """The new log events of a batch, and what changed about groups."""
    if batch.logs is None or batch.logs.frame.is_empty():
        return None, {}
    groups = batch.logs.groups
    ids, counts = log_groups.register(connection, groups, writer.log_groups, writer.now)
    return log_commit.prepared(batch.logs, ids, writer.memory), counts


@contextmanager
def undone_on_failure(files: SegmentFiles, ready: Sequence[Encoded]) -> Iterator[None]:
    """Remove the files of segments if what lists them fails."""
    try:
        yield
    except BaseException:  # no file may stay behind, however it ended; raised again
        _removed(files, [one.segment.path for one in ready])
        raise


def _removed(files: SegmentFiles, names: Sequence[str]) -> None:
    """Remove files as far as that can be done; what went wrong before is the news."""
    try:
        for name in names:
            files.delete(name)
    except StoreError:
        log.warning("%d segment files are left for the next start to clear up", len(names))


def _table(name: str) -> Table:
    table = TABLES.get(name)
    if table is None:
        raise ValueError(f"a batch holds rows for `{name}`, which is no table of the store")
    return table


def _prepared(table: Table, frame: pl.DataFrame, ids: NDArray[np.uint32], seq: int) -> pl.DataFrame:
    """Rows as they are stored: ids for positions, the sequence, sorted and unique by key."""
    missing = [name for name in table.schema if name not in ("seq", *frame.columns)]
    if missing:
        raise ValueError(f"rows for {table.name} lack the column {', '.join(missing)}")
    absent = [name for name in table.key if frame[name].null_count()]
    if absent:
        raise ValueError(f"rows for {table.name} have no {', '.join(absent)}")
    positions = frame["series"].to_numpy()
    if int(positions.max()) >= len(ids):
        raise ValueError(f"rows for {table.name} name a series that the batch does not hold")
    filled = {"series": ids[positions], "seq": np.full(frame.height, seq, dtype=np.uint64)}
    full = pl.DataFrame(
        [
            pl.Series(name, filled[name]) if name in filled else _typed(frame[name], kind)
            for name, kind in table.schema.items()
        ]
    )
    return _ordered(table, full)


def _ordered(table: Table, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows in key order and unique, by the cheapest way that leads there."""
    if is_in_key_order(table, rows):
        return rows
    # Rows come in order of time, by series or minute by minute; then this is enough.
    by_series = rows.sort("series", maintain_order=True)
    if is_in_key_order(table, by_series):
        return by_series
    return in_key_order(table, rows.lazy()).collect()


def _typed(column: pl.Series, kind: pl.DataType) -> pl.Series:
    return column if column.dtype == kind else column.cast(kind)
