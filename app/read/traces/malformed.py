"""How much of what arrived was malformed, by kind, with a trace to look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import polars as pl

from app.model.time import epoch_ms
from app.model.traces import Flaw
from app.read.scope import Scope

FINISHED_BY = timedelta(minutes=10)
"""What is in progress for longer is thought to have been cut off."""


@dataclass(frozen=True, slots=True)
class Malformed:
    """How often something was wrong, in how many traces, and the newest of these."""

    flaw: Flaw
    count: int
    traces: int
    newest: str


def malformed(scope: Scope, traces: pl.LazyFrame, spans: pl.LazyFrame) -> tuple[Malformed, ...]:
    """Every kind that occurred, the most frequent first."""
    told = (
        traces.select("trace_id", "at", pl.col("problems"))
        .filter(pl.col("problems").list.len() > 0)
        .explode("problems")
        .select("trace_id", "at", flaw=pl.col("problems").struct.field("flaw"))
    )
    oldest = epoch_ms(scope.now - FINISHED_BY) * 1000
    open_ones = spans.filter(pl.col("in_progress") & (pl.col("start") < oldest)).select(
        "trace_id", "at", flaw=pl.lit(Flaw.NEVER_FINISHED.value)
    )
    counted = (
        pl.concat([told, open_ones])
        .group_by("flaw")
        .agg(
            count=pl.len(),
            traces=pl.col("trace_id").n_unique(),
            newest=pl.col("trace_id").sort_by("at", "trace_id").last(),
        )
        .sort(["count", "flaw"], descending=[True, False])
        .collect(engine="streaming")
    )
    return tuple(Malformed(Flaw(flaw), *rest) for flaw, *rest in counted.iter_rows())
