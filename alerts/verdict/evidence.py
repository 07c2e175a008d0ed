"""What a decision was made from: the slots with their values, oldest first."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from alerts.verdict.decide import Decision, Mark, mark, used
from alerts.verdict.rule import Rule
from alerts.verdict.slots import Slot
from app.model.states import AlarmState

Bound = Mapping[int, float | None]


@dataclass(frozen=True, slots=True)
class Point:
    """What a source gave for one slot; no value means no point. ``count`` None is unknown."""

    value: float | None
    count: float | None = None


MISSING = Point(None)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Slots, points and marks side by side; ``used`` are the positions that count."""

    slots: Sequence[Slot]
    points: Sequence[Point]
    marks: Sequence[Mark]
    lower: Sequence[float | None]
    upper: Sequence[float | None]
    used: Sequence[int]

    @classmethod
    def of(
        cls,
        rule: Rule,
        slots: Sequence[Slot],
        points: Mapping[int, Point],
        lower: Bound | None = None,
        upper: Bound | None = None,
    ) -> Evidence:
        """Sort points into slots; a point that sits on no slot start is left out."""
        lows = [(lower or {}).get(start) for start, _ in slots]
        highs = [(upper or {}).get(start) for start, _ in slots]
        found = [points.get(start, MISSING) for start, _ in slots]
        marks = [
            mark(_finite(point.value), rule, low, high)
            for point, low, high in zip(found, lows, highs, strict=True)
        ]
        return cls(slots, found, marks, lows, highs, used(marks, rule.n))

    @property
    def counts(self) -> list[float | None]:
        """Sample counts of the points that count."""
        return [self.points[i].count for i in self.used]

    def value(self, position: int) -> float:
        return float(self.points[position].value or 0.0)

    def supporting(self, decision: Decision) -> list[int]:
        """Positions of the points that speak for the state, newest first."""
        wanted = Mark.BREACHING if decision.state is AlarmState.ALARM else Mark.GOOD
        return [i for i in reversed(self.used) if self.marks[i] is wanted]

    def deciding(self, rule: Rule, decision: Decision) -> list[int]:
        """Positions that were decisive, newest first: M for ALARM, N - M + 1 for OK.

        Where too few points speak for the state, the newest missing slots stand in.
        """
        count = rule.to_ok if decision.state is AlarmState.OK else rule.m
        if decision.state is AlarmState.INSUFFICIENT_DATA:
            chosen: list[int] = []
        else:
            chosen = self.supporting(decision)[:count]
        missing = [i for i in reversed(range(len(self.slots))) if self.marks[i] is Mark.MISSING]
        chosen += missing[: count - len(chosen)]
        return sorted(chosen, reverse=True)


def _finite(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else value
