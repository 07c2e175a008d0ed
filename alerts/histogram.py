"""The histogram behind CloudWatch's percentiles: bins whose bounds grow by a tenth.

Counts are exact fractions, so that a cut that falls on the edge of a bin stays there.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

RATIO = 1.1
LOWEST = -7000


@dataclass(frozen=True, slots=True)
class Bin:
    """``count`` samples between ``low`` and ``high``; ``before`` samples lie in front of it."""

    low: float
    high: float
    count: Fraction
    before: Fraction

    @property
    def middle(self) -> float:
        return (self.low + self.high) / 2

    @property
    def geometric_mean(self) -> float:
        return math.sqrt(self.low) * math.sqrt(self.high) if self.low >= 0 else self.middle

    @property
    def end(self) -> Fraction:
        return self.before + self.count

    def part(self, start: Fraction, end: Fraction) -> Bin | None:
        """The samples from mass ``start`` to ``end``, spread evenly over the values."""
        start, end = max(start, self.before), min(end, self.end)
        if start >= end:
            return None
        width = self.high - self.low
        low = self.low + width * float((start - self.before) / self.count)
        high = self.low + width * float((end - self.before) / self.count)
        return Bin(low, high, end - start, start)

    def within(self, low: float, high: float) -> Bin | None:
        """The samples with values above ``low``, up to ``high``, spread evenly over the values.

        So a range that begins at 0 leaves out the samples that are 0.
        """
        if self.low == self.high:
            return self if low < self.low <= high else None
        kept_low, kept_high = max(self.low, low), min(self.high, high)
        if kept_low >= kept_high:
            return None
        share = Fraction((kept_high - kept_low) / (self.high - self.low))
        return Bin(kept_low, kept_high, self.count * share, self.before)


@dataclass(frozen=True, slots=True)
class Histogram:
    """Bins in the order of their values, clipped to the smallest and largest sample."""

    bins: tuple[Bin, ...]
    count: Fraction
    minimum: float
    maximum: float

    @classmethod
    def of(cls, pairs: Iterable[tuple[float, float]], minimum: float, maximum: float) -> Histogram:
        """Of values with counts; a value with count 0 has moved the bounds, nothing more."""
        counts: dict[tuple[float, float], Fraction] = {}
        for value, count in pairs:
            if count:
                bounds = _bounds(value)
                counts[bounds] = counts.get(bounds, Fraction(0)) + Fraction(str(count))
        bins: list[Bin] = []
        before = Fraction(0)
        for (low, high), count_ in sorted(counts.items()):
            bins.append(Bin(max(low, minimum), min(high, maximum), count_, before))
            before += count_
        return cls(tuple(bins), before, minimum, maximum)

    def cut(self, percent: Fraction) -> Fraction:
        """The mass that lies below a percentage."""
        return self.count * percent / 100

    def holding(self, mass: Fraction) -> Bin:
        """The first bin whose cumulative count reaches ``mass``."""
        return next(bin_ for bin_ in self.bins if bin_.end >= mass)

    def percentile(self, percent: Fraction) -> float:
        """The value below which ``percent`` of the samples lie."""
        mass = self.cut(percent)
        bin_ = self.holding(mass)
        if bin_.low <= 0:
            return bin_.low
        share = float((mass - bin_.before) / bin_.count)
        return bin_.low * math.pow(bin_.high / bin_.low, share)

    def between_masses(self, start: Fraction, end: Fraction) -> list[Bin]:
        parts = (bin_.part(start, end) for bin_ in self.bins)
        return [part for part in parts if part is not None]

    def between_values(self, low: float, high: float) -> list[Bin]:
        parts = (bin_.within(low, high) for bin_ in self.bins)
        return [part for part in parts if part is not None]

    def edge(self, mass: Fraction, *, lower: bool) -> float:
        """The value that a winsorized mean gives to the samples beyond a cut.

        In a bin of two samples or more it is the end of the bin; with fewer, how far the cut
        lies in the bin counts, from its end for the lower cut. Recorded.
        """
        bin_ = self.holding(mass)
        inside = (mass - bin_.before) / bin_.count
        power = bin_.count - inside if lower else bin_.count - 1 + inside
        if lower and inside == 1:
            power = Fraction(1)
        bound = bin_.low * math.pow(RATIO, float(min(max(power, Fraction(0)), Fraction(1))))
        return max(self.minimum, min(self.maximum, bound))

    def mass_up_to(self, value: float) -> float:
        """How many samples are at most ``value``."""
        return math.fsum(part.count for part in self.between_values(-math.inf, value))


def _bounds(value: float) -> tuple[float, float]:
    """The bin of a value; zero has one of its own, a negative value stands for itself."""
    if value <= 0:
        return (value, value)
    index = max(LOWEST, math.floor(math.log(value) / math.log(RATIO)))
    return (RATIO**index, RATIO ** (index + 1))
