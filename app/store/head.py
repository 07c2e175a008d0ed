"""The newest hours in memory, as grids of series x slots.

A head follows the segments: it is built from them when first asked for, and
every later commit is laid on top in the order of its sequence, so the highest
wins here too. Alarms and page refreshes read it; older time comes from files.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from app.model.time import Window, epoch_ms, from_epoch_ms
from app.store.ring import Floats, Ints, Ring
from app.store.tables import METRIC_STATS, METRICS

VALUES = ("sum", "minimum", "maximum", "sample_count")
MARGIN = timedelta(hours=1)
"""Kept beyond the hours asked for, so that a range aligned to slots still lies inside."""

Ids = Sequence[int] | pl.Series | NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Grid:
    """Values by series (rows, as asked for) and slot (columns, oldest first).

    ``starts`` are the slots' starts in epoch ms. Where nothing is there,
    ``sample_count`` is 0 and the others are NaN.
    """

    starts: NDArray[np.int64]
    sum: Floats
    minimum: Floats
    maximum: Floats
    sample_count: Floats


class Head:
    """Grids of the newest ``hours``; safe to share between threads."""

    def __init__(self, hours: int) -> None:
        self._hours = timedelta(hours=hours)
        self._lock = threading.RLock()
        self._points: dict[int, Ring] = {}
        self._statistics: dict[tuple[str, int], Ring] = {}
        self._start_ms = 0
        self._end_ms = 0

    @property
    def window(self) -> Window | None:
        """What the head holds, or None before it has seen a point."""
        if not self._end_ms:
            return None
        return Window(from_epoch_ms(self._start_ms), from_epoch_ms(self._end_ms))

    @property
    def nbytes(self) -> int:
        """Bytes of all grids."""
        with self._lock:
            rings = [*self._points.values(), *self._statistics.values()]
            return sum(ring.nbytes for ring in rings)

    def covers(self, window: Window) -> bool:
        """Whether everything stored of ``window`` is in here."""
        return self._end_ms > 0 and epoch_ms(window.start) >= self._start_ms

    def grid(self, series: Ids, window: Window, period: int) -> Grid:
        """Values in slots of ``period`` seconds, the first beginning where ``window`` begins.

        A slot takes the points that start in it. Where a series has points of
        several stored periods, those that cover most of the slot are taken.
        """
        ids = np.asarray(series, dtype=np.int64)
        start, count = epoch_ms(window.start), slot_count(window, period)
        values = np.full((len(VALUES), len(ids), count), np.nan)
        covered = np.zeros((len(ids), count))
        with self._lock:
            for stored in sorted((p for p in self._points if period % p == 0), reverse=True):
                first, times = -(-start // (stored * 1000)), period // stored
                found = self._points[stored].read(ids, first, count * times)
                _take_better(values, covered, _Part(found, stored, times))
        values[3][np.isnan(values[3])] = 0
        starts = start + np.arange(count, dtype=np.int64) * (period * 1000)
        return Grid(starts, values[0], values[1], values[2], values[3])

    def statistic_grid(self, series: Ids, name: str, window: Window, period: int) -> Floats:
        """One extended statistic in slots of exactly its stored period, NaN where missing."""
        ids = np.asarray(series, dtype=np.int64)
        first, count = -(-epoch_ms(window.start) // (period * 1000)), slot_count(window, period)
        with self._lock:
            ring = self._statistics.get((name, period))
            if ring is None:
                return np.full((len(ids), count), np.nan)
            found: Floats = ring.read(ids, first, count)[0]
            return found

    def reach(self, end_ms: int) -> Window:
        """Hold the hours up to ``end_ms``, never going back; gives what is held."""
        with self._lock:
            self._advance(end_ms)
            return Window(from_epoch_ms(self._start_ms), from_epoch_ms(self._end_ms))

    def lay(self, table: str, rows: pl.DataFrame) -> None:
        """Put rows on top of what is there; of two rows with one key the later one wins."""
        if table not in (METRICS.name, METRIC_STATS.name) or rows.is_empty():
            return
        at = rows["at"].to_numpy().view(np.int64)
        with self._lock:
            self._advance(int((at + rows["period"].to_numpy() * np.int64(1000)).max()))
            if int(at.min()) < self._start_ms:
                rows = rows.filter(pl.Series(at >= self._start_ms))
            if table == METRICS.name:
                self._lay_points(rows)
            else:
                self._lay_statistics(rows)

    def _advance(self, end_ms: int) -> None:
        if end_ms > self._end_ms:
            self._end_ms = end_ms
            self._start_ms = end_ms - (self._hours + MARGIN) // timedelta(milliseconds=1)

    def _lay_points(self, rows: pl.DataFrame) -> None:
        for (period,), some in _parted(rows, "period"):
            ring = self._points.get(period)
            if ring is None:
                ring = self._points[period] = Ring(period, self._slots(period), len(VALUES))
            ring.write(*_cells(some, VALUES))

    def _lay_statistics(self, rows: pl.DataFrame) -> None:
        for (name, period), some in _parted(rows, "statistic", "period"):
            ring = self._statistics.get((name, period))
            if ring is None:
                ring = self._statistics[name, period] = Ring(period, self._slots(period), 1)
            ring.write(*_cells(some, ("value",)))

    def _slots(self, period: int) -> int:
        return (self._hours + MARGIN) // timedelta(seconds=period) + 2


def slot_count(window: Window, period: int) -> int:
    """How many slots of ``period`` seconds it takes to hold ``window``."""
    return -(-window.length // timedelta(seconds=period))


def _parted(rows: pl.DataFrame, *columns: str) -> Iterator[tuple[tuple[Any, ...], pl.DataFrame]]:
    """Rows by the values of some columns; most often there is one value only."""
    if rows.height and all(rows[c].min() == rows[c].max() for c in columns):
        yield rows.select(columns).row(0), rows
        return
    yield from rows.partition_by(columns, as_dict=True).items()


def _cells(rows: pl.DataFrame, columns: Sequence[str]) -> tuple[Ints, Ints, Floats]:
    """Series, slots and values of rows that share one period."""
    length = int(rows["period"][0]) * 1000
    slot = rows["at"].to_numpy().view(np.int64) // length
    values = np.stack([rows[name].to_numpy() for name in columns])
    return rows["series"].to_numpy().astype(np.int64), slot, values


@dataclass(frozen=True, slots=True)
class _Part:
    """What was read from the ring of one stored period: ``times`` cells make one slot."""

    cells: Floats
    stored: int
    times: int


def _take_better(values: Floats, covered: Floats, part: _Part) -> None:
    """Overwrite the slots of which ``part`` covers more seconds than was ``covered`` so far."""
    kinds, series, count = values.shape
    cells = part.cells.reshape(kinds, series, count, part.times)
    together, filled = _together(cells)
    seconds = filled * float(part.stored)
    better = seconds > covered
    if better.any():
        np.copyto(values, together, where=better)
        np.copyto(covered, seconds, where=better)


def _together(cells: Floats) -> tuple[Floats, Ints]:
    """Neighbouring cells (the last axis) as one value of each kind, and how many had data.

    Cell by cell: numpy is slow at reducing a short last axis.
    """
    total = cells[..., 0].copy()
    filled = (~np.isnan(total[3])).astype(np.int64)
    for number in range(1, cells.shape[3]):
        cell = cells[..., number]
        there = ~np.isnan(cell[3])
        first = there & (filled == 0)
        both = there & (filled > 0)
        for kind in (0, 3):
            np.add(total[kind], cell[kind], out=total[kind], where=both)
            np.copyto(total[kind], cell[kind], where=first)
        np.fmin(total[1], cell[1], out=total[1])
        np.fmax(total[2], cell[2], out=total[2])
        filled += there
    return total, filled
