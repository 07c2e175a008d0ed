"""What a chart draws: named runs of values on a regular grid of time.

A gap is NaN, never 0 and never left out, so position alone gives the time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One line of a chart: value ``i`` stands for the slot that starts at ``start + i * step``.

    ``unit`` is a value of the catalogue's units (``percent``, ``milliseconds``).
    ``partial`` says that the last slot is not over yet, so it is drawn paler.
    ``key`` is what the line stands for (an ARN, a metric), for links and colours.
    """

    name: str
    start: datetime
    step: timedelta
    values: Values
    unit: str = "none"
    partial: bool = False
    key: str = ""

    @property
    def newest(self) -> float | None:
        """The newest value that is not a gap; the unfinished slot counts only if it is alone."""
        whole = self.values[:-1] if self.partial and len(self.values) > 1 else self.values
        known = whole[~np.isnan(whole)]
        if not len(known):
            known = self.values[~np.isnan(self.values)]
        return float(known[-1]) if len(known) else None

    @property
    def highest(self) -> float | None:
        """The largest value that is not a gap."""
        known = self.values[~np.isnan(self.values)]
        return float(known.max()) if len(known) else None

    @property
    def empty(self) -> bool:
        """True when every slot is a gap."""
        return bool(np.isnan(self.values).all())
