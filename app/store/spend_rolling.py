"""Sums of a large statement over dimensions that most questions do not ask for.

A part tells fewer dimensions than its statement and has one row a day, so the
explorer opens from thousands of rows where the statement has millions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from app.model.spend import (
    AMOUNTS,
    DAY_S,
    LINE_ITEMS,
    SPEND_ROWS,
    TEXTS,
    Cut,
    Dimension,
    SpendDimension,
    cut_of,
    dimension_of,
)

LARGE = 50_000
"""Statements of fewer rows are read whole as quickly."""

_D = SpendDimension
_OF_LINE_ITEMS: tuple[tuple[Dimension, ...], ...] = (
    (_D.SERVICE, _D.USAGE_TYPE, _D.REGION, _D.RECORD_TYPE, _D.OPERATION),
    (_D.LINKED_ACCOUNT, _D.SERVICE, _D.REGION, _D.RECORD_TYPE),
    (_D.LINKED_ACCOUNT, _D.SERVICE, _D.USAGE_TYPE, _D.RECORD_TYPE),
    (_D.SERVICE, _D.REGION, _D.RECORD_TYPE),
)


def rolled(rows: pl.DataFrame, cut: Cut) -> Iterator[tuple[Cut, pl.DataFrame]]:
    """The parts of a statement beside its rows; none if it is not large."""
    if rows.height <= LARGE:
        return
    for dimensions in cuts_below(cut):
        yield cut_of(*dimensions), summed(rows, dimensions)


def cuts_below(cut: Cut) -> Sequence[tuple[Dimension, ...]]:
    """What is summed of statements of a cut."""
    if cut == LINE_ITEMS:
        return _OF_LINE_ITEMS
    if len(cut) < 2:
        return ()
    return [(dimension_of(one),) for one in cut]


def summed(rows: pl.DataFrame, dimensions: Sequence[Dimension]) -> pl.DataFrame:
    """One row a day and value of the dimensions."""
    columns = [d.column if isinstance(d, SpendDimension) else "tag_value" for d in dimensions]
    told = [a for a in AMOUNTS if rows[a].null_count() < rows.height]
    found = (
        rows.lazy()
        .group_by(pl.col("at").dt.truncate("1d"), *columns, "unit")
        .agg(
            *(pl.col(a).cast(pl.Int128).sum().cast(pl.Int64) for a in told),
            pl.col("quantity").sum(),
            pl.col("estimated").any(),
        )
        .with_columns(
            pl.lit(DAY_S, pl.Int32).alias("period"),
            *(pl.lit(None, pl.String).alias(t) for t in TEXTS if t not in (*columns, "unit")),
            *(pl.lit(None, pl.Int64).alias(a) for a in AMOUNTS if a not in told),
        )
        .select(SPEND_ROWS)
        .sort(*columns, "at")
    )
    return found.collect(engine="streaming")
