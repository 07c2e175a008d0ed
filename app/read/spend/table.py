"""Sums of a frame as the rows of an answer: amounts by slot, exact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

import polars as pl

from app.model.spend import to_usd
from app.read.spend.question import SpendRow
from app.read.spend.summing import Asked, in_order, ranked, summed, summed_whole

Amounts = tuple[Decimal | None, ...]
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of an answer, what the others come to, and everything as one row."""

    rows: tuple[SpendRow, ...]
    rest: SpendRow | None
    of_rest: int
    whole: SpendRow
    estimated_from: datetime | None


@dataclass(frozen=True, slots=True)
class Table:
    """The slots of an answer, which of them are covered, and whether usage is asked for."""

    slots: tuple[datetime, ...]
    there: tuple[bool, ...]
    quantities: bool

    def row(self, key: tuple[str, ...], sums: pl.DataFrame) -> SpendRow:
        """One row of the answer from sums with one row a slot."""
        amounts = _by_slot(sums, "amount")
        laid = tuple(
            to_usd(amounts[slot]) if slot in amounts else ZERO if there else None
            for slot, there in zip(self.slots, self.there, strict=True)
        )
        found = SpendRow(key, laid, to_usd(sum(amounts.values())))
        return self._with_quantities(found, sums) if self.quantities else found

    def _with_quantities(self, row: SpendRow, sums: pl.DataFrame) -> SpendRow:
        known = _by_slot(sums, "quantity")
        units = sums["unit"].drop_nulls().unique().to_list()
        is_one = len(units) == 1 and sums["units"].max() == 1
        return replace(
            row,
            quantities=tuple(known.get(slot, 0.0) for slot in self.slots),
            quantity=float(sum(known.values())),
            unit=units[0] if is_one else "",
        )


def rows_of(table: Table, asked: Asked) -> Rows:
    """Rows by total, the dearest first; past ``top`` of the question the rest as one."""
    top = asked.question.top
    if top is None or not asked.names:
        return _all_rows(table, summed(asked), asked.names)
    order = ranked(asked)
    if order.height <= top:
        return _all_rows(table, summed(asked), asked.names)
    # Two small questions instead of one that has a row for every slot of every key.
    dearest = order.head(top)
    shown = _partitioned(table, summed(asked, dearest), dearest, asked.names)
    sums = summed_whole(asked)
    whole = table.row((), sums)
    rest = _without(whole, shown, len(asked.names))
    return Rows(shown, rest, order.height - top, whole, _earliest(sums))


def _all_rows(table: Table, sums: pl.DataFrame, keys: Sequence[str]) -> Rows:
    whole = table.row((), _together(table, sums) if keys else sums)
    if not keys:
        return Rows((whole,), None, 0, whole, _earliest(sums))
    order = in_order(sums.group_by(keys).agg(pl.col("amount").sum()), keys)
    return Rows(_partitioned(table, sums, order, keys), None, 0, whole, _earliest(sums))


def _partitioned(
    table: Table, sums: pl.DataFrame, order: pl.DataFrame, keys: Sequence[str]
) -> tuple[SpendRow, ...]:
    """A row for each key of ``order``, in its order."""
    ranks = order.select(keys).with_row_index("rank")
    found = sums.join(ranks, on=list(keys)).sort("rank", "slot")
    return tuple(
        table.row(tuple(some[name][0] for name in keys), some)
        for some in found.partition_by("rank", maintain_order=True)
    )


def _together(table: Table, sums: pl.DataFrame) -> pl.DataFrame:
    added = [pl.col("amount").sum()]
    if table.quantities:
        several = (pl.col("unit").n_unique() > 1) | (pl.col("units").max() > 1)
        added += [
            pl.col("quantity").sum(),
            pl.col("unit").max(),
            pl.when(several).then(2).otherwise(1).alias("units"),
        ]
    return sums.group_by("slot").agg(added)


def _without(whole: SpendRow, shown: Sequence[SpendRow], keys: int) -> SpendRow:
    """What is left of everything without some rows."""
    amounts = tuple(
        None if all_ is None else all_ - sum((row.amounts[at] or ZERO for row in shown), ZERO)
        for at, all_ in enumerate(whole.amounts)
    )
    quantities = tuple(
        all_ - sum(row.quantities[at] for row in shown) for at, all_ in enumerate(whole.quantities)
    )
    return SpendRow(
        ("",) * keys,
        amounts,
        whole.total - sum((row.total for row in shown), ZERO),
        quantities=quantities,
        quantity=whole.quantity - sum(row.quantity for row in shown),
    )


def _by_slot(sums: pl.DataFrame, column: str) -> dict[datetime, int]:
    return dict(zip(sums["slot"].to_list(), sums[column].to_list(), strict=True))


def _earliest(sums: pl.DataFrame) -> datetime | None:
    found = sums["estimated_from"].min() if sums.height else None
    return found if isinstance(found, datetime) else None
