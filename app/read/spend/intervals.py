"""How wide an interval has to be, told from how far earlier forecasts were off.

No shape of the errors is assumed: the width that 80 % of earlier forecasts would have
kept to is the width that this one gets.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.read.spend.shape import Values

FEW = 12
"""Earlier forecasts below which the usual errors of bills speak too."""

WIDER_80, WIDER_95, TAIL = 1.08, 1.25, 2.0
"""Errors come from the days that the ways were weighed on, so they are a little small, and
far misses are rare among a few dozen forecasts. Measured by ``bench.forecast``."""

USUAL = 0.1
"""Share of a sum that 80 % of forecasts of bills are off by at most."""

OWED = 0.6
"""How much of a further stretch is owed to the forecast being made; the theory of conformal
intervals says a whole one for stretches that are exchangeable, which those of a bill are not."""

Widths = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Missed:
    """How far earlier forecasts were off, a row each, and how many days each column sums up.

    ``days`` is how long the time is that they are about: forecasts of long sums overlap in
    it, and say less than their number.
    """

    errors: npt.NDArray[np.float64]
    lengths: npt.NDArray[np.int64]
    days: int


def widths(missed: Missed, expected: Values) -> Widths:
    """Half the widths for 80 % and for 95 % around each of ``expected``, a row each.

    Columns that are missing at the end are taken to be off as the last one is.
    """
    usual = USUAL * np.abs(expected)
    count, reach = missed.errors.shape
    if not count or not reach:
        return np.stack([usual, TAIL * usual], axis=1)
    narrow = _prolonged(WIDER_80 * _reached(missed, 0.8), expected.size)
    weight = max(0, FEW - count)
    narrow = (count * narrow + weight * usual) / (count + weight)
    wide = _prolonged(WIDER_95 * _reached(missed, 0.95), expected.size)
    return np.stack([narrow, np.maximum(wide, TAIL * narrow)], axis=1)


def growing(found: Widths, reach: int) -> Widths:
    """Widths of running sums: they never shrink, and past ``reach`` they grow with the days."""
    grown = np.maximum.accumulate(found, axis=0)
    days = np.arange(1, len(grown) + 1)
    farther = np.maximum(1.0, days / max(reach, 1)) if reach else np.ones(len(grown))
    return np.asarray(grown * farther[:, None])


def _reached(missed: Missed, share: float) -> Values:
    """What that share of forecasts stays below, by column."""
    off = np.sort(np.abs(missed.errors), axis=0)
    stretches = np.minimum(len(off), missed.days / missed.lengths)
    places = np.minimum(1.0, share * (1 + OWED / stretches)) * (len(off) - 1)
    below = np.floor(places).astype(np.int64)
    above = np.minimum(below + 1, len(off) - 1)
    columns, part = np.arange(off.shape[1]), places - below
    return np.asarray(off[below, columns] * (1 - part) + off[above, columns] * part)


def _prolonged(found: Values, size: int) -> Values:
    return np.concatenate([found, np.full(size - found.size, found[-1])])
