"""Rows of spend: what they must be like, and how they become a segment."""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterable

import numpy as np
import polars as pl

from app.model.spend import (
    AMOUNTS,
    DAY_S,
    HOUR_S,
    LINE_ITEMS,
    SPEND_ROWS,
    CostMetric,
    Cut,
    SpendDimension,
    SpendStatement,
    dimension_of,
    is_keyed,
)
from app.model.time import Window, epoch_ms
from app.store.segments import Bounds, Encoded, Level, Segment, checksum_of, day_of
from app.store.spend_rolling import columns_of
from app.store.tables import SPEND

ROW_GROUP = 65_536
"""Small, because rows are sorted and most questions to them want few values."""

DAY_MS, HOUR_MS = 86_400_000, 3_600_000
CODES, HOURS = 2**20, 2**24


def of_part(rows: pl.DataFrame, part: int) -> pl.DataFrame:
    """Rows as they are stored: those of an account and usage type together, by time."""
    order = rows.select(_together().alias("order"))["order"].arg_sort()
    return rows.select(pl.lit(part, pl.UInt32).alias("part"), *SPEND_ROWS)[order]


def _together() -> pl.Expr:
    """One number to sort by, five times as fast as sorting by the texts.

    Row groups then hold few accounts and usage types; in which order these come is all one.
    """
    kind = pl.Categorical()
    account, usage = (
        pl.col(name).cast(kind).to_physical().fill_null(0).cast(pl.UInt64) % CODES
        for name in ("account", "usage_type")
    )
    hour = (pl.col("at").to_physical() // HOUR_MS).cast(pl.UInt64) % HOURS
    return (account * CODES + usage) * HOURS + hour


def encode(rows: pl.DataFrame, level: Level, seq: int) -> tuple[Encoded, tuple[int, ...]]:
    """A segment of ``rows``, which are not empty and sorted by part; and the parts in it."""
    parts = rows["part"].unique().sort().to_list()
    at = _ends(rows["at"].to_physical())
    bounds = Bounds(at, (parts[0], parts[-1]), _ends(rows["period"]), (seq, seq))
    buffer = io.BytesIO()
    rows.write_parquet(buffer, compression="zstd", compression_level=1, row_group_size=ROW_GROUP)
    content = buffer.getvalue()
    name = f"{level.name.lower()}-{uuid.uuid4().hex}.parquet"
    path = f"{SPEND.name}/month={day_of(at[0])[:7]}/{name}"
    checksum = checksum_of(content)
    segment = Segment(SPEND.name, path, level, rows.height, len(content), checksum, bounds)
    return Encoded(segment, content), tuple(parts)


def hourly(rows: pl.DataFrame) -> int:
    """How many rows are of an hour or less."""
    return int((rows["period"] <= HOUR_S).sum())


def resolution(hourly: int, rows: int) -> int:
    """What rows can be split by, in seconds: hours where most are; a longer row begins a day."""
    return HOUR_S if rows and 2 * hourly > rows else DAY_S


def only_account(rows: pl.DataFrame, known: str | None = None) -> str | None:
    """The one account of some rows and those before, "" for several, None where none is told."""
    if known == "":
        return known
    found = set(rows["account"].unique().drop_nulls().to_list()) | ({known} if known else set())
    return next(iter(found)) if len(found) == 1 else "" if found else None


def told(statement: SpendStatement, rows: pl.DataFrame) -> Iterable[CostMetric]:
    """The amounts that a statement tells; one that is null in every row is not told."""
    if rows.is_empty():
        return statement.tells
    return [m for m in CostMetric if rows[m.value].null_count() < rows.height]


def checked(statement: SpendStatement) -> pl.DataFrame:
    """The rows of a statement with the right types; ValueError where they cannot be its rows."""
    name = f"a statement of {statement.source} by {', '.join(statement.cut) or 'nothing'}"
    check_head(name, statement)
    missing = [column for column in SPEND_ROWS if column not in statement.rows.columns]
    if missing:
        raise ValueError(f"{name} lacks the column {', '.join(missing)}")
    rows = statement.rows.select(
        pl.col(column).cast(kind, strict=True) for column, kind in SPEND_ROWS.items()
    )
    if rows.height:
        check_rows(name, statement.cut, rows, statement.window)
    return rows


def check_head(name: str, statement: SpendStatement) -> None:
    """Refuse days that are not whole, and cuts that are none."""
    start, end = epoch_ms(statement.window.start), epoch_ms(statement.window.end)
    if start % DAY_MS or end % DAY_MS or start >= end:
        raise ValueError(f"{name} is not of whole days: {statement.window}")
    if tuple(sorted(set(statement.cut))) != statement.cut:
        raise ValueError(f"{name}: a cut is sorted and names each dimension once")
    if sum(is_keyed(one) for one in statement.cut) > 1:
        raise ValueError(f"{name}: a cut has one tag at most, as its rows have one `tag_value`")
    if SpendDimension.INSTANCE_TYPE in statement.cut:
        raise ValueError(f"{name}: rows tell usage types; instance types are taken from those")


def check_rows(name: str, cut: Cut, rows: pl.DataFrame, window: Window) -> None:
    """Refuse rows that do not tell what their cut says, and such as lie outside its days."""
    absent = [column for column in _told_by(cut) if rows[column].null_count()]
    if absent:
        raise ValueError(f"{name} has rows without {', '.join(absent)}; empty is an empty text")
    first, last = _ends(rows["at"].to_physical())
    if first < epoch_ms(window.start) or last >= epoch_ms(window.end):
        raise ValueError(f"{name} has rows outside its days")
    partly = [a for a in AMOUNTS if 0 < rows[a].null_count() < rows.height]
    if partly:
        raise ValueError(f"{name} has rows without {', '.join(partly)} beside rows with it")


def _told_by(cut: Cut) -> list[str]:
    """Columns that no row of a cut may leave out."""
    always = ["at", "period", "estimated"]
    if cut == LINE_ITEMS:
        return [*always, "account", "service", "tags"]
    return [*always, *columns_of(dimension_of(one) for one in cut)]


def _ends(column: pl.Series) -> tuple[int, int]:
    values = column.to_numpy()
    return int(np.min(values)), int(np.max(values))
