"""Bands learnt from what is stored, by the model of ``app.query.metric_math.band``.

A model is learnt when it is first asked for after 0, 6, 12 and 18 o'clock UTC and then
kept; a band is a function of the stored points before its slot, so a process that starts
anew comes to the same bounds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Protocol

import numpy as np

from alerts.bands import Input, Subject
from alerts.points import Ids, Source, read
from alerts.verdict.slots import Slot
from app.model.ids import SeriesKey
from app.query.metric_math import evaluate
from app.query.metric_math.band import HISTORY, Model, bounds, fitted, learnt_at, without
from app.query.metric_math.level import DAY, QUARTER
from app.query.metric_math.values import Grid, Points, placed

TOGETHER = 64
"""Series whose two weeks are held at a time."""

KEPT = 2 * DAY
"""Models older than the newest by more than this are forgotten."""

_Key = tuple[Subject, int, int]


class Known(Protocol):
    """Knows the numbers of series: the store's list of series."""

    def ids(self, keys: Sequence[SeriesKey]) -> Ids: ...


@dataclass(slots=True)
class LearntBands:
    """Bands over a store; points between pairs of ``excluded`` (epoch seconds) teach nothing."""

    source: Source
    known: Known
    excluded: Sequence[tuple[float, float]] = ()
    _models: dict[_Key, Model | None] = field(default_factory=dict)

    def prepare(self, wanted: Sequence[tuple[Subject, Sequence[Slot]]]) -> None:
        """Learn what is missing for the slots, many series in one read."""
        missing: dict[tuple[int, int], set[Subject]] = {}
        for subject, slots in wanted:
            period = _period(slots)
            for learnt in {learnt_at(start) for start, _ in slots}:
                if (subject, period, learnt) not in self._models:
                    missing.setdefault((period, learnt), set()).add(subject)
        for (period, learnt), subjects in sorted(missing.items(), key=lambda item: item[0]):
            every = sorted(subjects, key=lambda subject: subject.of)
            for first in range(0, len(every), TOGETHER):
                self._learn(every[first : first + TOGETHER], period, learnt)
        if missing:
            self._forget()

    def band(
        self, subject: Subject, deviations: float, slots: Sequence[Slot]
    ) -> list[tuple[float | None, float | None]]:
        """Lower and upper bound for each slot, None while the past is too short."""
        found: list[tuple[float | None, float | None]] = []
        for learnt, part in groupby(slots, key=lambda slot: learnt_at(slot[0])):
            found += self._piece(subject, deviations, learnt, list(part))
        return found

    def _piece(
        self, subject: Subject, deviations: float, learnt: int, slots: Sequence[Slot]
    ) -> list[tuple[float | None, float | None]]:
        period = _period(slots)
        if (subject, period, learnt) not in self._models:
            self._learn([subject], period, learnt)
        model = self._models[subject, period, learnt]
        if model is None:
            return [(None, None)] * len(slots)
        start = slots[0][0] - (slots[0][0] - learnt + QUARTER) // period * period
        grid = Grid.over(start, slots[-1][1], period)
        values = without(self._values([subject], grid)[subject], grid.times(), self.excluded)
        lower, upper = bounds(model, grid.times(), values, deviations, period)
        count = len(slots)
        return list(zip(lower[-count:].tolist(), upper[-count:].tolist(), strict=True))

    def _learn(self, subjects: Sequence[Subject], period: int, learnt: int) -> None:
        until = learnt // period * period
        grid = Grid.over(until - HISTORY // period * period, until, period)
        times = grid.times()
        for subject, values in self._values(subjects, grid).items():
            taught = without(values, times, self.excluded)
            self._models[subject, period, learnt] = fitted(times, taught, period)

    def _forget(self) -> None:
        newest = max(learnt for _, _, learnt in self._models)
        self._models = {
            key: model for key, model in self._models.items() if key[2] >= newest - KEPT
        }

    def _values(self, subjects: Sequence[Subject], grid: Grid) -> dict[Subject, Points]:
        """The points of each subject on a grid."""
        inputs = {each for subject in subjects for each in subject.inputs}
        rows = self._rows(inputs, grid)
        return {subject: _valued(subject, rows, grid) for subject in subjects}

    def _rows(self, inputs: Iterable[Input], grid: Grid) -> dict[Input, Points]:
        every = list(inputs)
        ids = self.known.ids([each.key for each in every])
        unique = np.unique(ids[ids > 0])
        if not unique.size:
            return {each: np.full(grid.size, np.nan) for each in every}
        starts = grid.times().tolist()
        spans = [(start, start + grid.period) for start in starts]
        slotted = read(self.source, unique, spans, grid.period, {e.statistic for e in every})
        place = np.searchsorted(unique, ids)
        return {
            each: slotted.statistic(each.statistic)[place[i]]
            if ids[i]
            else np.full(grid.size, np.nan)
            for i, each in enumerate(every)
        }


def _period(slots: Sequence[Slot]) -> int:
    return slots[0][1] - slots[0][0]


def _valued(subject: Subject, rows: dict[Input, Points], grid: Grid) -> Points:
    if len(subject.inputs) == 1 and subject.of == subject.inputs[0].id:
        return rows[subject.inputs[0]]
    times = grid.times()
    given = {
        each.id: np.stack([times, rows[each]], axis=1)[~np.isnan(rows[each])].tolist()
        for each in subject.inputs
    }
    result = evaluate(
        subject.of,
        given,
        grid.period,
        grid.start,
        grid.start + grid.size * grid.period,
        expressions=dict(subject.expressions),
    )
    return placed(result.series or (), grid)
