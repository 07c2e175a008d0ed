"""A decision taken apart. Pure: the same evidence that decided, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from alerts.verdict.decide import Decision, Mark, Why, decide, has_few_samples
from alerts.verdict.evidence import Evidence
from alerts.verdict.judge import judge
from alerts.verdict.rule import Rule, Treatment
from app.model.states import AlarmState

SIGNS = {Mark.GOOD: "0", Mark.BREACHING: "X", Mark.MISSING: "-"}
"""As the guide and AWS write them, newest on the right."""


@dataclass(frozen=True, slots=True)
class Looked:
    """One slot of the evaluation range; ``counts`` says whether it was one of the N."""

    start: datetime
    end: datetime
    value: float | None
    samples: float | None
    mark: Mark
    counts: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """One decision: ``steps`` say in order what was found and which rule decided."""

    at: datetime
    previous: AlarmState
    state: AlarmState
    why: Why
    steps: tuple[str, ...]
    reason: str
    slots: tuple[Looked, ...]


def explained(rule: Rule, evidence: Evidence, previous: AlarmState, at: float) -> Explanation:
    """The decision over this evidence, with each step in words."""
    if has_few_samples(rule, evidence.counts):
        decision = Decision(previous, Why.KEPT_FEW_SAMPLES)
    else:
        decision = decide(evidence.marks, rule, previous)
    return Explanation(
        at=datetime.fromtimestamp(at, UTC),
        previous=previous,
        state=decision.state,
        why=decision.why,
        steps=tuple(_steps(rule, evidence, decision)),
        reason=judge(rule, evidence, previous, at).reason,
        slots=tuple(_looked(evidence)),
    )


def marks_line(slots: Sequence[Looked]) -> str:
    """``0 - X X``: the marks of the range, oldest first."""
    return " ".join(SIGNS[each.mark] for each in slots)


def _looked(evidence: Evidence) -> list[Looked]:
    used = set(evidence.used)
    return [
        Looked(
            datetime.fromtimestamp(start, UTC),
            datetime.fromtimestamp(end, UTC),
            point.value,
            point.count,
            mark,
            at in used,
        )
        for at, ((start, end), point, mark) in enumerate(
            zip(evidence.slots, evidence.points, evidence.marks, strict=True)
        )
    ]


def _steps(rule: Rule, evidence: Evidence, decision: Decision) -> list[str]:
    real = sum(mark is not Mark.MISSING for mark in evidence.marks)
    range_ = f"The evaluation range holds {len(evidence.slots)} slots of {rule.period} s"
    return [
        f"{range_}; {real} of them have a point, {rule.n} are asked for.",
        _what_counts(rule, evidence, real),
        _decided(rule, evidence, decision),
    ]


def _what_counts(rule: Rule, evidence: Evidence, real: int) -> str:
    bad = sum(evidence.marks[i] is Mark.BREACHING for i in evidence.used)
    breach = f"{bad} of them {'breaches' if bad == 1 else 'breach'}"
    if real > rule.n:
        return f"The newest {rule.n} points count, {breach}; older ones are left out."
    if real:
        return f"All {real} count, {breach}." if real > 1 else f"It counts, {breach}."
    return "None counts."


def _decided(rule: Rule, evidence: Evidence, decision: Decision) -> str:
    """The step of the algorithm, as the guide numbers them."""
    bad = sum(evidence.marks[i] is Mark.BREACHING for i in evidence.used)
    treated = f"missing data is treated as {rule.treatment}"
    kept = f"the state stays {decision.state}"
    age = len(evidence.slots) - evidence.used[0] if evidence.used else 0
    old = f"the oldest breach is {age} slots old"
    return {
        Why.REAL: _real(rule, evidence, bad),
        Why.NO_DATA: f"Step 2: no point at all and {treated}: INSUFFICIENT_DATA.",
        Why.FILLED: _filled(rule, decision, bad),
        Why.PREMATURE: f"Step 3: only breaches, fewer than {rule.m}, but {old}, at least "
        f"{rule.m}; {treated}, so waiting for more would be too late: ALARM.",
        Why.KEPT_NO_DATA: f"Step 2: no point at all and {treated}: {kept}.",
        Why.KEPT_FEW_SAMPLES: f"The points stand on fewer than {rule.samples_needed:g} samples, "
        f"too few for {rule.statistic}: {kept}.",
        Why.KEPT_TOO_NEW: f"Step 3: only breaches, fewer than {rule.m}, and {old}, less than "
        f"{rule.m}: {kept} until more is known.",
        Why.KEPT_IGNORED: f"Step 3: only breaches, fewer than {rule.m}; {treated}: {kept}.",
    }[decision.why]


def _real(rule: Rule, evidence: Evidence, bad: int) -> str:
    if len(evidence.used) >= rule.n:
        if bad >= rule.m:
            return f"Step 1: enough points, and {bad} breaches are at least {rule.m}: ALARM."
        return f"Step 1: enough points, and {bad} breaches are fewer than {rule.m}: OK."
    if bad >= rule.m:
        return f"Step 3: points are missing, but {bad} breaches are at least {rule.m}: ALARM."
    return f"Step 3: points are missing, {bad} breaches are fewer than {rule.m}, one is good: OK."


def _filled(rule: Rule, decision: Decision, bad: int) -> str:
    kind = "breaching" if rule.treatment is Treatment.BREACHING else "good"
    counted = bad + decision.fill if rule.treatment is Treatment.BREACHING else bad
    compared = "at least" if counted >= rule.m else "fewer than"
    step = 2 if decision.fill == rule.n else 3
    return (
        f"Step {step}: {decision.fill} missing points are filled in as {kind}; {counted} breaches "
        f"are {compared} {rule.m}: {decision.state}."
    )
