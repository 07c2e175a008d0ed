"""Values of many series on one grid of time, read once for a whole page.

The newest hours come from memory; anything older from segments. A series may
have been fetched with several periods (1 minute while alarmed, 5 before): in
each slot the one that covers most of it counts, so nothing is counted twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from app.read.groups import Groups, Ids, Matrix, highest, lowest, total
from app.read.slots import Slots
from app.store import Head, Store

PLAIN = frozenset({"Sum", "Minimum", "Maximum", "SampleCount", "Average"})
"""Statistics that a metrics row holds; every other one has rows of its own."""

_STORED_S = (3_600, 300, 60)
"""Periods that collectors ask extended statistics at, the longest first."""

_COLUMNS = ("sum", "minimum", "maximum", "sample_count")


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """One matrix a statistic over the same series (``ids``, sorted) and slots.

    ``extended`` may hold fewer series than ``ids``: those asked for that statistic.
    """

    slots: Slots
    ids: Ids
    plain: Mapping[str, Matrix]
    extended: Mapping[str, tuple[Ids, Matrix]] = field(default_factory=dict)

    def pooled(self, groups: Groups, statistic: str) -> Matrix:
        """The statistic of each group, as if its series were one.

        Percentiles cannot be pooled: the highest of the group is given.
        """
        if statistic == "Average":
            return self.pooled(groups, "Sum") / self.pooled(groups, "SampleCount")
        if statistic not in PLAIN:
            ids, matrix = self.extended.get(statistic, (self.ids[:0], self._nothing()))
            return highest(_rows(ids, matrix, groups.ids), groups)
        column, pool = _POOLS[statistic]
        return pool(_rows(self.ids, self.plain[column], groups.ids), groups)

    def as_one(self) -> Sheet:
        """The whole time as one slot."""
        slots = Slots(self.slots.start_ms, self.slots.step_ms * self.slots.count, 1)
        plain = {name: _flat(_FLAT[name], matrix) for name, matrix in self.plain.items()}
        extended = {
            name: (ids, _flat(np.fmax, matrix)) for name, (ids, matrix) in self.extended.items()
        }
        return Sheet(slots, self.ids, plain, extended)

    def _nothing(self) -> Matrix:
        return np.empty((0, self.slots.count))


_POOLS = {
    "Sum": ("sum", total),
    "SampleCount": ("sample_count", total),
    "Minimum": ("minimum", lowest),
    "Maximum": ("maximum", highest),
}


_FLAT = {
    "sum": np.add,
    "sample_count": np.add,
    "minimum": np.fmin,
    "maximum": np.fmax,
}


def _flat(operation: np.ufunc, matrix: Matrix) -> Matrix:
    """Each row as one value; a row of gaps stays a gap."""
    if operation is np.add:
        known = ~np.isnan(matrix).all(axis=1, keepdims=True)
        return np.where(known, np.nansum(matrix, axis=1, keepdims=True), np.nan)
    return np.asarray(operation.reduce(matrix, axis=1, keepdims=True))


def load(store: Store, wanted: Mapping[str, Iterable[int]], slots: Slots) -> Sheet:
    """Read the series that each statistic is wanted of, all in one go.

    ``wanted`` maps a statistic to series ids; 0 stands for a series that the
    store does not know and is skipped.
    """
    plain = _union(ids for name, ids in wanted.items() if name in PLAIN)
    matrices = _plain(store, plain, slots)
    extended = {}
    for name in sorted(set(wanted) - PLAIN):
        ids = _union([wanted[name]])
        extended[name] = (ids, _extended(store, ids, name, slots))
    return Sheet(slots, plain, matrices, extended)


def _union(several: Iterable[Iterable[int]]) -> Ids:
    arrays = [
        np.asarray(ids if isinstance(ids, np.ndarray) else list(ids), np.uint32) for ids in several
    ]
    known = np.unique(np.concatenate(arrays)) if arrays else np.empty(0, np.uint32)
    return known[known > 0]


def _plain(store: Store, ids: Ids, slots: Slots) -> dict[str, Matrix]:
    if not len(ids):
        return {name: np.empty((0, slots.count)) for name in _COLUMNS}
    head = store.head()
    if head.covers(slots.window):
        grid = head.grid(ids, slots.window, slots.period_s)
        matrices = {name: getattr(grid, name) for name in _COLUMNS}
        matrices["sample_count"] = np.where(grid.sample_count > 0, grid.sample_count, np.nan)
        return matrices
    return _plain_from_segments(store, ids, slots)


def _plain_from_segments(store: Store, ids: Ids, slots: Slots) -> dict[str, Matrix]:
    rows = (
        _slotted(store.points(ids, slots.window), slots)
        .group_by("series", "slot", "period")
        .agg(
            pl.col("sum").sum(),
            pl.col("minimum").min(),
            pl.col("maximum").max(),
            pl.col("sample_count").sum(),
            covered=pl.len() * pl.col("period").first(),
        )
        .pipe(_fullest)
        .collect(engine="streaming")
    )
    return {name: _scatter(rows, name, ids, slots) for name in _COLUMNS}


def _extended(store: Store, ids: Ids, statistic: str, slots: Slots) -> Matrix:
    if not len(ids):
        return np.empty((0, slots.count))
    head = store.head()
    if head.covers(slots.window):
        return _extended_from_head(head, ids, statistic, slots)
    rows = (
        _slotted(store.statistics(ids, [statistic], slots.window), slots)
        .group_by("series", "slot", "period")
        .agg(pl.col("value").max(), covered=pl.len() * pl.col("period").first())
        .pipe(_fullest)
        .collect(engine="streaming")
    )
    return _scatter(rows, "value", ids, slots)


def _extended_from_head(head: Head, ids: Ids, statistic: str, slots: Slots) -> Matrix:
    """The highest value of the stored periods in each slot, the longest period first."""
    matrix = np.full((len(ids), slots.count), np.nan)
    for period in (p for p in _STORED_S if slots.period_s % p == 0):
        fine = head.statistic_grid(ids, statistic, slots.window, period)
        parts = fine.reshape(len(ids), slots.count, slots.period_s // period)
        matrix = np.where(np.isnan(matrix), np.fmax.reduce(parts, axis=2), matrix)
    return matrix


def _slotted(rows: pl.LazyFrame, slots: Slots) -> pl.LazyFrame:
    """Rows no longer than a slot, with the number of the slot that each begins in."""
    since_start = pl.col("at").dt.epoch("ms") - slots.start_ms
    return rows.filter(pl.col("period") <= slots.period_s).with_columns(
        slot=(since_start // slots.step_ms).cast(pl.UInt32)
    )


def _fullest(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Of several periods in one slot, the one whose rows cover most of it, else the finest."""
    return rows.sort(
        "series", "slot", "covered", "period", descending=[False, False, True, False]
    ).unique(["series", "slot"], keep="first", maintain_order=True)


def _scatter(rows: pl.DataFrame, column: str, ids: Ids, slots: Slots) -> Matrix:
    matrix = np.full((len(ids), slots.count), np.nan)
    at = np.searchsorted(ids, rows["series"].to_numpy())
    matrix[at, rows["slot"].to_numpy()] = rows[column].to_numpy()
    return matrix


def _rows(ids: Ids, matrix: Matrix, wanted: Ids) -> Matrix:
    """The rows of ``wanted``, in its order; all gaps for ids that are not there."""
    if not len(ids):
        return np.full((len(wanted), matrix.shape[1]), np.nan)
    at = np.minimum(np.searchsorted(ids, wanted), len(ids) - 1)
    found: npt.NDArray[np.bool_] = ids[at] == wanted
    rows: Matrix = matrix[at]
    if not found.all():
        rows[~found] = np.nan
    return rows
