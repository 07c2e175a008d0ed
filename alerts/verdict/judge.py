"""One alarm, judged: the public, pure function of everything that matters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from alerts.statistics import Sample, StatisticSet, statistic
from alerts.verdict.contributors import GONE, reason_of, state_of
from alerts.verdict.decide import Decision, Why, decide, decide_results, has_few_samples
from alerts.verdict.evidence import Evidence, Point
from alerts.verdict.reason import reason
from alerts.verdict.reason_data import VERSION, reason_data, stamp
from alerts.verdict.rule import Rule, Source
from alerts.verdict.slots import Slot, slots
from app.model.states import AlarmState

Time = float | int | datetime
Row = Sequence[Any]
IN_WARM_UP = "IN_WARM_UP"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The state of an alarm with its reason; ``contributors`` for alarms over many series.

    ``evaluation_state`` is empty or EvaluationState in AWS's words. ``kept`` is true
    where the rule says that the state stays as it was.
    """

    state: AlarmState
    reason: str
    reason_data: Mapping[str, Any]
    evaluation_state: str = ""
    kept: bool = False
    contributors: Mapping[str, Verdict] = field(default_factory=dict)


def evaluate(
    alarm: Mapping[str, Any],
    datapoints: Sequence[Row] | None = None,
    previous_state: AlarmState | str | None = None,
    now: Time = 0,
    *,
    samples: Sequence[Row] | None = None,
    band: Mapping[str, Sequence[Row]] | None = None,
    contributors: Mapping[str, Mapping[str, Any]] | None = None,
    period: int | None = None,
    created_at: Time | None = None,
    first_datapoint_at: Time | None = None,
) -> Verdict:
    """The state that CloudWatch would give the alarm at ``now``, and why.

    ``alarm`` has the shape of PutMetricAlarm (or, for a log alarm, of PutLogAlarm);
    ``previous_state`` None means INSUFFICIENT_DATA. Times are epoch seconds or aware
    datetimes. The keys of a sample line are the arguments:

    - ``metric``, ``percentile``, ``wallclock``, ``multiday``: ``datapoints`` as rows of
      slot start, value or None, and for percentiles the number of samples.
    - ``raw``: ``samples`` as rows of time, value and optionally a count, aggregated per slot.
    - ``band``: ``datapoints`` with ``band`` (``lower`` and ``upper`` rows) and ``period``.
    - ``multi``: ``contributors`` maps an id to ``previous`` and ``datapoints`` (None: the
      query no longer returns it); the answer's ``contributors`` hold a verdict each.
    - ``warmup``: ``created_at`` and ``first_datapoint_at`` beside the points.
    - ``log``: ``datapoints`` are query results, newest N of them count.

    Points on no slot start of the evaluation range are left out. Nothing is validated
    here (kind ``validate``): see ``alerts.validation.problems``.
    """
    rule = Rule.of(alarm, period)
    at = _epoch(now)
    previous = AlarmState(previous_state or AlarmState.INSUFFICIENT_DATA)
    if contributors is not None:
        return _judge_contributors(rule, contributors, previous, at)
    if rule.source is Source.LOG:
        return judge_results(rule, datapoints or (), previous, at)
    spans = slots(rule, at)
    points = _points(datapoints or ()) if samples is None else _aggregated(rule, spans, samples)
    evidence = Evidence.of(rule, spans, points, *_bounds(band))
    born = None if created_at is None else _epoch(created_at)
    first = None if first_datapoint_at is None else _epoch(first_datapoint_at)
    if is_warming_up(rule, evidence, at, born, first):
        return _warming(rule, at)
    return judge(rule, evidence, previous, at)


def judge(rule: Rule, evidence: Evidence, previous: AlarmState, at: float) -> Verdict:
    """The verdict over points that are already sorted into slots."""
    if has_few_samples(rule, evidence.counts):
        decision = Decision(previous, Why.KEPT_FEW_SAMPLES)
    else:
        decision = decide(evidence.marks, rule, previous)
    return _told(rule, evidence, decision, at)


def judge_results(rule: Rule, rows: Sequence[Row], previous: AlarmState, at: float) -> Verdict:
    """The verdict of a log alarm over its newest N query results."""
    points = _points(rows)
    times = sorted(time for time in points if time <= at)[-rule.n :]
    evidence = Evidence.of(rule, [(time, time) for time in times], points)
    return _told(rule, evidence, decide_results(evidence.marks, rule, previous), at)


