"""Rows to draw and list, words to complete to, a trace and others of its kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import polars as pl

from app.model.ids import Place
from app.model.readings import Reading
from app.model.traces import Outcome, Trace
from app.query.lang import QueryError
from app.read.log_page import Mistake
from app.read.logs import LogsReader
from app.read.scope import Scope
from app.read.standing import Standing
from app.read.trace_page.answers import (
    Common,
    Exemplar,
    FilterWords,
    MapFound,
    TraceLines,
    TraceQuestion,
    TraceRow,
    TracesFound,
)
from app.read.trace_page.around import Around, TraceAround
from app.read.trace_page.common import common_of, outcome
from app.read.trace_page.flaws import by_kind, by_trace, flaws_of
from app.read.trace_page.kept import Kept
from app.read.trace_page.kinds import filter_of_kind, is_of, kind_of, window_around
from app.read.trace_page.lines import lines_of
from app.read.trace_page.map import map_found
from app.read.trace_page.nodes import exemplars, first_to_look_at
from app.read.trace_page.placing import placed
from app.read.trace_page.spread import spread_of
from app.read.trace_page.words import words_of
from app.read.traces import TracesReader
from app.read.traces.places import in_places
from app.store import Store

MOST_ROWS, MOST_FAILED, MOST_SLOW = 1_000, 400, 200
_PERCENTILES = (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))
_WIDE = (
    "trace_id", "start", "duration", "response_time", "url", "method", "status", "entry_name",
    "entry_type", "cold_start", "account", "region",
)  # fmt: skip


class TracePageReader:
    """Answers what the pages of traces ask, from what is stored."""

    def __init__(
        self, store: Store, traces: TracesReader, logs: LogsReader, around: TraceAround
    ) -> None:
        self._store, self._traces, self._logs, self._around = store, traces, logs, around
        self._kept: Kept[Trace | None] = Kept()
        self._lines: Kept[TraceLines] = Kept()

    def rows(self, question: TraceQuestion) -> TracesFound:
        """The traces that pass the filter, with how they ended and how long they took."""
        scope = question.scope
        try:
            passing = self._passing(question)
        except QueryError as error:
            return TracesFound(mistake=error.drawn())
        told = passing.select(
            "trace_id",
            "at",
            "response_time",
            outcome().alias("outcome"),
            "problems",
        ).collect(engine="streaming")
        scanned = self._count(scope) if question.text.strip() else told.height
        standing = self._standing(scope, stored=bool(scanned))
        times = told["response_time"].drop_nulls() / 1000
        flaws = flaws_of(told, self._spans(scope), scope.now)
        return TracesFound(
            reading=standing.reading(None, there=bool(told.height)),
            rows=self._wide(_picked(told), scope, by_trace(flaws)),
            matching=told.height,
            scanned=scanned,
            outcomes={
                Outcome(name): count for name, count in told["outcome"].value_counts().iter_rows()
            },
            percentiles={
                name: float(value)
                for name, share in _PERCENTILES
                if (value := times.quantile(share, "nearest")) is not None
            },
            spread=spread_of(told),
            malformed=by_kind(flaws, self._traces.refused(scope)),
        )

    def common(self, question: TraceQuestion) -> Common:
        """What the chosen ones share, or where none are chosen the slowest twentieth."""
        try:
            return common_of(self._passing(question), question.chosen)
        except QueryError:
            return Common("")

    def mistakes(self, text: str) -> tuple[Mistake, ...]:
        """What is wrong with a filter, before it is run."""
        return tuple(self._traces.mistakes(text))

    def words(self, scope: Scope) -> FilterWords:
        """What a filter can be completed to here."""
        return words_of(self._traces.matching(scope))

    def trace(
        self, trace_id: str, places: Sequence[Place], now: datetime | None = None
    ) -> Reading[Trace | None]:
        """One trace by its id in X-Ray's or W3C's form, with what should be finished ``now``."""
        minute = now.replace(second=0, microsecond=0) if now else None
        stamp = (trace_id, tuple(places), self._store.version, minute)
        found = self._kept.get(stamp, lambda: self._traces.trace(trace_id, places, now))
        standing = self._traces.standing(places)
        reading = standing.reading(found, there=found is not None)
        # What failed since then says nothing about a trace that is here.
        return replace(reading, problem=None) if found is not None else reading

    def typical(self, trace: Trace, scope: Scope) -> str:
        """Another trace of the same kind, with the median response time; "" if there is none."""
        alike = self._traces.matching(replace(scope, window=window_around(trace))).filter(
            pl.col("trace_id") != trace.trace_id,
            pl.col("response_time").is_not_null(),
            pl.col("spans") > 0,
            is_of(kind_of(trace)),
        )
        middle = pl.col("response_time") - pl.col("response_time").median()
        nearest = alike.sort(middle.abs(), "trace_id").select("trace_id").head(1).collect()
        return str(nearest.item()) if nearest.height else ""

    def kind(self, trace: Trace, scope: Scope) -> str:
        """The filter of all traces of its kind, some hours around it."""
        return filter_of_kind(trace, self._traces, scope)

    def passing_by(self, names: Sequence[str], scope: Scope, most: int) -> tuple[TraceRow, ...]:
        """The slowest traces, and those that failed, of what passed nodes of these names."""
        traces = self._traces.matching(scope)
        return self._wide(first_to_look_at(traces, names, most), scope)

    def exemplars(self, names: Sequence[str], scope: Scope) -> tuple[Exemplar, ...]:
        """Examples of what passed these nodes, to stand by their charts."""
        return exemplars(self._spans(scope), names)

    def of_request(self, request_id: str, scope: Scope) -> str:
        """The trace that a request of a function belongs to; "" where none is stored."""
        asked = (
            self._spans(scope).filter(pl.col("request_id") == request_id).select("trace_id").head(1)
        )
        found = asked.collect(engine="streaming")
        return str(found.item()) if found.height else ""

    def lines(self, trace: Trace, scope: Scope) -> TraceLines:
        """What was logged, in any group, while the trace ran and by it, each under its span."""
        minute = scope.now.replace(second=0, microsecond=0)
        stamp = (trace.trace_id, scope.places, self._store.version, minute)
        found = self._lines.get(stamp, lambda: lines_of(trace, self._logs, scope))
        spans = placed(trace, found.lines)
        lines = [replace(line, span=span) for line, span in zip(found.lines, spans, strict=True)]
        return replace(found, lines=tuple(lines))

    def around(self, name: str, scope: Scope, account: str = "") -> Around:
        """What is known elsewhere of a node of this name."""
        return self._around.of_node(name, scope, account)

    def map(self, question: TraceQuestion) -> MapFound:
        """The service map of the traces that pass the filter."""
        try:
            found = self._traces.service_map(question.scope, question.text)
        except QueryError as error:
            return MapFound(mistake=error.drawn())
        standing = self._standing(question.scope, stored=bool(found.nodes))
        reading = standing.reading(None, there=bool(found.nodes))
        resources = self._around.of_places(question.scope.places)
        told = self._passing(question).select("trace_id", "problems").collect(engine="streaming")
        flaws = by_kind(
            flaws_of(told, self._spans(question.scope), question.scope.now),
            self._traces.refused(question.scope),
        )
        return replace(map_found(found, reading, told.height, resources), malformed=flaws)

    def _standing(self, scope: Scope, *, stored: bool) -> Standing:
        """Traces may come without being asked for, from applications themselves."""
        found = self._traces.standing(scope.places)
        return replace(found, asked=found.asked or stored)

    def _spans(self, scope: Scope) -> pl.LazyFrame:
        return in_places(self._store.traces.spans(scope.window), scope.places)

    def _count(self, scope: Scope) -> int:
        return int(self._traces.matching(scope).select(pl.len()).collect(engine="streaming").item())

    def _passing(self, question: TraceQuestion) -> pl.LazyFrame:
        return self._traces.matching(question.scope, question.text)

    def _wide(
        self, ids: pl.Series, scope: Scope, flaws: Mapping[str, tuple[str, ...]] | None = None
    ) -> tuple[TraceRow, ...]:
        """Whole rows of some traces, newest first."""
        known = flaws or {}
        found = (
            self._store.traces.traces(scope.window, ids.to_list())
            .select(
                *_WIDE,
                outcome().alias("outcome"),
                user=pl.col("users").list.first(),
                services=pl.col("services").list.len(),
            )
            .sort("start", "trace_id", descending=True)
            .collect()
        )
        return tuple(
            _row(values, scope, known.get(values["trace_id"], ()))
            for values in found.iter_rows(named=True)
        )


def _picked(told: pl.DataFrame) -> pl.Series:
    """Ids of what is drawn: all, or what failed, the slowest, and every so many of the rest."""
    if told.height <= MOST_ROWS:
        return told["trace_id"]
    newest = told.sort("at", "trace_id", descending=True)
    failed = newest.filter(pl.col("outcome") != "ok").head(MOST_FAILED)
    slow = newest.top_k(MOST_SLOW, by="response_time")
    chosen = pl.concat([failed, slow]).unique("trace_id")
    rest = newest.join(chosen, on="trace_id", how="anti", maintain_order="left")
    wanted = MOST_ROWS - chosen.height
    return pl.concat([chosen, rest.gather_every(-(-rest.height // wanted))])["trace_id"]


def _row(values: dict[str, Any], scope: Scope, flaws: tuple[str, ...]) -> TraceRow:
    def ms(name: str) -> float | None:
        value = values[name]
        return None if value is None else float(value) / 1000

    return TraceRow(
        trace_id=str(values["trace_id"]),
        at=scope.now.fromtimestamp(int(values["start"]) / 1e6, scope.now.tzinfo),
        response_ms=ms("response_time"),
        duration_ms=ms("duration"),
        outcome=Outcome(str(values["outcome"])),
        entry=str(values["entry_name"] or ""),
        entry_type=str(values["entry_type"] or ""),
        method=str(values["method"] or ""),
        url=str(values["url"] or ""),
        status=values["status"],
        user=str(values["user"] or ""),
        services=int(values["services"] or 0),
        cold_start=values["cold_start"],
        flaws=flaws,
        place=Place(str(values["account"]), str(values["region"])),
    )
