"""The moments at which an alarm would have been judged, and the slots it looks at in each.

Neighbouring moments share most of their slots, so each distinct slot is named once
and every moment points to those of its evaluation range.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alerts.verdict import Rule, zones
from alerts.verdict.slots import base

Times = NDArray[np.int64]
Index = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Moments:
    """``at`` in epoch seconds; ``looks`` has one row of positions in the slots a moment."""

    at: Times
    starts: Times
    ends: Times
    looks: Index

    def slots(self, moment: int) -> list[tuple[int, int]]:
        """The slots of one moment, oldest first."""
        row = self.looks[moment]
        return [(int(self.starts[i]), int(self.ends[i])) for i in row]


def moments(rule: Rule, first: int, last: int, every: int, step: int) -> Moments:
    """All moments from ``first`` to ``last`` on multiples of ``every`` seconds.

    ``step`` is the length of a stored point: slots begin on whole steps.
    """
    at = np.arange(-(-first // every) * every, last + 1, every, dtype=np.int64)
    if rule.time_zone is not None:
        return _by_the_clock(rule, at)
    ends = np.array([base(rule, int(t - t % step)) for t in at], dtype=np.int64)
    back = np.arange(rule.range, 0, -1, dtype=np.int64) * rule.period
    starts, looks = np.unique(ends[:, None] - back, return_inverse=True)
    return Moments(at, starts, starts + rule.period, looks.reshape(len(at), rule.range))


def _by_the_clock(rule: Rule, at: Times) -> Moments:
    """Calendar periods of the alarm's zone; each moment has the last N that have ended."""
    if not len(at):
        nothing = np.zeros(0, dtype=np.int64)
        return Moments(at, nothing, nothing, np.zeros((0, rule.n), dtype=np.intp))
    where = zones.zone(rule.time_zone or "UTC")
    slots = zones.completed(int(at[0]), rule.period, rule.n, where)
    later: list[tuple[int, int]] = []
    end = zones.started(int(at[-1]), rule.period, where)
    while end > slots[-1][1]:
        start = zones.started(end - 1, rule.period, where)
        later.append((start, end))
        end = start
    starts, ends = np.array([*slots, *reversed(later)], dtype=np.int64).T
    over = np.searchsorted(ends, at, side="right")
    return Moments(at, starts, ends, over[:, None] - np.arange(rule.n, 0, -1))
