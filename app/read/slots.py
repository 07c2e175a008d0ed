"""The regular grid of time on which values are compared and drawn.

A longer range gets a longer period, and the period in use is always told:
the same metric read at another period shows other numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

from app.model.time import Window, epoch_ms, from_epoch_ms

PERIODS_S = (60, 300, 900, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400, 604_800)
"""Periods a chart may use, in seconds; each divides the days that people think in."""

MOST_POINTS = 400
"""Points of a line that a chart in a card can show; more would be drawn over each other."""


def period_for(window: Window, at_least_s: int = 60, most_points: int = MOST_POINTS) -> int:
    """The shortest period, in seconds, that shows ``window`` in at most ``most_points``."""
    wanted = max(at_least_s, window.length.total_seconds() / most_points)
    return next((p for p in PERIODS_S if p >= wanted), PERIODS_S[-1])


@dataclass(frozen=True, slots=True)
class Slots:
    """``count`` slots of ``step_ms`` from ``start_ms`` (since the epoch); slots are half-open."""

    start_ms: int
    step_ms: int
    count: int

    @classmethod
    def over(cls, window: Window, period_s: int) -> Slots:
        """The whole slots of ``period_s`` that hold ``window``."""
        whole = window.aligned(timedelta(seconds=period_s))
        step = period_s * 1_000
        return cls(
            epoch_ms(whole.start), step, (epoch_ms(whole.end) - epoch_ms(whole.start)) // step
        )

    @property
    def period_s(self) -> int:
        return self.step_ms // 1_000

    @property
    def step(self) -> timedelta:
        return timedelta(milliseconds=self.step_ms)

    @property
    def start(self) -> datetime:
        return from_epoch_ms(self.start_ms)

    @property
    def end(self) -> datetime:
        return from_epoch_ms(self.start_ms + self.count * self.step_ms)

    @property
    def window(self) -> Window:
        return Window(self.start, self.end)

    @property
    def starts_ms(self) -> npt.NDArray[np.int64]:
        return self.start_ms + np.arange(self.count, dtype=np.int64) * self.step_ms

    def inside(self, windows: tuple[Window, ...]) -> npt.NDArray[np.bool_]:
        """Which slots begin inside one of the windows."""
        starts = self.starts_ms
        mask = np.zeros(self.count, dtype=bool)
        for window in windows:
            mask |= (starts >= epoch_ms(window.start)) & (starts < epoch_ms(window.end))
        return mask

    def until(self, end: datetime | None) -> Slots:
        """The slots that are over by ``end``: one that is not would show too little."""
        if end is None or end >= self.end or end <= self.start:
            return self
        return Slots(self.start_ms, self.step_ms, (epoch_ms(end) - self.start_ms) // self.step_ms)
