"""Which metrics a query reads, and to which of its series each belongs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.query.metrics_sql.tree import Condition, Key, KeyKind, Query

MOST_METRICS = 10_000
OTHER = "Other"


@dataclass(frozen=True, slots=True)
class Selection:
    """Positions in the catalog with the label of their series; ``cut`` when some were left out."""

    members: list[tuple[int, str]]
    cut: bool


def selected(query: Query, catalog: Iterable[Mapping[str, Any]], account: str = "") -> Selection:
    """The metrics that a query reads, at most 10,000.

    A metric is a mapping with ``namespace``, ``metric``, ``dimensions`` and
    optionally ``tags`` and ``account``.
    """
    members: list[tuple[int, str]] = []
    for position, metric in enumerate(catalog):
        if not _wanted(query, metric, account):
            continue
        if len(members) == MOST_METRICS:
            return Selection(members, True)
        members.append((position, " ".join(_group_value(key, metric) for key in query.group)))
    return Selection(members, False)


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
