"""Sums of a frame as the rows of an answer: amounts by slot, exact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import polars as pl

from app.model.spend import to_usd
from app.read.spend.question import SpendRow

Amounts = tuple[Decimal | None, ...]
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Table:
    """The slots of an answer, which of them are covered, and whether usage is asked for."""

    slots: tuple[datetime, ...]
    there: tuple[bool, ...]
    quantities: bool

    def totals(self, sums: pl.DataFrame) -> tuple[Amounts, Decimal]:
        """Amounts of all rows by slot, and altogether."""
        by_slot = sums.group_by("slot").agg(pl.col("amount").sum())
        amounts = self._laid(by_slot)
        return amounts, to_usd(int(sums["amount"].sum() or 0))

    def row(self, key: tuple[str, ...], sums: pl.DataFrame) -> SpendRow:
        """One row of the answer from sums with one row a slot."""
        found = SpendRow(key, self._laid(sums), to_usd(int(sums["amount"].sum() or 0)))
        if not self.quantities:
            return found
        units = sums["unit"].drop_nulls().unique().to_list()
        return SpendRow(
            found.key,
            found.amounts,
            found.total,
            quantities=self._quantities(sums),
            quantity=float(sums["quantity"].sum()),
            unit=units[0] if len(units) == 1 and sums["units"].max() == 1 else "",
        )

    def _laid(self, sums: pl.DataFrame) -> Amounts:
        known = dict(zip(sums["slot"].to_list(), sums["amount"].to_list(), strict=True))
        return tuple(
            to_usd(known[slot]) if slot in known else ZERO if there else None
            for slot, there in zip(self.slots, self.there, strict=True)
        )

    def _quantities(self, sums: pl.DataFrame) -> tuple[float, ...]:
        known = dict(zip(sums["slot"].to_list(), sums["quantity"].to_list(), strict=True))
        return tuple(known.get(slot, 0.0) for slot in self.slots)


def rows_of(
    table: Table, sums: pl.DataFrame, keys: Sequence[str], top: int | None
) -> tuple[tuple[SpendRow, ...], SpendRow | None, int]:
    """Rows by total, the dearest first; the rest as one, and how many that are."""
    if not keys:
        return (table.row((), sums),), None, 0
    ranked = (
        sums.group_by(*keys)
        .agg(pl.col("amount").sum().alias("of_key"))
        .sort(pl.col("of_key"), *keys, descending=[True, *(False for _ in keys)])
        .with_row_index("rank")
    )
    size = ranked.height if top is None else min(top, ranked.height)
    found = sums.join(ranked, on=list(keys)).sort("rank", "slot")
    shown = found.filter(pl.col("rank") < size)
    rows = tuple(
        table.row(tuple(some[name][0] for name in keys), some)
        for some in shown.partition_by("rank", maintain_order=True)
    )
    if size == ranked.height:
        return rows, None, 0
    left = found.filter(pl.col("rank") >= size).group_by("slot").agg(_added(table))
    return rows, table.row(tuple("" for _ in keys), left), ranked.height - size


def _added(table: Table) -> list[pl.Expr]:
    added = [pl.col("amount").sum()]
    if table.quantities:
        added += [pl.col("quantity").sum(), pl.col("unit").max(), pl.lit(2).alias("units")]
    return added
