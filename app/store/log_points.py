"""What new log events add to metrics.

An event counts exactly when it is kept. The commit that leaves out events which
are there already leaves out what they would add as well, and adds the rest to the
slots as they stand; so a line that is read again is never counted again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from app.model.logs import POINT_COLUMNS
from app.model.time import Window, from_epoch_ms
from app.store.head import Head
from app.store.tables import METRICS

Ids = NDArray[np.uint32]
Stored = Callable[[Ids, Window, int], pl.DataFrame]
"""Rows of a period that are stored for some series: series, at and the four values."""

_SLOT = ("series", "at")
_SLOTS = (*_SLOT, "period")
_VALUES = ("sum", "minimum", "maximum", "sample_count")


def added(
    points: pl.DataFrame, events: pl.DataFrame | None, ids: Ids, stored: Stored
) -> pl.DataFrame | None:
    """Rows of the table of metrics, without ``seq``; None if the new events add nothing.

    ``points`` have the columns of POINT_COLUMNS, ``events`` are those that are kept
    now (points without an event count always), and ``ids`` hold the id of each series of the batch.
    """
    _check(points, len(ids))
    kept = pl.Series(dtype=pl.UInt64) if events is None else events["event"]
    of_events = points.filter(pl.col("event").is_in(kept.implode()))
    once = of_events.unique(["event", *_SLOTS], keep="first", maintain_order=True)
    new = pl.concat([points.filter(pl.col("event").is_null()), once])
    if new.is_empty():
        return None
    series = pl.Series("series", ids[new["series"].to_numpy()], dtype=pl.UInt32)
    parts = new.with_columns(series).partition_by("period", as_dict=True)
    return pl.concat([_on_top(part, period, stored) for (period,), part in parts.items()])


def _on_top(points: pl.DataFrame, period: int, stored: Stored) -> pl.DataFrame:
    """Slots of one period, with what is in them already."""
    length = timedelta(seconds=period)
    given = _summed(points.with_columns(pl.col("at").dt.truncate(length)))
    # One event that is dated two weeks back makes nobody read two weeks.
    days = given.group_by(pl.col("at").dt.truncate("1d"), maintain_order=True)
    there = [stored(_series(day), _window(day, length), period) for _, day in days]
    before = pl.concat([part.select(given.columns) for part in there])
    touched = before.join(given, on=_SLOT, how="semi")
    return _summed(pl.concat([touched, given])).with_columns(period=pl.lit(period, dtype=pl.Int32))


def _series(slots: pl.DataFrame) -> Ids:
    return np.unique(slots["series"].to_numpy())


def in_head(head: Head, ids: Ids, window: Window, period: int) -> pl.DataFrame:
    """The stored rows of a window that the head covers."""
    grid = head.grid(ids, window, period)
    row, column = np.nonzero(grid.sample_count > 0)
    values = {name: getattr(grid, name)[row, column] for name in _VALUES}
    return pl.DataFrame(
        {
            "series": pl.Series(np.asarray(ids)[row], dtype=pl.UInt32),
            "at": pl.Series(grid.starts[column]).cast(METRICS.schema["at"]),
            **values,
        }
    )


def _summed(rows: pl.DataFrame) -> pl.DataFrame:
    """One row for each slot."""
    return rows.group_by(_SLOT, maintain_order=True).agg(
        pl.col("sum").sum(),
        pl.col("minimum").min(),
        pl.col("maximum").max(),
        pl.col("sample_count").sum(),
    )


def _window(slots: pl.DataFrame, length: timedelta) -> Window:
    at = slots["at"].to_physical()
    first, last = (from_epoch_ms(cast("int", end)) for end in (at.min(), at.max()))
    return Window(first, last + length)


def _check(points: pl.DataFrame, series: int) -> None:
    missing = [name for name in POINT_COLUMNS if name not in points.columns]
    if missing:
        raise ValueError(f"points of log events lack the column {', '.join(missing)}")
    if points.height and cast("int", points["series"].max()) >= series:
        raise ValueError("points of log events name a series that the batch does not hold")
