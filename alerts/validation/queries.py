"""The list of Metrics of an alarm: its queries, what they return, and what they compute."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from alerts import statistics
from alerts.validation.common import Alarm, dimensions, is_whole, services_of_actions
from alerts.verdict.expression import watched
from alerts.verdict.rule import INSIGHTS_REACH, is_band, is_select, period_of
from app.model.watching import PLAIN
from app.query import metric_math, metrics_sql
from app.query.lang import QueryError

Query = Mapping[str, Any]
_ID = re.compile(r"[a-z][A-Za-z0-9_]{0,254}")
_SEARCH = re.compile(r"\bSEARCH\s*\(", re.IGNORECASE)
_EMPTY = {"lower": (), "upper": ()}


def problems(alarm: Alarm) -> Iterator[str]:
    """Everything that is wrong with the list of Metrics."""
    listed: Sequence[Query] = alarm["Metrics"]
    stats = [query for query in listed if query.get("MetricStat")]
    expressions = [query for query in listed if query.get("Expression")]
    if len(listed) > 20 or len(stats) > 10 or len(expressions) > 10:
        yield "Metrics must hold at most 10 metrics and 10 expressions."
    ids = [str(query.get("Id") or "") for query in listed]
    if len(set(ids)) < len(ids):
        yield "Metrics: every Id must be unique."
    for query in listed:
        yield from _query(query)
    if len({query["MetricStat"].get("Period") for query in stats}) > 1:
        yield "Metrics: all metrics of an alarm must have the same period."
    yield from _returned(listed, alarm)
    if "ec2" in services_of_actions(alarm):
        yield "EC2 actions are not supported for alarms on metric math expressions."
    selects = [query for query in expressions if is_select(query)]
    if selects:
        yield from _insights(alarm, selects)
    yield from _computed(alarm)


def periods(alarm: Alarm) -> set[int]:
    """Every period that is written anywhere in an alarm."""
    written = {alarm.get("Period")}
    for query in alarm.get("Metrics") or ():
        written |= {query.get("Period"), (query.get("MetricStat") or {}).get("Period")}
    return {value for value in written if isinstance(value, int) and value}


def period(value: object) -> Iterator[str]:
    if not is_whole(value) or value < 1:
        yield "Period must not be null."
    elif value not in (10, 20, 30) and value % 60:
        yield "Period must be 10, 20, 30 or a multiple of 60."


def metric(namespace: object, name: object) -> Iterator[str]:
    space = str(namespace or "")
    if not 1 <= len(space) <= 255 or space.startswith(":"):
        yield "Namespace must have a length between 1 and 255 and must not start with a colon."
    if not 1 <= len(str(name or "")) <= 255:
        yield "MetricName must have a length between 1 and 255."


def extended(text: str) -> Iterator[str]:
    """An ExtendedStatistic; the five plain statistics are none (E3)."""
    if text in PLAIN:
        yield f"The value {text} for parameter ExtendedStatistic is not supported."
        return
    try:
        statistics.parse(text)
    except ValueError as error:
        yield str(error)


def _query(query: Query) -> Iterator[str]:
    name = str(query.get("Id") or "")
    if not _ID.fullmatch(name):
        yield f"Metrics: Id {name!r} must match [a-z][A-Za-z0-9_]*."
    stat, expression = query.get("MetricStat"), query.get("Expression")
    if (stat is None) == (expression is None):
        yield f"Metrics: {name} must have exactly one of MetricStat and Expression."
    if stat:
        yield from _metric_stat(stat)
    if query.get("Period") is not None:
        yield from period(query["Period"])
    if expression is not None and not 1 <= len(str(expression)) <= 2048:
        yield f"Metrics: the expression {name} must have a length between 1 and 2048."
    if expression and not is_select(query) and _SEARCH.search(str(expression)):
        yield "SEARCH is not supported on Metric Alarms."


def _metric_stat(stat: Mapping[str, Any]) -> Iterator[str]:
    yield from period(stat.get("Period"))
    text = str(stat.get("Stat") or "")
    if text not in PLAIN:
        yield from extended(text)
    of = stat.get("Metric") or {}
    yield from metric(of.get("Namespace"), of.get("MetricName"))
    yield from dimensions(of.get("Dimensions") or ())


def _returned(queries: Sequence[Query], alarm: Alarm) -> Iterator[str]:
    """One series returns data; with a band, the metric and the band may both do so."""
    returned = [query for query in queries if query.get("ReturnData", True)]
    band_id = alarm.get("ThresholdMetricId")
    band = next((query for query in queries if query.get("Id") == band_id), None)
    if len([query for query in returned if band_id is None or query is not band]) != 1:
        yield "Exactly one element of the metrics list should return data."
    if band_id is None:
        return
    if band is None or not is_band(band):
        yield "ThresholdMetricId must be the Id of an ANOMALY_DETECTION_BAND expression."
    span = period_of(alarm)
    if span is not None and not 60 <= span <= 3600:
        yield "Anomaly detection needs a period between 60 and 3600 seconds."
    if "autoscaling" in services_of_actions(alarm):
        yield "Auto Scaling actions are not supported for anomaly detection alarms."


def _insights(alarm: Alarm, selects: Sequence[Query]) -> Iterator[str]:
    span, n = period_of(alarm) or 60, alarm.get("EvaluationPeriods")
    if span < 60:
        yield "MetricsInsights monitors do not support less than 60 seconds period"
    clocked = "WallClockWindow" in (alarm.get("EvaluationWindow") or {})
    if span * ((n if isinstance(n, int) else 1) + clocked) > INSIGHTS_REACH:
        yield "MetricsInsights monitors cannot be checked across more than 3 hours"
    for query in selects:
        yield from _select(alarm, query)


def _select(alarm: Alarm, query: Query) -> Iterator[str]:
    try:
        tree = metrics_sql.parse(str(query["Expression"]))
    except QueryError as error:
        yield f"Metrics: {query.get('Id')}: {error.message}"
        return
    if not tree.group:
        return
    if tree.order is None or not query.get("ReturnData", True):
        yield "An alarm over several time series needs GROUP BY and ORDER BY in what it returns."
    if {"autoscaling", "ec2"} & services_of_actions(alarm):
        yield "Autoscaling actions are not available for Multi Time Series alarms"
    if {"sns", "lambda"} & services_of_actions(alarm, "InsufficientDataActions"):
        yield (
            "InsufficientData actions are not supported for contributor-level action types in "
            "Multi Time Series alarms"
        )


def _one_series(function: str, arguments: Sequence[object]) -> Sequence[tuple[str, str, tuple[()]]]:
    """What a function that only CloudWatch can answer would give: it is valid, if not here."""
    del arguments
    return [(function, function, ())]


def _computed(alarm: Alarm) -> Iterator[str]:
    """Whether the watched expression gives one series, tried without any data."""
    query = watched(alarm)
    text = str(query.get("Expression") or "")
    if not text or is_select(query) or _SEARCH.search(text):
        return
    listed: Sequence[Query] = alarm["Metrics"]
    given = {str(q.get("Id")): () for q in listed if q.get("MetricStat") or is_select(q)}
    others = {
        str(q.get("Id")): str(q["Expression"])
        for q in listed
        if q.get("Expression") and q is not query and str(q.get("Id")) not in given
    }
    span = period_of(alarm) or 60
    try:
        metric_math.evaluate(
            text,
            given,
            span,
            0,
            span,
            expressions=others,
            bands=_EMPTY,
            context="alarm",
            ask=_one_series,
        )
    except QueryError as error:
        yield f"Metrics: {query.get('Id')}: {error.message}"
