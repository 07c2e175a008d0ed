"""One alarm, judged: the public, pure function of everything that matters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from alerts.statistics import Sample, StatisticSet
from alerts.verdict.contributors import GONE, nothing_returned, reason_of, state_of
from alerts.verdict.decide import Decision, Why, decide, decide_results, has_few_samples
from alerts.verdict.evidence import Bound, Evidence, Point
from alerts.verdict.expression import computed
from alerts.verdict.reason import reason
from alerts.verdict.reason_data import VERSION, reason_data, stamp
from alerts.verdict.rows import Row, Time, aggregated, bounds, earliest, epoch, points_of
from alerts.verdict.rule import Rule, Source
from alerts.verdict.slots import Slot, slots
from app.model.states import AlarmState
from app.query.lang import QueryError

IN_WARM_UP = "IN_WARM_UP"
WARMING = "Insufficient Data: the alarm is warming up and does not evaluate yet."
EVALUATION_ERROR = "EVALUATION_ERROR"
PARTIAL_DATA = "PARTIAL_DATA"
EVALUATION_FAILURE = "EVALUATION_FAILURE"


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
    series: Mapping[str, Sequence[Row]] | None = None,
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
    - ``raw``: ``samples`` as rows of time, value and optionally count and unit, aggregated per
      slot; a value may be a statistic set (a mapping with SampleCount, Sum, Minimum, Maximum).
    - ``math``: ``series`` maps the Id of each metric to rows of slot start and value, with
      ``period``; the query that returns data is computed over the evaluation range.
    - ``band``: ``datapoints`` (or ``series``) with ``band`` (``lower`` and ``upper`` rows) and
      ``period``.
    - ``multi``: ``contributors`` maps an id to ``previous`` and ``datapoints`` (None: the
      query no longer returns it); the answer's ``contributors`` hold a verdict each
      (``expected_contributors`` are their states).
    - ``warmup``: ``created_at`` and ``first_datapoint_at`` beside the points.
    - ``log``: ``datapoints`` are query results, newest N of them count.

    Points on no slot start of the evaluation range are left out. An expression that cannot be
    computed keeps the state, with EVALUATION_ERROR. Nothing is validated here (kind
    ``validate``): see ``alerts.validation.problems``, which is empty for ``valid``.
    """
    rule, at = Rule.of(alarm, period), epoch(now)
    previous = AlarmState(previous_state or AlarmState.INSUFFICIENT_DATA)
    begins = _Begins.of(created_at, first_datapoint_at)
    if contributors is not None:
        return _judge_contributors(rule, contributors, previous, at, begins)
    if rule.source is Source.LOG:
        return judge_results(rule, datapoints or (), previous, at, begins)
    given = _Given(alarm, datapoints or (), samples, series, band)
    return _judge_slots(rule, given, previous, at, begins)


@dataclass(frozen=True, slots=True)
class _Given:
    """What a caller gave of the points of an alarm, in one of three forms."""

    alarm: Mapping[str, Any]
    datapoints: Sequence[Row]
    samples: Sequence[Row] | None
    series: Mapping[str, Sequence[Row]] | None
    band: Mapping[str, Sequence[Row]] | None

    def points(self, rule: Rule, spans: Sequence[Slot]) -> Mapping[int, Point]:
        """Points by the start of their slot; QueryError for an expression that is wrong."""
        if self.series is not None:
            return computed(self.alarm, spans, self.series, self.band)
        if self.samples is not None:
            return aggregated(rule, spans, self.samples)
        return points_of(self.datapoints)

    @property
    def rows(self) -> Sequence[Row]:
        each_row = (row for rows in (self.series or {}).values() for row in rows)
        return self.datapoints or self.samples or list(each_row)


def _judge_slots(
    rule: Rule, given: _Given, previous: AlarmState, at: float, begins: _Begins
) -> Verdict:
    spans = slots(rule, at)
    try:
        points = given.points(rule, spans)
    except QueryError as error:
        return could_not(rule, previous, at, error)
    evidence = Evidence.of(rule, spans, points, *bounds(given.band))
    begins = begins.with_data(given.rows)
    if is_warming_up(rule, evidence, at, begins.created, begins.first):
        return _warming(rule, at)
    return judge(rule, evidence, previous, at)


def judge(rule: Rule, evidence: Evidence, previous: AlarmState, at: float) -> Verdict:
    """The verdict over points that are already sorted into slots."""
    if has_few_samples(rule, evidence.counts):
        decision = Decision(previous, Why.KEPT_FEW_SAMPLES)
    else:
        decision = decide(evidence.marks, rule, previous)
    return _told(rule, evidence, decision, at)


def judge_results(
    rule: Rule,
    rows: Sequence[Row],
    previous: AlarmState,
    at: float,
    begins: _Begins | None = None,
) -> Verdict:
    """The verdict of a log alarm over its newest N query results."""
    points = points_of(rows)
    times = sorted(time for time in points if time <= at)[-rule.n :]
    evidence = Evidence.of(rule, [(time, time) for time in times], points)
    begins = (begins or _Begins()).with_data(rows)
    if is_warming_up(rule, evidence, at, begins.created, begins.first):
        return _warming(rule, at)
    return _told(rule, evidence, decide_results(evidence.marks, rule, previous), at)


