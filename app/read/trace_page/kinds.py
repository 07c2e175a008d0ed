"""Which requests are of one kind, and the filter that lets them through."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import polars as pl

from app.model.time import EPOCH, Window
from app.model.traces import Trace
from app.read.scope import Scope
from app.read.trace_page.filters import ID, Kind, of_kind
from app.read.trace_page.urls import shape_of_url
from app.read.traces import TracesReader

AROUND = timedelta(hours=6)
MOST_OTHERS = 6
"""So many other shapes of addresses are kept out of a filter; it is to be read by people."""


def kind_of(trace: Trace) -> Kind:
    """Entry point, method, and the address without ids and query."""
    summary = trace.summary
    shape = pl.select(shape_of_url(pl.lit(summary.url, pl.String))).item()
    return Kind(summary.entry.name if summary.entry else "", summary.method or "", shape or "")


def is_of(kind: Kind) -> pl.Expr:
    """Whether a row of the table of traces is of a kind."""
    return pl.all_horizontal(
        pl.col("entry_name").fill_null("") == kind.entry,
        pl.col("method").fill_null("") == kind.method,
        shape_of_url(pl.col("url")).fill_null("") == kind.shape,
    )


def window_around(trace: Trace) -> Window:
    """Where others of its kind are looked for."""
    moment = EPOCH + timedelta(microseconds=trace.summary.start)
    return Window(moment - AROUND, moment + AROUND)


def filter_of_kind(trace: Trace, traces: TracesReader, scope: Scope) -> str:
    """The filter of all of its kind; other addresses that it would let through are kept out.

    The language knows no patterns, so what is there decides what must be kept out.
    """
    kind = kind_of(trace)
    if ID not in kind.shape:
        return of_kind(kind)
    near = replace(scope, window=window_around(trace))
    passing = traces.matching(near, of_kind(kind), ["url"])
    shapes = passing.select(shape_of_url(pl.col("url")).unique().sort().alias("shape"))
    found = shapes.collect(engine="streaming")["shape"].drop_nulls().to_list()
    return of_kind(kind, [each for each in found if each != kind.shape][:MOST_OTHERS])
