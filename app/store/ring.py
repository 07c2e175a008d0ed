"""A grid of series x slots that moves along with time: the newest ``slots`` of one period."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Ring:
    """Values by series id and slot; NaN where nothing is. Not safe to share by itself.

    A slot is the start of a period divided by its length, and lies in the
    column ``slot % slots``.
    """

    def __init__(self, period: int, slots: int, values: int) -> None:
        self.period = period
        self._slots = slots
        self._newest: int | None = None
        self._cells = np.full((values, 0, slots), np.nan)
        self._row_of = np.full(64, -1, dtype=np.int64)
        self._rows = 0

    @property
    def nbytes(self) -> int:
        return self._cells.nbytes

    def reserve(self, series: int) -> None:
        """Make room for this many series in all."""
        values, room, slots = self._cells.shape
        if series > room:
            grown = np.full((values, series, slots), np.nan)
            grown[:, :room] = self._cells
            self._cells = grown

    def write(self, ids: Ints, slots: Ints, values: Floats) -> None:
        """Lay ``values`` (kinds x points) into their cells; slots that are too old are left out."""
        if not len(ids):
            return
        self._advance(int(slots.max()))
        kept = slots > self._oldest()
        if not kept.all():
            ids, slots, values = ids[kept], slots[kept], values[:, kept]
        rows = self._rows_for(ids)  # may replace the cells by more of them
        self._cells[:, rows, slots % self._slots] = values

    def read(self, ids: Ints, first: int, count: int) -> Floats:
        """Kinds x series x ``count`` slots from slot ``first`` on."""
        found = np.full((self._cells.shape[0], len(ids), count), np.nan)
        if self._newest is None:
            return found
        rows = np.full(len(ids), -1, dtype=np.int64)
        in_range = (ids >= 0) & (ids < len(self._row_of))
        rows[in_range] = self._row_of[ids[in_range]]
        start, end = max(first, self._oldest() + 1), min(first + count, self._newest + 1)
        for a, b in self._runs(start, end):
            column = a % self._slots
            found[:, :, a - first : b - first] = self._cells[:, rows, column : column + b - a]
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
                self._cells[:, :, column : column + b - a] = np.nan
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
            self._row_of[new] = np.arange(self._rows, self._rows + len(new))
            self._rows += len(new)
            if self._rows > self._cells.shape[1]:
                self.reserve(self._rows + self._rows // 4)
            rows = self._row_of[ids]
        return rows
