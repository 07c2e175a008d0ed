"""Answers a Metrics Insights query over metrics with their samples."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import polars as pl

from app.query.lang import QueryError, Span
from app.query.metrics_sql.frames import (
    MEMBERS,
    MOST_SERIES,
    POINTS,
    Buckets,
    aggregated,
    ranked,
)
from app.query.metrics_sql.parse import parse
from app.query.metrics_sql.selection import selected
from app.query.metrics_sql.tree import Query

TOO_MANY = "MaxMetricsExceeded"
TOO_OLD = "MaxQueryTimeRangeExceeded"
TWO_WEEKS = 14 * 86_400
Point = tuple[int, float]


@dataclass(frozen=True, slots=True)
class Element:
    """One series of the result; ``label`` is None for the one of a query without GROUP BY."""

    label: str | None
    values: list[Point]


@dataclass(frozen=True, slots=True)
class SqlResult:
    """The series in their order, and AWS's messages such as MaxMetricsExceeded.

    ``partial`` is true where a limit left out metrics or series.
    """

    array: list[Element]
    messages: tuple[str, ...] = ()
    partial: bool = False


def evaluate(
    query: str,
    catalog: Iterable[Mapping[str, Any]],
    *,
    period: int,
    start: int | None = None,
    end: int | None = None,
    account: str = "",
    label: str = "",
    now: int | None = None,
) -> SqlResult:
    """Run one query; the keys of a sample line of kind ``sql-eval`` are the arguments.

    ``catalog`` holds mappings with ``namespace``, ``metric``, ``dimensions``,
    ``samples`` (``[epoch second, value]`` pairs) and optionally ``tags`` and
    ``account``. ``period`` is in seconds, a multiple of 60; shorter ones count
    as 60. Buckets start at ``start`` rounded down to the minute, or at whole
    periods of the clock without one; ``end`` is exclusive. ``account`` is what
    CURRENT_ACCOUNT_ID() stands for, ``label`` goes in front of every label;
    with ``now`` a start older than two weeks is told. ``array`` of the answer
    is what ``expected`` holds. Kind ``sql-parse`` is ``parse``: both raise QueryError.

    Source: Amazon CloudWatch User Guide, "Metrics Insights query components and syntax".
    """
    tree = parse(query)
    seconds = max(60, period)
    if seconds % 60:
        raise QueryError("the period is a multiple of 60 seconds", query, Span(0, len(query)))
    metrics = list(catalog)
    found = selected(tree, metrics, account)
    members = pl.LazyFrame(found.members, schema=MEMBERS, orient="row")
    points = pl.LazyFrame(
        list(_points(metrics, [position for position, _ in found.members])),
        schema=POINTS,
        orient="row",
    )
    series = aggregated(tree, members, points, Buckets.over(seconds, start, end))
    rows = ranked(tree, series).collect()
    messages = [TOO_MANY] if found.cut else []
    if now is not None and start is not None and start < now - TWO_WEEKS:
        messages.append(TOO_OLD)
    cut = found.cut or rows.height > MOST_SERIES
    return SqlResult(_labelled(tree, rows.head(MOST_SERIES), label), tuple(messages), cut)


def _points(
    metrics: Sequence[Mapping[str, Any]], positions: Sequence[int]
) -> Iterator[tuple[int, int, float, float, float, float]]:
    for position in positions:
        for at, value in metrics[position].get("samples") or ():
            if value is not None and isfinite(value):
                yield position, int(at), float(value), float(value), float(value), 1.0


def _labelled(query: Query, rows: pl.DataFrame, label: str) -> list[Element]:
    """The series with their labels; without GROUP BY one, also where it has no point."""
    found = [
        (name, list(zip(at, value, strict=True)))
        for name, at, value in rows.select("label", "at", "value").rows()
    ]
    if not query.group:
        return [Element(label or None, found[0][1] if found else [])]
    ranks = query.order is not None
    names = [f"{n} - {name}" if ranks else name for n, (name, _) in enumerate(found, 1)]
    return [
        Element(f"{label} {name}" if label else name, values)
        for name, (_, values) in zip(names, found, strict=True)
    ]
