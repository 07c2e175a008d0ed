"""Alarms of one shape, judged together at one moment.

The array pass tells who changes; only for those the per-alarm code writes the reason,
from the same points.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from alerts import grid
from alerts.book import Book, Cohort
from alerts.points import Ids, Slotted, Source, read
from alerts.verdict import Rule, Verdict, slots
from alerts.verdict.evidence import Evidence, Point
from alerts.verdict.judge import is_warming_up, judge
from alerts.verdict.slots import Slot


@dataclass(slots=True)
class Standing:
    """What is known of every alarm of a book before a tick: its series (0: none yet), its state.

    ``waits`` tells when an alarm that may still warm up was created, by position in the book.
    """

    series: Ids
    states: grid.Codes
    waits: dict[int, float] = field(default_factory=dict)

    def take(self, verdicts: Mapping[int, Verdict]) -> None:
        """Stand as the verdicts say, which are on record now."""
        for row, verdict in verdicts.items():
            self.states[row] = grid.CODES[verdict.state]
            self.waits.pop(row, None)


@dataclass(frozen=True, slots=True)
class Judged:
    """Alarms with their states before and after, and the points that decided.

    All in the order of ``group.rows``; NaN is no point, or a sample count nobody knows.
    """

    group: grid.Group
    spans: Sequence[Slot]
    values: grid.Floats
    counts: grid.Floats
    before: grid.Codes
    after: grid.Codes


def judged_states(
    source: Source, book: Book, cohort: Cohort, mask: grid.Bools, end: int, standing: Standing
) -> Judged:
    """The states of the alarms of a cohort that ``mask`` picks, at ``end`` in epoch seconds."""
    group = cohort.group.pick(mask)
    step = cohort.shape.step
    spans = slots(book.watched[group.rows[0]].rule, end - end % step)
    values, counts = _values(source, book, group, spans, step, standing.series[group.rows])
    before = standing.states[group.rows]
    return Judged(group, spans, values, counts, before, grid.decide(group, values, before, counts))


def changes(
    source: Source, book: Book, cohort: Cohort, mask: grid.Bools, end: int, standing: Standing
) -> dict[int, Verdict]:
    """The verdicts of those alarms whose state changes, by their position in the book."""
    judged = judged_states(source, book, cohort, mask, end, standing)
    verdicts: dict[int, Verdict] = {}
    for i in np.flatnonzero(judged.after != judged.before):
        row = int(judged.group.rows[i])
        rule = book.watched[row].rule
        points = _points(judged.spans, judged.values[i], judged.counts[i])
        evidence = Evidence.of(rule, judged.spans, points)
        if _warms_up(rule, evidence, end, standing.waits.get(row)):
            continue
        verdicts[row] = judge(rule, evidence, grid.STATES[judged.before[i]], end)
    return verdicts


def _warms_up(rule: Rule, evidence: Evidence, end: int, created: float | None) -> bool:
    """Whether a new alarm still waits; its oldest point in the range tells when data began."""
    if created is None:
        return False
    first = evidence.slots[evidence.used[0]][0] if evidence.used else None
    return is_warming_up(rule, evidence, end, created, first)


def _values(
    source: Source, book: Book, group: grid.Group, spans: Sequence[Slot], step: int, ids: Ids
) -> tuple[grid.Floats, grid.Floats]:
    """Values and sample counts by alarm and slot; NaN where there is none, or none is known."""
    unique, position = np.unique(ids, return_inverse=True)
    statistic_of = book.statistic_of[group.rows]
    used = np.unique(statistic_of)
    slotted = read(source, unique, spans, step, [book.statistics[i] for i in used])
    values = np.empty((len(group.rows), len(spans)))
    for i in used:
        mine = statistic_of == i
        values[mine] = slotted.statistic(book.statistics[i])[position[mine]]
    values[ids == 0] = np.nan
    return values, _counts(slotted, position)


def _counts(slotted: Slotted, position: grid.Index) -> grid.Floats:
    counts = slotted.sample_count[position]
    return np.where(counts > 0, counts, np.nan)


def _points(spans: Sequence[Slot], values: grid.Floats, counts: grid.Floats) -> dict[int, Point]:
    return {
        start: Point(float(value), None if np.isnan(count) else float(count))
        for (start, _), value, count in zip(spans, values, counts, strict=True)
        if not np.isnan(value)
    }
