"""From chosen pieces to sums a slot and key, as one frame of few rows."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from app.model.spend import LINE_ITEMS, SpendDimension, Tag
from app.read.spend.choosing import Chosen
from app.read.spend.question import Granularity, SpendFilter, SpendQuestion
from app.store import Piece, Store

KEYS = ("key_0", "key_1")
_TRUNCATED = {Granularity.DAY: "1d", Granularity.MONTH: "1mo"}


def summed(store: Store, question: SpendQuestion, chosen: Sequence[Chosen]) -> pl.DataFrame:
    """Columns slot, ``key_0``, ``key_1`` as far as asked, amount in units, estimated_from.

    With quantities also quantity, unit (the last of them) and units (how many).
    """
    parts = [
        _shaped(store, question, [c for c in chosen if (c.part.cut == LINE_ITEMS) is items], items)
        for items in (False, True)
    ]
    rows = pl.concat([part for part in parts if part is not None])
    keys = KEYS[: len(question.group)]
    sums = [
        pl.col("amount").cast(pl.Int128).sum(),
        pl.col("at").filter("estimated").min().alias("estimated_from"),
    ]
    if question.quantities:
        sums += [
            pl.col("quantity").sum(),
            pl.col("unit").max(),
            pl.col("unit").n_unique().alias("units"),
        ]
    slot = pl.col("at").dt.truncate(_TRUNCATED[question.granularity]).alias("slot")
    return rows.group_by(slot, *keys).agg(sums).collect(engine="streaming")


def _shaped(
    store: Store,
    question: SpendQuestion,
    chosen: Sequence[Chosen],
    items: bool,
) -> pl.LazyFrame | None:
    """The wanted rows of some pieces with keys for the group."""
    if not chosen:
        return None
    found = store.spend.rows([Piece(c.part.id, c.window) for c in chosen])
    for one in question.where:
        found = found.filter(_is_wanted(one, items))
    keys = [
        _text(dimension, items).alias(name)
        for name, dimension in zip(KEYS, question.group, strict=False)
    ]
    amount = pl.col(question.metric.value).alias("amount")
    more = ["quantity", "unit"] if question.quantities else []
    return found.select("at", amount, "estimated", *more, *keys)


def _is_wanted(one: SpendFilter, items: bool) -> pl.Expr:
    inside = _text(one.dimension, items).is_in(list(one.values))
    return ~inside if one.exclude else inside


def _text(dimension: SpendDimension | Tag, items: bool) -> pl.Expr:
    """A dimension as text, "" where there is none."""
    if isinstance(dimension, SpendDimension):
        return pl.col(dimension.column).fill_null("")
    if not items:
        return pl.col("tag_value").fill_null("")
    escaped = dimension.key.replace("\\", "\\\\").replace("'", "\\'")
    return pl.col("tags").str.json_path_match(f"$['{escaped}']").fill_null("")
