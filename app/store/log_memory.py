"""Which events segments hold, so that none is kept twice."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from app.model.hashing import mixed
from app.store.files import SegmentFiles
from app.store.segments import Segment

Events = NDArray[np.uint64]

MOST_REMEMBERED = 8_000_000
"""Events in memory (8 bytes each); the newest hours are asked for again most."""


class EventMemory:
    """The events of the segments looked at last, by path, which no other segment ever has.

    Used inside write transactions only, which exclude each other.
    """

    def __init__(self, files: SegmentFiles) -> None:
        self._files = files
        self._events: OrderedDict[str, Events] = OrderedDict()

    def note(self, path: str, rows: pl.DataFrame) -> None:
        """What this process has just written."""
        self._keep(path, np.sort(_events(rows)))

    def known(self, live: Sequence[Segment], rows: pl.DataFrame) -> NDArray[np.bool_]:
        """Which of ``rows``, sorted by group, some segment of ``live`` holds."""
        found = np.zeros(rows.height, dtype=np.bool_)
        near = _near(live, rows) if rows.height else []
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

    def _of(self, segment: Segment) -> Events:
        events = self._events.get(segment.path)
        if events is None:
            paths = self._files.locations([segment.path])
            found = pl.scan_parquet(paths, glob=False, hive_partitioning=False, cache=False)
            events = np.sort(_events(found.select("group", "event").collect()))
        self._keep(segment.path, events)
        return events

    def _keep(self, path: str, events: Events) -> None:
        self._events[path] = events
        self._events.move_to_end(path)
        held = sum(map(len, self._events.values()))
        while held > MOST_REMEMBERED and len(self._events) > 1:
            held -= len(self._events.popitem(last=False)[1])


def _near(live: Sequence[Segment], rows: pl.DataFrame) -> list[Segment]:
    """Segments whose bounds allow an event of ``rows``."""
    at = rows["at"].to_physical().to_numpy()
    oldest, newest = int(at.min()), int(at.max())
    lowest, highest = int(rows["group"][0]), int(rows["group"][-1])
    return [
        segment
        for segment in live
        if segment.bounds.at[0] <= newest
        and segment.bounds.at[1] >= oldest
        and segment.bounds.series[0] <= highest
        and segment.bounds.series[1] >= lowest
    ]


def _events(rows: pl.DataFrame) -> Events:
    """One number for each event, in which its group counts as well."""
    groups = rows["group"].to_numpy().astype(np.uint64)
    return rows["event"].to_numpy() ^ mixed(groups)