@dataclass(frozen=True, slots=True)
class _Begins:
    """When an alarm was created and when its data begins, as far as that is known."""

    created: float | None = None
    first: float | None = None

    @classmethod
    def of(cls, created: Time | None, first: Time | None) -> _Begins:
        known = (None if each is None else epoch(each) for each in (created, first))
        return cls(*known)

    def with_data(self, rows: Sequence[Row]) -> _Begins:
        """The same; where nobody said when data began, the oldest point says it."""
        if self.created is None or self.first is not None:
            return self
        return replace(self, first=earliest(rows))


def is_warming_up(
    rule: Rule, evidence: Evidence, at: float, created: float | None, first: float | None
) -> bool:
    """Whether a new alarm still waits.

    The wait ends early once the window can be filled (D6): N periods have passed since
    the first point and the newest slot has data; for a log alarm, N results are there. M
    does not matter.
    """
    if rule.warm_up is None or created is None or at >= created + rule.warm_up.seconds:
        return False
    if rule.warm_up.only_after or first is None:
        return True
    if rule.source is Source.LOG:
        return len(evidence.used) < rule.n
    newest = bool(evidence.used) and evidence.used[-1] == len(evidence.slots) - 1
    return not (newest and at >= first + rule.n * rule.period)


def could_not(rule: Rule, previous: AlarmState, at: float, error: QueryError) -> Verdict:
    """What is said of an alarm whose expression is wrong: its state stays."""
    text = f"State kept at {previous}: the alarm could not be evaluated: {error.message}"
    data = {"version": VERSION, "queryDate": stamp(at), "period": rule.period}
    return Verdict(previous, text, data, evaluation_state=EVALUATION_ERROR, kept=True)


def _told(rule: Rule, evidence: Evidence, decision: Decision, at: float) -> Verdict:
    return Verdict(
        state=decision.state,
        reason=reason(rule, evidence, decision),
        reason_data=reason_data(rule, evidence, decision, at),
        kept=decision.why.startswith("kept"),
    )


def _warming(rule: Rule, at: float) -> Verdict:
    data = {"version": VERSION, "queryDate": stamp(at), "period": rule.period}
    return Verdict(AlarmState.INSUFFICIENT_DATA, WARMING, data, evaluation_state=IN_WARM_UP)


def _judge_contributors(
    rule: Rule,
    rows: Mapping[str, Mapping[str, Any]],
    previous: AlarmState,
    at: float,
    begins: _Begins,
) -> Verdict:
    if _all_warm_up(rule, rows, at, begins):
        return _warming(rule, at)
    one = replace(rule, is_contributor=rule.source is not Source.LOG)
    verdicts = {name: _judge_contributor(one, row, at) for name, row in rows.items()}
    data = {"version": VERSION, "queryDate": stamp(at)}
    counted = {name: v.state for name, v in verdicts.items() if _is_counted(rows[name])}
    if all(row.get("datapoints") is None for row in rows.values()):
        state, text = nothing_returned(rule.treatment, previous)
        return Verdict(state, text, data, contributors=verdicts)
    return Verdict(state_of(counted), reason_of(counted), data, contributors=verdicts)


def _is_counted(row: Mapping[str, Any]) -> bool:
    """A series that is gone counts once more, if it goes to OK from ALARM (recorded)."""
    return row.get("datapoints") is not None or row.get("previous") == AlarmState.ALARM


def _all_warm_up(
    rule: Rule, rows: Mapping[str, Mapping[str, Any]], at: float, begins: _Begins
) -> bool:
    """Whether the alarm still waits; the series that is furthest ends the wait."""
    if begins.created is None or rule.warm_up is None:
        return False
    for row in rows.values():
        mine = row.get("datapoints") or ()
        spans = (
            slots(rule, at) if rule.source is not Source.LOG else [(int(r[0]),) * 2 for r in mine]
        )
        evidence = Evidence.of(rule, spans, points_of(mine))
        known = begins.with_data(mine)
        if not is_warming_up(rule, evidence, at, known.created, known.first):
            return False
    return at < begins.created + rule.warm_up.seconds


def _judge_contributor(rule: Rule, row: Mapping[str, Any], at: float) -> Verdict:
    points = row.get("datapoints")
    if points is None:
        return Verdict(AlarmState.OK, GONE, {"version": VERSION, "queryDate": stamp(at)})
    previous = AlarmState(row.get("previous") or AlarmState.INSUFFICIENT_DATA)
    if rule.source is Source.LOG:
        return judge_results(rule, points, previous, at)
    return judge(rule, Evidence.of(rule, slots(rule, at), points_of(points)), previous, at)


__all__ = ["Bound", "Sample", "StatisticSet", "Verdict", "evaluate", "judge"]