def is_warming_up(
    rule: Rule, evidence: Evidence, at: float, created: float | None, first: float | None
) -> bool:
    """Whether a new alarm still waits.

    The wait ends early once the window can be filled (D6): N periods have passed since
    the first point and the newest slot has data. M does not matter.
    """
    if rule.warm_up is None or created is None or at >= created + rule.warm_up.seconds:
        return False
    if rule.warm_up.only_after or first is None:
        return True
    newest = bool(evidence.used) and evidence.used[-1] == len(evidence.slots) - 1
    return not (newest and at >= first + rule.n * rule.period)


def _told(rule: Rule, evidence: Evidence, decision: Decision, at: float) -> Verdict:
    return Verdict(
        state=decision.state,
        reason=reason(rule, evidence, decision),
        reason_data=reason_data(rule, evidence, decision, at),
        kept=decision.why.startswith("kept"),
    )


def _warming(rule: Rule, at: float) -> Verdict:
    text = "Insufficient Data: the alarm is warming up and does not evaluate yet."
    data = {"version": VERSION, "queryDate": stamp(at), "period": rule.period}
    return Verdict(AlarmState.INSUFFICIENT_DATA, text, data, evaluation_state=IN_WARM_UP)


def _judge_contributors(
    rule: Rule, rows: Mapping[str, Mapping[str, Any]], previous: AlarmState, at: float
) -> Verdict:
    one = replace(rule, m_given=False)
    verdicts = {name: _judge_contributor(one, row, at) for name, row in rows.items()}
    if all(row.get("datapoints") is None for row in rows.values()):
        alone = Evidence.of(rule, slots(rule, at), {})
        return replace(judge(rule, alone, previous, at), contributors=verdicts)
    states = {name: verdict.state for name, verdict in verdicts.items()}
    data = {"version": VERSION, "queryDate": stamp(at), "period": rule.period}
    return Verdict(state_of(states), reason_of(rule, states), data, contributors=verdicts)


def _judge_contributor(rule: Rule, row: Mapping[str, Any], at: float) -> Verdict:
    points = row.get("datapoints")
    if points is None:
        return Verdict(AlarmState.OK, GONE, {"version": VERSION, "queryDate": stamp(at)})
    previous = AlarmState(row.get("previous") or AlarmState.INSUFFICIENT_DATA)
    if rule.source is Source.LOG:
        return judge_results(rule, points, previous, at)
    return judge(rule, Evidence.of(rule, slots(rule, at), _points(points)), previous, at)


def _points(rows: Sequence[Row]) -> dict[int, Point]:
    """Rows of time, value and perhaps a sample count, by time; half seconds sit on no slot."""
    points: dict[int, Point] = {}
    for time, value, *count in rows:
        at = _epoch(time)
        if at == int(at):
            given = None if value is None else float(value)
            known = float(count[0]) if count and count[0] is not None else None
            points[int(at)] = Point(given, known)
    return points


def _aggregated(rule: Rule, spans: Sequence[Slot], rows: Sequence[Row]) -> dict[int, Point]:
    """The alarm's statistic over the raw samples of each slot."""
    timed = [(_epoch(time), value, count) for time, value, *count in rows if value is not None]
    points: dict[int, Point] = {}
    for start, end in spans:
        inside: list[Sample] = [
            (float(value), float(count[0]) if count else 1.0)
            for time, value, count in timed
            if start <= time < end
        ]
        if inside:
            value = statistic(rule.statistic or "Average", inside)
            points[start] = Point(value, statistic("SampleCount", inside))
    return points


def _bounds(
    band: Mapping[str, Sequence[Row]] | None,
) -> tuple[dict[int, float | None], dict[int, float | None]]:
    if band is None:
        return {}, {}
    sides = ({int(_epoch(time)): value for time, value in band[side]} for side in _SIDES)
    lower, upper = sides
    return lower, upper


_SIDES = ("lower", "upper")


def _epoch(time: Time) -> float:
    return time.timestamp() if isinstance(time, datetime) else float(time)


__all__ = ["Sample", "StatisticSet", "Verdict", "evaluate", "judge"]
