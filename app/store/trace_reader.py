"""Reading traces: rows of both tables by window or by id, and whole traces."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC
from typing import Any

import numpy as np
import polars as pl

from app.model.ids import Place
from app.model.time import Window
from app.model.trace_merging import with_earlier
from app.model.trace_reading import put_together
from app.model.traces import Flaw, Origin, Problem, Trace, TraceSource, shard_of
from app.store import scan
from app.store.files import SegmentFiles
from app.store.mirror import Mirror
from app.store.scan import Wanted
from app.store.tables import Table
from app.store.trace_commit import FOUND_AGAIN, StoredTrace
from app.store.trace_rows import summary_of_row, views_of_row
from app.store.trace_tables import SPANS, TRACES


class TraceReader:
    """Reads traces; safe to share between threads."""

    def __init__(self, files: SegmentFiles, mirror: Mirror) -> None:
        self._files, self._mirror = files, mirror

    def traces(
        self, window: Window | None = None, ids: Collection[str] | None = None
    ) -> pl.LazyFrame:
        """The rows of traces that begin in ``window``, or of those in ``ids``; in no order."""
        return self._rows(TRACES, window, ids)

    def spans(
        self, window: Window | None = None, ids: Collection[str] | None = None
    ) -> pl.LazyFrame:
        """The rows of all spans of those traces, in no order."""
        return self._rows(SPANS, window, ids)

    def trace(self, trace_id: str) -> Trace | None:
        """One whole trace; None if it is not stored. Without documents it has no segments."""
        return self.whole([trace_id]).get(trace_id)

    def whole(self, ids: Collection[str], window: Window | None = None) -> dict[str, Trace]:
        """Whole traces by id, of those that are stored."""
        found = self.stored(ids, window)
        return {id_: _whole(stored, row) for id_, (stored, row) in found.items()}

    def known(self, ids: Collection[str], window: Window) -> Mapping[str, StoredTrace]:
        """What a commit needs to know of traces that begin about in ``window``."""
        return {id_: stored for id_, (stored, _) in self.stored(ids, window).items()}

    def stored(
        self, ids: Collection[str], window: Window | None = None
    ) -> dict[str, tuple[StoredTrace, dict[str, Any]]]:
        """Traces as they are stored, each with its row of the table of traces."""
        rows = self.traces(window, ids).collect(engine="streaming").to_dicts()
        with_spans = [row["trace_id"] for row in rows if row["spans"]]
        documents: defaultdict[str, dict[Origin, list[str]]] = defaultdict(dict)
        if with_spans:
            found = self.spans(window, with_spans).select("trace_id", *_ORIGIN, "document")
            grouped = found.collect(engine="streaming").group_by("trace_id", *_ORIGIN).all()
            for trace_id, *parts, texts in grouped.iter_rows():
                documents[trace_id][_origin(*parts)] = texts
        return {row["trace_id"]: (_stored(row, documents[row["trace_id"]]), row) for row in rows}

    def _rows(
        self, table: Table, window: Window | None, ids: Collection[str] | None
    ) -> pl.LazyFrame:
        shards = None
        if ids is not None:
            shards = np.unique(np.fromiter(map(shard_of, ids), dtype=np.uint32, count=len(ids)))
        live = self._mirror.live(table.name)
        found = scan.rows(self._files, table, live, Wanted(window, shards)).drop("seq", "shard")
        if ids is None:
            return found
        return found.filter(pl.col("trace_id").is_in(pl.Series([*ids], dtype=pl.String).implode()))


_ORIGIN = ("account", "region", "source", "weight")


def _origin(account: str, region: str, source: str, weight: float | None) -> Origin:
    return Origin(Place(account, region), TraceSource(source), weight or 1.0)


def _stored(row: Mapping[str, Any], documents: Mapping[Origin, list[str]]) -> StoredTrace:
    senders = row["senders"] or [""] * len(row["problems"])
    return StoredTrace(
        trace_id=row["trace_id"],
        at=row["at"].astimezone(UTC),
        origin=_origin(*(row[name] for name in _ORIGIN)),
        documents=documents,
        views=views_of_row(row),
        problems=tuple(
            Problem(Flaw(p["flaw"]), p["span_id"], p["detail"], sender)
            for p, sender in zip(row["problems"], senders, strict=True)
        ),
    )


def _whole(stored: StoredTrace, row: Mapping[str, Any]) -> Trace:
    found = stored.checked()
    kept = [p for p in stored.problems if p.flaw not in FOUND_AGAIN]
    found.problems = with_earlier(kept, found.problems)
    trace = put_together(found, stored.views, stored.origin)
    return trace if trace.segments else replace(trace, summary=summary_of_row(row))
