"""Conditions that the row of a trace cannot tell: braces of a service, and edges.

Each becomes the ids of the traces that satisfy it, read from the table of spans.
A span of a called segment names its caller's node, so that an edge without braces
needs no join; with braces the calling span is joined to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeGuard

import polars as pl

from app.query.trace_filter import tree
from app.query.trace_filter.columns import (
    NODE,
    Values,
    annotated,
    node_annotated,
    of_calls,
    of_segments,
    selected,
    simple,
)

_BY = (
    "duration", "error", "fault", "throttle", "status", "url", "method", "user_agent",
    "client_ip", "annotations", "user", "zone", "instance_id", "resource_arn",
)  # fmt: skip
"""What a condition may ask of the span that called."""

_REQUEST = ("method", "url", "status", "user_agent", "client_ip")
_NODE = [f"node_{part}" for part in NODE]
_CALLER = [f"caller_{part}" for part in NODE]


def reads_spans(condition: tree.Expression) -> TypeGuard[tree.Service | tree.Edge]:
    """Whether a condition needs the spans: all but that a service took part."""
    if isinstance(condition, tree.Service):
        return condition.inner is not None or _asks_for_client(condition)
    return isinstance(condition, tree.Edge)


def ids(
    condition: tree.Service | tree.Edge, spans: pl.LazyFrame, traces: pl.LazyFrame
) -> pl.LazyFrame:
    """The ids of the traces that satisfy a condition, each once."""
    partial = traces.select("trace_id", "partial")
    if isinstance(condition, tree.Service):
        found = _services(condition, spans, partial)
    else:
        found = _edges(condition, spans, partial)
    return found.select("trace_id").unique()


def _services(condition: tree.Service, spans: pl.LazyFrame, partial: pl.LazyFrame) -> pl.LazyFrame:
    clients = _client_spans(spans) if _asks_for_client(condition) else None
    rows = spans if clients is None else clients
    rows = rows.filter(pl.lit(True), *_selected(condition.selectors, "node"))
    is_segment = pl.col("kind") != "subsegment"
    if condition.inner is None:
        return rows.filter(is_segment)
    if _uses(condition.inner, "partial"):
        rows = rows.join(partial, on="trace_id", how="left")
    inside = _Inside(of_segments(), _node_annotation)
    return rows.with_columns(satisfies=inside.of(condition.inner)).filter(is_segment, "satisfies")


def _selected(selectors: tuple[tree.Selector, ...], side: str) -> Iterator[pl.Expr]:
    return selected(selectors, lambda part: pl.col(f"{side}_{part}"))


def _node_annotation(condition: tree.Annotation) -> pl.Expr:
    return node_annotated(annotated(condition.key, condition.comparison))


def _client_spans(spans: pl.LazyFrame) -> pl.LazyFrame:
    """The root segments that a client called, with their subsegments, as if it were its node."""
    roots = spans.filter(_is_called_by_client()).select("trace_id", "segment_id")
    there = spans.join(roots, on=["trace_id", "segment_id"], how="semi")
    return there.with_columns(node_type=pl.lit(tree.CLIENT), root=pl.lit(False))


def _is_called_by_client() -> pl.Expr:
    return pl.col("entry") & has_client()


def has_client() -> pl.Expr:
    """Whether a client called a root: not one that works on a message of another trace."""
    is_request = pl.any_horizontal(*(pl.col(name).is_not_null() for name in _REQUEST))
    return is_request | (pl.col("links").list.len().fill_null(0) == 0)


def _edges(condition: tree.Edge, spans: pl.LazyFrame, partial: pl.LazyFrame) -> pl.LazyFrame:
    rows = spans.filter((pl.col("kind") != "subsegment") & pl.col("caller_name").is_not_null())
    if _asks_for_client(condition):
        rows = pl.concat([rows, _client_calls(spans)])
    told = [
        *_selected(condition.selectors[:1], "caller"),
        *_selected(condition.selectors[1:], "node"),
    ]
    rows = rows.filter(pl.lit(True), *told)
    if condition.inner is None:
        return rows
    rows = _with_callers(rows, spans, partial, condition.inner)
    annotations = _side_annotations(condition.inner)
    for position, each in enumerate(annotations):
        rows = _flagged(rows, spans, each, f"side_{position}")
    named = {each: pl.col(f"side_{n}").fill_null(False) for n, each in enumerate(annotations)}

    def annotation(each: tree.Annotation) -> pl.Expr:
        own = annotated(each.key, each.comparison, "by_annotations")
        return named[each] if each.side else own

    return rows.filter(_Inside(of_calls(), annotation).of(condition.inner))


def _client_calls(spans: pl.LazyFrame) -> pl.LazyFrame:
    """The call of the client to each root that has one, measured by the root itself."""
    return spans.filter(_is_called_by_client()).with_columns(
        caller_account="node_account",
        caller_name="node_name",
        caller_type=pl.lit(tree.CLIENT),
        parent_id="span_id",
    )


def _with_callers(
    rows: pl.LazyFrame, spans: pl.LazyFrame, partial: pl.LazyFrame, inner: tree.Expression
) -> pl.LazyFrame:
    """Calls with the columns of the calling span."""
    calls = rows.select("trace_id", "parent_id", *_CALLER, *_NODE)
    own = {f"by_{name}": pl.col(name) for name in _BY}
    callers = spans.select("trace_id", pl.col("span_id").alias("parent_id"), **own)
    calls = calls.join(callers, on=["trace_id", "parent_id"])
    if _uses(inner, "partial"):
        calls = calls.join(partial, on="trace_id", how="left")
    return calls


def _flagged(
    rows: pl.LazyFrame, spans: pl.LazyFrame, condition: tree.Annotation, flag: str
) -> pl.LazyFrame:
    """Whether the node at one end of a call has the annotation."""
    own = _CALLER if condition.side == "source" else _NODE
    there = spans.filter(annotated(condition.key, condition.comparison))
    nodes = there.select("trace_id", *_NODE).unique().with_columns(pl.lit(True).alias(flag))
    return rows.join(nodes, left_on=["trace_id", *own], right_on=["trace_id", *_NODE], how="left")


def _asks_for_client(condition: tree.Service | tree.Edge) -> bool:
    return any(selector.asks_for_client for selector in condition.selectors[:1])


def _side_annotations(inner: tree.Expression) -> list[tree.Annotation]:
    found = (c for c in tree.conditions(inner) if isinstance(c, tree.Annotation) and c.side)
    return list(dict.fromkeys(found))


def _uses(inner: tree.Expression, *keywords: str) -> bool:
    return any(
        isinstance(each, tree.Simple) and each.keyword in keywords
        for each in tree.conditions(inner)
    )


class _Inside:
    """What stands in braces, as an expression over rows of spans or of calls."""

    def __init__(
        self, columns: Mapping[str, Values], annotation: Callable[[tree.Annotation], pl.Expr]
    ) -> None:
        self._columns, self._annotation = columns, annotation

    def of(self, expression: tree.Expression) -> pl.Expr:
        if isinstance(expression, tree.Not):
            return ~self.of(expression.inner)
        if isinstance(expression, tree.All):
            return pl.all_horizontal(pl.lit(True), *map(self.of, expression.parts))
        if isinstance(expression, tree.Any):
            return pl.any_horizontal(pl.lit(False), *map(self.of, expression.parts))
        if isinstance(expression, tree.Annotation):
            return self._annotation(expression)
        if isinstance(expression, tree.Simple):
            return simple(expression, self._columns)
        raise TypeError(f"{expression} does not stand in braces")
