"""Rows of traces that have a part in some places: a trace goes where its requests went."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from app.model.ids import Place


def in_places(rows: pl.LazyFrame, places: Sequence[Place]) -> pl.LazyFrame:
    """All rows of the traces of which a part was collected in one of ``places``."""
    own = [
        (pl.col("account") == place.account) & (pl.col("region") == place.region)
        for place in places
    ]
    # Nearly all traces are of one place, and their list of others is null.
    other = pl.col("elsewhere").list.eval(pl.element().is_in(list(map(str, places)))).list.any()
    return rows.filter(pl.any_horizontal(pl.lit(False), *own, other.fill_null(value=False)))
