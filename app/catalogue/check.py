"""What must fit together inside a service file, beyond the form of its fields.

Names that are used are declared, paths are JMESPath, alarms are ones that
PutMetricAlarm would take. Whether AWS knows the operations and members is the
contract test's question, as it needs botocore's models.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Iterator, Sequence

from app.catalogue.paths import compiled
from app.catalogue.schema import (
    Call,
    Condition,
    Describe,
    Measure,
    RecommendedAlarm,
    ResourceKind,
    Service,
    ThresholdFrom,
)
from app.config.mistakes import Location, suggestion

Found = Iterator[tuple[Location, str]]

SECRETS = ("Environment", "environment", "UserData", "secrets", "Policy", "policy", "MasterUser")
"""Members that hold, or often hold, secrets; a configuration never keeps them."""

_DAY, _WEEK = 86_400, 604_800


def mistakes_of(service: Service) -> Found:
    """Everything that does not fit, with its place in the file."""
    yield from _doubles(service)
    for index, kind in enumerate(service.resources):
        yield from _kind(service, kind, ("resources", index))
    kinds = [kind.kind for kind in service.resources]
    for index, metric in enumerate(service.metrics):
        for number, name in enumerate(metric.kinds):
            yield from _known(name, kinds, ("metrics", index, "kinds", number))
    for location, measure in _measures(service):
        yield from _measure(service, measure, location)
    for index, condition in enumerate(service.health):
        yield from _condition(condition, ("health", index))
    for index, state in enumerate(service.states):
        at: Location = ("states", index)
        yield from _known(state.kind, kinds, (*at, "kind"))
        yield from _path(state.match, (*at, "match"))
        yield from _fields(state.says, {"resource", "state"}, (*at, "says"))
    for index, panel in enumerate(service.panels):
        for number, limit in enumerate(panel.limits):
            yield from _threshold(limit.value, ("panels", index, "limits", number, "value"))
    for index, alarm in enumerate(service.alarms):
        yield from _alarm(service, alarm, ("alarms", index))


def _doubles(service: Service) -> Found:
    lists: list[tuple[str, str, Sequence[str]]] = [
        ("resources", "kind", [kind.kind for kind in service.resources]),
        ("metrics", "name", [metric.name for metric in service.metrics]),
        ("alarms", "id", [alarm.id for alarm in service.alarms]),
    ]
    for name, key, values in lists:
        counted = Counter(values)
        for index, value in enumerate(values):
            if counted[value] > 1 and values.index(value) != index:
                yield (name, index, key), f"`{value}` stands twice; rename one"


def _kind(service: Service, kind: ResourceKind, at: Location) -> Found:
    for name in ("id", "name", "state", "tags"):
        yield from _path(getattr(kind, name), (*at, name))
    arn_paths = _placeholders(kind.arn) if kind.arn.startswith("arn:") else [kind.arn]
    for path in arn_paths:
        yield from _path(path, (*at, "arn"))
    for name in ("dimensions", "derived"):
        for key, path in getattr(kind, name).items():
            yield from _path(path, (*at, name, key))
    for index, member in enumerate(kind.configuration):
        if member.startswith(SECRETS):
            yield (*at, "configuration", index), f"`{member}` may hold secrets; leave it out"
    for index, lookup in enumerate(kind.lookups):
        yield from _path(lookup.of, (*at, "lookups", index, "of"))
        for row, (pattern, _) in enumerate(lookup.table):
            yield from _regex(pattern, (*at, "lookups", index, "table", row))
    if kind.part_of:
        yield from _known(kind.part_of, [k.kind for k in service.resources], (*at, "part_of"))
    yield from _calls(kind, at)


def _calls(kind: ResourceKind, at: Location) -> Found:
    calls: list[tuple[Location, Call]] = [((*at, "list"), kind.list)]
    if kind.per:
        calls.append(((*at, "per"), kind.per))
    describes: list[tuple[Location, Describe]] = [
        ((*at, name, i), call)
        for name in ("per_describe", "describe")
        for i, call in enumerate(getattr(kind, name))
    ]
    calls += describes
    for index, mention in enumerate(kind.mentions):
        yield from _path(mention.sources, (*at, "mentions", index, "sources"))
        if mention.call:
            calls.append(((*at, "mentions", index, "call"), mention.call))
    for where, call in calls:
        yield from _path(call.items, (*where, "items"))
        for name, value in call.params.items():
            if isinstance(value, str) and value.startswith("$"):
                yield from _path(value[1:].removeprefix("."), (*where, "params", name))
    for where, describe in describes:
        for name in ("pick", "match", "match_item"):
            yield from _path(getattr(describe, name), (*where, name))
        if bool(describe.batch) != bool(describe.match and describe.match_item):
            yield (*where, "batch"), "goes with `match` and `match_item`; give all three or none"


def _measures(service: Service) -> Iterator[tuple[Location, Measure]]:
    for index, tile in enumerate(service.tiles):
        yield ("tiles", index), tile
    for index, panel in enumerate(service.panels):
        for number, measure in enumerate(panel.measures):
            yield ("panels", index, "measures", number), measure
    for index, condition in enumerate(service.health):
        yield ("health", index, "measure"), condition.measure


def _measure(service: Service, measure: Measure, at: Location) -> Found:
    parts = [("metric", measure.metric, measure.statistic)]
    parts += [("plus", name, measure.statistic) for name in measure.plus]
    if measure.over:
        parts.append(("over", measure.over, measure.over_statistic))
    parts += [("over_plus", name, measure.over_statistic) for name in measure.over_plus]
    for field, name, statistic in parts:
        yield from _declared(service, name, statistic, (*at, field))
    if measure.kind:
        yield from _known(measure.kind, [k.kind for k in service.resources], (*at, "kind"))
    for name in ("over_configuration", "match"):
        yield from _path(getattr(measure, name), (*at, name))
    if measure.over and measure.over_configuration:
        yield (*at, "over"), "cannot stand beside `over_configuration`; remove one"
    if not service.carriers(measure):
        yield (*at, "metric"), f"no kind of resource carries `{measure.metric}`; see its dimensions"


def _declared(service: Service, name: str, statistic: str, at: Location) -> Found:
    metric = service.metric(name)
    if metric is None:
        yield from _known(name, [each.name for each in service.metrics], at)
    elif statistic not in metric.statistics:
        yield at, f"`{name}` is not collected as {statistic}; add it to its statistics"


def _condition(condition: Condition, at: Location) -> Found:
    yield from _threshold(condition.threshold, (*at, "threshold"))
    yield from _fields(condition.says, {"value", "threshold", "resource"}, (*at, "says"))
    if condition.floor and not condition.measure.over:
        yield (*at, "floor"), "needs a measure with `over`; remove it or add one"


def _alarm(service: Service, alarm: RecommendedAlarm, at: Location) -> Found:
    yield from _declared(service, alarm.metric, alarm.statistic, (*at, "metric"))
    yield from _threshold(alarm.threshold, (*at, "threshold"))
    yield from _path(alarm.match, (*at, "match"))
    kind, metric = service.resource_kind(alarm.kind), service.metric(alarm.metric)
    if kind is None:
        yield from _known(alarm.kind, [k.kind for k in service.resources], (*at, "kind"))
    elif metric and metric.kinds and alarm.kind not in metric.kinds:
        yield (*at, "metric"), f"resources of `{alarm.kind}` have no `{alarm.metric}`"
    elif metric:
        names = {*kind.dimensions, *alarm.dimensions}
        if not any(names == set(declared) for declared in metric.dimensions):
            shown = ", ".join(sorted(names)) or "no dimensions"
            yield (*at, "metric"), f"`{alarm.metric}` is not declared with exactly {shown}"
    yield from _evaluation(alarm, at)


def _evaluation(alarm: RecommendedAlarm, at: Location) -> Found:
    if alarm.datapoints_to_alarm > alarm.evaluation_periods:
        yield (*at, "datapoints_to_alarm"), "must be at most `evaluation_periods`"
    if alarm.period not in (10, 20, 30) and (alarm.period < 60 or alarm.period % 60):
        yield (*at, "period"), "must be 10, 20, 30 or a multiple of 60"
    longest = _DAY if alarm.period < 3_600 else _WEEK
    if alarm.period * alarm.evaluation_periods > longest:
        yield (*at, "evaluation_periods"), f"times the period must be at most {longest:,} s"


def _threshold(threshold: float | ThresholdFrom, at: Location) -> Found:
    if isinstance(threshold, ThresholdFrom):
        yield from _path(threshold.configuration, (*at, "configuration"))


def _known(name: str, known: list[str], at: Location) -> Found:
    if name not in known:
        yield at, f"`{name}` is not declared in this file; {suggestion(name, known)}"


def _path(expression: str, at: Location) -> Found:
    try:
        if expression:
            compiled(expression)
    except ValueError as error:
        yield at, str(error)


def _regex(pattern: str, at: Location) -> Found:
    try:
        re.compile(pattern)
    except re.error as error:
        yield at, f"`{pattern}` is no regular expression: {error}"


def _placeholders(template: str) -> list[str]:
    names = [name for _, name, _, _ in string.Formatter().parse(template) if name]
    return [name for name in names if name not in ("partition", "region", "account", "id")]


def _fields(says: str, allowed: set[str], at: Location) -> Found:
    try:
        used = {name for _, name, _, _ in string.Formatter().parse(says) if name}
    except ValueError as error:
        yield at, f"has a brace too many or too few: {error}"
        return
    if unknown := sorted(used - allowed):
        yield at, f"may not use {{{unknown[0]}}}; allowed are {', '.join(sorted(allowed))}"
