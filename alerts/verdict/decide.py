"""The decision: marks of the slots in, state out. Pure, and the same for every alarm.

Oldest mark first. Where AWS is silent the choice stands here once, marked with the
name that the guide gives it (D1 to D5).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum

from alerts.verdict.rule import Operator, Rule, Treatment
from app.model.states import AlarmState


class Mark(Enum):
    """What one slot says."""

    GOOD = 0
    BREACHING = 1
    MISSING = 2


class Why(StrEnum):
    """Which step of the algorithm decided."""

    REAL = "real"
    NO_DATA = "no data"
    FILLED = "filled"
    PREMATURE = "premature"
    KEPT_NO_DATA = "kept: no data"
    KEPT_FEW_SAMPLES = "kept: few samples"
    KEPT_TOO_NEW = "kept: breach too new"
    KEPT_IGNORED = "kept: missing data ignored"


@dataclass(frozen=True, slots=True)
class Decision:
    """The state, the step that decided, and how many missing slots were filled in."""

    state: AlarmState
    why: Why
    fill: int = 0


def mark(
    value: float | None, rule: Rule, lower: float | None = None, upper: float | None = None
) -> Mark:
    """What a point says; a point whose bound is missing is missing itself (D5)."""
    if value is None:
        return Mark.MISSING
    operator = rule.operator
    if operator.is_band:
        return _band_mark(value, operator, lower, upper)
    breaching = {
        Operator.AT_LEAST: value >= rule.threshold,
        Operator.ABOVE: value > rule.threshold,
        Operator.BELOW: value < rule.threshold,
        Operator.AT_MOST: value <= rule.threshold,
    }[operator]
    return Mark.BREACHING if breaching else Mark.GOOD


def _band_mark(value: float, operator: Operator, lower: float | None, upper: float | None) -> Mark:
    above, below = operator is not Operator.BELOW_BAND, operator is not Operator.ABOVE_BAND
    if (above and upper is None) or (below and lower is None):
        return Mark.MISSING
    too_high = above and upper is not None and value > upper
    too_low = below and lower is not None and value < lower
    return Mark.BREACHING if too_high or too_low else Mark.GOOD


def used(marks: Sequence[Mark], n: int) -> list[int]:
    """Positions of the points that count: the newest N that are not missing, oldest first."""
    real = [i for i, each in enumerate(marks) if each is not Mark.MISSING]
    return real[-n:]


def decide(marks: Sequence[Mark], rule: Rule, previous: AlarmState) -> Decision:
    """The state that the marks of the evaluation range lead to."""
    points = used(marks, rule.n)
    breaches = sum(marks[i] is Mark.BREACHING for i in points)
    if len(points) >= rule.n:
        return Decision(_alarm_if(breaches >= rule.m), Why.REAL)
    if not points:
        return _without_data(rule, previous)
    fill = rule.n - len(points)
    if rule.treatment is Treatment.BREACHING:
        return Decision(_alarm_if(breaches + fill >= rule.m), Why.FILLED, fill)
    if rule.treatment is Treatment.NOT_BREACHING:
        return Decision(_alarm_if(breaches >= rule.m), Why.FILLED, fill)
    if breaches >= rule.m:
        return Decision(AlarmState.ALARM, Why.REAL)
    if breaches < len(points):
        return Decision(AlarmState.OK, Why.REAL)
    return _only_breaches(marks, points, rule, previous)


def _without_data(rule: Rule, previous: AlarmState) -> Decision:
    if rule.treatment is Treatment.MISSING:
        return Decision(AlarmState.INSUFFICIENT_DATA, Why.NO_DATA)
    if rule.treatment is Treatment.IGNORE:
        return Decision(previous, Why.KEPT_NO_DATA)
    filled = rule.treatment is Treatment.BREACHING
    return Decision(_alarm_if(filled), Why.FILLED, rule.n)


def _only_breaches(
    marks: Sequence[Mark], points: Sequence[int], rule: Rule, previous: AlarmState
) -> Decision:
    """Too few breaches and nothing else: old ones raise the alarm, new ones wait.

    The oldest breach of the whole range counts (D1); one that is too new keeps the
    state (D2). Both are recorded from the real service.
    """
    age = len(marks) - points[0]
    if age < rule.m:
        return Decision(previous, Why.KEPT_TOO_NEW)
    if rule.treatment is Treatment.IGNORE:
        return Decision(previous, Why.KEPT_IGNORED)
    return Decision(AlarmState.ALARM, Why.PREMATURE)


def decide_results(marks: Sequence[Mark], rule: Rule, previous: AlarmState) -> Decision:
    """The same for query results of a log alarm.

    There ``ignore`` means: judge by the results that are available; none keeps the state.
    """
    if rule.treatment is not Treatment.IGNORE:
        return decide(marks, rule, previous)
    available = used(marks, rule.n)
    if not available:
        return Decision(previous, Why.KEPT_NO_DATA)
    breaches = sum(marks[i] is Mark.BREACHING for i in available)
    return Decision(_alarm_if(breaches >= rule.m), Why.REAL)


def has_few_samples(rule: Rule, counts: Sequence[float | None]) -> bool:
    """Whether a percentile stands on too few samples to be judged (D3).

    Counted over the evaluated slots together; exactly enough is enough, none is too
    few, and a count that nobody knows switches the rule off.
    """
    if not rule.samples_needed or any(count is None for count in counts):
        return False
    return sum(count or 0.0 for count in counts) < rule.samples_needed


def _alarm_if(alarm: bool) -> AlarmState:
    return AlarmState.ALARM if alarm else AlarmState.OK
