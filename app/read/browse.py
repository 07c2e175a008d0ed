"""Every metric that was collected, catalogued or not: namespace, metric, series.

One level at a time, each item with a small line; the lines of a level are read
at once, and a level shows at most :data:`MOST_ITEMS` of its items.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from app.catalogue.schema import Metric
from app.model.groups import metrics_group
from app.model.ids import SeriesKey
from app.model.lines import Line
from app.read.alarm_words import UNITS
from app.read.books import Books
from app.read.groups import Groups, Ids
from app.read.scope import Scope
from app.read.sheet import load
from app.read.slots import PERIODS_S, Slots, period_for

MOST_ITEMS = 60
MOST_SERIES = 2_000
"""Series that one item's line may be made of."""

Level = Literal["namespaces", "metrics", "series"]


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """A namespace, a metric or a series; ``says`` is what the catalogue knows of it."""

    name: str
    says: str
    series: int
    statistic: str
    line: Line | None
    key: SeriesKey | None = None
    metrics: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Browsed:
    """One level; ``left_out`` items are there and not shown."""

    level: Level
    items: tuple[Item, ...]
    period_s: int
    left_out: int = 0


def browse(books: Books, scope: Scope, namespace: str, metric: str, text: str) -> Browsed:
    """The level that namespace and metric lead to; only items that hold ``text``."""
    found = books.store.series.find(
        places=scope.places, namespace=namespace or None, metric=metric or None
    )
    if not namespace:
        return _namespaces(books, scope, found, text)
    if not metric:
        return _metrics(books, scope, found, namespace, text)
    return _series(books, scope, found, namespace, metric, text)


def _namespaces(books: Books, scope: Scope, found: pl.DataFrame, text: str) -> Browsed:
    counted = (
        found.group_by("namespace")
        .agg(series=pl.len(), metrics=pl.col("metric").n_unique())
        .sort("namespace")
    )
    items = []
    for name, series, metrics in counted.iter_rows():
        service = books.catalogue.by_namespace(name)
        says = service.says if service else "Not in the catalogue; shown as it was collected."
        if _holds(text, name, says):
            items.append(Item(name, says, series, "", None, metrics=metrics))
    return Browsed("namespaces", tuple(items), 60)


def _metrics(books: Books, scope: Scope, found: pl.DataFrame, namespace: str, text: str) -> Browsed:
    grouped = found.group_by("metric").agg(pl.col("series")).sort("metric")
    chosen = []
    for name, ids in grouped.iter_rows():
        known = books.catalogue.metric(namespace, name)
        if _holds(text, name, known.says if known else ""):
            chosen.append((name, known, np.array(ids[:MOST_SERIES], np.uint32)))
    shown = chosen[:MOST_ITEMS]
    lines, period = _lines(books, scope, namespace, [(known, ids) for _, known, ids in shown])
    items = [
        Item(name, known.says if known else "", len(ids), statistic_of(known), line)
        for (name, known, ids), line in zip(shown, lines, strict=True)
    ]
    return Browsed("metrics", tuple(items), period, len(chosen) - len(shown))


def _series(
    books: Books, scope: Scope, found: pl.DataFrame, namespace: str, metric: str, text: str
) -> Browsed:
    known = books.catalogue.metric(namespace, metric)
    ids = found["series"].to_numpy()
    keys = [
        (key, np.array([one], np.uint32))
        for key, one in zip(books.store.series.keys(ids), ids.tolist(), strict=True)
        if _holds(text, series_name(key), str(key.place))
    ]
    shown = keys[:MOST_ITEMS]
    lines, period = _lines(books, scope, namespace, [(known, one) for _, one in shown])
    items = [
        Item(series_name(key), str(key.place), 1, statistic_of(known), line, key)
        for (key, _), line in zip(shown, lines, strict=True)
    ]
    return Browsed("series", tuple(items), period, len(keys) - len(shown))


def _lines(
    books: Books, scope: Scope, namespace: str, wanted: Sequence[tuple[Metric | None, Ids]]
) -> tuple[list[Line], int]:
    """One line for each metric and its series, at the shortest period that suits all of them."""
    published = max((known.period if known else 300 for known, _ in wanted), default=60)
    period = period_for(scope.window, published)
    needed: dict[str, list[int]] = {}
    for known, ids in wanted:
        needed.setdefault(statistic_of(known), []).extend(ids.tolist())
    slots = Slots.over(scope.window, period)
    groups = [metrics_group(namespace, each) for each in PERIODS_S]
    slots = slots.until(books.standings().reach(groups, scope.places))
    sheet = load(books.store, needed, slots)
    lines = []
    for known, ids in wanted:
        values = sheet.pooled(Groups.of([ids]), statistic_of(known))[0]
        unit = UNITS.get(known.unit, "none") if known else "none"
        lines.append(Line("", slots.start, slots.step, values, unit))
    return lines, period


def statistic_of(known: Metric | None) -> str:
    """The statistic that shows a metric: the first of the catalogue's, the average of others."""
    return known.statistics[0] if known else "Average"


def series_name(key: SeriesKey) -> str:
    """The values of the dimensions, which is how people tell series apart."""
    return ", ".join(f"{name} {value}" for name, value in key.dimensions) or "no dimensions"


def _holds(text: str, *where: str) -> bool:
    wanted = text.casefold().split()
    joined = " ".join(where).casefold()
    return all(word in joined for word in wanted)
