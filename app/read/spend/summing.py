"""From chosen pieces to sums a slot and key, as one frame of few rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from app.model.spend import DAY_S, HOUR_S, LINE_ITEMS, MONTH_S, Dimension, SpendDimension, entry_of
from app.model.time import Window
from app.read.spend.choosing import Choice, Chosen, Held, Need, Overlap, choose
from app.read.spend.question import Granularity, SpendFilter, SpendQuestion
from app.read.spend.usage_types import INSTANCE_TYPE
from app.store import Piece, Store

KEYS = ("key_0", "key_1")
_TRUNCATED = {Granularity.HOUR: "1h", Granularity.DAY: "1d", Granularity.MONTH: "1mo"}


@dataclass(frozen=True, slots=True)
class Asked:
    """The question as it stands, over whole days, and what held at its moment."""

    store: Store
    question: SpendQuestion
    window: Window
    held: Held
    overlaps: tuple[Overlap, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of the group in sums."""
        return KEYS[: len(self.question.group)]

    def chosen(self, *, monthly: bool = False, whole: bool = False) -> Sequence[Chosen]:
        """The pieces that answer it; none if nothing that is collected can."""
        return self.choice(monthly=monthly, whole=whole).pieces

    def choice(self, *, monthly: bool = False, whole: bool = False) -> Choice:
        """The same with what they do not answer themselves.

        With ``whole`` their rows need not tell the group, with ``monthly`` not the day.
        """
        question = self.question
        rows = question.dimensions[len(question.group) :] if whole else question.dimensions
        monthly = monthly or question.granularity is Granularity.MONTH
        longest = MONTH_S if monthly else DAY_S
        longest = HOUR_S if question.granularity is Granularity.HOUR else longest
        need = Need(self.window, question.metric, question.dimensions, rows, longest)
        return choose(self.held, need, self.overlaps)


def summed(asked: Asked, keys: pl.DataFrame | None = None) -> pl.DataFrame:
    """Columns slot, ``key_0``, ``key_1`` as far as asked, amount in units, estimated_from.

    With quantities also quantity, unit (the last of them) and units (how many). Only
    ``keys``, if they are given.
    """
    return _by_slot(asked, _rows(asked, asked.chosen(), keys), asked.names)


def summed_whole(asked: Asked) -> pl.DataFrame:
    """The same without the group."""
    return _by_slot(asked, _rows(asked, asked.chosen(whole=True), None, whole=True), ())


@dataclass(frozen=True, slots=True)
class Hourly:
    """Of an answer by the hour: what is charged for longer, in units, and the latest hour."""

    longer: int
    last: datetime | None


def hourly(asked: Asked) -> Hourly:
    """What has to be said of an answer by the hour."""
    rows = _rows(asked, asked.chosen(whole=True), None, whole=True)
    is_longer = pl.col("period") > HOUR_S
    longer = pl.col("amount").filter(is_longer).cast(pl.Int128).sum()
    last = pl.col("at").filter(~is_longer).max()
    found = rows.select(longer, last).collect(engine="streaming")
    return Hourly(int(found["amount"][0] or 0), found["at"][0])


def ranked(asked: Asked) -> pl.DataFrame:
    """Every key of the group with its amount over the window, the dearest first."""
    rows = _rows(asked, asked.chosen(monthly=True), None)
    sums = rows.group_by(asked.names).agg(pl.col("amount").cast(pl.Int128).sum())
    return in_order(sums.collect(engine="streaming"), asked.names)


def in_order(sums: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """The dearest first, and of equal ones by key."""
    return sums.sort("amount", *keys, descending=[True, *(False for _ in keys)])


def _by_slot(asked: Asked, rows: pl.LazyFrame, keys: Sequence[str]) -> pl.DataFrame:
    question = asked.question
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


def _rows(
    asked: Asked,
    chosen: Sequence[Chosen],
    keys: pl.DataFrame | None,
    *,
    whole: bool = False,
) -> pl.LazyFrame:
    """The wanted rows of some pieces with keys for the group."""
    parts = []
    alike: dict[tuple[bool, frozenset[str]], list[Chosen]] = {}
    for each in chosen:
        alike.setdefault((each.part.cut == LINE_ITEMS, each.without), []).append(each)
    for (items, without), own in alike.items():
        group = () if whole else asked.question.group
        texts = {name: _text(d, items) for name, d in zip(KEYS, group, strict=False)}
        found = _wanted(asked, own, items)
        if without:
            found = found.filter(~pl.col("account").is_in(sorted(without)))
        parts.append(_keyed(asked, found, texts, keys))
    return pl.concat(parts)


def _wanted(asked: Asked, chosen: Sequence[Chosen], items: bool) -> pl.LazyFrame:
    found = asked.store.spend.rows([Piece(c.part.id, c.window) for c in chosen])
    for one in asked.question.where:
        found = found.filter(_is_wanted(one, items))
    return found


def _keyed(
    asked: Asked, found: pl.LazyFrame, texts: dict[str, pl.Expr], keys: pl.DataFrame | None
) -> pl.LazyFrame:
    if keys is not None:
        # Beside the join, because only this is tested while files are read.
        for name, text in texts.items():
            found = found.filter(text.is_in(keys[name].unique().implode()))
    amount = pl.col(asked.question.metric.value).alias("amount")
    more = ["quantity", "unit"] if asked.question.quantities else []
    found = found.select("at", "period", amount, "estimated", *more, **texts)
    if keys is not None and len(texts) > 1:
        found = found.join(keys.lazy().select(list(texts)), on=list(texts), how="semi")
    return found


def _is_wanted(one: SpendFilter, items: bool) -> pl.Expr:
    inside = _text(one.dimension, items).is_in(list(one.values))
    return ~inside if one.exclude else inside


def _text(dimension: Dimension, items: bool) -> pl.Expr:
    """A dimension as text, "" where there is none."""
    if dimension is SpendDimension.INSTANCE_TYPE:
        return pl.col("usage_type").str.extract(INSTANCE_TYPE).fill_null("")
    if isinstance(dimension, SpendDimension):
        return pl.col(dimension.column).fill_null("")
    if not items:
        return pl.col("tag_value").fill_null("")
    escaped = entry_of(dimension).replace("\\", "\\\\").replace("'", "\\'")
    return pl.col("tags").str.json_path_match(f"$['{escaped}']").fill_null("")
