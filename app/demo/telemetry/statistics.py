"""Statistics as CloudWatch names them, computed from samples in slots of a period.

The plain five come from number, sum, minimum and maximum. Percentiles and the
trimmed family come from the distribution: each row is stood for by points of
equal weight, and the points of a slot are sorted and counted together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from app.demo.world.noise import Floats, Minutes
from app.demo.world.samples import Samples

PLAIN = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")
_SHORT = re.compile(r"(p|tm|tc|ts|wm)(100(?:\.0+)?|\d{1,2}(?:\.\d{1,10})?)")
_LONG = re.compile(r"(PR|TM|TC|TS|WM)\((-?[\d.]+)?(%)?:(-?[\d.]+)?(%)?\)")
_POINTS_A_SLOT, _FEWEST, _MOST = 480, 8, 64


@dataclass(frozen=True, slots=True)
class Statistic:
    """One statistic: PLAIN by name, else a family with bounds, in shares of 1 or absolute."""

    name: str
    family: str
    low: float = 0.0
    high: float = 1.0
    absolute: bool = False


def statistic(name: str) -> Statistic | None:
    """The statistic of a name, or None if CloudWatch knows no such."""
    if name in PLAIN:
        return Statistic(name, name)
    if name == "IQM":
        return Statistic(name, "tm", 0.25, 0.75)
    if short := _SHORT.fullmatch(name):
        return Statistic(name, short[1], 0.0, float(short[2]) / 100.0)
    if long := _LONG.fullmatch(name):
        return _bounded(name, long)
    return None


def _bounded(name: str, parts: re.Match[str]) -> Statistic | None:
    family, low, low_percent, high, high_percent = parts.groups()
    if low is None and high is None:
        return None
    shares = bool(low_percent or high_percent)
    if family == "PR":
        shares = False
    elif low and high and bool(low_percent) != bool(high_percent):
        return None
    scale = 0.01 if shares else 1.0
    lowest, highest = (0.0, 1.0) if shares else (-np.inf, np.inf)
    return Statistic(
        name,
        family.lower(),
        float(low) * scale if low else lowest,
        float(high) * scale if high else highest,
        absolute=not shares,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Slots:
    """Samples put into slots of one period: slot starts (epoch seconds) and where each begins."""

    samples: Samples
    starts: Minutes
    first: np.ndarray
    period: int

    @classmethod
    def of(cls, samples: Samples, period: int) -> Slots:
        slot = samples.at // period
        first = np.flatnonzero(np.concatenate([[True], slot[1:] != slot[:-1]]))[: len(samples)]
        return cls(samples, slot[first] * period, first, period)

    def values(self, wanted: Statistic) -> Floats:
        """One value for each slot."""
        if not len(self.starts):
            return np.empty(0)
        if wanted.family in PLAIN:
            return self._plain(wanted.family)
        if wanted.family == "p" and len(self.first) == len(self.samples):
            return self.samples.quantiles(np.array([wanted.high]))[:, 0]
        return _spread(self, wanted)

    def _plain(self, family: str) -> Floats:
        s = self.samples
        if family == "SampleCount":
            return self.reduced(np.add, s.number)
        if family == "Sum":
            return self.reduced(np.add, s.total)
        if family == "Minimum":
            return self.reduced(np.minimum, s.low)
        if family == "Maximum":
            return self.reduced(np.maximum, s.high)
        average: Floats = self.reduced(np.add, s.total) / self.reduced(np.add, s.number)
        return average

    def reduced(self, how: np.ufunc, values: Floats) -> Floats:
        """The values of each slot brought together."""
        if len(self.first) == len(self.samples):
            return values
        together: Floats = how.reduceat(values, self.first)
        return together


@dataclass(frozen=True, slots=True, eq=False)
class _Cloud:
    """The points of all slots, sorted in each slot: value, weight, and weight before it."""

    slot: np.ndarray
    value: Floats
    weight: Floats
    before: Floats
    whole: Floats
    first: np.ndarray

    def quantile(self, share: float) -> Floats:
        reached = np.minimum(self.before + self.weight, self.whole[self.slot])
        enough = reached >= share * self.whole[self.slot] * (1.0 - 1e-12)
        index = np.where(enough, np.arange(len(self.value)), len(self.value) - 1)
        lowest = np.minimum.reduceat(index, self.first)
        found: Floats = self.value[lowest]
        return found

    def inside(self, wanted: Statistic) -> Floats:
        """How much of each point's weight lies between the bounds."""
        if wanted.absolute:
            within = (self.value >= wanted.low) & (self.value <= wanted.high)
            return np.where(within, self.weight, 0.0)
        whole = self.whole[self.slot]
        top = np.minimum(self.before + self.weight, wanted.high * whole)
        bottom = np.maximum(self.before, wanted.low * whole)
        part: Floats = np.maximum(top - bottom, 0.0)
        return part

    def added(self, values: Floats) -> Floats:
        total: Floats = np.add.reduceat(values, self.first)
        return total


def _spread(slots: Slots, wanted: Statistic) -> Floats:
    cloud = _cloud(slots)
    if wanted.family == "p":
        return cloud.quantile(wanted.high)
    inside = cloud.inside(wanted)
    count = cloud.added(inside)
    if wanted.family == "tc":
        return count
    if wanted.family == "pr":
        share: Floats = 100.0 * count / cloud.whole
        return share
    if wanted.family == "wm":
        return _winsorised(cloud, wanted, inside)
    total = cloud.added(cloud.value * inside)
    if wanted.family == "ts":
        return total
    mean: Floats = np.divide(total, count, out=np.zeros(len(total)), where=count > 0)
    return mean


def _winsorised(cloud: _Cloud, wanted: Statistic, inside: Floats) -> Floats:
    if wanted.absolute:
        low, high = np.full(len(cloud.whole), wanted.low), np.full(len(cloud.whole), wanted.high)
    else:
        low, high = cloud.quantile(wanted.low), cloud.quantile(wanted.high)
    pulled = np.clip(cloud.value, low[cloud.slot], high[cloud.slot])
    mean: Floats = cloud.added(pulled * cloud.weight) / cloud.whole
    return mean


def _cloud(slots: Slots) -> _Cloud:
    samples = slots.samples
    rows = max(len(samples) // len(slots.first), 1)
    points = min(max(_POINTS_A_SLOT // rows, _FEWEST), _MOST)
    shares = (np.arange(points) + 0.5) / points
    value = samples.quantiles(shares).ravel()
    weight = np.repeat(samples.number / points, points)
    lengths = np.diff(np.append(slots.first, len(samples)))
    slot = np.repeat(np.repeat(np.arange(len(lengths)), lengths), points)
    order = np.lexsort((value, slot))
    value, weight = value[order], weight[order]
    first = slots.first * points
    so_far = np.cumsum(weight) - weight
    before = so_far - so_far[first][slot]
    whole = np.add.reduceat(weight, first)
    return _Cloud(slot, value, weight, before, whole, first)
