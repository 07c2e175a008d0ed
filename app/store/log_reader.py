"""Questions about stored log events: which segments to open, and their rows.

Segments are chosen by time, group and token filter before any is opened; of a
chosen one only the row ranges of the wanted groups are read.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import islice

import numpy as np
import polars as pl
from numpy.typing import NDArray

from app.model.errors import StoreError
from app.model.logs import EVENT_COLUMNS, FIELD, LogGroup, LogGroupKey
from app.model.time import Window, epoch_ms
from app.store import log_facts
from app.store.catalog import Catalog
from app.store.files import SegmentFiles
from app.store.log_encode import LOGS
from app.store.log_facts import FactsShelf
from app.store.log_groups import GroupIndex
from app.store.log_keys import Keys
from app.store.log_known import WORD, WORDS
from app.store.log_segments import LogSegment, wanted_of
from app.store.log_tokens import BLOCK, holds, places
from app.store.mirror import Mirror
from app.store.segments import Level, Segment
from app.store.tables import UTC_MS

EVER = (-(2**62), 2**62)
"""From when to when, in ms."""

MOST_RANGES = 8
"""With more stretches of rows reading all that lies between them is cheaper."""


class LogReader:
    """Reads log events; safe to share between threads."""

    def __init__(self, catalog: Catalog, files: SegmentFiles, mirror: Mirror) -> None:
        self._catalog, self._files, self._mirror = catalog, files, mirror
        self._index = GroupIndex(catalog, mirror.seen)
        self._facts = FactsShelf(catalog)

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
        found = self.near(None if groups is None else self._ids_of(groups), start_ms, end_ms)
        return sorted(found, key=lambda one: (-one.last_ms, one.segment.id))

    def near(self, ids: NDArray[np.uint32] | None, start_ms: int, end_ms: int) -> list[LogSegment]:
        """The same in no order, with groups by what the column ``group`` holds for them."""
        return self._found(start_ms, end_ms, ids, lambda segment: True)

    def committed_after(
        self, seq: int, groups: Collection[LogGroupKey] | None = None
    ) -> tuple[list[LogSegment], int]:
        """Segments of commits later than ``seq`` as they came, oldest first, and the newest one.

        What was merged meanwhile is no longer told apart, and left out.
        """
        ids = None if groups is None else self._ids_of(groups)
        new = self._found(*EVER, ids, lambda s: s.level is Level.FRESH and s.bounds.seq[0] > seq)
        new.sort(key=lambda s: s.segment.bounds.seq)
        return new, max((s.segment.bounds.seq[1] for s in new), default=seq)

    def counts(self, group: LogGroupKey, window: Window) -> pl.DataFrame:
        """Stored events of a group by minute: how many are of it, and how many came in it.

        Columns ``minute``, ``events`` and ``ingested``, by minute; only minutes with some.
        """
        start, end = epoch_ms(window.start), epoch_ms(window.end)
        with self._catalog.read() as connection:
            came = set(log_facts.ingested_within(connection, start, end))
        found = self._found(
            *EVER,
            self._ids_of([group]),
            lambda s: s.id in came or _reaches_into(s, start, end - 1),
        )
        parts = [self.scan(one, ("at", "ingested")) for one in found]
        empty = pl.LazyFrame(schema={"at": UTC_MS, "ingested": UTC_MS})
        rows = pl.concat([empty, *parts])
        of_it = _by_minute(rows, "at", window).rename({"at": "events"})
        counted = pl.concat([of_it, _by_minute(rows, "ingested", window)], how="align")
        return counted.collect(engine="streaming")

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
        if segment.whole:
            return self.scan_whole([segment], columns)
        found = self.scan_whole([segment], [*columns, *_beside(columns, "group")])
        ranges = segment.ranges
        if len(ranges) <= MOST_RANGES:
            parts = [found.slice(first, count).select(columns) for first, count in ranges]
            return parts[0] if len(parts) == 1 else pl.concat(parts)
        first, (last, count) = ranges[0][0], ranges[-1]
        wanted = pl.Series(segment.groups, dtype=pl.UInt32).implode()
        near = found.slice(first, last + count - first)
        return near.filter(pl.col("group").is_in(wanted)).select(columns)

    def scan_whole(self, segments: Sequence[LogSegment], columns: Sequence[str]) -> pl.LazyFrame:
        """All rows of several segments that have the same columns, in one scan.

        A column that only some of them have is null in the others.
        """
        types = dict(EVENT_COLUMNS)
        types |= {f"{WORD}{word}": pl.Boolean() for word in WORDS}
        for one in segments:
            types |= {f"{FIELD}{n}": i.kind.dtype for n, i in one.fields.items() if i.column}
        # With a schema polars need not open the first file to plan.
        return pl.scan_parquet(
            self._files.locations([s.segment.path for s in segments]),
            schema={name: types[name] for name in columns},
            glob=False,
            hive_partitioning=False,
            cache=False,
            missing_columns="insert",
            extra_columns="ignore",
        )

    def _found(
        self,
        start_ms: int,
        end_ms: int,
        ids: NDArray[np.uint32] | None,
        chosen: Callable[[Segment], bool],
    ) -> list[LogSegment]:
        """What the ``chosen`` segments hold of some groups between two times, in no order."""
        for _ in range(2):
            live = [s for s in self._mirror.live(LOGS) if _reaches_into(s, start_ms, end_ms)]
            live = [s for s in live if chosen(s)]
            facts = self._facts.of([s.id for s in live])
            if len(facts) == len(live):
                found = (wanted_of(s, facts[s.id], ids, start_ms, end_ms) for s in live)
                return [one for one in found if one is not None]
            # We slept so long that segments were merged, and forgotten.
            self._mirror.refresh()
        raise StoreError(
            "the catalog lists segments of logs and does not say what is in them; "
            "restore it from a backup"
        )

    def _ids_of(self, groups: Collection[LogGroupKey]) -> NDArray[np.uint32]:
        known = self._index.ids()
        return np.array(sorted(known[g] for g in groups if g in known), dtype=np.uint32)


def _reaches_into(segment: Segment, start_ms: int, end_ms: int) -> bool:
    return segment.bounds.at[0] <= end_ms and segment.bounds.at[1] >= start_ms


def _beside(columns: Sequence[str], name: str) -> list[str]:
    return [] if name in columns else [name]


def _by_minute(rows: pl.LazyFrame, time: str, window: Window) -> pl.LazyFrame:
    inside = (pl.col(time) >= window.start) & (pl.col(time) < window.end)
    counted = rows.filter(inside).group_by(minute=pl.col(time).dt.truncate("1m"))
    return counted.agg(pl.len().alias(time)).sort("minute")
