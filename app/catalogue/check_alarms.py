"""What must fit together in the alarms of a service file, and checks that other parts share.

Alarms are ones that PutMetricAlarm would take, on metrics that the file declares.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from app.catalogue.advised import RecommendedAlarm, RecommendedComposite, ThresholdFrom
from app.catalogue.paths import compiled
from app.catalogue.schema import Service
from app.config.mistakes import Location, suggestion
from app.query.lang import QueryError
from app.query.metric_math import tree
from app.query.metric_math.parse import parse

Found = Iterator[tuple[Location, str]]

_DAY, _WEEK = 86_400, 604_800


def alarm_mistakes(service: Service) -> Found:
    """Everything in alarms and composites that does not fit, with its place in the file."""
    for index, alarm in enumerate(service.alarms):
        yield from _alarm(service, alarm, ("alarms", index))
    for index, composite in enumerate(service.composites):
        yield from _composite(service, composite, ("composites", index))


def _alarm(service: Service, alarm: RecommendedAlarm, at: Location) -> Found:
    for id_, each in alarm.inputs.items():
        where: Location = (*at, "metrics", id_, "metric") if alarm.metrics else (*at, "metric")
        yield from declared(service, each.metric, each.statistic, where)
        yield from _series(service, alarm, each.metric, where)
    yield from threshold(alarm.threshold, (*at, "threshold"))
    yield from readable(alarm.match, (*at, "match"))
    if alarm.expression:
        yield from _expression(alarm, (*at, "expression"))
    yield from _evaluation(alarm, at)


def _series(service: Service, alarm: RecommendedAlarm, name: str, at: Location) -> Found:
    kind, metric = service.resource_kind(alarm.kind), service.metric(name)
    if kind is None:
        kinds = [k.kind for k in service.resources]
        yield from among(alarm.kind, kinds, (*at[:2], "kind"))
    elif metric and metric.kinds and alarm.kind not in metric.kinds:
        yield at, f"resources of `{alarm.kind}` have no `{name}`"
    elif metric:
        names = {*kind.dimensions, *alarm.dimensions}
        if not any(names == set(each) for each in metric.dimensions):
            shown = ", ".join(sorted(names)) or "no dimensions"
            yield at, f"`{name}` is not declared with exactly {shown}"


def _expression(alarm: RecommendedAlarm, at: Location) -> Found:
    try:
        used = set(_ids(parse(alarm.expression)))
    except QueryError as error:
        yield at, f"is no metric math: {error.message}"
        return
    for name in sorted(used - set(alarm.metrics)):
        yield from among(name, list(alarm.metrics), at)
    for name in sorted(set(alarm.metrics) - used):
        yield at, f"does not use `{name}`; use it or remove it from `metrics`"


def _ids(part: object) -> Iterator[str]:
    """The names of metrics in an expression."""
    if isinstance(part, tree.Id):
        yield part.name
    elif isinstance(part, tuple):
        for each in part:
            yield from _ids(each)
    elif is_dataclass(part):
        for field in fields(part):
            yield from _ids(getattr(part, field.name))


def _evaluation(alarm: RecommendedAlarm, at: Location) -> Found:
    if alarm.datapoints_to_alarm > alarm.evaluation_periods:
        yield (*at, "datapoints_to_alarm"), "must be at most `evaluation_periods`"
    if alarm.period not in (10, 20, 30) and (alarm.period < 60 or alarm.period % 60):
        yield (*at, "period"), "must be 10, 20, 30 or a multiple of 60"
    longest = _DAY if alarm.period < 3_600 else _WEEK
    if alarm.period * alarm.evaluation_periods > longest:
        yield (*at, "evaluation_periods"), f"times the period must be at most {longest:,} s"
    if alarm.band is not None and not 60 <= alarm.period <= 3_600:
        yield (*at, "period"), "must be 60 to 3,600 s for an alarm with a `band`"


def _composite(service: Service, composite: RecommendedComposite, at: Location) -> Found:
    yield from among(composite.of, [alarm.id for alarm in service.alarms], (*at, "of"))
    yield from readable(composite.by, (*at, "by"))
    if composite.at_least != "all" and composite.at_least > composite.smallest:
        yield (*at, "at_least"), "must be at most `smallest`, or small groups could never fire"


def threshold(limit: float | ThresholdFrom | None, at: Location) -> Found:
    if isinstance(limit, ThresholdFrom):
        yield from readable(limit.configuration, (*at, "configuration"))


def among(name: str, known: list[str], at: Location) -> Found:
    if name not in known:
        yield at, f"`{name}` is not declared in this file; {suggestion(name, known)}"


def readable(expression: str, at: Location) -> Found:
    try:
        if expression:
            compiled(expression)
    except ValueError as error:
        yield at, str(error)


def declared(service: Service, name: str, statistic: str, at: Location) -> Found:
    metric = service.metric(name)
    if metric is None:
        yield from among(name, [each.name for each in service.metrics], at)
    elif statistic not in metric.statistics:
        yield at, f"`{name}` is not collected as {statistic}; add it to its statistics"
