"""What is malformed among traces: told by their documents, or by time alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import polars as pl

from app.model.time import epoch_ms
from app.model.traces import Flaw, RefusedSpans
from app.read.trace_page.answers import Malformed
from app.read.traces.malformed import FINISHED_BY


def flaws_of(told: pl.DataFrame, spans: pl.LazyFrame, now: datetime) -> pl.DataFrame:
    """Rows of ``trace_id`` and ``flaw`` of the traces in ``told``, which has their ``problems``."""
    written = (
        told.filter(pl.col("problems").list.len() > 0)
        .select("trace_id", flaw=pl.col("problems"))
        .explode("flaw")
        .with_columns(pl.col("flaw").struct.field("flaw").cast(pl.String))
    )
    oldest = epoch_ms(now - FINISHED_BY) * 1000
    late = (
        spans.filter(pl.col("in_progress") & (pl.col("start") < oldest))
        .join(told.lazy().select("trace_id"), on="trace_id", how="semi")
        .select("trace_id", flaw=pl.lit(Flaw.NEVER_FINISHED.value))
        .collect(engine="streaming")
    )
    return pl.concat([written, late]).unique(maintain_order=True)


def by_kind(flaws: pl.DataFrame, refused: Sequence[RefusedSpans] = ()) -> tuple[Malformed, ...]:
    """Every kind with the number of traces that have it, the most frequent first.

    What belongs to no trace comes after them, and has none to look at.
    """
    counted = (
        flaws.group_by("flaw")
        .agg(count=pl.col("trace_id").n_unique(), example=pl.col("trace_id").min())
        .sort("count", "flaw", descending=[True, False])
    )
    found = [Malformed(*values) for values in counted.iter_rows()]
    others = [Malformed(f"{one.flaw}, {one.detail}", one.count, "") for one in refused]
    return (*found, *others)


def by_trace(flaws: pl.DataFrame) -> Mapping[str, tuple[str, ...]]:
    """The kinds of each trace that has any."""
    grouped = flaws.group_by("trace_id").agg(pl.col("flaw").sort())
    return {trace_id: tuple(kinds) for trace_id, kinds in grouped.iter_rows()}
