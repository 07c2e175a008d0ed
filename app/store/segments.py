"""Segments: rows of one table as an immutable Parquet file, and what the catalog knows of it.

Rows are in the order of the table's key and unique by it. ``level`` says how
far compaction has come; see :class:`Level`.
"""

from __future__ import annotations

import hashlib
import io
import uuid
from dataclasses import dataclass
from datetime import UTC
from enum import IntEnum, StrEnum

import numpy as np
import polars as pl

from app.model.time import from_epoch_ms
from app.store.files import MAGIC, MISSING, SegmentFiles, flaw
from app.store.log_facts import LogFacts
from app.store.tables import Table

ROW_GROUP = 131_072
SEALED_ROW_GROUP = 65_536


class Level(IntEnum):
    """FRESH as committed, any span; MERGED within one day; SEALED a whole past day."""

    FRESH = 0
    MERGED = 1
    SEALED = 2


class State(StrEnum):
    """LIVE is read; RETIRED waits for late readers and goes; QUARANTINED is damaged."""

    LIVE = "live"
    RETIRED = "retired"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True)
class Bounds:
    """Smallest and largest value of each column that prunes, all inclusive; ``at`` in ms.

    ``series`` is of the column that leads the table; ``period`` is 0 where there is none.
    """

    at: tuple[int, int]
    series: tuple[int, int]
    period: tuple[int, int]
    seq: tuple[int, int]

    def meets(self, other: Bounds) -> bool:
        """Whether both may hold the same key."""
        return (
            _overlap(self.series, other.series)
            and _overlap(self.at, other.at)
            and _overlap(self.period, other.period)
        )


@dataclass(frozen=True, slots=True)
class Segment:
    """One listed file. ``id`` is 0 until the catalog has given it one."""

    table: str
    path: str
    level: Level
    rows: int
    bytes: int
    checksum: str
    bounds: Bounds
    id: int = 0


@dataclass(frozen=True, slots=True)
class Encoded:
    """A segment that is ready to be written; ``facts`` are what the catalog holds of log events."""

    segment: Segment
    content: bytes
    facts: LogFacts | None = None


def encode(table: Table, rows: pl.DataFrame, level: Level) -> Encoded:
    """A segment of ``rows``, which are not empty, in key order and unique by key."""
    bounds = bounds_of(rows, table.lead)
    content = _parquet(rows, level)
    path = _path(table.name, bounds, level)
    checksum = checksum_of(content)
    segment = Segment(table.name, path, level, rows.height, len(content), checksum, bounds)
    return Encoded(segment, content)


def in_key_order(table: Table, rows: pl.LazyFrame) -> pl.LazyFrame:
    """``rows`` sorted by key with one row a key: the highest sequence, then the last given."""
    if table.whole:
        rows = rows.filter(newest_writing(table))
    ordered = rows.sort(*table.key, "seq", maintain_order=True)
    differs_from_next = [pl.col(c).ne_missing(pl.col(c).shift(-1)) for c in table.key]
    return ordered.filter(pl.any_horizontal(differs_from_next))


def newest_writing(table: Table) -> pl.Expr:
    """Whether a row is of the newest writing of what is replaced as a whole."""
    return pl.col("seq") == pl.col("seq").max().over(table.whole)


def is_in_key_order(table: Table, rows: pl.DataFrame) -> bool:
    """Whether every key is higher than the one before: sorted, and unique.

    Far cheaper than sorting, and AWS answers series by series in order of time.
    """
    size = max(0, rows.height - 1)
    higher, same = np.zeros(size, dtype=bool), np.ones(size, dtype=bool)
    for name in table.key:
        values = rows[name]
        if values.dtype == pl.String():
            if values.n_unique() > 1:
                return False
            continue
        array = values.to_numpy()
        higher |= same & (array[1:] > array[:-1])
        same &= array[1:] == array[:-1]
    return bool(higher.all())


def damage(files: SegmentFiles, segment: Segment, *, thorough: bool) -> str:
    """What is wrong with the file of ``segment``, empty if nothing is.

    Otherwise only length and footer are looked at; ``thorough`` reads it all.
    """
    if not thorough:
        return files.glance(segment.path, segment.bytes)
    try:
        content = files.read(segment.path)
    except FileNotFoundError:
        return MISSING
    problem = flaw(len(content), segment.bytes, content[-len(MAGIC) :])
    if not problem and checksum_of(content) != segment.checksum:
        problem = "its checksum is not the one of the catalog"
    return problem


def checksum_of(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def day_of(at_ms: int) -> str:
    return from_epoch_ms(at_ms).astimezone(UTC).date().isoformat()


def bounds_of(rows: pl.DataFrame, lead: str = "series") -> Bounds:
    """The bounds of ``rows``, which are not empty."""
    return Bounds(
        at=_bounds(rows["at"]),
        series=_bounds(rows[lead]),
        period=_bounds(rows["period"]) if "period" in rows.columns else (0, 0),
        seq=_bounds(rows["seq"]),
    )


def _bounds(column: pl.Series) -> tuple[int, int]:
    values = column.to_numpy()
    if values.dtype.kind == "M":
        values = values.view(np.int64)
    return int(values.min()), int(values.max())


def _parquet(rows: pl.DataFrame, level: Level) -> bytes:
    buffer = io.BytesIO()
    if level is Level.SEALED:
        # Small row groups, because most reads want few series of many.
        group = SEALED_ROW_GROUP
        rows.write_parquet(buffer, compression="zstd", compression_level=1, row_group_size=group)
    else:
        # The newest day is read most and lz4 scans twice as fast.
        rows.write_parquet(buffer, compression="lz4", row_group_size=ROW_GROUP)
    return buffer.getvalue()


def _path(table: str, bounds: Bounds, level: Level) -> str:
    day = day_of(bounds.at[0])
    return f"{table}/day={day}/{level.name.lower()}-{uuid.uuid4().hex}.parquet"


def _overlap(a: tuple[int, int], b: tuple[int, int]) -> bool:
    return a[0] <= b[1] and b[0] <= a[1]
