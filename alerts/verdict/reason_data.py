"""Why an alarm has its state, for machines: the StateReasonData of CloudWatch."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from alerts.verdict.decide import Decision, Mark
from alerts.verdict.evidence import Evidence
from alerts.verdict.rule import Operator, Rule, Source

VERSION = "1.0"


def reason_data(rule: Rule, evidence: Evidence, decision: Decision, now: float) -> dict[str, Any]:
    """The points that were looked at, in AWS's keys and order.

    ``recentDatapoints`` runs from the oldest point that counts to the newest real one,
    oldest first, with None for gaps. ``evaluatedDatapoints`` are the deciding ones,
    newest first; a missing one has only its time. A band with one side tells that side only
    and, with each point, the bound it was held against (recorded).
    """
    if rule.source is Source.LOG:
        return _results(rule, evidence, now)
    recent = _recent(evidence)
    data: dict[str, Any] = {"version": VERSION, "queryDate": stamp(now)}
    if recent:
        data["startDate"] = stamp(evidence.slots[recent[0]][0])
    if rule.source is Source.METRIC:
        if rule.unit:
            data["unit"] = rule.unit
        data["statistic"] = rule.statistic
    data["period"] = rule.period
    data["recentDatapoints"] = [_value(evidence, i) for i in recent]
    data.update(_threshold(rule, evidence, recent))
    data["evaluatedDatapoints"] = [
        _evaluated(rule, evidence, i) for i in evidence.deciding(rule, decision)
    ]
    return data


def stamp(epoch: float) -> str:
    """A time as CloudWatch writes it in reason data: ``2019-10-02T17:04:40.985+0000``."""
    at = datetime.fromtimestamp(epoch, UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}+0000"


def _recent(evidence: Evidence) -> range:
    if not evidence.used:
        return range(0)
    return range(evidence.used[0], evidence.used[-1] + 1)


def _value(evidence: Evidence, position: int) -> float | None:
    missing = evidence.marks[position] is Mark.MISSING
    return None if missing else evidence.value(position)


def _threshold(rule: Rule, evidence: Evidence, recent: Sequence[int]) -> dict[str, Any]:
    if not rule.operator.is_band:
        return {"threshold": rule.threshold}
    sides: dict[str, Any] = {}
    if rule.operator is not Operator.ABOVE_BAND:
        sides["recentLowerThresholds"] = [evidence.lower[i] for i in recent]
    if rule.operator is not Operator.BELOW_BAND:
        sides["recentUpperThresholds"] = [evidence.upper[i] for i in recent]
    return sides


def _evaluated(rule: Rule, evidence: Evidence, position: int) -> dict[str, Any]:
    point: dict[str, Any] = {"timestamp": stamp(evidence.slots[position][0])}
    if evidence.marks[position] is Mark.MISSING:
        return point
    count = evidence.points[position].count
    if rule.source is Source.METRIC and count is not None:
        point["sampleCount"] = count
    point["value"] = evidence.value(position)
    if rule.operator is Operator.ABOVE_BAND:
        point["threshold"] = evidence.upper[position]
    elif rule.operator is Operator.BELOW_BAND:
        point["threshold"] = evidence.lower[position]
    return point


def _results(rule: Rule, evidence: Evidence, now: float) -> dict[str, Any]:
    results = [
        {"timestamp": stamp(start), "status": "COMPLETE", "value": _value(evidence, i)}
        for i, (start, _) in enumerate(evidence.slots)
    ]
    return {
        "version": VERSION,
        "queryDate": stamp(now),
        "threshold": rule.threshold,
        "queryResultsToEvaluate": rule.n,
        "queryResultsToAlarm": rule.m,
        "results": results[::-1],
    }
