"""Samples of one series: what CloudWatch keeps of each moment, and how they spread.

CloudWatch stores samples, not values: number, sum, minimum and maximum, and
the distribution that percentiles come from. A row with no sample does not
exist, which is not the same as zero.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from statistics import NormalDist

import numpy as np

from app.demo.world.noise import Floats, Minutes

_GRID = np.linspace(0.0005, 0.9995, 400)
_Z = np.array([NormalDist().inv_cdf(float(u)) for u in _GRID])


class Shape(Enum):
    """How the samples of one moment lie between its minimum and maximum."""

    SAME = "same"
    SUMMED = "summed"
    ZERO_OR_ONE = "zero_or_one"
    EVEN = "even"
    SKEWED = "skewed"


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Rows sorted by ``at`` (epoch seconds), all with at least one sample.

    ``step`` is the period in seconds at which the service publishes. For
    SKEWED samples ``middle`` is the median and ``sigma`` the spread of the
    logarithm.
    """

    at: Minutes
    number: Floats
    total: Floats
    low: Floats
    high: Floats
    shape: Shape = Shape.SAME
    middle: Floats | None = None
    sigma: float = 0.0
    step: int = 60

    def __len__(self) -> int:
        return len(self.at)

    def take(self, rows: slice | np.ndarray) -> Samples:
        """Some of the rows: a slice, a mask or indices."""
        middle = None if self.middle is None else self.middle[rows]
        return replace(
            self,
            at=self.at[rows],
            number=self.number[rows],
            total=self.total[rows],
            low=self.low[rows],
            high=self.high[rows],
            middle=middle,
        )

    def quantiles(self, shares: Floats) -> Floats:
        """The value below which each share of the samples lies: rows x shares."""
        low, high = self.low[:, None], self.high[:, None]
        if self.shape is Shape.SKEWED and self.middle is not None:
            factors = np.exp(self.sigma * np.interp(shares, _GRID, _Z))
            spread: Floats = np.clip(self.middle[:, None] * factors[None, :], low, high)
            return spread
        if self.shape is Shape.ZERO_OR_ONE:
            ones: Floats = (shares[None, :] > 1.0 - self.mean[:, None]).astype(np.float64)
            return ones
        if self.shape is Shape.EVEN:
            even: Floats = low + (high - low) * shares[None, :]
            return even
        return np.repeat(self.mean[:, None], len(shares), axis=1)

    @property
    def mean(self) -> Floats:
        average: Floats = self.total / self.number
        return average


def _kept(samples: Samples) -> Samples:
    there = samples.number > 0
    return samples if there.all() else samples.take(there)


def gauge(minutes: Minutes, value: Floats, there: np.ndarray | None = None) -> Samples:
    """One reading each minute, absent where ``there`` is false."""
    number = np.ones(len(minutes)) if there is None else there.astype(np.float64)
    return _kept(Samples(minutes * 60, number, value, value, value))


def count(minutes: Minutes, total: Floats, absent_when_zero: bool = False) -> Samples:
    """Events counted by the service and published as one sum a minute."""
    number = (total > 0).astype(np.float64) if absent_when_zero else np.ones(len(minutes))
    return _kept(Samples(minutes * 60, number, total, total, total, Shape.SUMMED))


def each_one(minutes: Minutes, number: Floats) -> Samples:
    """A sample of 1 for every event; nothing when nothing happened."""
    one = np.ones(len(minutes))
    return _kept(Samples(minutes * 60, number, number, one, one))


def zero_or_one(minutes: Minutes, number: Floats, hits: Floats) -> Samples:
    """A sample for each request: 1 where it hit, else 0, so the average is a rate."""
    low, high = (hits >= number).astype(np.float64), (hits > 0).astype(np.float64)
    return _kept(Samples(minutes * 60, number, hits, low, high, Shape.ZERO_OR_ONE))


def skewed(
    minutes: Minutes, number: Floats, middle: Floats, sigma: float, wobble: Floats
) -> Samples:
    """A measurement of every request, most near ``middle``, a few far above.

    ``wobble`` is noise of deviation 1 that keeps the mean and the ends from
    being too regular.
    """
    n = np.maximum(number, 1.0)
    scatter = 1.0 + 0.5 * sigma * wobble / np.sqrt(n)
    ends = np.exp(sigma * np.interp(np.stack([1 / (n + 1), n / (n + 1)]), _GRID, _Z))
    low = middle * ends[0]
    high = middle * ends[1] * (1.0 + 0.15 * np.abs(wobble))
    mean = np.clip(middle * float(np.exp(sigma * sigma / 2)) * scatter, low, high)
    single = number == 1
    low, high = np.where(single, mean, low), np.where(single, mean, high)
    return _kept(
        Samples(minutes * 60, number, number * mean, low, high, Shape.SKEWED, middle, sigma)
    )


def between(minutes: Minutes, number: Floats, mean: Floats, low: Floats, high: Floats) -> Samples:
    """Several readings a minute that lie evenly between two ends."""
    low, high = np.minimum(low, mean), np.maximum(high, mean)
    return _kept(Samples(minutes * 60, number, number * mean, low, high, Shape.EVEN))


def folded(samples: Samples, step: int) -> Samples:
    """The same samples, published only every ``step`` seconds (EC2 basic monitoring)."""
    if not len(samples):
        return replace(samples, step=step)
    slot = samples.at // step
    first = np.flatnonzero(np.concatenate([[True], slot[1:] != slot[:-1]]))
    return Samples(
        slot[first] * step,
        np.add.reduceat(samples.number, first),
        np.add.reduceat(samples.total, first),
        np.minimum.reduceat(samples.low, first),
        np.maximum.reduceat(samples.high, first),
        Shape.EVEN,
        step=step,
    )


def merged(parts: list[Samples]) -> Samples:
    """All samples of several series as one, for account-wide metrics."""
    at, where = np.unique(np.concatenate([p.at for p in parts]), return_inverse=True)
    number, total = np.zeros(len(at)), np.zeros(len(at))
    low, high = np.full(len(at), np.inf), np.full(len(at), -np.inf)
    rows = np.split(where, np.cumsum([len(p) for p in parts])[:-1])
    for part, row in zip(parts, rows, strict=True):
        number[row] += part.number
        total[row] += part.total
        low[row] = np.minimum(low[row], part.low)
        high[row] = np.maximum(high[row], part.high)
    return Samples(at, number, total, low, high, Shape.EVEN, step=max(p.step for p in parts))
