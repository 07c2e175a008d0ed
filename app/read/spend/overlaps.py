"""Accounts that the readings of two payers tell, so that each of their days counts once.

An organisation's payer tells all members, and a member that is asked too tells itself once
more. The reading with more accounts goes first, which is the payer's. An account-day that
only one of them has is taken from that one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

import polars as pl

from app.model.spend import AMOUNTS, DAY_S, SpendDimension, tells
from app.model.time import Intervals, Window, epoch_ms, from_epoch_ms
from app.read.spend.choosing import Held, Overlap
from app.store import Part, Piece, Statement, Store

DAY = timedelta(days=1)
_ACCOUNT = SpendDimension.LINKED_ACCOUNT
_DAY_MS = DAY_S * 1000


class AccountDays:
    """Remembers which accounts a statement has charges of, by day; that never changes."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[int, pl.DataFrame] = {}

    def overlaps(self, there: Held) -> tuple[Overlap, ...]:
        """What is told twice of all that holds; quick where one payer tells everything."""
        payers = sorted({payer for payer, _, _ in there})
        if len(payers) < 2:
            return ()
        told = {payer: self._of_payer(there, payer) for payer in payers}
        order = sorted(payers, key=lambda payer: _rank(payer, told[payer]))
        pairs = ((w, loser) for at, w in enumerate(order) for loser in order[at + 1 :])
        return tuple(each for winner, loser in pairs for each in _overlaps(winner, loser, told))

    def _of_payer(self, there: Held, payer: str) -> pl.DataFrame:
        """Accounts and days of whatever of a payer's readings tells accounts."""
        frames = [
            self._within(statement, part, window)
            for (owner, _, cut), pieces in there.items()
            if owner == payer and tells(cut, _ACCOUNT)
            for statement, window in pieces
            if (part := _part(statement)) is not None
        ]
        empty = pl.DataFrame(schema={"account": pl.String(), "day": pl.Int64()})
        return pl.concat([empty, *frames]).unique()

    def _within(self, statement: Statement, part: Part, window: Window) -> pl.DataFrame:
        known = self._known.get(statement.id)
        if known is None:
            known = self._known[statement.id] = self._read(statement, part)
        day = pl.col("day") * _DAY_MS
        return known.filter((day >= epoch_ms(window.start)) & (day < epoch_ms(window.end)))

    def _read(self, statement: Statement, part: Part) -> pl.DataFrame:
        rows = self._store.spend.rows([Piece(part.id, statement.window)])
        charged = pl.any_horizontal(pl.col(amount).fill_null(0) != 0 for amount in AMOUNTS)
        day = (pl.col("at").to_physical() // _DAY_MS).alias("day")
        return rows.filter(charged).select("account", day).unique().collect(engine="streaming")


def _part(statement: Statement) -> Part | None:
    """The smallest rows by the day that tell accounts."""
    fitting = [p for p in statement.parts if p.period <= DAY_S and tells(p.cut, _ACCOUNT)]
    return min(fitting, key=lambda part: (part.rows, part.id), default=None)


def _rank(payer: str, told: pl.DataFrame) -> tuple[bool, int, str]:
    """Those that tell other accounts than themselves first, then those with more."""
    accounts = told["account"].unique()
    return bool((accounts == payer).all()), -len(accounts), payer


def _overlaps(winner: str, loser: str, told: Mapping[str, pl.DataFrame]) -> Iterator[Overlap]:
    """Days of the loser by what of them the winner tells too."""
    both = told[loser].join(told[winner], on=["account", "day"], how="semi")
    if both.is_empty():
        return
    all_ = told[loser].group_by("day").agg(pl.len().alias("all"))
    days = both.group_by("day").agg(pl.col("account").sort(), pl.len()).join(all_, on="day")
    whole = days.with_columns(pl.col("account").list.join(" "), pl.col("len") == pl.col("all"))
    for (accounts, is_whole), some in whole.sort("day").group_by(
        "account", "len", maintain_order=True
    ):
        names = frozenset(str(accounts).split(" "))
        yield Overlap(winner, loser, names, bool(is_whole), _intervals(some["day"].to_list()))


def _intervals(days: Sequence[int]) -> Intervals:
    starts = (from_epoch_ms(day * _DAY_MS) for day in days)
    return Intervals.of(Window(start, start + DAY) for start in starts)
