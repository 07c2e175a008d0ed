"""What CloudWatch already knows of the newest minutes.

Points do not exist until their minute is over; for two more minutes counts are
too low, and one point in some hundreds arrives minutes late. Everything is a
function of series, minute and now, so a clock set twice tells the same twice.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from app.demo.world.noise import Floats, hashes, stream_of
from app.demo.world.samples import Samples, Shape
from app.model.ids import SeriesKey

SETTLED_S = 180
_FIRST_SHARE = 0.45
_ONE_IN = 400
_LATEST_S = 900
_LATE = Shape.ZERO_OR_ONE, Shape.SKEWED, Shape.EVEN, Shape.SUMMED


def delivered(samples: Samples, key: SeriesKey, now_s: float, delay_s: float = 0.0) -> Samples:
    """The samples known at ``now_s``; everything arrives ``delay_s`` later than usual."""
    horizon = now_s - delay_s
    tail = int(np.searchsorted(samples.at, horizon - _LATEST_S - samples.step))
    if tail == len(samples):
        return samples
    age = horizon - samples.at
    drawn = hashes(stream_of(repr(key)), samples.at[tail:])
    late = np.zeros(len(samples))
    late[tail:] = np.where(
        drawn % np.uint64(_ONE_IN) == 0, 240.0 + (drawn >> np.uint64(32)) % np.uint64(600), 0.0
    )
    there = age >= samples.step + late
    there &= age >= samples.step + _publishing(drawn, tail, len(samples))
    waited: Floats = (age[there] - samples.step).astype(np.float64)
    return _grown(samples.take(there), waited)


def _publishing(drawn: np.ndarray, tail: int, length: int) -> Floats:
    """Up to a minute that publishing itself takes."""
    wait = np.zeros(length)
    wait[tail:] = (drawn >> np.uint64(8)) % np.uint64(50)
    return wait


def _grown(samples: Samples, waited: Floats) -> Samples:
    """Counts that are not complete yet: fewer samples, smaller sums."""
    share = np.clip(waited / (SETTLED_S - 60), 0.0, 1.0) * (1.0 - _FIRST_SHARE) + _FIRST_SHARE
    if samples.step > 60 or not (share < 1.0).any():
        return samples
    if samples.shape is Shape.SUMMED:
        total = np.where(share < 1.0, np.floor(samples.total * share), samples.total)
        return replace(samples, total=total, low=total, high=total)
    counted = samples.number > 1
    number = np.where(counted & (share < 1.0), np.ceil(samples.number * share), samples.number)
    total = samples.total * (number / samples.number)
    if samples.shape is Shape.ZERO_OR_ONE:
        total = np.minimum(np.floor(total), number)
    return replace(samples, number=number, total=total)
