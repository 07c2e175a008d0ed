"""How much of what arrived was malformed, by kind, with a trace to look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import polars as pl

from app.model.time import epoch_ms
from app.model.traces import Flaw, RefusedSpans, TraceSource
from app.read.scope import Scope

FINISHED_BY = timedelta(minutes=10)
"""What is in progress for longer is thought to have been cut off."""


@dataclass(frozen=True, slots=True)
class Malformed:
    """How often something was wrong, in how many traces, and the newest of these.

    ``source`` is where it came from. What belongs to no trace is told with a ``detail``.
    """

    flaw: Flaw
    count: int
    traces: int
    newest: str
    source: TraceSource = TraceSource.XRAY
    detail: str = ""


def malformed(
    scope: Scope, traces: pl.LazyFrame, spans: pl.LazyFrame, refused: Sequence[RefusedSpans]
) -> tuple[Malformed, ...]:
    """Every kind that occurred, by where it came from, the most frequent first."""
    flaws = pl.col("problems").list.eval(pl.element().struct.field("flaw"))
    told = (
        traces.filter(pl.col("problems").list.len() > 0)
        # Files of an older version do not tell who sent it.
        .select("trace_id", "at", sender=pl.coalesce("senders", flaws), flaw=flaws)
        .explode("sender", "flaw")
        .select("trace_id", "at", "flaw", source=pl.col("sender").str.split(" ").list.first())
    )
    oldest = epoch_ms(scope.now - FINISHED_BY) * 1000
    open_ones = spans.filter(pl.col("in_progress") & (pl.col("start") < oldest)).select(
        "trace_id", "at", "source", flaw=pl.lit(Flaw.NEVER_FINISHED.value)
    )
    counted = (
        pl.concat([told, open_ones.select("trace_id", "at", "flaw", "source")])
        .group_by("flaw", "source")
        .agg(
            count=pl.len(),
            traces=pl.col("trace_id").n_unique(),
            newest=pl.col("trace_id").sort_by("at", "trace_id").last(),
        )
        .collect(engine="streaming")
    )
    found = [
        Malformed(Flaw(flaw), count, traces_, newest, _source(source))
        for flaw, source, count, traces_, newest in counted.iter_rows()
    ]
    found += [Malformed(r.flaw, r.count, 0, "", r.source, r.detail) for r in refused]
    return tuple(sorted(found, key=lambda m: (-m.count, m.flaw, m.source, m.detail)))


def _source(text: str) -> TraceSource:
    return TraceSource(text) if text in set(TraceSource) else TraceSource.XRAY
