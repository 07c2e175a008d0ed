"""Every CloudWatch statistic, from the raw samples and statistic sets of one slot.

Percentiles and trimmed statistics come from a histogram with bins of ratio 1.1, not
from the samples themselves: CloudWatch answers p50 of 1, 2, 3, 4, 5 with 2.99.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache

from alerts.histogram import Bin, Histogram
from app.model.watching import PLAIN

_NUMBER = r"\d+(?:\.\d{1,10})?"
_SINGLE = re.compile(rf"^(p|tm|tc|ts|wm)({_NUMBER})$")
_PERCENT = re.compile(rf"^(TM|TC|TS|WM)\((?:({_NUMBER})%)?:(?:({_NUMBER})%)?\)$")
_EXPONENT = rf"{_NUMBER}(?:[eE][+-]?\d+)?"
_ABSOLUTE = re.compile(rf"^(TM|TC|TS|WM|PR)\(({_EXPONENT})?:({_EXPONENT})?\)$")


class Kind(StrEnum):
    """What is computed over the part of the samples that is kept."""

    PLAIN = "plain"
    PERCENTILE = "p"
    TRIMMED_MEAN = "TM"
    TRIMMED_COUNT = "TC"
    TRIMMED_SUM = "TS"
    WINSORIZED_MEAN = "WM"
    PERCENTILE_RANK = "PR"


@dataclass(frozen=True, slots=True)
class Statistic:
    """A statistic as it is written, taken apart; bounds are exact, None where a side is open."""

    text: str
    kind: Kind
    low: Fraction | None = None
    high: Fraction | None = None
    percent: bool = False


@dataclass(frozen=True, slots=True)
class StatisticSet:
    """Samples that were published already added up."""

    sample_count: float
    sum: float
    minimum: float
    maximum: float

    @property
    def is_one_value(self) -> bool:
        return self.minimum == self.maximum

    @property
    def adds_up(self) -> bool:
        """Whether it stands for ``sample_count`` equal values."""
        return self.is_one_value and self.sum == self.sample_count * self.minimum


Sample = float | tuple[float, float]


@lru_cache(maxsize=1024)
def parse(text: str) -> Statistic:
    """The statistic that ``text`` names; ValueError says what is wrong with it."""
    if text in PLAIN:
        return Statistic(text, Kind.PLAIN)
    if text == "IQM":
        return Statistic(text, Kind.TRIMMED_MEAN, Fraction(25), Fraction(75), percent=True)
    if single := _SINGLE.match(text):
        name, bound = single[1], Fraction(single[2])
        if name == "p":
            return _checked(Statistic(text, Kind.PERCENTILE, None, bound, percent=True))
        return _checked(Statistic(text, Kind(name.upper()), None, bound, percent=True))
    if found := _PERCENT.match(text):
        return _checked(Statistic(text, Kind(found[1]), *_bounds(found), percent=True))
    if found := _ABSOLUTE.match(text):
        return _checked(Statistic(text, Kind(found[1]), *_bounds(found)))
    raise ValueError(f"The value {text} for parameter ExtendedStatistic is not supported.")


def _bounds(found: re.Match[str]) -> tuple[Fraction | None, Fraction | None]:
    low, high = (Fraction(side) if side else None for side in found.group(2, 3))
    return low, high


def _checked(made: Statistic) -> Statistic:
    wrong = f"The value {made.text} for parameter ExtendedStatistic is not supported"
    if made.low is None and made.high is None:
        raise ValueError(f"{wrong}: at least one side of the range must be given.")
    if made.low is not None and made.high is not None and made.low > made.high:
        raise ValueError(f"{wrong}: the range must not start above its end.")
    if made.percent and any(b is not None and b > 100 for b in (made.low, made.high)):
        raise ValueError(f"{wrong}: percentages go from 0 to 100.")
    return made


def statistic(
    name: str, samples: Iterable[Sample] = (), sets: Iterable[StatisticSet] = ()
) -> float | None:
    """The value CloudWatch gives for one slot; None where it gives no point.

    ``samples`` are values, or pairs of value and count as in PutMetricData's Values and
    Counts; ``sets`` are statistic sets of the same slot.
    """
    wanted = parse(name)
    pairs = [s if isinstance(s, tuple) else (float(s), 1.0) for s in samples]
    grouped = list(sets)
    if not pairs and not grouped:
        return None
    if wanted.kind is Kind.PLAIN:
        return _plain(name, pairs, grouped)
    return _from_histogram(wanted, pairs, grouped)


def _plain(
    name: str, pairs: Sequence[tuple[float, float]], sets: Sequence[StatisticSet]
) -> float | None:
    if name == "Minimum":
        return min([v for v, _ in pairs] + [s.minimum for s in sets])
    if name == "Maximum":
        return max([v for v, _ in pairs] + [s.maximum for s in sets])
    count = math.fsum([c for _, c in pairs] + [s.sample_count for s in sets])
    if name == "SampleCount":
        return count
    total = math.fsum([v * c for v, c in pairs] + [s.sum for s in sets])
    if name == "Sum":
        return total
    return total / count if count else None


def _from_histogram(
    wanted: Statistic, pairs: Sequence[tuple[float, float]], sets: Sequence[StatisticSet]
) -> float | None:
    minimum = min([v for v, _ in pairs] + [s.minimum for s in sets])
    maximum = max([v for v, _ in pairs] + [s.maximum for s in sets])
    if wanted.kind is Kind.PERCENTILE and wanted.high in (0, 100):
        return minimum if wanted.high == 0 else maximum
    if not _is_given(wanted, pairs, sets, minimum):
        return None
    whole = [(s.minimum, s.sample_count) for s in sets if s.is_one_value]
    histogram = Histogram.of([*pairs, *whole], minimum, maximum)
    if wanted.percent and histogram.count < 1:
        return None
    total = math.fsum([c for _, c in pairs] + [s.sample_count for s in sets])
    if not total:
        return 0.0 if wanted.kind in _EMPTY_IS_ZERO else None
    return _value(wanted, histogram, total)


_EMPTY_IS_ZERO = frozenset({Kind.TRIMMED_COUNT, Kind.TRIMMED_SUM, Kind.PERCENTILE_RANK})


def _is_given(
    wanted: Statistic,
    pairs: Sequence[tuple[float, float]],
    sets: Sequence[StatisticSet],
    minimum: float,
) -> bool:
    """Whether CloudWatch gives this statistic at all for samples of this form."""
    if wanted.percent and minimum < 0:
        return False
    if any(not s.is_one_value for s in sets):
        return not wanted.percent and bool(pairs)
    if all(s.adds_up for s in sets):
        return True
    return wanted.kind is Kind.PERCENTILE


def _value(wanted: Statistic, histogram: Histogram, total: float) -> float | None:
    """``total`` also counts samples of statistic sets that the histogram cannot hold."""
    if wanted.kind is Kind.PERCENTILE:
        return histogram.percentile(wanted.high or Fraction(0))
    kept = _kept(wanted, histogram)
    mass = math.fsum(piece.count for piece in kept)
    if wanted.kind is Kind.TRIMMED_COUNT:
        return mass
    if wanted.kind is Kind.PERCENTILE_RANK:
        return 100 * mass / total
    if wanted.kind is Kind.TRIMMED_SUM:
        return _sum(kept)
    if wanted.kind is Kind.TRIMMED_MEAN:
        return _sum(kept) / mass if mass else None
    if wanted.percent and wanted.low == wanted.high:
        return 0.0
    return (_sum(kept) + _outside(wanted, histogram)) / total


def _kept(wanted: Statistic, histogram: Histogram) -> list[Bin]:
    if wanted.percent:
        low = histogram.cut(wanted.low or Fraction(0))
        high = histogram.cut(Fraction(100) if wanted.high is None else wanted.high)
        return histogram.between_masses(low, high)
    return histogram.between_values(_side(wanted.low, -math.inf), _side(wanted.high, math.inf))


def _side(bound: Fraction | None, otherwise: float) -> float:
    return otherwise if bound is None else float(bound)


def _sum(kept: Sequence[Bin]) -> float:
    """Mass times representative: the outer pieces by their middle, the inner by their mean.

    The middle is arithmetic, the mean geometric; recorded from CloudWatch. Samples that are 0
    add nothing, and the first piece after them is an outer one.
    """
    positive = [piece for piece in kept if piece.high > 0]
    last = len(positive) - 1
    below = math.fsum(piece.count * piece.middle for piece in kept if piece.high <= 0)
    return below + math.fsum(
        piece.count * (piece.middle if i in (0, last) else piece.geometric_mean)
        for i, piece in enumerate(positive)
    )


def _outside(wanted: Statistic, histogram: Histogram) -> float:
    """What a winsorized mean adds: the mass outside, moved to the edge of the range."""
    if not wanted.percent:
        return _outside_values(wanted, histogram)
    low = histogram.cut(wanted.low or Fraction(0))
    high = histogram.cut(Fraction(100) if wanted.high is None else wanted.high)
    above = histogram.count - high
    under = float(low) * histogram.edge(low, lower=True) if low else 0.0
    over = float(above) * histogram.edge(high, lower=False) if above else 0.0
    return under + over


def _outside_values(wanted: Statistic, histogram: Histogram) -> float:
    """The same for a range of values; an edge beyond all samples is the outermost sample."""

    def edge(bound: Fraction) -> float:
        return min(max(float(bound), histogram.minimum), histogram.maximum)

    under = over = 0.0
    if wanted.low is not None:
        under = histogram.mass_up_to(float(wanted.low)) * edge(wanted.low)
    if wanted.high is not None:
        mass = float(histogram.count) - histogram.mass_up_to(float(wanted.high))
        over = mass * edge(wanted.high)
    return under + over
