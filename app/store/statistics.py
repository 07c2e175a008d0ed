"""Figures about a store, as ``watchdeck store stats`` shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Table, func, select

from app.model.time import from_epoch_ms
from app.store import lease, roster, schema
from app.store.catalog import Catalog, counts
from app.store.log_encode import LOGS
from app.store.segments import Level, Segment, State
from app.store.tables import SPEND, TABLES
from app.store.trace_tables import SPANS, TRACES

EVERY_TABLE = (*TABLES, LOGS, SPEND.name, TRACES.name, SPANS.name)


@dataclass(frozen=True, slots=True)
class TableStats:
    """One table: ``fresh``, ``merged`` and ``sealed`` count its segments by how far merged."""

    table: str
    rows: int
    bytes: int
    fresh: int
    merged: int
    sealed: int
    oldest: datetime | None
    newest: datetime | None

    @property
    def bytes_per_row(self) -> float:
        return self.bytes / self.rows if self.rows else 0.0


@dataclass(frozen=True, slots=True)
class Stats:
    """The whole store. ``waiting`` segments are replaced and go when no reader can hold them."""

    tables: tuple[TableStats, ...]
    waiting_segments: int
    waiting_bytes: int
    quarantined_segments: int
    quarantined_bytes: int
    series: int
    resources: int
    rounds: int
    transitions: int
    catalog_bytes: int | None
    version: int
    writer: str

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables)

    @property
    def bytes(self) -> int:
        return sum(table.bytes for table in self.tables)


def read(catalog: Catalog) -> Stats:
    """Count everything in one look."""
    with catalog.read() as connection:
        live = roster.in_state(connection, State.LIVE)
        waiting = roster.in_state(connection, State.RETIRED)
        damaged = roster.in_state(connection, State.QUARANTINED)
        return Stats(
            tables=tuple(_of_table(name, live) for name in EVERY_TABLE),
            waiting_segments=len(waiting),
            waiting_bytes=sum(s.bytes for s in waiting),
            quarantined_segments=len(damaged),
            quarantined_bytes=sum(s.bytes for s in damaged),
            series=_count(connection, schema.series),
            resources=_count(connection, schema.resources),
            rounds=_count(connection, schema.rounds),
            transitions=_count(connection, schema.transitions),
            catalog_bytes=_size(catalog.file),
            version=counts(connection)["version"],
            writer=lease.holder(connection),
        )


def _of_table(name: str, live: list[Segment]) -> TableStats:
    segments = [s for s in live if s.table == name]
    levels = [s.level for s in segments]
    return TableStats(
        table=name,
        rows=sum(s.rows for s in segments),
        bytes=sum(s.bytes for s in segments),
        fresh=levels.count(Level.FRESH),
        merged=levels.count(Level.MERGED),
        sealed=levels.count(Level.SEALED),
        oldest=from_epoch_ms(min(s.bounds.at[0] for s in segments)) if segments else None,
        newest=from_epoch_ms(max(s.bounds.at[1] for s in segments)) if segments else None,
    )


def _count(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def _size(file: Path | None) -> int | None:
    """Bytes of an SQLite catalog with its write-ahead log; None for a server."""
    if file is None:
        return None
    parts = (file, file.with_name(f"{file.name}-wal"))
    return sum(part.stat().st_size for part in parts if part.exists())
