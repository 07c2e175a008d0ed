"""PutMetricAlarm: alarms on one metric, on a list of metrics, and on PromQL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from alerts import statistics
from alerts.validation import queries
from alerts.validation.common import (
    Alarm,
    common,
    dimensions,
    is_whole,
    m_of_n,
    one_of,
    threshold,
    treatment,
    warm_up,
)
from alerts.verdict import zones
from alerts.verdict.rule import Operator
from app.model.watching import PLAIN

_SIZES: tuple[str, ...] = ("Bytes", "Kilobytes", "Megabytes", "Gigabytes", "Terabytes")
_SIZES += ("Bits", "Kilobits", "Megabits", "Gigabits", "Terabits")
UNITS = frozenset(
    (
        *("Seconds", "Microseconds", "Milliseconds"),
        *_SIZES,
        *(f"{size}/Second" for size in _SIZES),
        *("Count", "Count/Second", "Percent", "None"),
    )
)
_OF_ONE_METRIC = (
    "Namespace", "MetricName", "Dimensions", "Period", "Unit", "Statistic", "ExtendedStatistic"
)  # fmt: skip
_NOT_OF_PROMQL = (
    *_OF_ONE_METRIC, "Metrics", "Threshold", "ThresholdMetricId", "EvaluationPeriods",
    "DatapointsToAlarm", "ComparisonOperator", "TreatMissingData",
    "EvaluateLowSampleCountPercentile", "EvaluationWindow",
)  # fmt: skip
_DAY, _WEEK = 86_400, 604_800
_SPAN = "EvaluationPeriods * Period must be"


def problems(alarm: Alarm) -> Iterator[str]:
    """Everything that PutMetricAlarm would refuse."""
    yield from common(alarm)
    if alarm.get("EvaluationCriteria") is not None:
        yield from _promql(alarm)
        return
    if alarm.get("EvaluationInterval") is not None:
        yield "EvaluationInterval goes with EvaluationCriteria only."
    yield from _choices(alarm)
    yield from m_of_n(alarm, "EvaluationPeriods", "DatapointsToAlarm")
    yield from _spans(alarm)
    if alarm.get("Metrics"):
        yield from _no_single_metric(alarm)
        yield from queries.problems(alarm)
    elif not alarm.get("MetricName"):
        yield "MetricName must not be null"
    else:
        yield from _single_metric(alarm)
    yield from _threshold(alarm)
    yield from _window(alarm)
    yield from warm_up(alarm)


def _choices(alarm: Alarm) -> Iterator[str]:
    yield from treatment(alarm)
    few = alarm.get("EvaluateLowSampleCountPercentile")
    if few is not None and few not in ("evaluate", "ignore"):
        yield f"Option {few} for evaluateLowSampleCountPercentile is not supported."
    operator = alarm.get("ComparisonOperator")
    if operator not in tuple(Operator):
        yield f"Value '{operator}' at 'comparisonOperator' must be one of {one_of(Operator)}."


def _spans(alarm: Alarm) -> Iterator[str]:
    """How far back the alarm would look with the longest of its periods."""
    n = alarm.get("EvaluationPeriods")
    periods = queries.periods(alarm)
    if not is_whole(n) or not periods:
        return
    if any(period < 3600 and period * n > _DAY for period in periods):
        yield (
            f"Metrics cannot be checked across more than a day ({_SPAN} <= {_DAY}) "
            "for alarms using period < 3600"
        )
    elif any(period * n > _WEEK for period in periods):
        yield (
            f"Metrics cannot be checked across more than a week ({_SPAN} <= {_WEEK}) "
            "for alarms using period >= 3600"
        )


def _single_metric(alarm: Alarm) -> Iterator[str]:
    yield from queries.metric(alarm.get("Namespace"), alarm["MetricName"])
    yield from dimensions(alarm.get("Dimensions") or ())
    yield from queries.period(alarm.get("Period"))
    unit = alarm.get("Unit")
    if unit is not None and unit not in UNITS:
        yield f"Value '{unit}' at 'unit' is not a standard unit."
    yield from _statistic(alarm)


def _statistic(alarm: Alarm) -> Iterator[str]:
    plain, extended = alarm.get("Statistic"), alarm.get("ExtendedStatistic")
    if bool(plain) == bool(extended):
        yield "Exactly one of Statistic and ExtendedStatistic must be set."
    if plain and plain not in PLAIN:
        yield f"Value '{plain}' at 'statistic' must be one of {sorted(PLAIN)}."
    if extended:
        yield from queries.extended(str(extended))
    if alarm.get("EvaluateLowSampleCountPercentile") and not _is_percentile(plain or extended):
        yield (
            "Option evaluateLowSampleCountPercentile can not be applied with statistic "
            f"{plain or extended}. This option is enabled only for percentile statistics."
        )


def _is_percentile(name: object) -> bool:
    try:
        return statistics.parse(str(name)).kind is statistics.Kind.PERCENTILE
    except ValueError:
        return str(name).startswith("p")


def _no_single_metric(alarm: Alarm) -> Iterator[str]:
    for name in _OF_ONE_METRIC:
        if alarm.get(name):
            yield f"{name} should not be set if list of Metrics is set."


def _threshold(alarm: Alarm) -> Iterator[str]:
    operator, band = alarm.get("ComparisonOperator"), alarm.get("ThresholdMetricId")
    if operator in tuple(Operator) and Operator(operator).is_band != (band is not None):
        yield f"ComparisonOperator {operator} does not go with the kind of threshold."
    if band is None:
        yield from threshold(alarm)
        return
    if alarm.get("Threshold") is not None:
        yield "Threshold should not be set if ThresholdMetricId is set."
    if not alarm.get("Metrics"):
        yield "ThresholdMetricId must be the Id of an ANOMALY_DETECTION_BAND expression."


def _window(alarm: Alarm) -> Iterator[str]:
    window = alarm.get("EvaluationWindow")
    if window is None:
        return
    if len(window) != 1 or not set(window) <= {"SlidingWindow", "WallClockWindow"}:
        yield "EvaluationWindow must hold exactly one of SlidingWindow and WallClockWindow."
        return
    if "WallClockWindow" in window:
        yield from _wall_clock(alarm, window["WallClockWindow"] or {})


def _wall_clock(alarm: Alarm, clock: Mapping[str, Any]) -> Iterator[str]:
    allowed = ", ".join(map(str, zones.PERIODS))
    if any(period not in zones.PERIODS for period in queries.periods(alarm)):
        yield f"WallClockWindow: Period must be one of {allowed}."
    name = clock.get("Timezone", "UTC")
    if not isinstance(name, str) or not 1 <= len(name) <= 50:
        yield "WallClockWindow: Timezone must have a length between 1 and 50."
        return
    try:
        zones.zone(name)
    except ValueError as error:
        yield f"WallClockWindow: {error}"


def _promql(alarm: Alarm) -> Iterator[str]:
    for name in _NOT_OF_PROMQL:
        if alarm.get(name) is not None:
            yield f"{name} should not be set if EvaluationCriteria is set."
    criteria = alarm["EvaluationCriteria"].get("PromQLCriteria")
    if set(alarm["EvaluationCriteria"]) != {"PromQLCriteria"} or criteria is None:
        yield "EvaluationCriteria must hold PromQLCriteria."
        return
    if not 1 <= len(criteria.get("Query") or "") <= 10_000:
        yield "PromQLCriteria: Query must have a length between 1 and 10000."
    for name in ("PendingPeriod", "RecoveryPeriod"):
        seconds = criteria.get(name, 0)
        if not is_whole(seconds) or not 0 <= seconds <= _DAY:
            yield f"PromQLCriteria: {name} must be between 0 and {_DAY} seconds."
    interval = alarm.get("EvaluationInterval")
    if not is_whole(interval) or not 10 <= interval <= 3600 or list(queries.period(interval)):
        yield "EvaluationInterval must be 10, 20, 30 or a multiple of 60, at most 3600."
    yield from warm_up(alarm)
