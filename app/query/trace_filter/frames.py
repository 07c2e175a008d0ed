"""An expression held against many traces at once: rows of the tables of traces and of spans.

What the row of a trace tells is an expression over it. What needs documents, braces
and edges, first becomes the ids of the traces that satisfy it. Traces of which only
the summary is stored satisfy none of those; :func:`needs_documents` tells whether it matters.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from app.query.trace_filter import calls, tree
from app.query.trace_filter.columns import annotated, of_traces, selected, simple
from app.query.trace_filter.groups import expanded
from app.query.trace_filter.run import is_cause


def matching(
    expression: tree.Expression,
    traces: pl.LazyFrame,
    spans: Callable[[], pl.LazyFrame],
    groups: Mapping[str, Any] | None = None,
) -> pl.LazyFrame:
    """The rows of ``traces`` that an expression matches.

    ``spans`` gives the rows of all spans of those traces; it is called only where they are
    needed. Root causes are read from the rows as JSON, each different text once.
    """
    whole = expanded(expression, groups or {})
    parts = whole.parts if isinstance(whole, tree.All) else (whole,)
    plain = [part for part in parts if not any(map(_is_complex, _leaves(part)))]
    found = traces.filter(pl.lit(True), *map(_Plain().of, plain))
    for part in parts:
        if part not in plain:
            found = _complex(part, found, spans)
    return found


def needs_documents(expression: tree.Expression, groups: Mapping[str, Any] | None = None) -> bool:
    """Whether summaries alone cannot answer."""
    return any(calls.reads_spans(each) for each in _leaves(expanded(expression, groups or {})))


def _complex(
    part: tree.Expression, traces: pl.LazyFrame, spans: Callable[[], pl.LazyFrame]
) -> pl.LazyFrame:
    """The traces that satisfy a part of which some conditions need more than the row."""
    if calls.reads_spans(part):
        return traces.join(calls.ids(part, spans(), traces), on="trace_id", how="semi")
    if isinstance(part, tree.Not) and calls.reads_spans(part.inner):
        return traces.join(calls.ids(part.inner, spans(), traces), on="trace_id", how="anti")
    flags = _Plain()
    for condition in dict.fromkeys(_leaves(part)):
        if calls.reads_spans(condition):
            name = f"flag_{len(flags.named)}"
            flag = calls.ids(condition, spans(), traces).with_columns(pl.lit(True).alias(name))
            traces = traces.join(flag, on="trace_id", how="left")
            flags.named[condition] = pl.col(name).fill_null(False)
        elif isinstance(condition, tree.Cause | tree.CauseJson):
            flags.named[condition] = _has_cause(condition, traces)
    names = [f"flag_{n}" for n in range(len(flags.named))]
    return traces.filter(flags.of(part)).drop(names, strict=False)


def _has_cause(condition: tree.Cause | tree.CauseJson, traces: pl.LazyFrame) -> pl.Expr:
    known = traces.select(pl.col("causes").drop_nulls().unique()).collect(engine="streaming")
    texts = [text for text in known["causes"] if is_cause(condition, json.loads(text))]
    wanted = pl.Series(texts, dtype=pl.String).implode()
    return pl.col("causes").is_in(wanted).fill_null(is_cause(condition, {}))


def _is_complex(condition: tree.Condition) -> bool:
    return calls.reads_spans(condition) or isinstance(condition, tree.Cause | tree.CauseJson)


def _leaves(expression: tree.Expression) -> Iterator[tree.Condition]:
    return tree.conditions(expression)


@dataclass(slots=True)
class _Plain:
    """Conditions as expressions over a row of traces; ``named`` are those made before."""

    named: dict[tree.Condition, pl.Expr] = field(default_factory=dict)

    def of(self, expression: tree.Expression) -> pl.Expr:
        if isinstance(expression, tree.Not):
            return ~self.of(expression.inner)
        if isinstance(expression, tree.All):
            return pl.all_horizontal(pl.lit(True), *map(self.of, expression.parts))
        if isinstance(expression, tree.Any):
            return pl.any_horizontal(pl.lit(False), *map(self.of, expression.parts))
        if expression in self.named:
            return self.named[expression]
        if isinstance(expression, tree.Annotation):
            return annotated(expression.key, expression.comparison)
        if isinstance(expression, tree.Simple):
            return simple(expression, of_traces())
        if isinstance(expression, tree.Service):
            return _has_service(expression)
        raise TypeError(f"{expression} is no condition on a row")


def _has_service(condition: tree.Service) -> pl.Expr:
    node = pl.element()
    told = selected(condition.selectors, lambda part: node.struct.field(part))
    is_wanted = pl.all_horizontal(node.is_not_null(), *told)
    return pl.col("services").list.eval(is_wanted).list.any().fill_null(False)
