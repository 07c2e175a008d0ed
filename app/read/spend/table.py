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
        (found,) = self.rows([key], sums.with_columns(rank=pl.lit(0, pl.UInt32)))
        return found

    def rows(self, keys: Sequence[tuple[str, ...]], sums: pl.DataFrame) -> tuple[SpendRow, ...]:
        """A row for each key from sums with one row a slot and ``rank``, the key's number.

        Taken from columns in one go: a frame a row would take most of an answer's time.
        """
        slots = pl.Series("slot", self.slots, dtype=sums.schema["slot"])
        places = slots.to_frame().with_row_index("place")
        placed = sums.join(places, on="slot", how="left")
        blank = [ZERO if there else None for there in self.there]
        laid, totals = [blank.copy() for _ in keys], [0] * len(keys)
        columns = (placed[name].to_list() for name in ("rank", "place", "amount"))
        for rank, place, amount in zip(*columns, strict=True):
            totals[rank] += amount
            if place is not None:
                laid[rank][place] = to_usd(amount)
        found = tuple(
            SpendRow(key, tuple(amounts), to_usd(total))
            for key, amounts, total in zip(keys, laid, totals, strict=True)
        )
        return self._with_quantities(found, placed) if self.quantities else found

    def _with_quantities(
        self, rows: Sequence[SpendRow], placed: pl.DataFrame
    ) -> tuple[SpendRow, ...]:
        known = [[0.0] * len(self.slots) for _ in rows]
        units: list[set[str]] = [set() for _ in rows]
        mixed: set[int] = set()
        columns = (placed[n].to_list() for n in ("rank", "place", "quantity", "unit", "units"))
        for rank, place, quantity, unit, several in zip(*columns, strict=True):
            if several > 1:
                mixed.add(rank)
            elif unit is not None:
                units[rank].add(unit)
            if place is not None:
                known[rank][place] = quantity
        return tuple(
            replace(
                row,
                quantities=tuple(used),
                quantity=float(sum(used)),
                unit=next(iter(units[rank])) if len(units[rank]) == 1 and rank not in mixed else "",
            )
            for rank, (row, used) in enumerate(zip(rows, known, strict=True))
        )


def rows_of(table: Table, asked: Asked) -> Rows:
    """Rows by total, the dearest first; past ``top`` of the question the rest as one."""
    top, keys = asked.question.top, asked.question.keys
    if keys is not None and asked.names:
        return _of_keys(table, asked, list(dict.fromkeys(keys)))
    if top is None or not asked.names:
        return _all_rows(table, summed(asked), asked.names)
    order = ranked(asked)
    if order.height <= top:
        return _all_rows(table, summed(asked), asked.names)
    # Two small questions instead of one that has a row for every slot of every key.
    dearest = order.head(top)
    shown = _partitioned(table, summed(asked, dearest), dearest, asked.names)
    return _with_rest(table, asked, shown, order.height - top)


def _of_keys(table: Table, asked: Asked, keys: Sequence[tuple[str, ...]]) -> Rows:
    """A row for each of some keys, also those without charges, in their order."""
    order = pl.DataFrame(keys, schema=dict.fromkeys(asked.names, pl.String()), orient="row")
    shown = _partitioned(table, summed(asked, order), order, asked.names)
    return _with_rest(table, asked, shown, 0)


def _with_rest(table: Table, asked: Asked, shown: tuple[SpendRow, ...], others: int) -> Rows:
    sums = summed_whole(asked)
    whole = table.row((), sums)
    rest = _without(whole, shown, len(asked.names))
    return Rows(shown, rest, others, whole, _earliest(sums))


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
    return table.rows(ranks.select(keys).rows(), found)


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


def _earliest(sums: pl.DataFrame) -> datetime | None:
    found = sums["estimated_from"].min() if sums.height else None
    return found if isinstance(found, datetime) else None
