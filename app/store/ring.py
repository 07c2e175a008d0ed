"""A grid of series x slots that moves along with time: the newest ``slots`` of one period."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ROOM = 1024


class Ring:
    """Values by series id and slot; NaN where nothing is. Not safe to share by itself.

    A slot is the start of a period divided by its length, and lies in the
    column ``slot % slots``.
    """

    def __init__(self, period: int, slots: int, values: int) -> None:
        self.period = period
        self._slots = slots
        self._newest: int | None = None
        # Room for more rows than are in use costs nothing: memory that was never
        # written to is not really there.
        self._cells = np.empty((ROOM, values, slots))
        self._row_of = np.full(64, -1, dtype=np.int64)
        self._rows = 0

    @property
    def nbytes(self) -> int:
        """Bytes in use."""
        return self._cells[: self._rows].nbytes

    def write(self, ids: Ints, slots: Ints, values: Floats) -> None:
        """Lay ``values`` (kinds x points) into their cells; slots that are too old are left out."""
        if not len(ids):
            return
        self._advance(int(slots.max()))
        kept = slots > self._oldest()
        if not kept.all():
            ids, slots, values = ids[kept], slots[kept], values[:, kept]
        rows = self._rows_for(ids)  # may replace the cells by more of them
        self._cells[rows, :, slots % self._slots] = values.T

    def read(self, ids: Ints, first: int, count: int) -> Floats:
        """Kinds x series x ``count`` slots from slot ``first`` on."""
        kinds = self._cells.shape[1]
        found = np.full((kinds, len(ids), count), np.nan)
        if self._newest is None:
            return found
        rows = np.full(len(ids), -1, dtype=np.int64)
        in_range = (ids >= 0) & (ids < len(self._row_of))
        rows[in_range] = self._row_of[ids[in_range]]
        start, end = max(first, self._oldest() + 1), min(first + count, self._newest + 1)
        for a, b in self._runs(start, end):
            column = a % self._slots
            for kind in range(kinds):
                cells = self._cells[rows, kind, column : column + b - a]
                found[kind, :, a - first : b - first] = cells
        found[:, rows < 0] = np.nan
        return found

    def _runs(self, start: int, end: int) -> list[tuple[int, int]]:
        """``start`` to ``end`` cut where the columns begin anew."""
        if start >= end or not self._rows:
            return []
        turn = start - start % self._slots + self._slots
        return [(start, end)] if end <= turn else [(start, turn), (turn, end)]

    def _oldest(self) -> int:
        """The newest slot that is too old."""
        return -1 if self._newest is None else self._newest - self._slots

    def _advance(self, slot: int) -> None:
        """Make ``slot`` the newest; columns that now mean another time are emptied."""
        if self._newest is not None and slot > self._newest:
            emptied = min(slot - self._newest, self._slots)
            for a, b in self._runs(slot - emptied + 1, slot + 1):
                column = a % self._slots
                self._cells[: self._rows, :, column : column + b - a] = np.nan
        if self._newest is None or slot > self._newest:
            self._newest = slot

    def _rows_for(self, ids: Ints) -> Ints:
        highest = int(ids.max())
        if highest >= len(self._row_of):
            longer = np.full(max(highest + 1, 2 * len(self._row_of)), -1, dtype=np.int64)
            longer[: len(self._row_of)] = self._row_of
            self._row_of = longer
        rows = self._row_of[ids]
        if (rows < 0).any():
            new = np.unique(ids[rows < 0])
            self._row_of[new] = self._add_rows(len(new))
            rows = self._row_of[ids]
        return rows

    def _add_rows(self, count: int) -> Ints:
        """Empty rows for new series."""
        used = self._rows
        self._rows += count
        if self._rows > len(self._cells):
            grown = np.empty((2 * self._rows, *self._cells.shape[1:]))
            grown[:used] = self._cells[:used]
            self._cells = grown
        self._cells[used : self._rows] = np.nan
        return np.arange(used, self._rows)
