"""A segment of log events together with those of its rows that somebody asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from app.model.logs import FieldInfo
from app.store.log_encode import ROW_GROUP
from app.store.log_facts import LogFacts
from app.store.segments import Segment


@dataclass(frozen=True)
class LogSegment:
    """A segment with those of its rows that were asked for, as ranges of row numbers."""

    segment: Segment
    facts: LogFacts
    ranges: tuple[tuple[int, int], ...]
    """First row and number of rows; neighbours are joined."""

    first_ms: int
    last_ms: int
    groups: tuple[int, ...] | None
    """Ids of the wanted groups, None for every one."""

    @property
    def fields(self) -> Mapping[str, FieldInfo]:
        return self.facts.fields

    @cached_property
    def rows(self) -> int:
        return sum(count for _, count in self.ranges)

    @property
    def passed(self) -> int:
        """About how many rows are decoded to read the wanted ones."""
        return min(self.segment.rows, self.rows + ROW_GROUP * len(self.ranges))

    @property
    def whole(self) -> bool:
        """Whether every row of the segment is wanted."""
        return self.rows == self.segment.rows

    @property
    def raw_bytes(self) -> int:
        """Bytes of the wanted messages, by their share of the rows."""
        return self.facts.raw_bytes * self.rows // max(1, self.segment.rows)


def wanted_of(
    segment: Segment, facts: LogFacts, ids: NDArray[np.uint32] | None, start_ms: int, end_ms: int
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
    wanted = None if inside.all() else tuple(groups["group"][inside].tolist())
    return LogSegment(segment, facts, ranges, first, last, wanted)


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
