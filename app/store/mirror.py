"""What one process holds in memory of the catalog: segments, series, head.

The catalog's version tells whether there is anything new. What this process
commits itself is taken over directly; the rest is read as rows that changed.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl
from sqlalchemy import Connection

from app.model.errors import StoreError
from app.store import roster, series
from app.store.catalog import Catalog, counts
from app.store.commit import Written
from app.store.files import SegmentFiles
from app.store.head import Head
from app.store.roster import Listed, Roster
from app.store.scan import Wanted, may_hold, rows
from app.store.seen import Seen
from app.store.segments import Level, Segment, State
from app.store.series import SeriesIndex
from app.store.tables import TABLES, Table

GONE = (OSError, pl.exceptions.ComputeError)
"""What opening a segment raises whose file was removed meanwhile."""

ROWS_AT_ONCE = 100_000
"""Few enough that building a head takes hardly more memory than the head itself."""


class Mirror:
    """Segments and series as of ``version``; the head is built when first asked for."""

    def __init__(self, catalog: Catalog, files: SegmentFiles, head_hours: int) -> None:
        self._catalog = catalog
        self._files = files
        self._head_hours = head_hours
        self._lock = threading.RLock()
        self._roster = Roster()
        self._head: Head | None = None
        self._to_lay: dict[int, Listed] = {}
        self._laid = 0
        self.series = SeriesIndex()
        self.seen = Seen()
        self.version = 0

    def live(self, table: str) -> tuple[Segment, ...]:
        """Every live segment of a table."""
        with self._lock:
            return self._roster.live(table)

    def refresh(self) -> None:
        """Follow the catalog."""
        with self._catalog.read() as connection:
            found = counts(connection)
            if found["version"] != self.version:
                self._follow(connection, found["version"])
        self.seen.note(found)

    def catch_up(self, connection: Connection, before: int) -> None:
        """Know all up to version ``before``, at the start of the write transaction after it."""
        if before != self.version:
            self._follow(connection, before)

    def take(self, written: Written, seq: int) -> None:
        """Take over what this process has just committed."""
        self._take(written, seq)
        # Not before: who reads that statements are new looks for their segments.
        self.seen.note(written.counts)

    def _take(self, written: Written, seq: int) -> None:
        with self._lock:
            if seq <= self.version:
                return
            self.series.apply(written.entries)
            self._roster.apply(Listed(s, State.LIVE, seq) for s in written.segments)
            if self._head is not None:
                self._lay_own(self._head, written, seq)
            self.version = seq

    def keep_up(self) -> None:
        """Follow the catalog, and lay what is new on the head if there is one already."""
        self.refresh()
        if self._head is not None:
            self.head()

    def head(self) -> Head:
        """The head, with everything laid on it that this process knows of."""
        with self._lock:
            if self._head is None:
                self._head = self._built()
            try:
                self._lay_waiting(self._head)
            except GONE:
                # We slept so long that a segment was merged and its file removed.
                self._head = self._built()
            return self._head

    def _lay_own(self, head: Head, written: Written, seq: int) -> None:
        """Lay what was committed here. The commit stands, whatever becomes of the head."""
        try:
            self._lay_waiting(head)
        except (*GONE, StoreError):
            self._head = None
            return
        for name, frame in written.frames.items():
            head.lay(name, frame)
        self._laid = seq

    def _follow(self, connection: Connection, up_to: int) -> None:
        with self._lock:
            if counts(connection)["purged"] > self.version > 0:
                self._forget()
            listed = roster.changed_since(connection, self.version)
            self.series.apply(series.changed_since(connection, self.version))
            self._roster.apply(listed)
            if self._head is not None:
                self._to_lay |= {one.segment.id: one for one in listed if self._is_new(one)}
            self.version = max(self.version, up_to)

    def _is_new(self, listed: Listed) -> bool:
        """Whether these are rows that the head has not seen; compaction brings none."""
        segment = listed.segment
        if segment.table not in TABLES:
            return False
        return segment.level is Level.FRESH and segment.bounds.seq[1] > self._laid

    def _forget(self) -> None:
        """Start anew: rows that this process never saw are gone from the catalog."""
        self._roster.clear()
        self._to_lay.clear()
        self._head = None
        self._laid = 0
        self.version = 0

    def _built(self) -> Head:
        """A head made from the segments."""
        head = Head(self._head_hours)
        for table in TABLES.values():
            live = self._roster.live(table.name)
            if live:
                self._lay_all(head, table, live)
        self._to_lay.clear()
        self._laid = self.version
        return head

    def _lay_all(self, head: Head, table: Table, live: Sequence[Segment]) -> None:
        """Lay the newest hours of a table, some series at a time to spare memory."""
        window = head.reach(max(s.bounds.at[1] + s.bounds.period[1] * 1000 for s in live))
        recent = [s for s in live if may_hold(s, Wanted(window))]
        portions = max(1, sum(s.rows for s in recent) // ROWS_AT_ONCE)
        step = -(-(self.series.newest + 1) // portions)
        for start in range(0, self.series.newest + 1, step):
            wanted = Wanted(window, np.arange(start, start + step, dtype=np.uint32))
            found = rows(self._files, table, recent, wanted).collect(engine="streaming")
            head.lay(table.name, found)

    def _lay_waiting(self, head: Head) -> None:
        """Lay commits of other processes that came since, in their order."""
        waiting = sorted(self._to_lay.values(), key=lambda one: one.segment.bounds.seq)
        for table in TABLES.values():
            own = [one.segment for one in waiting if one.segment.table == table.name]
            for some in _portions(own):
                # Rows of later commits stand below, and of two for one cell the lower one wins.
                paths = self._files.locations([segment.path for segment in some])
                head.lay(table.name, pl.read_parquet(paths, glob=False))
        # Not before: what could not be read now is laid the next time.
        self._to_lay.clear()
        if waiting:
            self._laid = max(self._laid, waiting[-1].segment.bounds.seq[1])


def _portions(segments: Sequence[Segment]) -> Iterator[list[Segment]]:
    """The segments in their order, in lists of a bounded number of rows."""
    some: list[Segment] = []
    for segment in segments:
        if some and sum(s.rows for s in some) + segment.rows > ROWS_AT_ONCE:
            yield some
            some = []
        some.append(segment)
    if some:
        yield some
