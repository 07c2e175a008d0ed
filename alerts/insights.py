"""Metrics Insights queries of alarms, answered from what is stored.

A query without GROUP BY is one series; with it, every returned series is a contributor
whose state is kept with the alarm's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import polars as pl

from alerts.book import Scope, Scopes
from alerts.points import Slotted, Source, read
from alerts.tagged import Tagged
from alerts.verdict import contributor_id
from alerts.verdict.slots import Slot
from app.model.groups import metrics_group
from app.model.ids import Place
from app.query import metrics_sql
from app.query.metrics_sql.frames import MEMBERS, MOST_SERIES, POINTS, Buckets, aggregated, ranked
from app.query.metrics_sql.selection import OTHER, selected
from app.query.metrics_sql.tree import Key, KeyKind, Query

STEP = 60
PACE = 300
"""Every how many seconds series that no alarm names are read."""

Rows = list[tuple[int, float]]


class Known(Protocol):
    """Knows which series there are: the store's list of series."""

    def find(self, *, places: Iterable[Place], namespace: str, metric: str) -> pl.DataFrame: ...


@dataclass(frozen=True, slots=True)
class Select:
    """A query with the Id it has in its alarm."""

    id: str
    query: Query
    place: Place
    scope: int
    step: int = STEP

    @property
    def asks_tags(self) -> bool:
        keys = (*self.query.group, *(condition.key for condition in self.query.where))
        return any(key.kind is KeyKind.TAG for key in keys)


@dataclass(frozen=True, slots=True)
class Contributor:
    """One returned series; ``attributes`` are what it is grouped by."""

    id: str
    attributes: Mapping[str, str]
    rows: Rows


@dataclass(frozen=True, slots=True)
class Returned:
    """The series of a query; ``partial`` where there are more than count, or more metrics."""

    series: list[Contributor]
    partial: bool = False


def select_of(query: Mapping[str, Any], place: Place, period: int, scopes: Scopes) -> Select:
    """The query of an alarm and the coverage that it needs."""
    tree = metrics_sql.parse(str(query["Expression"]))
    groups = (metrics_group(tree.namespace, STEP),)
    scope = scopes.add(Scope(place, tree.namespace, groups, PACE))
    return Select(str(query["Id"]), tree, place, scope, min(STEP, period))


def answered(
    select: Select, source: Source, known: Known, spans: Sequence[Slot], tagged: Tagged
) -> Returned:
    """The series that a query returns in the slots, in its order."""
    place, query = select.place, select.query
    metrics = known.find(places=[place], namespace=query.namespace, metric=query.metric)
    catalog = [_described(row, place) for row in metrics.iter_rows(named=True)]
    if select.asks_tags:
        catalog = [each | {"tags": tagged.of(place, each["dimensions"])} for each in catalog]
    chosen = selected(query, catalog, place.account)
    members = chosen.members
    if not members:
        return Returned([])
    ids = metrics["series"].to_numpy()[[position for position, _ in members]]
    attributes = {label: _attributes(query.group, catalog[at]) for at, label in members}
    labels = pl.LazyFrame(
        {"series": ids.astype("u4"), "label": [label for _, label in members]}, schema=MEMBERS
    )
    slotted = read(source, np.sort(ids.astype(np.uint32)), spans, STEP, ())
    period = spans[0][1] - spans[0][0]
    buckets = Buckets.over(period, spans[0][0], spans[-1][1])
    rows = ranked(query, aggregated(query, labels, _points(slotted, ids, spans), buckets)).collect()
    series = [
        Contributor(
            contributor_id(attributes[row["label"]]),
            attributes[row["label"]],
            list(zip(row["at"], row["value"], strict=True)),
        )
        for row in rows.iter_rows(named=True)
    ]
    return Returned(series[:MOST_SERIES], chosen.cut or len(series) > MOST_SERIES)


def _described(row: Mapping[str, Any], place: Place) -> dict[str, Any]:
    return {
        "namespace": row["namespace"],
        "metric": row["metric"],
        "dimensions": {pair["name"]: pair["value"] for pair in row["dimensions"]},
        "account": place.account,
    }


def _attributes(group: Sequence[Key], metric: Mapping[str, Any]) -> dict[str, str]:
    return {
        _name(key): str(
            metric["account"]
            if key.kind is KeyKind.ACCOUNT
            else metric["tags" if key.kind is KeyKind.TAG else "dimensions"].get(key.name, OTHER)
        )
        for key in group
    }


def _name(key: Key) -> str:
    if key.kind is KeyKind.ACCOUNT:
        return "AWS.AccountId"
    return f"tag.{key.name}" if key.kind is KeyKind.TAG else key.name


def _points(slotted: Slotted, ids: Any, spans: Sequence[Slot]) -> pl.LazyFrame:
    """Slots that hold samples, a row each."""
    series, slot = np.nonzero(slotted.sample_count > 0)
    starts = np.array([start for start, _ in spans])
    return pl.LazyFrame(
        {
            "series": np.sort(ids.astype(np.uint32))[series],
            "at": starts[slot],
            "sum": slotted.sum[series, slot],
            "minimum": slotted.minimum[series, slot],
            "maximum": slotted.maximum[series, slot],
            "sample_count": slotted.sample_count[series, slot],
        },
        schema=POINTS,
    )
