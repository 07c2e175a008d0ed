"""Why an alarm has its state, in CloudWatch's words.

The newest point comes first. Where CloudWatch keeps a state silently, the words are ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from alerts.verdict.decide import Decision, Why
from alerts.verdict.evidence import Evidence
from alerts.verdict.numbers import double
from alerts.verdict.rule import Operator, Rule, Source, Treatment
from app.model.states import AlarmState

INITIAL = "Unchecked: Initial alarm creation"
LONGEST = 1023
_LISTED, _RECENT = 3, 5
_PHRASES = {
    Operator.AT_LEAST: "greater than or equal to",
    Operator.ABOVE: "greater than",
    Operator.BELOW: "less than",
    Operator.AT_MOST: "less than or equal to",
}
_FILLS = {Treatment.BREACHING: "Breaching", Treatment.NOT_BREACHING: "NonBreaching"}


def reason(rule: Rule, evidence: Evidence, decision: Decision) -> str:
    """The StateReason of a decision, at most 1,023 characters."""
    text = _reason(rule, evidence, decision)
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."


def _reason(rule: Rule, evidence: Evidence, decision: Decision) -> str:
    if decision.why is Why.NO_DATA:
        return f"Insufficient Data: {_many(rule.n, 'datapoint')} unknown."
    if decision.why in _KEPT:
        return _KEPT[decision.why](rule, evidence, decision)
    positions = evidence.supporting(decision)
    if not positions:
        return _received(rule, evidence, decision)
    return _crossed(rule, evidence, decision, positions)


def _received(rule: Rule, evidence: Evidence, decision: Decision) -> str:
    """No point speaks for the state: only fills do, or (log alarms) too few speak against it."""
    if not decision.fill:
        listed = _listed(evidence, evidence.used[::-1])
        return (
            f"Threshold Crossed: only {_counted(len(evidence.used), 'query result')} {listed} of "
            f"the {rule.m} needed crossed the threshold ({double(rule.threshold)})."
        )
    got = _many(len(evidence.used), "datapoint") if evidence.used else "no datapoints were"
    periods = _counted(rule.n, "period")
    return f"Threshold Crossed: {got} received for {periods} and {_fills(rule, decision)}."


def _crossed(rule: Rule, evidence: Evidence, decision: Decision, positions: Sequence[int]) -> str:
    count, alarm = len(positions), decision.state is AlarmState.ALARM
    after = count > _LISTED or rule.is_contributor
    listed = _listed(evidence, positions[: _RECENT if after else _LISTED])
    parts = [f"Threshold{'s' if rule.operator.is_band else ''} Crossed: {_share(rule, count)}"]
    if not after:
        parts.append(f" {listed}")
    parts.append(f" {'was' if count == 1 else 'were'} ")
    parts.append(_comparison(rule, evidence, positions, alarm))
    if decision.fill:
        parts.append(f" and {_fills(rule, decision)}")
    if after:
        points = "datapoint" if count == 1 else "datapoints"
        crossed = " which crossed the threshold" if alarm else ""
        parts.append(f". The most recent {points}{crossed}: {listed}")
    parts.append(_minimum(rule, alarm))
    return "".join(parts)


def _share(rule: Rule, count: int) -> str:
    unit = "query results" if rule.source is Source.LOG else "datapoints"
    if rule.m_given:
        return f"{count} out of the last {rule.n} {unit}"
    return _counted(count, "datapoint")


def _comparison(rule: Rule, evidence: Evidence, positions: Sequence[int], alarm: bool) -> str:
    negated = "" if alarm else "not "
    if not rule.operator.is_band:
        threshold = double(rule.threshold)
        return f"{negated}{_PHRASES[rule.operator]} the threshold ({threshold})"
    sides = []
    if rule.operator is not Operator.ABOVE_BAND:
        bounds = ", ".join(_bound(evidence.lower[i]) for i in positions)
        sides.append(f"{negated}less than the lower thresholds [{bounds}]")
    if rule.operator is not Operator.BELOW_BAND:
        bounds = ", ".join(_bound(evidence.upper[i]) for i in positions)
        sides.append(f"{negated}greater than the upper thresholds [{bounds}]")
    return " or ".join(sides)


def _bound(value: float | None) -> str:
    return "none" if value is None else double(value)


def _minimum(rule: Rule, alarm: bool) -> str:
    if not rule.m_given:
        return "."
    least = _counted(rule.m if alarm else rule.to_ok, "datapoint")
    change = "OK -> ALARM" if alarm else "ALARM -> OK"
    return f" (minimum {least} for {change} transition)."


def _listed(evidence: Evidence, positions: Sequence[int]) -> str:
    points = (f"{double(evidence.value(i))} ({_at(evidence.slots[i][0])})" for i in positions)
    return f"[{', '.join(points)}]"


def _fills(rule: Rule, decision: Decision) -> str:
    return f"{_many(decision.fill, 'missing datapoint')} treated as [{_FILLS[rule.treatment]}]"


def _kept_without_data(rule: Rule, evidence: Evidence, decision: Decision) -> str:
    del evidence
    what = "query results" if rule.source is Source.LOG else "datapoints"
    return (
        f"State kept at {decision.state}: no {what} in the evaluation range of "
        f"{_counted(rule.range, 'period')}, and missing data is ignored."
    )


def _kept_few_samples(rule: Rule, evidence: Evidence, decision: Decision) -> str:
    samples = sum(count or 0.0 for count in evidence.counts)
    return (
        f"State kept at {decision.state}: {double(samples)} samples are fewer than the "
        f"{double(rule.samples_needed)} that {rule.statistic} needs."
    )


def _kept_too_new(rule: Rule, evidence: Evidence, decision: Decision) -> str:
    listed = _listed(evidence, evidence.used[::-1])
    return (
        f"State kept at {decision.state}: {len(evidence.used)} of {rule.m} datapoints needed "
        f"{listed} crossed the threshold, and the oldest is not yet "
        f"{_counted(rule.m, 'period')} old."
    )


def _kept_ignored(rule: Rule, evidence: Evidence, decision: Decision) -> str:
    listed = _listed(evidence, evidence.used[::-1])
    return (
        f"State kept at {decision.state}: {len(evidence.used)} of {rule.m} datapoints needed "
        f"{listed} crossed the threshold, and missing data is ignored."
    )


_KEPT = {
    Why.KEPT_NO_DATA: _kept_without_data,
    Why.KEPT_FEW_SAMPLES: _kept_few_samples,
    Why.KEPT_TOO_NEW: _kept_too_new,
    Why.KEPT_IGNORED: _kept_ignored,
}


def _at(epoch: int) -> str:
    return datetime.fromtimestamp(epoch, UTC).strftime("%d/%m/%y %H:%M:%S")


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _many(count: int, noun: str) -> str:
    return f"{_counted(count, noun)} {'was' if count == 1 else 'were'}"
