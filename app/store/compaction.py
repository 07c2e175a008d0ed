"""Merging small segments into sorted ones, one day at a time.

Fresh segments are cut by day into merged pieces; the pieces of a past day
become sealed ones, each holding all of a range of series. Rows that a later
fetch has superseded go. The new segments replace the old ones in one
transaction, and old files stay until late readers have let go of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import polars as pl

from app.model.ids import Place
from app.model.time import Intervals, Window, from_epoch_ms
from app.store import scan as scanning
from app.store.files import SegmentFiles
from app.store.roster import Scope
from app.store.segments import Encoded, Level, Segment, encode, in_key_order
from app.store.tables import Table

PIECES = 8
"""So many merged pieces of one day are worth merging again."""

CORRECTION = 0.1
"""Late rows are merged into a sealed day when they are this share of it."""

LATENESS = timedelta(hours=3)
"""A day is sealed when no more of it is expected."""


@dataclass(frozen=True, slots=True)
class Merge:
    """Segments of one table to be replaced by segments of ``level``."""

    table: Table
    inputs: tuple[Segment, ...]
    level: Level

    @property
    def rows(self) -> int:
        return sum(segment.rows for segment in self.inputs)


def fresh_merges(table: Table, live: Sequence[Segment], now: datetime) -> list[Merge]:
    """Fresh segments worth merging, in portions of bounded size."""
    fresh = [s for s in live if s.level is Level.FRESH]
    past = [s for s in fresh if is_past(_day(s.bounds.at[0]), now)]
    if len(fresh) < 2 and not past:
        return []
    return [Merge(table, tuple(some), Level.MERGED) for some in _portions(fresh, 4 * table.at_once)]


def day_merges(table: Table, live: Sequence[Segment], now: datetime) -> list[Merge]:
    """Days whose pieces are worth merging, oldest first."""
    days: defaultdict[date, list[Segment]] = defaultdict(list)
    for segment in live:
        if segment.level is not Level.FRESH:
            days[_day(segment.bounds.at[0])].append(segment)
    merges = []
    for day in sorted(days):
        level = Level.SEALED if is_past(day, now) else Level.MERGED
        if _is_worth(days[day], level):
            merges.append(Merge(table, tuple(days[day]), level))
    return merges


def is_past(day: date, now: datetime) -> bool:
    """Whether no more rows of ``day`` are expected."""
    end = datetime.combine(day, datetime.min.time(), UTC) + timedelta(days=1)
    return now >= end + LATENESS


def merged(files: SegmentFiles, merge: Merge) -> Iterator[Encoded]:
    """The new segments, one at a time: a range of series of one day each."""
    for low, high in _ranges(merge):
        inputs = [s for s in merge.inputs if s.bounds.series[0] < high]
        inputs = [s for s in inputs if s.bounds.series[1] >= low]
        if inputs:
            found = _read(files, merge.table, inputs, (low, high))
            yield from _encoded(merge, found)


def _is_worth(pieces: Sequence[Segment], level: Level) -> bool:
    late = [s for s in pieces if s.level is Level.MERGED]
    sealed = sum(s.rows for s in pieces if s.level is Level.SEALED)
    if len(late) >= PIECES:
        return True
    if level is Level.MERGED or not late:
        return False
    return sum(s.rows for s in late) >= CORRECTION * sealed


def _portions(fresh: Iterable[Segment], most: int) -> Iterator[list[Segment]]:
    some: list[Segment] = []
    for segment in sorted(fresh, key=lambda s: s.id):
        some.append(segment)
        if sum(s.rows for s in some) >= most:
            yield some
            some = []
    if some:
        yield some


def _ranges(merge: Merge) -> Iterator[tuple[int, int]]:
    """Half-open ranges of series ids, or of what leads the table, of bounded size."""
    low = min(s.bounds.series[0] for s in merge.inputs)
    high = max(s.bounds.series[1] for s in merge.inputs) + 1
    step = max(1, -(-(high - low) // max(1, round(merge.rows / merge.table.at_once))))
    for start in range(low, high, step):
        yield start, min(start + step, high)


def _read(
    files: SegmentFiles, table: Table, inputs: Sequence[Segment], series: tuple[int, int]
) -> pl.DataFrame:
    lead = pl.col(table.lead)
    inside = (lead >= series[0]) & (lead < series[1])
    found = scanning.every_row(files, table, inputs).filter(inside)
    return in_key_order(table, found).collect(engine="streaming")


def _encoded(merge: Merge, rows: pl.DataFrame) -> Iterator[Encoded]:
    if rows.is_empty():
        return
    days = rows["at"].dt.date()
    if days.min() == days.max():
        yield encode(merge.table, rows, merge.level)
        return
    for _, some in sorted(rows.group_by(days, maintain_order=True)):
        yield encode(merge.table, some, merge.level)


def within(scopes: Iterable[Scope], span: Window) -> list[Scope]:
    """The coverage of ``span``, neighbouring windows joined."""
    met = ((scope, scope.window.meet(span)) for scope in scopes)
    return joined(replace(scope, window=window) for scope, window in met if window is not None)


def joined(scopes: Iterable[Scope]) -> list[Scope]:
    """The same coverage, neighbouring windows joined."""
    windows: defaultdict[tuple[Place, str], list[Window]] = defaultdict(list)
    for scope in scopes:
        windows[scope.place, scope.group].append(scope.window)
    return [
        Scope(place, group, window)
        for (place, group), some in windows.items()
        for window in Intervals.of(some)
    ]


def day_around(segment: Segment) -> Window:
    """The day in which a merged segment lies."""
    start = datetime.combine(_day(segment.bounds.at[0]), datetime.min.time(), UTC)
    return Window(start, start + timedelta(days=1))


def _day(at_ms: int) -> date:
    return from_epoch_ms(at_ms).date()
