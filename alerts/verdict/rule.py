"""PutMetricAlarm as the few values that a decision needs.

Nothing here validates: what AWS would refuse is told by ``alerts.validation`` when the
alarm is defined. A rule is made once per alarm and used at every tick.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any


class Treatment(StrEnum):
    """TreatMissingData."""

    MISSING = "missing"
    IGNORE = "ignore"
    BREACHING = "breaching"
    NOT_BREACHING = "notBreaching"


class Operator(StrEnum):
    """ComparisonOperator; the last three compare with a band."""

    AT_LEAST = "GreaterThanOrEqualToThreshold"
    ABOVE = "GreaterThanThreshold"
    BELOW = "LessThanThreshold"
    AT_MOST = "LessThanOrEqualToThreshold"
    ABOVE_BAND = "GreaterThanUpperThreshold"
    BELOW_BAND = "LessThanLowerThreshold"
    OUTSIDE_BAND = "LessThanLowerOrGreaterThanUpperThreshold"

    @property
    def minds_too_little(self) -> bool:
        """Whether a value may breach because it is low."""
        return self not in (Operator.AT_LEAST, Operator.ABOVE, Operator.ABOVE_BAND)

    @property
    def is_band(self) -> bool:
        return self in (Operator.ABOVE_BAND, Operator.BELOW_BAND, Operator.OUTSIDE_BAND)


class Source(StrEnum):
    """Where the points of an alarm come from; it changes windows and texts."""

    METRIC = "metric"
    METRICS = "metrics"
    INSIGHTS = "insights"
    LOG = "log"


INSIGHTS_REACH = 10_800
"""Seconds that a Metrics Insights alarm looks back at most."""

DAY = 86_400


@dataclass(frozen=True, slots=True)
class WarmUp:
    """How long a new alarm waits, and whether data may end the wait early."""

    seconds: int
    only_after: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """What to decide by: M of N over slots of ``period`` seconds.

    ``m_given`` tells whether DatapointsToAlarm was written, which only changes
    the reason's text. ``samples_needed`` is 0 unless a percentile with few
    samples must keep the state. ``time_zone`` is set for wall-clock windows.
    ``is_contributor`` is set for one series of several, which words its reason differently.
    """

    period: int
    n: int
    m: int
    m_given: bool
    operator: Operator
    threshold: float
    treatment: Treatment
    source: Source = Source.METRIC
    statistic: str = ""
    unit: str = ""
    time_zone: str | None = None
    samples_needed: float = 0.0
    warm_up: WarmUp | None = None
    is_contributor: bool = False

    @classmethod
    def of(cls, alarm: Mapping[str, Any], period: int | None = None) -> Rule:
        """The rule of an alarm; ``period`` where the alarm itself does not say it."""
        if "QueryResultsToEvaluate" in alarm:
            return _log_rule(alarm)
        n = int(alarm["EvaluationPeriods"])
        statistic = str(alarm.get("Statistic") or alarm.get("ExtendedStatistic") or "")
        window = alarm.get("EvaluationWindow") or {}
        clock = window.get("WallClockWindow")
        return cls(
            period=int(period or period_of(alarm) or 60),
            n=n,
            m=int(alarm.get("DatapointsToAlarm") or n),
            m_given=bool(alarm.get("DatapointsToAlarm")),
            operator=Operator(alarm["ComparisonOperator"]),
            threshold=float(alarm.get("Threshold") or 0.0),
            treatment=_treatment(alarm),
            source=_source(alarm),
            statistic=statistic,
            unit=str(alarm.get("Unit") or ""),
            time_zone=None if clock is None else str(clock.get("Timezone") or "UTC"),
            samples_needed=_samples_needed(alarm, statistic),
            warm_up=_warm_up(alarm),
        )

    @property
    def is_multi_day(self) -> bool:
        return self.time_zone is None and self.n * self.period > DAY

    @property
    def range(self) -> int:
        """How many slots are looked at: the evaluation range.

        The published examples give 3 -> 5; sub-minute ranges are recorded. A
        wall-clock window and a log alarm look at exactly N.
        """
        if self.time_zone is not None or self.source is Source.LOG:
            return self.n
        if self.period < 60:
            return self.n + 60 // self.period
        wide = self.n + max(2, self.n // 3)
        if self.source is Source.INSIGHTS:
            return max(self.n, min(wide, INSIGHTS_REACH // self.period))
        return wide

    @property
    def to_ok(self) -> int:
        """How many good points it takes to rule an alarm out."""
        return self.n - self.m + 1


def period_of(alarm: Mapping[str, Any]) -> int | None:
    """The period of an alarm in seconds: its own, that of what returns data, or the shortest."""
    if alarm.get("Period"):
        return int(alarm["Period"])
    queries = alarm.get("Metrics") or ()
    returned = [_period(query) for query in queries if query.get("ReturnData", True)]
    for period in returned:
        if period:
            return period
    return min((period for period in map(_period, queries) if period), default=None)


def _period(query: Mapping[str, Any]) -> int | None:
    period = query.get("Period") or (query.get("MetricStat") or {}).get("Period")
    return int(period) if period else None


def namespaces(alarm: Mapping[str, Any]) -> Iterable[str]:
    """The namespaces of every metric that an alarm reads, hidden ones too."""
    if alarm.get("Namespace"):
        yield str(alarm["Namespace"])
    for query in alarm.get("Metrics") or ():
        metric = (query.get("MetricStat") or {}).get("Metric")
        if metric:
            yield str(metric.get("Namespace") or "")


def is_band(query: Mapping[str, Any]) -> bool:
    """Whether a MetricDataQuery is the band of an anomaly alarm."""
    written = str(query.get("Expression") or "").lstrip().upper()
    return written.startswith("ANOMALY_DETECTION_BAND")


def is_select(query: Mapping[str, Any]) -> bool:
    """Whether a MetricDataQuery is a Metrics Insights query."""
    return str(query.get("Expression") or "").lstrip().upper().startswith("SELECT")


def _treatment(alarm: Mapping[str, Any]) -> Treatment:
    """The written treatment, else ``ignore`` for AWS/DynamoDB and ``missing`` elsewhere."""
    written = alarm.get("TreatMissingData")
    if written:
        return Treatment(written)
    read = set(namespaces(alarm))
    return Treatment.IGNORE if read == {"AWS/DynamoDB"} else Treatment.MISSING


def _source(alarm: Mapping[str, Any]) -> Source:
    queries = alarm.get("Metrics") or ()
    if any(is_select(query) for query in queries):
        return Source.INSIGHTS
    return Source.METRICS if queries else Source.METRIC


def _samples_needed(alarm: Mapping[str, Any], statistic: str) -> float:
    """Below how many samples a percentile alarm keeps its state; 0 is never.

    Exact arithmetic: 10 / (1 - 0.99) in floats is above 1000, which p99 needs.
    """
    if alarm.get("EvaluateLowSampleCountPercentile") != "ignore":
        return 0.0
    if not statistic.startswith("p") or not statistic[1:2].isdigit():
        return 0.0
    share = Fraction(statistic[1:]) / 100
    if not 0 < share < 1:
        return 0.0
    return float(10 / (1 - share) if share >= Fraction(1, 2) else 10 / share)


def _warm_up(alarm: Mapping[str, Any]) -> WarmUp | None:
    written = alarm.get("WarmUpConfiguration")
    if not written:
        return None
    return WarmUp(
        seconds=60 * int(written["WarmUpPeriodDurationInMinutes"]),
        only_after=bool(written.get("OnlyStartEvaluatingAfterWarmUpPeriodEnds", False)),
    )


def _log_rule(alarm: Mapping[str, Any]) -> Rule:
    n = int(alarm["QueryResultsToEvaluate"])
    return Rule(
        period=60,
        n=n,
        m=int(alarm.get("QueryResultsToAlarm") or n),
        m_given=True,
        operator=Operator(alarm["ComparisonOperator"]),
        threshold=float(alarm["Threshold"]),
        treatment=_treatment(alarm),
        source=Source.LOG,
        warm_up=_warm_up(alarm),
    )
