"""The table of aggregates that ``stats`` knows.

Percentiles interpolate linearly; standard deviation and variance are those of
the population. Absent values are ignored; over none the result is absent,
counts are 0.

Source: Amazon CloudWatch Logs User Guide, "stats", "Time-series functions".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import polars as pl

from app.query.insights import periods
from app.query.insights.functions.rowwise import each_list
from app.query.insights.lists import json_of, most_frequent, plain_sorted
from app.query.insights.tree import Period
from app.query.insights.values import Kind, Value, finite, number, number_to_text, sort_keys, time


@dataclass(frozen=True, slots=True)
class Grouping:
    """What an aggregate may know of its group: the time of each row, and its events if many."""

    at: pl.Expr | None
    events: pl.Expr | None = None


Build = Callable[[Sequence[Value], Grouping], Value]
Finish = Callable[[Sequence[Value], pl.Expr], pl.Expr]


@dataclass(frozen=True, slots=True)
class Aggregate:
    """``constants`` are positions of arguments that must be numbers of the query.

    ``period`` is the position of a period argument, which the builder gets as a
    number of milliseconds. ``finish`` turns what the groups gave into the value.
    """

    name: str
    least: int
    most: int
    says: str
    build: Build
    aliases: tuple[str, ...] = ()
    constants: tuple[int, ...] = ()
    period: int | None = None
    needs_time: bool = False
    star: bool = False
    alone: bool = False
    finish: Finish | None = None


def _count(arguments: Sequence[Value], grouping: Grouping) -> Value:
    if arguments:
        return number(arguments[0].expr.count())
    return number(pl.len() if grouping.events is None else grouping.events.sum())


def _sum(arguments: Sequence[Value], grouping: Grouping) -> Value:
    values = arguments[0].number()
    return number(pl.when(values.count() > 0).then(values.sum()))


def _over_numbers(apply: Callable[[pl.Expr], pl.Expr]) -> Build:
    """An aggregate that is absent by itself over no values."""
    return lambda arguments, grouping: number(apply(arguments[0].number()))


def _extreme(apply: Callable[[pl.Expr], pl.Expr]) -> Build:
    def build(arguments: Sequence[Value], grouping: Grouping) -> Value:
        value = arguments[0]
        if value.kind is Kind.TIME:
            return time(apply(value.expr))
        return number(apply(value.number()))

    return build


def _distinct(arguments: Sequence[Value], grouping: Grouping) -> Value:
    value = arguments[0]
    return number((value.expr if value.nested is None else value.text()).drop_nulls().n_unique())


def _percentile(arguments: Sequence[Value], grouping: Grouping) -> Value:
    share = float(arguments[1].literal or 0) / 100
    return number(arguments[0].number().quantile(share, interpolation="linear"))


def _at(grouping: Grouping, there: pl.Expr) -> pl.Expr:
    assert grouping.at is not None  # noqa: S101 - checked before by needs_time
    return pl.when(there).then(grouping.at)


def _earliest(arguments: Sequence[Value], grouping: Grouping) -> Value:
    value = arguments[0]
    found = value.expr.min_by(_at(grouping, value.present()))
    return Value(value.kind, found, value.mixed)


def _latest(arguments: Sequence[Value], grouping: Grouping) -> Value:
    value = arguments[0]
    found = value.expr.max_by(_at(grouping, value.present()))
    return Value(value.kind, found, value.mixed)


def _sorts(descending: bool) -> Build:
    def build(arguments: Sequence[Value], grouping: Grouping) -> Value:
        value = arguments[0]
        there = value.present()
        keys = [key.filter(there) for key in sort_keys(value)]
        ordered = value.expr.filter(there).sort_by(keys, descending=[descending] * len(keys))
        return Value(value.kind, ordered.first(), value.mixed)

    return build


def _listed(value: Value) -> pl.Expr:
    """What goes into a list: numbers as such, anything else as text."""
    return value.number() if value.kind in (Kind.NUMBER, Kind.BOOLEAN) else value.text()


def _values(arguments: Sequence[Value], grouping: Grouping) -> Value:
    return Value(Kind.STRUCTURE, _listed(arguments[0]).drop_nulls().unique().implode())


def _values_json(arguments: Sequence[Value], found: pl.Expr) -> pl.Expr:
    return each_list(found, lambda items: json_of(plain_sorted(items)))


def _topk(arguments: Sequence[Value], grouping: Grouping) -> Value:
    counted = _listed(arguments[1]).alias("value").drop_nulls().value_counts(name="count")
    return Value(Kind.STRUCTURE, counted.implode())


def _topk_json(arguments: Sequence[Value], found: pl.Expr) -> pl.Expr:
    wanted = int(arguments[0].literal or 0)

    def first(counted: Sequence[Any]) -> str:
        return json_of(most_frequent([(c["value"], c["count"]) for c in counted], wanted))

    return each_list(found, first)


def _rate(arguments: Sequence[Value], grouping: Grouping) -> Value:
    """How much the value changes in the given length of time, from the first to the last row."""
    values = arguments[0].number()
    at = _at(grouping, values.is_not_null())
    change = (values.max_by(at) - values.min_by(at)) / (at.max() - at.min())
    return finite(change * float(arguments[1].literal or 0))


def _histogram(arguments: Sequence[Value], grouping: Grouping) -> Value:
    values, buckets = arguments[0].number(), int(arguments[1].literal or 1)
    low, high = values.min(), values.max()
    step = (high - low) / buckets
    place = ((values - low) / step).floor().fill_nan(0).clip(0, buckets - 1)
    edges = [number_to_text((low + step * k).round(4)) for k in range(buckets + 1)]
    counts = [
        pl.format('"{}-{}":{}', edges[k], edges[k + 1], (place == k).sum()) for k in range(buckets)
    ]
    joined = pl.concat_str([pl.lit("{"), pl.concat_str(counts, separator=","), pl.lit("}")])
    return Value(Kind.STRUCTURE, joined)


_TABLE = (
    Aggregate("count", 0, 1, "Records, or records that have the field.", _count, star=True),
    Aggregate("count_distinct", 1, 1, "Distinct values.", _distinct, aliases=("countDistinct",)),
    Aggregate("sum", 1, 1, "Sum of the numbers.", _sum),
    Aggregate("avg", 1, 1, "Mean of the numbers.", _over_numbers(lambda n: n.mean())),
    Aggregate("min", 1, 1, "Smallest number or time.", _extreme(lambda n: n.min())),
    Aggregate("max", 1, 1, "Largest number or time.", _extreme(lambda n: n.max())),
    Aggregate("pct", 2, 2, "Percentile, 0 to 100.", _percentile, constants=(1,)),
    Aggregate(
        "stddev", 1, 1, "Standard deviation (population).", _over_numbers(lambda n: n.std(ddof=0))
    ),
    Aggregate("variance", 1, 1, "Variance (population).", _over_numbers(lambda n: n.var(ddof=0))),
    Aggregate("earliest", 1, 1, "Value at the smallest @timestamp.", _earliest, needs_time=True),
    Aggregate("latest", 1, 1, "Value at the largest @timestamp.", _latest, needs_time=True),
    Aggregate("sortsFirst", 1, 1, "First value in sort order.", _sorts(False)),
    Aggregate("sortsLast", 1, 1, "Last value in sort order.", _sorts(True)),
    Aggregate(
        "values",
        1,
        1,
        "List of the distinct values, in sort order.",
        _values,
        aliases=("collect_values",),
        finish=_values_json,
    ),
    Aggregate(
        "topk",
        2,
        2,
        "The most frequent values.",
        _topk,
        constants=(0,),
        alone=True,
        finish=_topk_json,
    ),
    Aggregate(
        "rate", 2, 2, "Change of the number in a period, by bin.", _rate, period=1, needs_time=True
    ),
    Aggregate("countOverTime", 1, 1, "Records that have the field, by bin.", _count),
    Aggregate("sumOverTime", 1, 1, "Sum of the numbers, by bin.", _sum),
    Aggregate("histogram", 2, 2, "Counts in ranges of equal width.", _histogram, constants=(1,)),
)


@cache
def aggregates() -> dict[str, Aggregate]:
    """Every aggregate by its lower-case name."""
    return {name.lower(): entry for entry in _TABLE for name in (entry.name, *entry.aliases)}


def period_value(period: Period) -> Value:
    """A period as the number of milliseconds that builders take."""
    length = periods.length_ms(period.count, period.unit)
    return Value(Kind.NUMBER, pl.lit(float(length)), literal=float(length))
