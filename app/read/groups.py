"""Values of many series at once, pooled into the groups that a reader asks about.

A matrix has one row per series and one column per slot; NaN is a gap. A group
is a resource, a service or any other set of series. Pooling a group whose
every row has a gap in a slot gives a gap, never 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float64]
Ids = npt.NDArray[np.uint32]
Rows = npt.NDArray[np.intp]

NO_IDS: Ids = np.empty(0, dtype=np.uint32)


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Series ids of several groups, one behind the other; ``sizes`` says how many each has."""

    ids: Ids
    sizes: npt.NDArray[np.intp]

    @classmethod
    def of(cls, members: Sequence[Ids]) -> Groups:
        ids = np.concatenate(members) if members else NO_IDS
        return cls(ids.astype(np.uint32, copy=False), np.array([len(m) for m in members], np.intp))

    def __len__(self) -> int:
        return len(self.sizes)

    def together(self) -> Groups:
        """All groups as one."""
        return Groups(self.ids, np.array([len(self.ids)], np.intp))

    @classmethod
    def each(cls, ids: Ids) -> Groups:
        """Every one of the series as a group of its own."""
        return cls(ids, np.ones(len(ids), np.intp))

    def apart(self) -> Groups:
        """The same series, ungrouped."""
        return Groups.each(self.ids)

    @classmethod
    def one(cls, size: int) -> Groups:
        """One group of ``size`` rows, whatever they are."""
        return cls(np.zeros(size, np.uint32), np.array([size], np.intp))

    @property
    def is_single(self) -> bool:
        """True when no group has more than one series."""
        return not len(self.sizes) or int(self.sizes.max()) <= 1


def total(matrix: Matrix, groups: Groups) -> Matrix:
    """Sum of the rows of each group."""
    known = ~np.isnan(matrix)
    summed = _reduce(np.add, np.where(known, matrix, 0.0), groups)
    return np.where(_reduce(np.add, known.astype(np.float64), groups) > 0, summed, np.nan)


def mean(matrix: Matrix, groups: Groups) -> Matrix:
    """Mean of the rows of each group that have a value."""
    known = ~np.isnan(matrix)
    count = _reduce(np.add, known.astype(np.float64), groups)
    summed = _reduce(np.add, np.where(known, matrix, 0.0), groups)
    return np.divide(summed, count, out=np.full_like(summed, np.nan), where=count > 0)


def highest(matrix: Matrix, groups: Groups) -> Matrix:
    """Largest value of the rows of each group."""
    return _reduce(np.fmax, matrix, groups)


def lowest(matrix: Matrix, groups: Groups) -> Matrix:
    """Smallest value of the rows of each group."""
    return _reduce(np.fmin, matrix, groups)


def _reduce(operation: np.ufunc, matrix: Matrix, groups: Groups) -> Matrix:
    """Apply ``operation`` down the rows of each group; an empty group is all gaps."""
    if len(groups) == len(matrix) and groups.is_single and bool(groups.sizes.all()):
        return matrix
    pooled = np.full((len(groups), matrix.shape[1]), np.nan)
    filled = groups.sizes > 0
    if filled.any():
        starts = (np.cumsum(groups.sizes) - groups.sizes)[filled]
        pooled[filled] = operation.reduceat(matrix, starts, axis=0)
    return pooled
