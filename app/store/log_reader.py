"""Reading logs: which segments there are, what they may hold, and their rows."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import polars as pl

from app.model.logs import LogGroup, LogGroupKey
from app.model.time import Window
from app.store.log_keys import Keys
from app.store.log_segments import LogSegment


class LogReader:
    """Log events and groups as this process knows them; see ``Store.refresh``."""

    def groups(self) -> list[LogGroup]:
        """Every group that was listed or has events, sorted by key."""
        raise NotImplementedError

    def segments(
        self, start_ms: int, end_ms: int, groups: Collection[LogGroupKey] | None = None
    ) -> list[LogSegment]:
        """Segments with events from ``start_ms`` to ``end_ms``, both inside, newest first."""
        raise NotImplementedError

    def may_hold(self, segment: LogSegment, keys: Keys) -> bool:
        """Whether the token filter of a segment allows a row that has all of ``keys``.

        Keys come from :func:`app.store.log_keys.keys_of_equal` and
        :func:`app.store.log_keys.keys_inside`; no keys allow every row.
        """
        raise NotImplementedError

    def holding(self, segments: Sequence[LogSegment], keys: Keys) -> list[LogSegment]:
        """Those segments that may hold a row with all of ``keys``, in the order given."""
        raise NotImplementedError

    def scan(
        self,
        segment: LogSegment,
        groups: Collection[LogGroupKey] | None = None,
        columns: Sequence[str] | None = None,
    ) -> pl.LazyFrame:
        """Rows of a segment: of ``groups`` or all, with ``columns`` or all.

        ``group`` is the id that ``segment.groups`` gives; rows are in no stated order.
        """
        raise NotImplementedError

    def counts(self, group: LogGroupKey, window: Window) -> pl.DataFrame:
        """Stored events of a group per minute: ``minute``, ``events`` by event time, and
        ``ingested`` by the time of ingestion."""
        raise NotImplementedError
