"""What GetMetricData is asked and what it answers, as plain values and flat arrays.

A query is one metric with all its statistics, because that is what AWS bills:
up to five statistics of one metric in one request are one billed metric. On the
wire each statistic is a query of its own; here it is called a line.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.aws.prices import STATISTICS_PER_UNIT
from app.model.ids import SeriesKey
from app.model.time import Window

MAX_LINES = 500
MAX_POINTS = 90_000
"""AWS allows 100,800; below that no answer needs a second page, which may be billed again."""


@dataclass(frozen=True, slots=True)
class MetricQuery:
    """One metric at one period (seconds) and the statistics wanted of it."""

    series: SeriesKey
    period: int
    statistics: tuple[str, ...]

    @property
    def units(self) -> int:
        """How many metrics AWS bills for it."""
        return -(-len(self.statistics) // STATISTICS_PER_UNIT)

    def points(self, window: Window) -> int:
        """How many data points it may give for ``window``."""
        return window.slots(self.period) * len(self.statistics)


@dataclass(frozen=True, slots=True)
class MetricData:
    """The answer: the points of all lines one after the other.

    Line ``i`` owns ``at[starts[i]:starts[i + 1]]`` (epoch ms) and the same part
    of ``values``; ``complete[i]`` is False where AWS gave up or said nothing.
    Lines stand in the order of the queries and of their statistics.
    """

    at: NDArray[np.int64]
    values: NDArray[np.float64]
    starts: NDArray[np.int64]
    complete: NDArray[np.bool_]
    messages: tuple[str, ...] = ()

    def line(self, index: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        part = slice(int(self.starts[index]), int(self.starts[index + 1]))
        return self.at[part], self.values[part]


def lines(queries: Sequence[MetricQuery]) -> int:
    """How many queries on the wire these are."""
    return sum([len(q.statistics) for q in queries])


def units(queries: Iterable[MetricQuery]) -> int:
    """How many metrics AWS bills for them."""
    return sum([-(-len(q.statistics) // STATISTICS_PER_UNIT) for q in queries])


def points(queries: Sequence[MetricQuery], window: Window) -> int:
    """How many data points they may give for ``window``."""
    slots = {period: window.slots(period) for period in {q.period for q in queries}}
    return sum([slots[q.period] * len(q.statistics) for q in queries])
