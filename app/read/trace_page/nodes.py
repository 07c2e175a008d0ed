"""What passed a node: the traces to look at first, and examples for its charts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import polars as pl

from app.model.time import EPOCH
from app.model.traces import Outcome, SpanKind
from app.read.trace_page.answers import Exemplar
from app.read.trace_page.common import outcome

BUCKETS = 12
"""An example in each such part of the range; more would hide the line that they stand by."""


def passes(names: Sequence[str]) -> pl.Expr:
    """Whether a row of the table of traces passed a node, or ran on a resource, of these names."""
    wanted = list(names)
    by_name = pl.col("services").list.eval(pl.element().struct.field("name").is_in(wanted))
    by_arn = pl.col("resource_arns").list.eval(pl.element().is_in(wanted))
    return by_name.list.any() | by_arn.list.any()


def first_to_look_at(traces: pl.LazyFrame, names: Sequence[str], most: int) -> pl.Series:
    """Ids of the traces that passed: first those that failed, the slowest before others."""
    found = traces.filter(passes(names)).select(
        "trace_id", "response_time", failed=outcome() != "ok"
    )
    ranked = found.sort("failed", "response_time", descending=True, nulls_last=True).head(most)
    return ranked.collect()["trace_id"]


def exemplars(spans: pl.LazyFrame, names: Sequence[str]) -> tuple[Exemplar, ...]:
    """In each part of the range the slowest visit of these nodes, and one that failed."""
    wanted = list(names)
    visits = spans.filter(
        pl.col("kind") != SpanKind.SUBSEGMENT.value,
        pl.col("node_name").is_in(wanted) | pl.col("resource_arn").is_in(wanted),
        pl.col("duration").is_not_null(),
    ).select("trace_id", "start", "duration", outcome().alias("outcome"))
    first, last = pl.col("start").min(), pl.col("start").max()
    part = (pl.col("start") - first) * BUCKETS // (last - first + 1)
    ranked = (
        visits.with_columns(part=part, failed=pl.col("outcome") != "ok")
        .sort("duration", "trace_id", descending=True)
        .group_by("part", "failed", maintain_order=True)
        .first()
        .sort("start")
        .collect(engine="streaming")
    )
    return tuple(
        Exemplar(
            row["trace_id"],
            EPOCH + timedelta(microseconds=row["start"]),
            row["duration"] / 1000,
            Outcome(row["outcome"]),
        )
        for row in ranked.iter_rows(named=True)
    )
