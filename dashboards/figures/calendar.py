"""Money by the hours, days or months of a bill, which are those of UTC.

The browser labels such a chart by the slots themselves: a day of the bill keeps
its date in every zone, though it begins at another hour there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import numpy as np

from app.model.time import Window, epoch_ms
from dashboards.figures.canvas import Figure, packed

Grain = Literal["hour", "day", "month"]
DAY = timedelta(days=1)
_FILLED = 0.8
"""The share of a slot that its bar takes."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Slots one after the other: each starts at one of ``starts``, the last ends at ``end``."""

    starts: tuple[datetime, ...]
    end: datetime
    grain: Grain = "day"

    @classmethod
    def days(cls, window: Window) -> Calendar:
        """One slot a day."""
        count = -(-(window.end - window.start) // DAY)
        starts = tuple(window.start + n * DAY for n in range(count))
        return cls(starts, starts[-1] + DAY if starts else window.end)

    @property
    def window(self) -> Window:
        """All slots together."""
        return Window(self.starts[0] if self.starts else self.end, self.end)

    @property
    def regular(self) -> bool:
        """True when all slots are equally long, so that a start and a step say it all."""
        return self.grain == "day"

    def meta(self) -> Figure:
        """What the browser needs to label the slots and to find the one under the pointer."""
        return {"grain": self.grain, "starts": None if self.regular else self._starts()}

    def bar_places(self) -> Figure:
        """The members of a bar trace that say where its bars stand and how wide they are."""
        if self.regular:
            step = DAY / timedelta(milliseconds=1)
            return {
                "x0": epoch_ms(self.window.start),
                "dx": step,
                "width": step * _FILLED,
                "offset": step * (1 - _FILLED) / 2,
            }
        starts = np.asarray([*self._starts(), epoch_ms(self.end)], dtype=np.float64)
        wide = np.diff(starts)
        return {
            "x": packed(starts[:-1]),
            "width": packed(wide * _FILLED),
            "offset": packed(wide * (1 - _FILLED) / 2),
        }

    def line_places(self) -> Figure:
        """The same for a line, whose points lie in the middle of the slots."""
        if self.regular:
            step = DAY / timedelta(milliseconds=1)
            return {"x0": epoch_ms(self.window.start) + step / 2, "dx": step}
        starts = np.asarray([*self._starts(), epoch_ms(self.end)], dtype=np.float64)
        return {"x": packed((starts[:-1] + starts[1:]) / 2)}

    def _starts(self) -> list[int]:
        return [epoch_ms(start) for start in self.starts]


def column(values: Sequence[float | None]) -> Figure:
    """Amounts as plotly.js reads them fastest; None is a gap."""
    numbers = [np.nan if value is None else float(value) for value in values]
    return packed(np.asarray(numbers, dtype=np.float32))
