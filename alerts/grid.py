"""The decision for many alarms at once, over numpy arrays.

``decide`` is ``alerts.verdict.decide`` again, for every rule and without a loop over
alarms; a property test holds the two equal. Reasons are written only for the alarms
whose state changes, by the per-alarm code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from alerts.verdict.rule import Operator, Rule, Treatment
from app.model.states import AlarmState

Floats = NDArray[np.float64]
Codes = NDArray[np.int8]
Bools = NDArray[np.bool_]
Index = NDArray[np.intp]

OK, INSUFFICIENT_DATA, ALARM = np.int8(0), np.int8(1), np.int8(2)
STATES: Final = (AlarmState.OK, AlarmState.INSUFFICIENT_DATA, AlarmState.ALARM)
CODES: Final = {state: np.int8(code) for code, state in enumerate(STATES)}
_TREATMENTS: Final = tuple(Treatment)
_MISSING, _IGNORE, _BREACHING, _NOT_BREACHING = range(4)


@dataclass(frozen=True, slots=True)
class Group:
    """Alarms that look at the same number of slots and points; ``rows`` are their positions.

    Rows are sorted by operator, and ``operators`` says which run of rows has which.
    """

    n: int
    range: int
    rows: Index
    m: NDArray[np.int64]
    thresholds: Floats
    treatments: Codes
    samples_needed: Floats
    operators: tuple[tuple[Operator, slice], ...]

    @classmethod
    def of(cls, rules: Sequence[Rule], rows: Index) -> Group:
        order = {operator: i for i, operator in enumerate(Operator)}
        ranked = np.array([order[rules[row].operator] for row in rows])
        rows = rows[np.argsort(ranked, kind="stable")]
        mine = [rules[row] for row in rows]
        counts = np.bincount(ranked, minlength=len(order))
        ends = np.cumsum(counts)
        runs = tuple(
            (operator, slice(int(end - count), int(end)))
            for operator, count, end in zip(Operator, counts, ends, strict=True)
            if count
        )
        return cls(
            n=mine[0].n,
            range=mine[0].range,
            rows=rows,
            m=np.array([rule.m for rule in mine]),
            thresholds=np.array([rule.threshold for rule in mine]),
            treatments=np.array([_TREATMENTS.index(r.treatment) for r in mine], dtype=np.int8),
            samples_needed=np.array([rule.samples_needed for rule in mine]),
            operators=runs,
        )

    def pick(self, mask: Bools) -> Group:
        """The alarms of ``mask`` (in this group's order) as a group of their own."""
        if mask.all():
            return self
        runs, start = [], 0
        for operator, run in self.operators:
            count = int(np.count_nonzero(mask[run]))
            if count:
                runs.append((operator, slice(start, start + count)))
            start += count
        return replace(
            self,
            rows=self.rows[mask],
            m=self.m[mask],
            thresholds=self.thresholds[mask],
            treatments=self.treatments[mask],
            samples_needed=self.samples_needed[mask],
            operators=tuple(runs),
        )


def groups(rules: Sequence[Rule]) -> list[Group]:
    """Rules sorted into groups that one array operation can serve."""
    shapes: dict[tuple[int, int], list[int]] = {}
    for row, rule in enumerate(rules):
        shapes.setdefault((rule.n, rule.range), []).append(row)
    return [Group.of(rules, np.array(rows)) for rows in shapes.values()]


def decide(
    group: Group,
    values: Floats,
    previous: Codes,
    counts: Floats | None = None,
    lower: Floats | None = None,
    upper: Floats | None = None,
) -> Codes:
    """New states of a group's alarms.

    All arrays have the group's order of rows. ``values`` holds the evaluation range,
    oldest slot first, NaN where there is no point; ``counts`` the samples of each point
    (needed where a rule asks for enough samples), the bounds those of a band.
    """
    breach, have = _marks(group, values, lower, upper)
    states = np.empty(len(values), dtype=np.int8)
    full = have[:, -group.n :].all(axis=1)
    breaches = np.count_nonzero(breach[:, -group.n :], axis=1)
    states[full] = np.where(breaches[full] >= group.m[full], ALARM, OK)
    sparse = np.flatnonzero(~full)
    if len(sparse):
        states[sparse] = _sparse(group, sparse, breach[sparse], have[sparse], previous[sparse])
    if group.samples_needed.any():
        _keep_few_samples(group, states, previous, have, counts)
    return states


def _marks(
    group: Group, values: Floats, lower: Floats | None, upper: Floats | None
) -> tuple[Bools, Bools]:
    """Which points breach, and which are there at all; a missing point never breaches."""
    have = ~np.isnan(values)
    breach = np.zeros(values.shape, dtype=bool)
    for operator, run in group.operators:
        mine, threshold = values[run], group.thresholds[run, None]
        if operator is Operator.AT_LEAST:
            np.greater_equal(mine, threshold, out=breach[run])
        elif operator is Operator.ABOVE:
            np.greater(mine, threshold, out=breach[run])
        elif operator is Operator.BELOW:
            np.less(mine, threshold, out=breach[run])
        elif operator is Operator.AT_MOST:
            np.less_equal(mine, threshold, out=breach[run])
        else:
            _band(operator, mine, _part(lower, run), _part(upper, run), breach[run], have[run])
    return breach, have


def _part(bound: Floats | None, run: slice) -> Floats | None:
    return None if bound is None else bound[run]


def _band(
    operator: Operator,
    values: Floats,
    lower: Floats | None,
    upper: Floats | None,
    breach: Bools,
    have: Bools,
) -> None:
    """Compare with a band, in place; a point whose bound is missing is missing too (D5)."""
    nowhere = np.full(values.shape, np.nan)
    if operator is not Operator.BELOW_BAND:
        bound = nowhere if upper is None else upper
        have &= ~np.isnan(bound)
        breach |= values > bound
    if operator is not Operator.ABOVE_BAND:
        bound = nowhere if lower is None else lower
        have &= ~np.isnan(bound)
        breach |= values < bound
    breach &= have


def _used(have: Bools, n: int) -> Bools:
    """The newest N points of each row that are there."""
    newer = np.cumsum(have[:, ::-1], axis=1)[:, ::-1]
    return have & (newer <= n)


def _sparse(group: Group, rows: Index, breach: Bools, have: Bools, previous: Codes) -> Codes:
    """Rows with a gap among their newest N slots."""
    used = _used(have, group.n)
    real = np.count_nonzero(used, axis=1)
    bad = np.count_nonzero(breach & used, axis=1)
    m, treatment = group.m[rows], group.treatments[rows]
    fill = group.n - real
    age = group.range - np.argmax(used, axis=1)
    alarm = np.where(treatment == _BREACHING, bad + fill >= m, bad >= m)
    states = np.where(alarm, ALARM, OK)
    undecided = (fill > 0) & ~alarm & (bad == real) & (real > 0)
    waits = undecided & (treatment <= _IGNORE)
    states[waits] = previous[waits]
    states[waits & (treatment == _MISSING) & (age >= m)] = ALARM
    empty = real == 0
    states[empty & (treatment == _MISSING)] = INSUFFICIENT_DATA
    kept = empty & (treatment == _IGNORE)
    states[kept] = previous[kept]
    states[empty & (treatment == _BREACHING)] = ALARM
    states[empty & (treatment == _NOT_BREACHING)] = OK
    return states


def _keep_few_samples(
    group: Group, states: Codes, previous: Codes, have: Bools, counts: Floats | None
) -> None:
    """Percentiles that stand on too few samples keep their state, in place (D3)."""
    if counts is None:
        return
    rows = np.flatnonzero(group.samples_needed)
    used = _used(have[rows], group.n)
    samples = np.where(used, counts[rows], 0.0).sum(axis=1)
    few = samples < group.samples_needed[rows]
    states[rows[few]] = previous[rows[few]]
