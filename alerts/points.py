"""Points of many series in the slots of a window, from the head or from segments.

A slot is added up from stored points of ``step`` seconds; percentiles are stored at
the alarm's own period and are never added up. NaN is: no point.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from alerts.grid import Floats
from alerts.verdict.slots import Slot
from app.model.time import Window
from app.model.watching import PLAIN
from app.store import Grid, Head

Ids = NDArray[np.uint32]
CELLS = 4_000_000
"""Stored points, present or not, that are held at a time for each of the four values."""

_VALUES = ("sum", "minimum", "maximum", "sample_count")


class Source(Protocol):
    """What the engine reads points from: the store."""

    def head(self) -> Head: ...

    def points(self, series: Ids, window: Window, period: int | None = None) -> pl.LazyFrame: ...

    def statistics(
        self, series: Ids, names: Sequence[str], window: Window, period: int | None = None
    ) -> pl.LazyFrame: ...


@dataclass(frozen=True, slots=True)
class Slotted:
    """Values by series and slot: the four of a metric, and extended statistics by name."""

    sum: Floats
    minimum: Floats
    maximum: Floats
    sample_count: Floats
    extended: dict[str, Floats]

    def statistic(self, name: str) -> Floats:
        """The values of one statistic, NaN where a slot has no sample."""
        if name in self.extended:
            return self.extended[name]
        counts = np.where(self.sample_count > 0, self.sample_count, np.nan)
        if name == "SampleCount":
            return counts
        if name == "Average":
            return self.sum / counts
        values = {"Sum": self.sum, "Minimum": self.minimum, "Maximum": self.maximum}[name]
        return np.where(np.isnan(counts), np.nan, values)


def read(
    source: Source, ids: Ids, slots: Sequence[Slot], step: int, names: Iterable[str]
) -> Slotted:
    """What is stored for ``ids`` in ``slots``, which touch each other, oldest first.

    Long windows are read in parts, so that memory does not grow with the number of series.
    """
    columns = max(1, (slots[-1][1] - slots[0][0]) // step)
    most = max(1, CELLS // columns)
    wanted = list(names)
    parts = [
        _read(source, ids[first : first + most], slots, step, wanted)
        for first in range(0, max(1, len(ids)), most)
    ]
    return parts[0] if len(parts) == 1 else _below(parts)


def _below(parts: Sequence[Slotted]) -> Slotted:
    """The series of all parts, one under the other."""
    return Slotted(
        np.concatenate([part.sum for part in parts]),
        np.concatenate([part.minimum for part in parts]),
        np.concatenate([part.maximum for part in parts]),
        np.concatenate([part.sample_count for part in parts]),
        {name: np.concatenate([p.extended[name] for p in parts]) for name in parts[0].extended},
    )


def _read(
    source: Source, ids: Ids, slots: Sequence[Slot], step: int, names: Sequence[str]
) -> Slotted:
    window = Window(_time(slots[0][0]), _time(slots[-1][1]))
    head = source.head()
    in_head = head.covers(window)
    grid = head.grid(ids, window, step) if in_head else _from_segments(source, ids, window, step)
    edges = np.array([(start - slots[0][0]) // step for start, _ in slots])
    extended = {
        name: head.statistic_grid(ids, name, window, step)
        if in_head
        else _statistic_from_segments(source, ids, name, window, step)
        for name in set(names) - PLAIN
    }
    return Slotted(*_together(grid, edges), extended)


def _time(epoch: int) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)


def _together(grid: Grid, edges: NDArray[np.int64]) -> tuple[Floats, Floats, Floats, Floats]:
    """Stored slots added up to the slots that begin at ``edges``."""
    columns = grid.sum.shape[1]
    if len(edges) == columns:
        return grid.sum, grid.minimum, grid.maximum, grid.sample_count
    there = grid.sample_count > 0
    total = np.add.reduceat(np.where(there, grid.sum, 0.0), edges, axis=1)
    counts = np.add.reduceat(np.where(there, grid.sample_count, 0.0), edges, axis=1)
    return (
        total,
        np.fmin.reduceat(grid.minimum, edges, axis=1),
        np.fmax.reduceat(grid.maximum, edges, axis=1),
        counts,
    )


def _from_segments(source: Source, ids: Ids, window: Window, step: int) -> Grid:
    """The same grid as the head's, for windows older than the head."""
    starts = _starts(window, step)
    values = np.full((len(_VALUES), len(ids), len(starts)), np.nan)
    values[3] = 0.0
    rows = (
        source.points(ids, window)
        .filter(pl.lit(step) % pl.col("period") == 0)
        .with_columns(slot=_slot(window, step))
        .group_by("series", "slot", "period")
        .agg(
            pl.col("sum", "sample_count").sum(),
            pl.col("minimum").min(),
            pl.col("maximum").max(),
        )
        .sort("period")
        .unique(["series", "slot"], keep="last", maintain_order=True)
        .collect(engine="streaming")
    )
    _place(values, ids, rows, _VALUES)
    return Grid(starts, *values)


def _statistic_from_segments(
    source: Source, ids: Ids, name: str, window: Window, step: int
) -> Floats:
    starts = _starts(window, step)
    values = np.full((1, len(ids), len(starts)), np.nan)
    rows = (
        source.statistics(ids, [name], window, step)
        .with_columns(slot=_slot(window, step))
        .collect(engine="streaming")
    )
    _place(values, ids, rows, ("value",))
    found: Floats = values[0]
    return found


def _starts(window: Window, step: int) -> NDArray[np.int64]:
    first, last = (round(at.timestamp()) for at in (window.start, window.end))
    return np.arange(first, last, step, dtype=np.int64) * 1000


def _slot(window: Window, step: int) -> pl.Expr:
    start = round(window.start.timestamp())
    return (pl.col("at").dt.epoch("s") - start) // step


def _place(values: Floats, ids: Ids, rows: pl.DataFrame, columns: Sequence[str]) -> None:
    """Put rows of series and slot into ``values``, whose rows are ``ids``, in place."""
    if rows.is_empty():
        return
    order = np.argsort(ids, kind="stable")
    series = rows["series"].to_numpy()
    slots = rows["slot"].to_numpy()
    found = order[np.searchsorted(ids, series, sorter=order)]
    for i, column in enumerate(columns):
        values[i, found, slots] = rows[column].to_numpy()
