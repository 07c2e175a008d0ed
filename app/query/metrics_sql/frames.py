"""A query as polars expressions: points of many metrics to the series of the answer.

Aggregation is over samples, not over averages of series, so AVG is weighted.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from app.query.metrics_sql.tree import Query, Statistic

POINTS = pl.Schema(
    {
        "series": pl.UInt32,
        "at": pl.Int64,
        "sum": pl.Float64,
        "minimum": pl.Float64,
        "maximum": pl.Float64,
        "sample_count": pl.Float64,
    }
)
MEMBERS = pl.Schema({"series": pl.UInt32, "label": pl.String})
MOST_SERIES = 500


@dataclass(frozen=True, slots=True)
class Buckets:
    """Buckets of ``period`` seconds from ``anchor``; points from ``start`` up to ``end`` count."""

    period: int
    anchor: int = 0
    start: int | None = None
    end: int | None = None

    @classmethod
    def over(cls, period: int, start: int | None, end: int | None) -> Buckets:
        """Buckets begin at ``start`` rounded down to the minute, else at the clock's periods."""
        anchor = 0 if start is None else start - start % 60
        return cls(period, anchor, None if start is None else anchor, end)

    def slot(self) -> pl.Expr:
        """The start of the bucket of a point."""
        return (pl.col("at") - self.anchor) // self.period * self.period + self.anchor

    def inside(self) -> pl.Expr:
        above = pl.lit(True) if self.start is None else pl.col("at") >= self.start
        return above if self.end is None else above & (pl.col("at") < self.end)


def aggregated(
    query: Query, members: pl.LazyFrame, points: pl.LazyFrame, buckets: Buckets
) -> pl.LazyFrame:
    """Label, bucket and value of every series, by label and time.

    ``members`` tells the label of each series (``MEMBERS``); ``points`` are as
    ``POINTS``, ``at`` in epoch seconds.
    """
    return (
        points.filter(buckets.inside())
        .join(members, on="series")
        .group_by("label", at=buckets.slot())
        .agg(value=_value(query.statistic))
        .sort("label", "at")
    )


def _value(statistic: Statistic) -> pl.Expr:
    return {
        Statistic.AVG: pl.col("sum").sum() / pl.col("sample_count").sum(),
        Statistic.COUNT: pl.col("sample_count").sum(),
        Statistic.MAX: pl.col("maximum").max(),
        Statistic.MIN: pl.col("minimum").min(),
        Statistic.SUM: pl.col("sum").sum(),
    }[statistic]


def ranked(query: Query, series: pl.LazyFrame) -> pl.LazyFrame:
    """One row a series with its points, in the order of the answer, cut to its limit."""
    rows = series.group_by("label", maintain_order=True).agg("at", "value").sort("label")
    if query.order is not None:
        statistic, descending = query.order
        rank = _rank(statistic)
        rows = rows.sort(rank, descending=descending, maintain_order=True)
    return rows if query.limit is None else rows.head(query.limit)


def _rank(statistic: Statistic) -> pl.Expr:
    """A series by a function over its own points."""
    values = pl.col("value").list
    return {
        Statistic.AVG: values.mean(),
        Statistic.COUNT: values.len(),
        Statistic.MAX: values.max(),
        Statistic.MIN: values.min(),
        Statistic.SUM: values.sum(),
    }[statistic]
