"""Questions about stored log events: which segments to open, and their rows.

Segments are chosen by time, group and token filter before any is opened; of a
chosen one only the row ranges of the wanted groups are read.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

import numpy as np
import polars as pl

from app.model.logs import FieldInfo, LogGroup, LogGroupKey
from app.store import log_facts
from app.store.catalog import Catalog
from app.store.files import SegmentFiles
from app.store.log_encode import LOGS
from app.store.log_facts import LogFacts
from app.store.log_groups import GroupIndex
from app.store.log_keys import Keys
from app.store.log_tokens import BLOCK, holds, places
from app.store.mirror import Mirror
from app.store.segments import Level, Segment


@dataclass(frozen=True)
class LogSegment:
    """A segment with those of its rows that were asked for, as ranges of row numbers."""

    segment: Segment
    facts: LogFacts
    ranges: tuple[tuple[int, int], ...]
    """First row and number of rows; neighbours are joined."""

    first_ms: int
    last_ms: int

    @property
    def fields(self) -> Mapping[str, FieldInfo]:
        return self.facts.fields

    @cached_property
    def rows(self) -> int:
        return sum(count for _, count in self.ranges)

    @property
    def whole(self) -> bool:
        """Whether every row of the segment is wanted."""
        return self.rows == self.segment.rows

    @property
    def raw_bytes(self) -> int:
        """Bytes of the wanted messages, by their share of the rows."""
        return self.facts.raw_bytes * self.rows // max(1, self.segment.rows)


class LogReader:
    """Reads log events; safe to share between threads."""

    def __init__(self, catalog: Catalog, files: SegmentFiles, mirror: Mirror) -> None:
        self._catalog, self._files, self._mirror = catalog, files, mirror
        self._index = GroupIndex(catalog, mirror.seen)
        self._lock = threading.Lock()
        self._facts: dict[int, LogFacts] = {}

    def groups(self) -> list[LogGroup]:
        """Every log group that is or was there, by place and name."""
        return self._index.all()

    def ids(self) -> Mapping[LogGroupKey, int]:
        """What the column ``group`` holds for each group."""
        return self._index.ids()

    def segments(
        self, start_ms: int, end_ms: int, groups: Collection[LogGroupKey] | None = None
    ) -> list[LogSegment]:
        """Segments with events of ``groups`` (None: all) between two times, both inside.

        Newest first, by their last wanted event.
        """
        live = [
            s
            for s in self._mirror.live(LOGS)
            if s.bounds.at[0] <= end_ms and s.bounds.at[1] >= start_ms
        ]
        facts = self._facts_of(live)
        known = self._index.ids()
        ids = None if groups is None else np.array([known[g] for g in groups if g in known])
        found = (_wanted(s, facts[s.id], ids, start_ms, end_ms) for s in live if s.id in facts)
        return sorted((f for f in found if f), key=lambda f: (-f.last_ms, f.segment.id))

    def committed_after(
        self, seq: int, groups: Collection[LogGroupKey] | None = None
    ) -> tuple[list[LogSegment], int]:
        """Segments of commits later than ``seq`` as they came, oldest first, and the newest one.

        What was merged meanwhile is no longer told apart, and left out.
        """
        found = [
            s for s in self.segments(-(2**62), 2**62, groups) if s.segment.level is Level.FRESH
        ]
        new = [s for s in found if s.segment.bounds.seq[0] > seq]
        new.sort(key=lambda s: s.segment.bounds.seq)
        return new, max((s.segment.bounds.seq[1] for s in new), default=seq)

    def may_hold(self, segment: LogSegment, keys: Keys) -> bool:
        """False if no event of the segment has all of ``keys``; see :meth:`holding`."""
        return bool(self.holding([segment], keys))

    def holding(self, segments: Sequence[LogSegment], keys: Keys) -> list[LogSegment]:
        """Those segments that may hold an event with all of ``keys``, in the order given.

        Keys come from ``keys_inside`` and ``keys_of_equal``; without any, every segment may.
        """
        if not len(keys):
            return list(segments)
        filtered = [one for one in segments if one.facts.tokens[1]]
        wanted = []
        for one in filtered:
            start, size = one.facts.tokens
            wanted += [(one.segment.path, start + at, BLOCK) for at in places(keys, size)]
        blocks = iter(self._files.parts(wanted))
        return [one for one in filtered if holds(keys, list(islice(blocks, len(keys))))]

    def scan(self, segment: LogSegment, columns: Sequence[str]) -> pl.LazyFrame:
        """The wanted rows with these columns, in the order of group and time."""
        [path] = self._files.locations([segment.segment.path])
        found = pl.scan_parquet(path, glob=False, hive_partitioning=False, cache=False)
        if segment.whole:
            return found.select(columns)
        parts = [found.slice(first, count).select(columns) for first, count in segment.ranges]
        return parts[0] if len(parts) == 1 else pl.concat(parts)

    def scan_whole(self, segments: Sequence[LogSegment], columns: Sequence[str]) -> pl.LazyFrame:
        """All rows of several segments that have the same columns, in one scan."""
        paths = self._files.locations([s.segment.path for s in segments])
        found = pl.scan_parquet(
            paths,
            glob=False,
            hive_partitioning=False,
            cache=False,
            missing_columns="insert",
            extra_columns="ignore",
        )
        return found.select(columns)

    def _facts_of(self, live: Sequence[Segment]) -> dict[int, LogFacts]:
        with self._lock:
            missing = [s.id for s in live if s.id not in self._facts]
            if missing:
                there = {s.id for s in self._mirror.live(LOGS)}
                self._facts = {i: f for i, f in self._facts.items() if i in there}
                with self._catalog.read() as connection:
                    self._facts |= log_facts.of_segments(connection, missing)
            return self._facts


def _wanted(
    segment: Segment, facts: LogFacts, ids: np.ndarray[Any, Any] | None, start_ms: int, end_ms: int
) -> LogSegment | None:
    """The groups of a segment that have events in the time, or None if there is none."""
    groups = facts.groups
    inside = (groups["first"] <= end_ms) & (groups["last"] >= start_ms)
    if ids is not None:
        inside &= np.isin(groups["group"], ids)
    if not inside.any():
        return None
    ends = np.cumsum(groups["rows"], dtype=np.int64)
    starts = ends - groups["rows"]
    ranges = tuple(_joined(zip(starts[inside].tolist(), ends[inside].tolist(), strict=True)))
    first, last = int(groups["first"][inside].min()), int(groups["last"][inside].max())
    return LogSegment(segment, facts, ranges, first, last)


def _joined(ranges: Iterator[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """First row and count of ranges given as start and end, neighbours joined."""
    low = high = -1
    for start, end in ranges:
        if start == high:
            high = end
            continue
        if high > low:
            yield low, high - low
        low, high = start, end
    if high > low:
        yield low, high - low
