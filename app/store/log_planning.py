"""Which segments of log events are worth merging.

Queries mostly want the newest events, so the newest segments stay small; older
ones are larger, because a search in one small group pays for every file it
opens. What comes late is kept apart from what is new, so that segments hardly
overlap in time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from app.model.time import epoch_ms, from_epoch_ms
from app.store.compaction import is_past
from app.store.segments import Level, Segment

SMALL = 131_072
"""Rows of a segment of the newest events: read within some ten milliseconds."""

LARGE = 2 * SMALL
"""Rows of any other: one more doubling would double the memory that merging takes."""

RECENT = 2 * SMALL
"""So many of the newest rows stay in small segments."""

AT_ONCE = 16 * LARGE
"""Rows of the segments that are replaced in one transaction."""

PIECES = 8
"""So many pieces smaller than half of their size are worth merging."""

LATE = timedelta(minutes=30)
"""Events that are older than the newest merged one by more than this are kept apart."""

_BYTES_A_ROW = 90
"""Of usual lines, packed fast; segments of longer lines hold fewer rows."""


@dataclass(frozen=True, slots=True)
class LogMerge:
    """Segments to be replaced by slices of time of ``level``.

    ``cuts`` are times (ms) at which slices must end, beside the ends of days.
    ``newest``: the last slices are small ones.
    """

    inputs: tuple[Segment, ...]
    level: Level
    cuts: tuple[int, ...] = ()
    newest: bool = False


def weight(segment: Segment) -> int:
    """The size of a segment in usual rows."""
    return max(segment.rows, segment.bytes // _BYTES_A_ROW)


def fresh_merges(live: Sequence[Segment], now: datetime) -> list[LogMerge]:
    """What was committed since the last time."""
    fresh = [s for s in live if s.level is Level.FRESH]
    if not fresh or (len(fresh) < 2 and not is_past(_day(fresh[0]), now)):
        return []
    cuts = _frontiers([s for s in live if s.level is not Level.FRESH])
    newest = max(s.bounds.at[1] for s in live)
    return [
        LogMerge(tuple(some), Level.MERGED, cuts, newest in {s.bounds.at[1] for s in some})
        for some in _portions(fresh)
    ]


def piece_merges(live: Sequence[Segment], now: datetime) -> list[LogMerge]:
    """Small pieces of a day that have become many, first the smallest."""
    merges = []
    for day, segments in _by_day(live):
        level = Level.SEALED if is_past(day, now) else Level.MERGED
        pieces = [s for s in segments if s.level is level]
        older = pieces if level is Level.SEALED else _but_the_newest(pieces)
        small = [s for s in pieces if weight(s) < SMALL // 2]
        rest = [s for s in older if SMALL // 2 <= weight(s) < LARGE * 3 // 4]
        merges += [LogMerge(tuple(some), level) for some in (small, rest) if _is_worth(some)]
    return merges


def past_merges(live: Sequence[Segment], now: datetime) -> list[LogMerge]:
    """What is packed harder because its day is over."""
    return [
        LogMerge(tuple(some), Level.SEALED)
        for day, segments in _by_day(live)
        if is_past(day, now)
        for some in _portions([s for s in segments if s.level is Level.MERGED])
    ]


def _is_worth(pieces: Sequence[Segment]) -> bool:
    return len(pieces) >= PIECES or (len(pieces) > 1 and sum(map(weight, pieces)) >= LARGE)


def _but_the_newest(pieces: Sequence[Segment]) -> list[Segment]:
    """Pieces of a day without the last :data:`RECENT` rows."""
    held, older = 0, []
    for piece in sorted(pieces, key=lambda s: s.bounds.at[1], reverse=True):
        if held >= RECENT:
            older.append(piece)
        held += piece.rows
    return older


def _frontiers(merged: Sequence[Segment]) -> tuple[int, ...]:
    """For each day, before when events count as late."""
    newest: dict[date, int] = {}
    for segment in merged:
        day = _day(segment)
        newest[day] = max(newest.get(day, 0), segment.bounds.at[1])
    late = LATE // timedelta(milliseconds=1)
    starts = {day: epoch_ms(datetime.combine(day, datetime.min.time(), UTC)) for day in newest}
    return tuple(sorted(max(starts[day], at - late) for day, at in newest.items()))


def _portions(segments: Sequence[Segment]) -> Iterator[list[Segment]]:
    """Neighbours in time, not too many for one transaction."""
    some: list[Segment] = []
    for segment in sorted(segments, key=lambda s: (s.bounds.at, s.id)):
        if some and sum(s.rows for s in some) + segment.rows > AT_ONCE:
            yield some
            some = []
        some.append(segment)
    if some:
        yield some


def _by_day(live: Sequence[Segment]) -> list[tuple[date, list[Segment]]]:
    """Merged and sealed segments, each of one day, oldest day first."""
    days: defaultdict[date, list[Segment]] = defaultdict(list)
    for segment in live:
        if segment.level is not Level.FRESH:
            days[_day(segment)].append(segment)
    return sorted(days.items())


def _day(segment: Segment) -> date:
    return from_epoch_ms(segment.bounds.at[0]).date()
