"""What the pages, the API and the command line ask about traces.

Every count is one of traces that were sampled and collected, never of all requests.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import polars as pl

from app.model.ids import Place
from app.model.service_map import ServiceMap
from app.model.time import epoch_ms
from app.model.trace_reading import problems_of_age
from app.model.traces import XRAY, RefusedSpans, Trace, xray_id
from app.query.lang import QueryError, QueryErrors
from app.query.trace_filter import Expression, matching, needs_documents, parse
from app.read.books import Books
from app.read.log_page import Mistake
from app.read.scope import Scope
from app.read.standing import Standing
from app.read.traces.graph import service_map
from app.read.traces.malformed import FINISHED_BY, Malformed, malformed
from app.read.traces.places import in_places
from app.read.traces.sampling import Insight, Sampled, insights, sampling
from app.store import Store

FEW = 1_000
"""So many traces are looked for by their ids; of more, every span is read."""

COLUMNS = (
    "trace_id", "at", "entry_name", "method", "url", "status", "response_time", "duration",
    "fault", "error", "throttle", "in_progress", "partial", "users", "account", "region",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FoundTraces:
    """Rows of the table of traces, times in µs; ``more`` match than are shown.

    Of ``undecided`` traces, or of a part of them, only the summary is stored, and braces and
    edges could not be asked.
    """

    traces: tuple[Mapping[str, Any], ...]
    more: bool
    undecided: int


class TracesReader:
    """Answers from stored traces; asks AWS nothing."""

    def __init__(self, store: Store, books: Books) -> None:
        self._store, self._books = store, books

    def matching(
        self, scope: Scope, text: str = "", columns: Sequence[str] | None = None
    ) -> pl.LazyFrame:
        """Rows of the table of traces that an expression matches, in no order.

        Raises QueryError for a mistake in the expression.
        """
        found = self._matching(scope, parse(text))
        return found if columns is None else found.select(*columns)

    def found(self, scope: Scope, text: str, limit: int, *, slowest: bool = False) -> FoundTraces:
        """The newest or slowest traces that an expression matches. Raises QueryError."""
        order = "response_time" if slowest else "at"
        rows = self.matching(scope, text, COLUMNS)
        ordered = rows.sort(order, "trace_id", descending=True, nulls_last=True)
        head = ordered.head(limit + 1).collect(engine="streaming").to_dicts()
        return FoundTraces(tuple(head[:limit]), len(head) > limit, self.undecided(scope, text))

    def undecided(self, scope: Scope, text: str) -> int:
        """Traces of which some place's documents are not stored, where an expression needs them."""
        if not needs_documents(parse(text), self.groups(scope.places)):
            return 0
        bare = in_places(self._store.traces.traces(scope.window), scope.places).filter(
            (pl.col("spans") == 0) | pl.col("bare").fill_null(value=False)
        )
        return int(bare.select(pl.len()).collect(engine="streaming").item())

    def stored(self, scope: Scope) -> int:
        """How many traces of the window are stored, whatever they tell."""
        rows = in_places(self._store.traces.traces(scope.window), scope.places)
        return int(rows.select(pl.len()).collect(engine="streaming").item())

    def newest(self, scope: Scope) -> datetime | None:
        """When the newest stored trace began, of any time; None if none is stored."""
        rows = in_places(self._store.traces.traces(), scope.places)
        at: datetime | None = rows.select(pl.col("at").max()).collect(engine="streaming").item()
        return at

    def mistakes(self, text: str) -> tuple[Mistake, ...]:
        """Everything that is wrong with an expression."""
        try:
            parse(text)
        except QueryErrors as found:
            return tuple(_mistake(each) for each in found.errors)
        except QueryError as found:
            return (_mistake(found),)
        return ()

    def trace(
        self, trace_id: str, places: Sequence[Place], now: datetime | None = None
    ) -> Trace | None:
        """A whole trace by its id in X-Ray's or W3C's form; None when it is not stored there.

        With ``now`` it is told of segments that should have been finished by then.
        """
        id_ = xray_id(trace_id)
        found = self._store.traces.trace(id_) if id_ else None
        if found is None or not set(found.places).intersection(places):
            return None
        late = problems_of_age(found, epoch_ms(now - FINISHED_BY) * 1000) if now else ()
        return replace(found, problems=(*found.problems, *late))

    def malformed(self, scope: Scope) -> tuple[Malformed, ...]:
        """What was wrong with traces of the window, by kind."""
        traces = in_places(self._store.traces.traces(scope.window), scope.places)
        spans = in_places(self._store.traces.spans(scope.window), scope.places)
        return malformed(scope, traces, spans, self.refused(scope))

    def refused(self, scope: Scope) -> tuple[RefusedSpans, ...]:
        """What could not be used and belongs to no trace, in the hours of the window."""
        return tuple(self._store.trace_book.refused(scope.window, scope.places))

    def service_map(self, scope: Scope, text: str = "", *, by_host: bool = False) -> ServiceMap:
        """The services of all traces that match, and their calls. Raises QueryError."""
        return service_map(self._spans(scope, text), by_host=by_host)

    def trace_map(self, trace_id: str, places: Sequence[Place]) -> ServiceMap | None:
        """The services of one trace; None when it is not stored there."""
        id_ = xray_id(trace_id)
        if id_ is None:
            return None
        alone = pl.lit(1.0)  # it stands for itself, whatever it stands for among others
        spans = in_places(self._store.traces.spans(ids=[id_]), places).with_columns(weight=alone)
        found = service_map(spans)
        return found if found.nodes else None

    def groups(self, places: Sequence[Place]) -> dict[str, str]:
        """The expressions of X-Ray's groups by name; one of several places holds what any holds."""
        told: dict[str, dict[str, None]] = {}
        for each in self._store.resources.find(service=XRAY, kind="group", places=places):
            expression = str(each.configuration.get("FilterExpression") or "")
            told.setdefault(each.name, {})[expression] = None
        return {name: _either(list(each)) for name, each in told.items()}

    def sampling(self, scope: Scope) -> tuple[Sampled, ...]:
        """What each sampling rule of X-Ray met and kept; none where X-Ray told of none."""
        return sampling(self._store, scope)

    def insights(self, scope: Scope) -> tuple[Insight, ...]:
        """What X-Ray itself noticed in the window, the newest first."""
        return insights(self._store, scope)

    def standing(self, places: Sequence[Place]) -> Standing:
        """How far what is stored reaches, and what failed last."""
        return self._books.standings().of_traces(places)

    def _spans(self, scope: Scope, text: str) -> pl.LazyFrame:
        """The spans of the traces that match; those of a few are found by their ids."""
        if not text.strip():
            return in_places(self._store.traces.spans(scope.window), scope.places)
        found = self._matching(scope, parse(text)).select("trace_id").collect(engine="streaming")
        few = found["trace_id"].to_list() if found.height <= FEW else None
        spans = in_places(self._store.traces.spans(scope.window, few), scope.places)
        return spans if few is not None else spans.join(found.lazy(), on="trace_id", how="semi")

    def _matching(self, scope: Scope, expression: Expression) -> pl.LazyFrame:
        traces = in_places(self._store.traces.traces(scope.window), scope.places)

        def spans() -> pl.LazyFrame:
            return in_places(self._store.traces.spans(scope.window), scope.places)

        return matching(expression, traces, spans, self.groups(scope.places))


def _either(expressions: list[str]) -> str:
    if len(expressions) == 1:
        return expressions[0]
    return "" if "" in expressions else " OR ".join(f"({each})" for each in expressions)


def _mistake(error: QueryError) -> Mistake:
    return Mistake(error.message, error.span.start, max(error.span.end, error.span.start + 1))


def told(trace: Trace) -> dict[str, Any]:
    """A whole trace in plain values: its summary, every document, and what is wrong."""
    return {
        "trace_id": trace.trace_id,
        "summary": trace.summary,
        "segments": [
            {
                **span.document,
                "kind": span.kind,
                "parent_id": span.parent_id,
                "outcome": span.outcome,
                "collected": span.collected.sender,
            }
            for span in trace.walk()
        ],
        "problems": [str(problem) for problem in trace.problems],
    }
