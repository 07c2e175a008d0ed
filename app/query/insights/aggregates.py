"""The table of aggregates that ``stats`` knows.

Percentiles interpolate linearly; standard deviation and variance are those of
the population. Absent values are ignored; over none the result is absent,
counts are 0.

Source: Amazon CloudWatch Logs User Guide, "stats".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import polars as pl

from app.query.insights import periods
from app.query.insights.tree import Period
from app.query.insights.values import Kind, Value, number, sort_keys, structure, time


@dataclass(frozen=True, slots=True)
class Grouping:
    """What an aggregate may know of its group: the time of each row, and the length of a slot."""

    at: pl.Expr | None
    slot_ms: int


Build = Callable[[Sequence[Value], Grouping], Value]


@dataclass(frozen=True, slots=True)
class Aggregate:
    """``constants`` are positions of arguments that must be numbers of the query.

    ``period`` is the position of a period argument, which the builder gets as a
    number of milliseconds.
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


def _count(arguments: Sequence[Value], grouping: Grouping) -> Value:
    return number(arguments[0].present().sum() if arguments else pl.len())


def _over_numbers(apply: Callable[[pl.Expr], pl.Expr]) -> Build:
    def build(arguments: Sequence[Value], grouping: Grouping) -> Value:
        values = arguments[0].number()
        return number(pl.when(values.count() > 0).then(apply(values)))

    return build


def _extreme(apply: Callable[[pl.Expr], pl.Expr]) -> Build:
    def build(arguments: Sequence[Value], grouping: Grouping) -> Value:
        value = arguments[0]
        if value.kind is Kind.TIME:
            return time(apply(value.expr))
        return number(apply(value.number()))

    return build


def _distinct(arguments: Sequence[Value], grouping: Grouping) -> Value:
    return number(arguments[0].text().drop_nulls().n_unique())


def _percentile(arguments: Sequence[Value], grouping: Grouping) -> Value:
    share = float(arguments[1].literal or 0) / 100
    return number(arguments[0].number().quantile(share, interpolation="linear"))


def _at_edge(descending: bool) -> Build:
    def build(arguments: Sequence[Value], grouping: Grouping) -> Value:
        value = arguments[0]
        assert grouping.at is not None  # noqa: S101 - checked before by needs_time
        there = value.present()
        ordered = value.expr.filter(there).sort_by(
            grouping.at.filter(there), descending=descending, maintain_order=True
        )
        return Value(value.kind, ordered.first(), value.mixed)

    return build


def _sorts(descending: bool) -> Build:
    def build(arguments: Sequence[Value], grouping: Grouping) -> Value:
        value = arguments[0]
        there = value.present()
        keys = [key.filter(there) for key in sort_keys(value)]
        ordered = value.expr.filter(there).sort_by(keys, descending=[descending] * len(keys))
        return Value(value.kind, ordered.first(), value.mixed)

    return build


def json_list(value: Value, items: pl.Expr) -> pl.Expr:
    """The JSON text of a list column of ``value``'s texts."""
    if value.kind is Kind.NUMBER:
        return pl.concat_str([pl.lit("["), items.list.join(","), pl.lit("]")])
    quoted = items.list.eval(
        pl.concat_str(
            [
                pl.lit('"'),
                pl.element()
                .str.replace_all("\\", "\\\\", literal=True)
                .str.replace_all('"', '\\"', literal=True)
                .str.replace_all("\n", "\\n", literal=True)
                .str.replace_all("\t", "\\t", literal=True),
                pl.lit('"'),
            ]
        )
    )
    return pl.concat_str([pl.lit("["), quoted.list.join(","), pl.lit("]")])


def _values(arguments: Sequence[Value], grouping: Grouping) -> Value:
    value = arguments[0]
    items = value.text().drop_nulls().unique(maintain_order=True).implode()
    return structure(json_list(value, items))


def _topk(arguments: Sequence[Value], grouping: Grouping) -> Value:
    count, value = arguments
    counted = value.text().drop_nulls().value_counts(sort=True)
    items = counted.head(int(count.literal or 0)).struct.field(counted.meta.output_name())
    return structure(json_list(value, items.implode()))


def _rate(arguments: Sequence[Value], grouping: Grouping) -> Value:
    total = arguments[0].number().sum()
    return number(total * float(arguments[1].literal or 0) / max(1, grouping.slot_ms))


def _histogram(arguments: Sequence[Value], grouping: Grouping) -> Value:
    values, buckets = arguments[0].number().drop_nulls(), int(arguments[1].literal or 1)
    low, high = values.min(), values.max()
    step = (high - low) / buckets
    place = ((values - low) / step).floor().fill_nan(0).clip(0, buckets - 1)
    counts = [(place == k).sum().cast(pl.String) for k in range(buckets)]
    joined = pl.concat_str(counts, separator=",")
    return structure(pl.concat_str([pl.lit("["), joined, pl.lit("]")]))


_TABLE = (
    Aggregate("count", 0, 1, "Records, or records that have the field.", _count, star=True),
    Aggregate("count_distinct", 1, 1, "Distinct values.", _distinct, aliases=("countDistinct",)),
    Aggregate("sum", 1, 1, "Sum of the numbers.", _over_numbers(lambda n: n.sum())),
    Aggregate("avg", 1, 1, "Mean of the numbers.", _over_numbers(lambda n: n.mean())),
    Aggregate("min", 1, 1, "Smallest number or time.", _extreme(lambda n: n.min())),
    Aggregate("max", 1, 1, "Largest number or time.", _extreme(lambda n: n.max())),
    Aggregate("pct", 2, 2, "Percentile, 0 to 100.", _percentile, constants=(1,)),
    Aggregate(
        "stddev", 1, 1, "Standard deviation (population).", _over_numbers(lambda n: n.std(ddof=0))
    ),
    Aggregate("variance", 1, 1, "Variance (population).", _over_numbers(lambda n: n.var(ddof=0))),
    Aggregate(
        "earliest", 1, 1, "Value at the smallest @timestamp.", _at_edge(False), needs_time=True
    ),
    Aggregate("latest", 1, 1, "Value at the largest @timestamp.", _at_edge(True), needs_time=True),
    Aggregate("sortsFirst", 1, 1, "First value in sort order.", _sorts(False)),
    Aggregate("sortsLast", 1, 1, "Last value in sort order.", _sorts(True)),
    Aggregate("values", 1, 1, "List of the distinct values.", _values, aliases=("collect_values",)),
    Aggregate("topk", 2, 2, "The most frequent values.", _topk, constants=(0,), alone=True),
    Aggregate("rate", 2, 2, "Sum per period, by bin.", _rate, period=1),
    Aggregate("countOverTime", 1, 1, "Records that have the field, by bin.", _count),
    Aggregate("sumOverTime", 1, 1, "Sum of the numbers, by bin.", _over_numbers(lambda n: n.sum())),
    Aggregate("histogram", 2, 2, "Counts in buckets of equal width.", _histogram, constants=(1,)),
)


@cache
def aggregates() -> dict[str, Aggregate]:
    """Every aggregate by its lower-case name."""
    return {name.lower(): entry for entry in _TABLE for name in (entry.name, *entry.aliases)}


def period_value(period: Period) -> Value:
    """A period as the number of milliseconds that builders take."""
    length = periods.length_ms(period.count, period.unit)
    return Value(Kind.NUMBER, pl.lit(float(length)), literal=float(length))
