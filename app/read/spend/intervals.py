"""How wide an interval has to be, told from how far earlier forecasts were off.

No shape of the errors is assumed: the width that 80 % of earlier forecasts would have
kept to is the width that this one gets.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from app.read.spend.shape import Values

FEW = 12
"""Earlier forecasts below which the usual errors of bills speak too."""

WIDER_80, WIDER_95, TAIL = 1.08, 1.2, 1.9
"""Errors come from the days that the ways were weighed on, so they are a little small, and
far misses are rare among a few dozen forecasts. Measured by ``bench.forecast``."""

USUAL = 0.1
"""Share of a sum that 80 % of forecasts of bills are off by at most."""

Widths = npt.NDArray[np.float64]


def widths(errors: npt.NDArray[np.float64], expected: Values) -> Widths:
    """Half the widths for 80 % and for 95 % around each of ``expected``, a row each.

    ``errors`` has a row for each earlier forecast and a column for each of ``expected``;
    columns that are missing at the end are taken to be off in proportion to the distance.
    """
    usual = USUAL * np.abs(expected)
    count, reach = errors.shape
    if not count or not reach:
        return np.stack([usual, TAIL * usual], axis=1)
    off = np.abs(errors)
    narrow = WIDER_80 * _reached(off, 0.8)
    narrow = np.concatenate([narrow, np.full(expected.size - reach, narrow[-1])])
    weight = max(0, FEW - count)
    narrow = (count * narrow + weight * usual) / (count + weight)
    wide = WIDER_95 * _reached(off, 0.95)
    wide = np.concatenate([wide, np.full(expected.size - reach, wide[-1])])
    return np.stack([narrow, np.maximum(wide, TAIL * narrow)], axis=1)


def growing(found: Widths, reach: int) -> Widths:
    """Widths of running sums: they never shrink, and past ``reach`` they grow with the days."""
    grown = np.maximum.accumulate(found, axis=0)
    days = np.arange(1, len(grown) + 1)
    farther = np.maximum(1.0, days / max(reach, 1)) if reach else np.ones(len(grown))
    return np.asarray(grown * farther[:, None])


def _reached(off: npt.NDArray[np.float64], share: float) -> Values:
    """What that share of forecasts stays below; one more is owed to the one being made."""
    count = len(off)
    found = np.quantile(off, min(1.0, share * (count + 1) / count), axis=0)
    return np.asarray(found)
