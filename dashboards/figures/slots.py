"""A line cut down to what a chart can hold: peaks survive, gaps stay gaps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from app.model.lines import Line, Values
from app.model.time import epoch_ms
from dashboards.figures.canvas import Figure, packed

MOST_POINTS = 1000


@dataclass(frozen=True, slots=True)
class Slots:
    """Values on even slots, in epoch milliseconds."""

    start: int
    step: float
    values: Values

    def x(self) -> Figure:
        """The members of a trace that say where its points lie."""
        return {"x0": self.start, "dx": self.step}

    def y(self) -> Figure:
        return packed(self.values.astype(np.float32))


def slots(line: Line, most: int = MOST_POINTS) -> Slots:
    """At most ``most`` slots; of each bucket the least and the greatest value, as they came."""
    start, step = epoch_ms(line.start), line.step / timedelta(milliseconds=1)
    if len(line.values) <= most:
        return Slots(start, step, line.values)
    bucket = -(-len(line.values) // (most // 2))
    return Slots(start, step * bucket / 2, _extremes(_rows(line.values, bucket)))


def totals(line: Line, most: int) -> Slots:
    """At most ``most`` slots, neighbours added up: for things counted in a bucket."""
    start, step = epoch_ms(line.start), line.step / timedelta(milliseconds=1)
    if len(line.values) <= most:
        return Slots(start, step, line.values)
    bucket = -(-len(line.values) // most)
    rows = _rows(line.values, bucket)
    summed = np.where(np.isnan(rows).all(axis=1), np.nan, np.nansum(rows, axis=1))
    return Slots(start, step * bucket, summed)


def _rows(values: Values, bucket: int) -> Values:
    padded = np.full(-(-len(values) // bucket) * bucket, np.nan)
    padded[: len(values)] = values
    return padded.reshape(-1, bucket)


def _extremes(rows: Values) -> Values:
    low = np.where(np.isnan(rows), np.inf, rows).argmin(axis=1)
    high = np.where(np.isnan(rows), -np.inf, rows).argmax(axis=1)
    row = np.arange(len(rows))
    both = np.empty(2 * len(rows))
    both[0::2] = rows[row, np.minimum(low, high)]
    both[1::2] = rows[row, np.maximum(low, high)]
    return both
