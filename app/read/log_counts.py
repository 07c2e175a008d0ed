"""How many events there are, from what the catalog knows of segments, without opening any."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import polars as pl

from app.query.insights.source import Need, Part, Skipped
from app.query.insights.state import Column
from app.query.insights.values import Kind
from app.store import MINUTE_MS, LogSegment

_AT, _LOG, _EVENTS = "timestamp", "log", "events"
_COLUMNS = {"@timestamp": Column(_AT, Kind.TIME), "@log": Column(_LOG, Kind.TEXT)}
Counts = list[tuple[int, str | None, int]]
"""Time, group as ``@log`` shows it, and events."""


def counted(
    segments: Sequence[LogSegment], need: Need, shown: Mapping[int, str]
) -> tuple[list[Part], list[LogSegment], tuple[Skipped, ...]]:
    """A part of rows that each count for many events, the segments to read, and the others.

    ``shown`` are the groups by id.
    """
    if need.counted_by is None or len(need.counted_by) > 1:
        return [], list(segments), ()
    by_minute = need.counted_by == {"@timestamp"}
    known = [
        s for s in segments if _is_inside(s, need) and (s.facts.known.minutes or not by_minute)
    ]
    if not known:
        return [], list(segments), ()
    counts = _by_minute(known) if by_minute else _by_group(known, shown)
    frame = pl.LazyFrame(
        counts, schema={_AT: pl.Int64, _LOG: pl.String, _EVENTS: pl.Int64}, orient="row"
    )
    first, last = min(s.first_ms for s in known), max(s.last_ms for s in known)
    part = Part(frame, dict(_COLUMNS), first, last, 0, 0, events=_EVENTS)
    rows, size = sum(s.rows for s in known), sum(s.raw_bytes for s in known)
    ids = {s.segment.id for s in known}
    rest = [s for s in segments if s.segment.id not in ids]
    return [part], rest, (Skipped("the catalog knows how many they are", len(known), rows, size),)


def _is_inside(segment: LogSegment, need: Need) -> bool:
    """Whether every event of a segment is asked for."""
    return segment.whole and segment.first_ms >= need.start_ms and segment.last_ms <= need.end_ms


def _by_minute(segments: Iterable[LogSegment]) -> Counts:
    return [
        (minute * MINUTE_MS, None, count)
        for segment in segments
        for minute, count in segment.facts.known.minutes.items()
    ]


def _by_group(segments: Sequence[LogSegment], shown: Mapping[int, str]) -> Counts:
    groups = np.concatenate([segment.facts.groups for segment in segments])
    ids, at = np.unique(groups["group"], return_inverse=True)
    rows = np.bincount(at, weights=groups["rows"]).astype(np.int64)
    first = int(groups["first"].min())
    return [(first, shown[i], n) for i, n in zip(ids.tolist(), rows.tolist(), strict=True)]
