"""Which events segments hold, so that none is kept twice."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from app.model.hashing import mixed
from app.store.log_segments import LogSegment

Events = NDArray[np.uint64]

MOST_REMEMBERED = 8_000_000
"""Events in memory (8 bytes each); the newest hours are asked for again most."""

FEW = 1 / 16
"""If so small a part of a segment is of the groups in question, only that is read."""


class Segments(Protocol):
    """What is asked of :class:`app.store.log_reader.LogReader`."""

    def near(
        self, ids: NDArray[np.uint32] | None, start_ms: int, end_ms: int
    ) -> list[LogSegment]: ...

    def scan(self, segment: LogSegment, columns: Sequence[str]) -> pl.LazyFrame: ...

    def scan_whole(
        self, segments: Sequence[LogSegment], columns: Sequence[str]
    ) -> pl.LazyFrame: ...


class EventMemory:
    """The events of the segments looked at last, by path, which no other segment ever has.

    Used inside write transactions only, which exclude each other.
    """

    def __init__(self, logs: Segments, most: int = MOST_REMEMBERED) -> None:
        self._logs, self._most = logs, most
        self._events: OrderedDict[str, Events] = OrderedDict()
        self.held = 0

    def note(self, path: str, rows: pl.DataFrame) -> None:
        """What this process has just written."""
        self._keep(path, np.sort(_events(rows)))

    def known(self, rows: pl.DataFrame) -> NDArray[np.bool_]:
        """Which of ``rows``, sorted by group, some segment holds."""
        found = np.zeros(rows.height, dtype=np.bool_)
        near = self._near(rows) if rows.height else []
        if not near:
            return found
        events = _events(rows)
        order = np.argsort(events)
        # Questions in order are answered several times as fast.
        asked = events[order]
        for segment in near:
            there = self._of(segment)
            at = np.minimum(np.searchsorted(there, asked), len(there) - 1)
            found[order] |= there[at] == asked
        return found

    def _near(self, rows: pl.DataFrame) -> list[LogSegment]:
        at = rows["at"].to_physical().to_numpy()
        return self._logs.near(np.unique(rows["group"].to_numpy()), int(at.min()), int(at.max()))

    def _of(self, segment: LogSegment) -> Events:
        """The events of a segment, or at least those of the groups in question."""
        path = segment.segment.path
        events = self._events.get(path)
        if events is not None:
            self._events.move_to_end(path)
            return events
        wanted = ("group", "event")
        if segment.rows <= FEW * segment.segment.rows:
            return np.sort(_events(self._logs.scan(segment, wanted).collect()))
        whole = self._logs.scan_whole([segment], wanted)
        return self._keep(path, np.sort(_events(whole.collect())))

    def _keep(self, path: str, events: Events) -> Events:
        self._events[path] = events
        self.held += len(events)
        while self.held > self._most and len(self._events) > 1:
            self.held -= len(self._events.popitem(last=False)[1])
        return events


def _events(rows: pl.DataFrame) -> Events:
    """One number for each event, in which its group counts as well."""
    groups = rows["group"].to_numpy().astype(np.uint64)
    return rows["event"].to_numpy() ^ mixed(groups)
