"""Fourteen months of a large organisation's bill: 200 accounts by day and usage type."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

from app.model.rounds import Batch
from app.model.spend import SPEND_ROWS, SpendDimension, SpendSource, SpendStatement, cut_of
from app.model.time import Window
from app.store import Lease, Store

ACCOUNTS, USAGE_TYPES, MONTHS = 200, 353, 14
FIRST = datetime(2025, 10, 1, tzinfo=UTC)
NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
PAYER = "000000000000"
DAY = timedelta(days=1)


def account(number: int) -> str:
    return f"{100_000_000_000 + number * 7_919}"


def usage_type(number: int) -> str:
    return f"EUC1-Usage:kind.{number:03d}"


def months() -> Iterator[Window]:
    """The months of the bill, oldest first."""
    start = FIRST
    for _ in range(MONTHS):
        end = (start + timedelta(days=32)).replace(day=1)
        yield Window(start, end)
        start = end


def by_day_and_usage_type(window: Window) -> pl.DataFrame:
    """A row for each account, usage type and day of a month, sorted as a source would not."""
    days = window.length // DAY
    size = ACCOUNTS * USAGE_TYPES
    chance = np.random.default_rng(window.start.month)
    level = np.random.default_rng(1).lognormal(0, 2, size)
    return pl.DataFrame(
        {
            "at": pl.Series([window.start + DAY * n for n in range(days)], dtype=SPEND_ROWS["at"])
            .repeat_by(size)
            .explode(),
            "account": pl.Series([account(n) for n in range(ACCOUNTS)])[
                np.tile(np.repeat(np.arange(ACCOUNTS), USAGE_TYPES), days)
            ],
            "usage_type": pl.Series([usage_type(n) for n in range(USAGE_TYPES)])[
                np.tile(np.arange(USAGE_TYPES), ACCOUNTS * days)
            ],
            "unblended": (
                np.tile(level, days) * chance.uniform(0.9, 1.1, size * days) * 1e11
            ).astype(np.int64),
        }
    )


def full(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with every column of a statement."""
    return rows.select(
        pl.col(name).cast(kind)
        if name in rows.columns
        else pl.lit({"period": 86_400, "estimated": False}.get(name), kind).alias(name)
        for name, kind in SPEND_ROWS.items()
    )


def load(store: Store, lease: Lease) -> int:
    """Put the whole bill into a store, month by month; how many rows."""
    dimensions = (SpendDimension.LINKED_ACCOUNT, SpendDimension.USAGE_TYPE)
    rows = 0
    for window in months():
        empty = pl.DataFrame(schema=dict(SPEND_ROWS))
        cut = cut_of(*dimensions)
        head = SpendStatement(SpendSource.CE, PAYER, cut, window, window.end, empty)
        intake = store.spend.intake(head)
        for piece in full(by_day_and_usage_type(window)).iter_slices(500_000):
            intake.add(piece)
            rows += piece.height
        store.commit(Batch(staged_spend=(intake.finished(),)), lease=lease, now=NOW)
    return rows
