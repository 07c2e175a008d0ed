"""Merging small segments of spend; no row of it ever supersedes another.

Each reading of a few days is a segment of its own, so a year makes thousands. Rows of
statements that are gone go with it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field

import polars as pl

from app.store.compaction import joined
from app.store.files import SegmentFiles
from app.store.roster import Scope
from app.store.segments import Encoded, Level, Segment
from app.store.spend_encode import encode
from app.store.tables import SPEND

MANY = 16
"""So many small segments are worth merging."""

SMALL = 500_000
"""Segments with more rows are left as they are."""

AT_ONCE = 1_000_000
"""Rows held in memory while merging."""


def merges(live: Sequence[Segment]) -> list[tuple[Segment, ...]]:
    """Small segments to merge, in the order in which they were listed.

    Those that a merge made wait for others like them, so that none is written each time.
    """
    found: list[tuple[Segment, ...]] = []
    for level in (Level.FRESH, Level.MERGED):
        small = [s for s in live if s.level is level and s.rows < SMALL]
        if len(small) >= MANY:
            found += _portions(sorted(small, key=lambda s: s.id))
    return found


def _portions(small: Sequence[Segment]) -> Iterator[tuple[Segment, ...]]:
    some: list[Segment] = []
    for segment in small:
        if some and sum(s.rows for s in some) + segment.rows > AT_ONCE:
            yield tuple(some)
            some = []
        some.append(segment)
    if len(some) > 1:
        yield tuple(some)


@dataclass(slots=True)
class SpendJob:
    """A merge of spend; ``known`` tells which parts in some segments still exist."""

    inputs: tuple[Segment, ...]
    known: Callable[[Collection[int]], Sequence[int]]
    parts: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def outputs(self, files: SegmentFiles) -> Iterator[Encoded]:
        rows = pl.read_parquet(
            files.locations([segment.path for segment in self.inputs]),
            schema=SPEND.schema,
            glob=False,
            hive_partitioning=False,
        )
        living = self.known([segment.id for segment in self.inputs])
        rows = rows.filter(pl.col("part").is_in(list(living))).sort("part", maintain_order=True)
        if rows.height:
            newest = max(segment.bounds.seq[1] for segment in self.inputs)
            encoded, parts = encode(rows, Level.MERGED, newest)
            self.parts[encoded.segment.path] = parts
            yield encoded

    def scopes(self, segment: Segment, carried: Sequence[Scope]) -> list[Scope]:
        """All that was carried: it is not known which part a window belongs to."""
        return joined(carried)
