"""Measures of the catalogue, computed for many resources at once.

The same rule gives the number on a tile, the line of a chart, the cell of a
table and the verdict of a health condition, so they can never disagree.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
import numpy.typing as npt

from app.catalogue.paths import search
from app.catalogue.schema import Measure, Metric
from app.model.groups import metrics_group
from app.model.ids import Resource
from app.read.binding import Bound
from app.read.groups import Groups, Matrix, highest, lowest, mean, total
from app.read.sheet import Sheet, load
from app.read.slots import Slots
from app.store import Store

Mask = npt.NDArray[np.bool_]

_SUMS = frozenset({"Sum", "SampleCount"})


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """Values of one measure, a row for each resource; ``divisor`` where it is a ratio."""

    values: Matrix
    divisor: Matrix | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """The series of one service with their values, and where AWS has been asked.

    ``answered`` has for each group of coverage a row for each resource of
    ``bound``: only in an answered slot can a missing counter mean 0.
    """

    bound: Bound
    sheet: Sheet
    answered: Mapping[str, Mask]

    def as_one(self) -> Table:
        """The whole time as one slot."""
        whole = {
            group: np.asarray(mask.any(axis=1, keepdims=True))
            for group, mask in self.answered.items()
        }
        return Table(self.bound, self.sheet.as_one(), whole)

    def each(self, measure: Measure, rows: Sequence[int]) -> Measured:
        """The measure of each of the resources at ``rows``."""
        return self._evaluated(measure, rows, together=False)

    def overall(self, measure: Measure, rows: Sequence[int]) -> npt.NDArray[np.float64]:
        """The measure of all of the resources at ``rows`` as one line."""
        if not rows:
            return np.full(self.sheet.slots.count, np.nan)
        if _adds_up(measure):
            return np.asarray(self._evaluated(measure, rows, together=True).values[0])
        pool = _POOLS[measure.combined]
        values = self.each(measure, rows).values
        return np.asarray(pool(values, Groups.one(len(rows)))[0])

    def _evaluated(self, measure: Measure, rows: Sequence[int], *, together: bool) -> Measured:
        divisor = self._divisor(measure, rows, together)
        there = self._there(measure, rows, together, divisor)
        names = (measure.metric, *measure.plus)
        values = self._summed(_Side(names, measure.statistic, measure), rows, together, there)
        if divisor is not None:
            values = np.divide(values, divisor, out=np.full_like(values, np.nan), where=divisor > 0)
        seconds = self.sheet.slots.period_s if measure.per_second else 1
        values = values * (measure.times / seconds)
        if measure.subtract_from is not None:
            values = measure.subtract_from - values
        return Measured(values, divisor)

    def _divisor(self, measure: Measure, rows: Sequence[int], together: bool) -> Matrix | None:
        if measure.over_configuration:
            numbers = [_number(measure.over_configuration, self.bound.resources[r]) for r in rows]
            return np.repeat(np.array(numbers)[:, None], self.sheet.slots.count, axis=1)
        if not measure.over:
            return None
        side = _Side((measure.over, *measure.over_plus), measure.over_statistic, measure)
        return self._summed(side, rows, together, None)

    def _there(
        self, measure: Measure, rows: Sequence[int], together: bool, divisor: Matrix | None
    ) -> Mask:
        """The slots in which a counter that is absent stands at 0."""
        if measure.over and divisor is not None:
            return np.asarray(~np.isnan(divisor))
        metric = self.bound.service.metric(measure.metric)
        group = metrics_group(metric.namespace, metric.period) if metric else ""
        nobody = np.zeros((len(self.bound.resources), self.sheet.slots.count), dtype=bool)
        asked = self.answered.get(group, nobody)[list(rows)]
        return np.asarray(asked.any(axis=0, keepdims=True)) if together else asked

    def _summed(
        self, side: _Side, rows: Sequence[int], together: bool, there: Mask | None
    ) -> Matrix:
        """The summands of one side added up; of those that are not there the others."""
        summands = []
        for name in side.names:
            groups = self.bound.groups(name, rows)
            groups = groups.together() if together else groups
            values = self._pooled(groups, side)
            metric = self.bound.service.metric(name)
            if there is not None and metric is not None and metric.absent_is_zero:
                zero = there & _switched_on(metric, groups)
                values = np.where(np.isnan(values) & zero, 0.0, values)
            summands.append(values)
        return reduce(_added, summands)

    def _pooled(self, groups: Groups, side: _Side) -> Matrix:
        """Several series of one resource as one: as the measure says, or as the statistic does."""
        if side.measure.combine is None or groups.is_single:
            return self.sheet.pooled(groups, side.statistic)
        single = self.sheet.pooled(groups.apart(), side.statistic)
        return _POOLS[side.measure.combine](single, groups)


@dataclass(frozen=True, slots=True)
class _Side:
    """Numerator or divisor of a measure."""

    names: tuple[str, ...]
    statistic: str
    measure: Measure


_POOLS = {"sum": total, "mean": mean, "maximum": highest, "minimum": lowest}


def _switched_on(metric: Metric, groups: Groups) -> Mask:
    """Where a missing value can mean 0: a metric that has to be switched on may just be off."""
    if not metric.needs:
        return np.ones((len(groups), 1), dtype=bool)
    return np.asarray(groups.sizes > 0)[:, None]


def _adds_up(measure: Measure) -> bool:
    """True where all series can be pooled before anything is divided."""
    if measure.over_configuration:
        return False
    if measure.over:
        return measure.statistic in _SUMS and measure.combine is None
    return measure.combine is None and measure.statistic in (*_SUMS, "Average")


def _added(one: Matrix, other: Matrix) -> Matrix:
    either = np.where(np.isnan(one), other, one)
    return np.where(np.isnan(one) | np.isnan(other), either, one + other)


def _number(path: str, resource: Resource) -> float:
    found = search(path, dict(resource.configuration))
    return (
        float(found) if isinstance(found, int | float) and not isinstance(found, bool) else np.nan
    )


def needs(bound: Bound, measures: Iterable[Measure], rows: Sequence[int]) -> dict[str, list[int]]:
    """Which series each statistic is needed of, for :func:`app.read.sheet.load`."""
    wanted: dict[str, list[int]] = {}
    for measure in measures:
        over = [name for name in (measure.over, *measure.over_plus) if name]
        for statistic, names in (
            (measure.statistic, (measure.metric, *measure.plus)),
            (measure.over_statistic, over),
        ):
            for name in names:
                wanted.setdefault(statistic, []).extend(bound.groups(name, rows).ids.tolist())
    return wanted


def load_all(store: Store, several: Iterable[dict[str, list[int]]], slots: Slots) -> Sheet:
    """One sheet for what several services need."""
    merged: dict[str, list[int]] = {}
    for needed in several:
        for statistic, ids in needed.items():
            merged.setdefault(statistic, []).extend(ids)
    return load(store, merged, slots)


def shortest_period(bound: Bound, measures: Iterable[Measure], at_least_s: int = 60) -> int:
    """The shortest period, in seconds, that all metrics of the measures are published at."""
    found = (bound.service.metric(name) for measure in measures for name in measure.metrics)
    return max([at_least_s, *(metric.period for metric in found if metric is not None)])
