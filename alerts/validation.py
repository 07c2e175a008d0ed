"""What AWS would refuse about an alarm, in words close to AWS's so that users find them.

All problems are told at once. Nothing here asks AWS.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from alerts import statistics
from alerts.verdict import zones
from alerts.verdict.rule import INSIGHTS_REACH, Operator, Treatment, is_select, period_of
from app.model.errors import OpsError
from app.model.watching import PLAIN

_SIZES: tuple[str, ...] = ("Bytes", "Kilobytes", "Megabytes", "Gigabytes", "Terabytes")
_SIZES += ("Bits", "Kilobits", "Megabits", "Gigabits", "Terabits")
_TIMES = ("Seconds", "Microseconds", "Milliseconds")
_UNITS = frozenset(
    (
        *_TIMES,
        *_SIZES,
        *(f"{size}/Second" for size in _SIZES),
        "Count",
        "Count/Second",
        "Percent",
        "None",
    )
)
_ID = re.compile(r"^[a-z][A-Za-z0-9_]{0,254}$")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_BAND = re.compile(r"^\s*ANOMALY_DETECTION_BAND\s*\(", re.IGNORECASE)
_SEARCH = re.compile(r"\bSEARCH\s*\(", re.IGNORECASE)
_ACTIONS = ("OKActions", "AlarmActions", "InsufficientDataActions")
_OF_ONE_METRIC = (
    "Namespace", "MetricName", "Dimensions", "Period", "Unit", "Statistic", "ExtendedStatistic"
)  # fmt: skip

_DAY, _WEEK = 86_400, 604_800
_SPAN = "EvaluationPeriods * Period must be"

Alarm = Mapping[str, Any]


class InvalidAlarm(OpsError, ValueError):
    """An alarm that AWS would refuse; ``problems`` says everything that is wrong with it."""

    def __init__(self, name: str, problems: Sequence[str]) -> None:
        super().__init__(f"alarm {name or '(unnamed)'}: {' '.join(problems)}")
        self.name, self.problems = name, tuple(problems)


def validate(alarm: Alarm) -> None:
    """Raise InvalidAlarm unless AWS would accept the alarm."""
    found = problems(alarm)
    if found:
        raise InvalidAlarm(str(alarm.get("AlarmName") or ""), found)


def problems(alarm: Alarm) -> list[str]:
    """Everything that PutMetricAlarm would refuse; empty when the alarm is valid."""
    found = [*_names(alarm), *_lists(alarm), *_choices(alarm), *_counts(alarm)]
    if "EvaluationCriteria" in alarm:
        return [*found, "EvaluationCriteria: PromQL alarms are not supported."]
    if alarm.get("Metrics"):
        found += [*_no_single_metric(alarm), *_queries(alarm["Metrics"], alarm)]
    elif not alarm.get("MetricName"):
        found.append("MetricName must not be null")
    else:
        found += _single_metric(alarm)
    return [*found, *_threshold(alarm), *_window(alarm), *_warm_up(alarm)]


def _names(alarm: Alarm) -> Iterator[str]:
    name = alarm.get("AlarmName")
    if not isinstance(name, str) or not 1 <= len(name) <= 255:
        yield "AlarmName must have a length between 1 and 255."
    elif _CONTROL.search(name):
        yield "AlarmName must not contain control characters."
    if len(alarm.get("AlarmDescription") or "") > 1024:
        yield "AlarmDescription must have a length of at most 1024."


def _lists(alarm: Alarm) -> Iterator[str]:
    for name in _ACTIONS:
        actions = alarm.get(name) or ()
        if len(actions) > 5:
            yield f"{name} must hold at most 5 actions."
        if any(not 1 <= len(str(action)) <= 1024 for action in actions):
            yield f"{name}: an action must have a length between 1 and 1024."
    yield from _dimensions(alarm.get("Dimensions") or ())
    if len(alarm.get("Tags") or ()) > 50:
        yield "Tags must hold at most 50 tags."


def _dimensions(dimensions: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if len(dimensions) > 30:
        yield "Dimensions must hold at most 30 dimensions."
    for dimension in dimensions:
        name, value = str(dimension.get("Name") or ""), str(dimension.get("Value") or "")
        if not 1 <= len(name) <= 255 or name.startswith(":") or not name.isascii():
            yield f"Dimension name {name!r} must be 1 to 255 ASCII characters, not led by a colon."
        if not 1 <= len(value) <= 1024 or not value.isascii():
            yield f"Dimension value of {name!r} must be 1 to 1024 ASCII characters."


def _choices(alarm: Alarm) -> Iterator[str]:
    treatment = alarm.get("TreatMissingData")
    if treatment and treatment not in tuple(Treatment):
        yield f"Value '{treatment}' at 'treatMissingData' must be one of {_one_of(Treatment)}."
    few = alarm.get("EvaluateLowSampleCountPercentile")
    if few and few not in ("evaluate", "ignore"):
        yield f"Option {few} for evaluateLowSampleCountPercentile is not supported."
    operator = alarm.get("ComparisonOperator")
    if operator not in tuple(Operator):
        yield f"Value '{operator}' at 'comparisonOperator' must be one of {_one_of(Operator)}."


def _one_of(choices: type[Treatment] | type[Operator]) -> str:
    return f"[{', '.join(choices)}]"


def _counts(alarm: Alarm) -> Iterator[str]:
    n, m = alarm.get("EvaluationPeriods"), alarm.get("DatapointsToAlarm")
    if "EvaluationCriteria" in alarm:
        return
    if not isinstance(n, int) or isinstance(n, bool) or n < 1:
        yield "EvaluationPeriods must be a number of at least 1."
        return
    if m is not None and (not _is_whole(m) or m < 1):
        yield "DatapointsToAlarm must be a number of at least 1."
    elif m is not None and m > n:
        yield "DatapointsToAlarm must be less than or equal to EvaluationPeriods."
    period = period_of(alarm)
    if period and period < 3600 and period * n > _DAY:
        yield f"Metrics cannot be checked across more than a day ({_SPAN} <= {_DAY})."
    elif period and period * n > _WEEK:
        yield f"Metrics cannot be checked across more than seven days ({_SPAN} <= {_WEEK})."


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _period(period: object) -> Iterator[str]:
    if not _is_whole(period) or not isinstance(period, int) or period < 1:
        yield "Period must not be null."
    elif period not in (10, 20, 30) and period % 60:
        yield "Period must be 10, 20, 30 or a multiple of 60."


def _single_metric(alarm: Alarm) -> Iterator[str]:
    namespace = str(alarm.get("Namespace") or "")
    if not 1 <= len(namespace) <= 255 or namespace.startswith(":"):
        yield "Namespace must have a length between 1 and 255 and must not start with a colon."
    if len(str(alarm["MetricName"])) > 255:
        yield "MetricName must have a length of at most 255."
    yield from _period(alarm.get("Period"))
    unit = alarm.get("Unit")
    if unit and unit not in _UNITS:
        yield f"Value '{unit}' at 'unit' is not a standard unit."
    yield from _statistic(alarm)


def _statistic(alarm: Alarm) -> Iterator[str]:
    plain, extended = alarm.get("Statistic"), alarm.get("ExtendedStatistic")
    if bool(plain) == bool(extended):
        yield "Exactly one of Statistic and ExtendedStatistic must be set."
    if plain and plain not in PLAIN:
        yield f"Value '{plain}' at 'statistic' must be one of {sorted(PLAIN)}."
    if extended:
        yield from _extended(str(extended))


def _extended(text: str) -> Iterator[str]:
    if text in PLAIN:
        yield f"The value {text} for parameter ExtendedStatistic is not supported."
        return
    try:
        statistics.parse(text)
    except ValueError as error:
        yield str(error)


def _no_single_metric(alarm: Alarm) -> Iterator[str]:
    for name in _OF_ONE_METRIC:
        if alarm.get(name):
            yield f"{name} should not be set if list of Metrics is set."


def _queries(queries: Sequence[Mapping[str, Any]], alarm: Alarm) -> Iterator[str]:
    stats = [query for query in queries if query.get("MetricStat")]
    expressions = [query for query in queries if query.get("Expression")]
    if len(queries) > 20 or len(stats) > 10 or len(expressions) > 10:
        yield "Metrics must hold at most 10 metrics and 10 expressions."
    ids = [str(query.get("Id") or "") for query in queries]
    if len(set(ids)) < len(ids):
        yield "Metrics: every Id must be unique."
    for query in queries:
        yield from _query(query)
    periods = {query["MetricStat"].get("Period") for query in stats}
    if len(periods) > 1:
        yield "Metrics: all metrics of an alarm must have the same period."
    yield from _returned(queries, alarm)
    if any(is_select(query) for query in expressions):
        yield from _insights(alarm)


def _query(query: Mapping[str, Any]) -> Iterator[str]:
    name = str(query.get("Id") or "")
    if not _ID.match(name):
        yield f"Metrics: Id {name!r} must match [a-z][A-Za-z0-9_]*."
    stat, expression = query.get("MetricStat"), query.get("Expression")
    if bool(stat) == bool(expression):
        yield f"Metrics: {name} must have exactly one of MetricStat and Expression."
    if stat:
        yield from _period(stat.get("Period"))
        text = str(stat.get("Stat") or "")
        if text not in PLAIN:
            yield from _extended(text)
        yield from _dimensions((stat.get("Metric") or {}).get("Dimensions") or ())
    if expression and len(str(expression)) > 2048:
        yield f"Metrics: the expression {name} must have a length of at most 2048."
    if expression and _SEARCH.search(str(expression)):
        yield "SEARCH is not supported on Metric Alarms."


def _returned(queries: Sequence[Mapping[str, Any]], alarm: Alarm) -> Iterator[str]:
    """One series returns data; with a band, the metric and the band may both do so."""
    returned = [query for query in queries if query.get("ReturnData", True)]
    band_id = alarm.get("ThresholdMetricId")
    if band_id is None:
        if len(returned) != 1:
            yield "Exactly one element of the metrics list should return data."
        return
    band = next((query for query in queries if query.get("Id") == band_id), None)
    if band is None or not _BAND.match(str(band.get("Expression") or "")):
        yield "ThresholdMetricId must be the Id of an ANOMALY_DETECTION_BAND expression."
    if len([query for query in returned if query is not band]) != 1:
        yield "Exactly one element of the metrics list should return data."
    period = period_of(alarm)
    if period is not None and not 60 <= period <= 3600:
        yield "Anomaly detection needs a period between 60 and 3600 seconds."


def _insights(alarm: Alarm) -> Iterator[str]:
    period, n = period_of(alarm) or 60, alarm.get("EvaluationPeriods")
    if period < 60:
        yield "MetricsInsights monitors do not support less than 60 seconds period"
    reach = (n if isinstance(n, int) else 1) + (1 if _clock(alarm) is not None else 0)
    if period * reach > INSIGHTS_REACH:
        yield "MetricsInsights monitors cannot be checked across more than 3 hours"


def _threshold(alarm: Alarm) -> Iterator[str]:
    operator, threshold = alarm.get("ComparisonOperator"), alarm.get("Threshold")
    band = alarm.get("ThresholdMetricId")
    if operator in tuple(Operator) and Operator(operator).is_band != (band is not None):
        yield f"ComparisonOperator {operator} does not go with the kind of threshold."
    if band is not None and threshold is not None:
        yield "Threshold should not be set if ThresholdMetricId is set."
    if band is None and (isinstance(threshold, bool) or not isinstance(threshold, int | float)):
        yield "Threshold must not be null for a static threshold."


def _clock(alarm: Alarm) -> Mapping[str, Any] | None:
    window = alarm.get("EvaluationWindow") or {}
    clock: Mapping[str, Any] | None = window.get("WallClockWindow")
    return clock


def _window(alarm: Alarm) -> Iterator[str]:
    window = alarm.get("EvaluationWindow")
    if window is None:
        return
    if len(window) != 1 or not set(window) <= {"SlidingWindow", "WallClockWindow"}:
        yield "EvaluationWindow must hold exactly one of SlidingWindow and WallClockWindow."
        return
    clock = _clock(alarm)
    if clock is None:
        return
    for period in _all_periods(alarm):
        if period not in zones.PERIODS:
            yield f"WallClockWindow: Period must be one of {', '.join(map(str, zones.PERIODS))}."
    try:
        zones.zone(str(clock.get("Timezone") or "UTC"))
    except ValueError as error:
        yield f"WallClockWindow: {error}"


def _all_periods(alarm: Alarm) -> set[int]:
    written = {alarm.get("Period"), period_of(alarm)}
    for query in alarm.get("Metrics") or ():
        written |= {query.get("Period"), (query.get("MetricStat") or {}).get("Period")}
    return {period for period in written if period}


def _warm_up(alarm: Alarm) -> Iterator[str]:
    written = alarm.get("WarmUpConfiguration")
    if written is None:
        return
    minutes = written.get("WarmUpPeriodDurationInMinutes")
    if not _is_whole(minutes) or not 1 <= minutes <= 2880:
        yield "WarmUpPeriodDurationInMinutes must be between 1 and 2880."
