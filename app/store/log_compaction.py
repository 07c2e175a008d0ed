"""Merging segments of log events: slices of time that are small enough to be opened quickly.

Queries mostly want the newest events, so a merged segment holds a short stretch
of time of all groups, sorted by group. A past day is written once more, packed
harder. Nothing is superseded here, because no event is stored twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from app.model.logs import (
    EVENT_COLUMNS,
    FIELD,
    MOST_COLUMNS,
    FieldInfo,
    FieldKind,
    spelled,
)
from app.model.time import from_epoch_ms
from app.store.compaction import is_past
from app.store.files import SegmentFiles
from app.store.log_encode import encode, in_order
from app.store.log_facts import LogFacts
from app.store.segments import Encoded, Level, Segment

SLICE = 131_072
"""Rows of a merged segment: about 30 MB of messages, read within some ten milliseconds."""

AT_ONCE = 4 * SLICE


@dataclass(frozen=True, slots=True)
class LogMerge:
    """Segments to be replaced by slices of ``level``."""

    inputs: tuple[Segment, ...]
    level: Level


def merges(live: Sequence[Segment], now: datetime) -> list[LogMerge]:
    """What is worth merging, oldest day first."""
    days: defaultdict[date, list[Segment]] = defaultdict(list)
    for segment in live:
        days[from_epoch_ms(segment.bounds.at[0]).date()].append(segment)
    return [m for day in sorted(days) for m in _of_day(days[day], past=is_past(day, now))]


def _of_day(segments: Sequence[Segment], *, past: bool) -> Iterator[LogMerge]:
    level = Level.SEALED if past else Level.MERGED
    young = [s for s in segments if s.level < level]
    small = [s for s in segments if s.level is level and s.rows < SLICE // 2]
    if not young or (not past and len(young) < 2):
        return
    for some in _portions([*young, *small]):
        yield LogMerge(tuple(some), level)


def _portions(segments: Sequence[Segment]) -> Iterator[list[Segment]]:
    """Neighbours in time, so many that they fit into memory."""
    some: list[Segment] = []
    for segment in sorted(segments, key=lambda s: (s.bounds.at, s.id)):
        if some and sum(s.rows for s in some) + segment.rows > AT_ONCE:
            yield some
            some = []
        some.append(segment)
    if some:
        yield some


def merged(
    files: SegmentFiles, merge: LogMerge, facts: Mapping[int, LogFacts]
) -> Iterator[Encoded]:
    """The new segments, one slice of time of one day each."""
    own = [facts[segment.id] for segment in merge.inputs]
    fields = united([f.fields for f in own])
    rows = _read(files, merge.inputs, own, fields).sort("at")
    more, seq = any(f.more_fields for f in own), max(s.bounds.seq[1] for s in merge.inputs)
    for part in _slices(rows):
        there = {
            name: info
            for name, info in fields.items()
            if not info.column or part[f"{FIELD}{name}"].null_count() < part.height
        }
        kept = part.select(*EVENT_COLUMNS, *(f"{FIELD}{n}" for n, i in there.items() if i.column))
        yield encode(in_order(kept), there, merge.level, seq, more=more)


def united(parts: Sequence[Mapping[str, FieldInfo]]) -> dict[str, FieldInfo]:
    """Fields of several segments together.

    One that is rare somewhere is rare in all of them: a column must be complete.
    """
    counts: defaultdict[str, int] = defaultdict(int)
    kinds: defaultdict[str, set[FieldKind]] = defaultdict(set)
    rare = set()
    for fields in parts:
        for name, info in fields.items():
            counts[name] += info.count
            kinds[name].add(info.kind)
            if not info.column:
                rare.add(name)
    often = sorted((n for n in counts if n not in rare), key=lambda n: (-counts[n], n))
    columns = set(often[:MOST_COLUMNS])
    return {
        name: FieldInfo(
            next(iter(kinds[name])) if len(kinds[name]) == 1 else FieldKind.MIXED,
            counts[name],
            name in columns,
        )
        for name in sorted(counts)
    }


def _read(
    files: SegmentFiles,
    inputs: Sequence[Segment],
    facts: Sequence[LogFacts],
    fields: Mapping[str, FieldInfo],
) -> pl.DataFrame:
    """All rows of the inputs, each field with one type."""
    paths = files.locations([segment.path for segment in inputs])
    frames = []
    for path, own in zip(paths, facts, strict=True):
        columns = [
            _column(name, info, own.fields.get(name))
            for name, info in fields.items()
            if info.column
        ]
        found = pl.scan_parquet(path, glob=False, hive_partitioning=False, cache=False)
        frames.append(found.select(*EVENT_COLUMNS, *columns))
    return pl.concat(frames).collect()


def _column(name: str, wanted: FieldInfo, there: FieldInfo | None) -> pl.Expr:
    physical = f"{FIELD}{name}"
    if there is None:
        return pl.lit(None, dtype=wanted.kind.dtype).alias(physical)
    if there.kind is wanted.kind or wanted.kind is not FieldKind.MIXED:
        return pl.col(physical)
    return spelled(pl.col(physical), there.kind).alias(physical)


def _slices(rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Rows in order of time cut by day, and a day into slices of about equal size."""
    days = rows["at"].dt.date()
    for day in days.unique(maintain_order=True):
        part = rows.filter(days == day)
        count = max(1, round(part.height / SLICE))
        step = -(-part.height // count)
        for start in range(0, part.height, step):
            yield part.slice(start, step)
