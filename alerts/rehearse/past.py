"""The values of many slots of one series, overlapping ones too, from stored points."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from alerts.grid import Floats
from alerts.points import Ids, Slotted, Source, read
from alerts.rehearse.moments import Moments


def values_of(
    source: Source, series: Ids, statistic: str, seen: Moments, step: int
) -> tuple[Floats, Floats]:
    """Value and sample count of each slot of ``seen``; NaN where there is none."""
    first, last = int(seen.starts.min()), int(seen.ends.max())
    stored = [(start, start + step) for start in range(first - first % step, last, step)]
    base = read(source, series, stored, step, [statistic])
    origin = stored[0][0]
    starts = (seen.starts - origin) // step
    lengths = (seen.ends - seen.starts) // step
    values = np.full(len(starts), np.nan)
    counts = np.full(len(starts), np.nan)
    for length in np.unique(lengths):
        mine = np.flatnonzero(lengths == length)
        slots = _added_up(base, starts[mine], int(length))
        values[mine] = slots.statistic(statistic)[0]
        counts[mine] = np.where(slots.sample_count[0] > 0, slots.sample_count[0], np.nan)
    return values, counts


def _added_up(base: Slotted, starts: NDArray[np.int64], length: int) -> Slotted:
    """Slots of ``length`` stored points, each added up as the engine adds them up."""
    if length == 1:
        return Slotted(
            base.sum[:, starts],
            base.minimum[:, starts],
            base.maximum[:, starts],
            base.sample_count[:, starts],
            {name: found[:, starts] for name, found in base.extended.items()},
        )
    there = base.sample_count[0] > 0
    total = _reduced(np.add, np.where(there, base.sum[0], 0.0), starts, length)
    counts = _reduced(np.add, np.where(there, base.sample_count[0], 0.0), starts, length)
    lowest = _reduced(np.fmin, base.minimum[0], starts, length)
    highest = _reduced(np.fmax, base.maximum[0], starts, length)
    return Slotted(total, lowest, highest, counts, {})


def _reduced(operation: np.ufunc, points: Floats, starts: NDArray[np.int64], length: int) -> Floats:
    rows = sliding_window_view(points, length)[starts]
    edges = np.zeros(1, dtype=np.intp)
    found: Floats = operation.reduceat(rows, edges, axis=1).reshape(1, -1)
    return found
