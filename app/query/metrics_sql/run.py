"""Evaluates a Metrics Insights query over metrics with their samples.

Aggregation is over samples, not over averages of series, so AVG is weighted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.query.lang import QueryError, Span
from app.query.metrics_sql.parse import parse
from app.query.metrics_sql.tree import Condition, Key, KeyKind, Query, Statistic

MOST_METRICS = 10_000
MOST_SERIES = 500
OTHER = "Other"
Point = tuple[int, float]


@dataclass(frozen=True, slots=True)
class Element:
    """One series of the result; ``label`` is None for the one of a query without GROUP BY."""

    label: str | None
    values: list[Point]


@dataclass(frozen=True, slots=True)
class SqlResult:
    """The series in their order, and messages such as MaxMetricsExceeded."""

    array: list[Element]
    messages: tuple[str, ...] = ()


@dataclass(slots=True)
class _Bucket:
    count: float = 0.0
    total: float = 0.0
    low: float = float("inf")
    high: float = float("-inf")

    def add(self, value: float) -> None:
        self.count += 1
        self.total += value
        self.low, self.high = min(self.low, value), max(self.high, value)

    def read(self, statistic: Statistic) -> float:
        return {
            Statistic.AVG: self.total / self.count,
            Statistic.COUNT: self.count,
            Statistic.MAX: self.high,
            Statistic.MIN: self.low,
            Statistic.SUM: self.total,
        }[statistic]


def evaluate(
    query: str,
    catalog: Iterable[Mapping[str, Any]],
    *,
    period: int,
    start: int | None = None,
    end: int | None = None,
    account: str = "",
    label: str = "",
) -> SqlResult:
    """Run one query.

    ``catalog`` holds mappings with ``namespace``, ``metric``, ``dimensions``,
    ``samples`` (``[epoch second, value]`` pairs) and optionally ``tags`` and
    ``account``. ``period`` is in seconds, a multiple of 60; shorter ones count
    as 60. Buckets start at ``start`` rounded down to the minute, or at whole
    periods of the clock without one; ``end`` is exclusive. ``account`` is what
    CURRENT_ACCOUNT_ID() stands for, ``label`` goes in front of every label.
    Raises QueryError.

    Source: Amazon CloudWatch User Guide, "Metrics Insights query components and syntax".
    """
    tree = parse(query)
    seconds = max(60, period)
    if seconds % 60:
        raise QueryError("the period is a multiple of 60 seconds", query, Span(0, len(query)))
    found = [metric for metric in catalog if _wanted(tree, metric, account)]
    messages = ("MaxMetricsExceeded",) if len(found) > MOST_METRICS else ()
    groups: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for metric in found[:MOST_METRICS]:
        groups.setdefault(tuple(_group_value(key, metric) for key in tree.group), []).append(metric)
    if not tree.group:
        groups = {(): [metric for members in groups.values() for metric in members]}
    anchor = 0 if start is None else start - start % 60
    series = [
        Element(" ".join(key), _points(tree, members, (anchor, start, end), seconds))
        for key, members in groups.items()
    ]
    return SqlResult(_arranged(tree, series, label), messages)


def _wanted(query: Query, metric: Mapping[str, Any], account: str) -> bool:
    if (metric["namespace"], metric["metric"]) != (query.namespace, query.metric):
        return False
    dimensions = metric.get("dimensions") or {}
    if query.schema is not None and set(dimensions) != query.schema:
        return False
    return all(_holds(condition, metric, account) for condition in query.where)


def _holds(condition: Condition, metric: Mapping[str, Any], account: str) -> bool:
    """A metric without the key satisfies ``!=`` and never ``=``."""
    wanted = account if condition.value is None else condition.value
    return (_value(condition.key, metric) == wanted) is not condition.negated


def _value(key: Key, metric: Mapping[str, Any]) -> str | None:
    if key.kind is KeyKind.ACCOUNT:
        return metric.get("account")
    held = metric.get("tags" if key.kind is KeyKind.TAG else "dimensions") or {}
    value = held.get(key.name)
    return None if value is None else str(value)


def _group_value(key: Key, metric: Mapping[str, Any]) -> str:
    value = _value(key, metric)
    return OTHER if value is None else value


def _points(
    query: Query,
    metrics: Sequence[Mapping[str, Any]],
    window: tuple[int, int | None, int | None],
    period: int,
) -> list[Point]:
    anchor, start, end = window
    buckets: dict[int, _Bucket] = {}
    for metric in metrics:
        for at, value in metric.get("samples") or ():
            if (start is not None and at < anchor) or (end is not None and at >= end):
                continue
            slot = anchor + (int(at) - anchor) // period * period
            buckets.setdefault(slot, _Bucket()).add(float(value))
    return [(slot, buckets[slot].read(query.statistic)) for slot in sorted(buckets)]


def _arranged(query: Query, series: list[Element], label: str) -> list[Element]:
    if not query.group:
        return [Element(label or None, each.values) for each in series]
    ordered = sorted(series, key=lambda each: each.label or "")
    if query.order is not None:
        statistic, descending = query.order
        ordered.sort(key=lambda each: _rank(each, statistic, descending))
    ordered = ordered[: min(query.limit or MOST_SERIES, MOST_SERIES)]
    names = [each.label or "" for each in ordered]
    if query.order is not None:
        names = [f"{rank} - {name}" for rank, name in enumerate(names, 1)]
    return [
        Element(f"{label} {name}" if label else name, each.values)
        for name, each in zip(names, ordered, strict=True)
    ]


def _rank(series: Element, statistic: Statistic, descending: bool) -> tuple[bool, float]:
    whole = _Bucket()
    for _, value in series.values:
        whole.add(value)
    if not whole.count:
        return True, 0.0
    value = whole.read(statistic)
    return False, -value if descending else value
