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

from app.catalogue.check_alarms import (
    Found,
    alarm_mistakes,
    among,
    declared,
    readable,
    threshold,
)
from app.catalogue.schema import (
    Call,
    Condition,
    Describe,
    Measure,
    ResourceKind,
    Service,
)
from app.config.mistakes import Location

SECRETS = ("Environment", "environment", "UserData", "secrets", "Policy", "policy", "MasterUser")
"""Members that hold, or often hold, secrets; a configuration never keeps them."""


def mistakes_of(service: Service) -> Found:
    """Everything that does not fit, with its place in the file."""
    yield from _doubles(service)
    for index, kind in enumerate(service.resources):
        yield from _kind(service, kind, ("resources", index))
    kinds = [kind.kind for kind in service.resources]
    for index, metric in enumerate(service.metrics):
        for number, name in enumerate(metric.kinds):
            yield from among(name, kinds, ("metrics", index, "kinds", number))
    for location, measure in _measures(service):
        yield from _measure(service, measure, location)
    for index, condition in enumerate(service.health):
        yield from _condition(condition, ("health", index))
    for index, state in enumerate(service.states):
        at: Location = ("states", index)
        yield from among(state.kind, kinds, (*at, "kind"))
        yield from readable(state.match, (*at, "match"))
        yield from _fields(state.says, {"resource", "state"}, (*at, "says"))
    for index, panel in enumerate(service.panels):
        for number, limit in enumerate(panel.limits):
            yield from threshold(limit.value, ("panels", index, "limits", number, "value"))
    yield from alarm_mistakes(service)


def _doubles(service: Service) -> Found:
    lists: list[tuple[str, str, Sequence[str]]] = [
        ("resources", "kind", [kind.kind for kind in service.resources]),
        ("metrics", "name", [metric.name for metric in service.metrics]),
        ("alarms", "id", [alarm.id for alarm in service.alarms]),
        ("composites", "id", [composite.id for composite in service.composites]),
    ]
    for name, key, values in lists:
        counted = Counter(values)
        for index, value in enumerate(values):
            if counted[value] > 1 and values.index(value) != index:
                yield (name, index, key), f"`{value}` stands twice; rename one"


def _kind(service: Service, kind: ResourceKind, at: Location) -> Found:
    for name in ("id", "name", "state", "tags"):
        yield from readable(getattr(kind, name), (*at, name))
    arn_paths = _placeholders(kind.arn) if kind.arn.startswith("arn:") else [kind.arn]
    for path in arn_paths:
        yield from readable(path, (*at, "arn"))
    for name in ("dimensions", "derived"):
        for key, path in getattr(kind, name).items():
            yield from readable(path, (*at, name, key))
    for index, member in enumerate(kind.configuration):
        if member.startswith(SECRETS):
            yield (*at, "configuration", index), f"`{member}` may hold secrets; leave it out"
    for index, lookup in enumerate(kind.lookups):
        yield from readable(lookup.of, (*at, "lookups", index, "of"))
        for row, (pattern, _) in enumerate(lookup.table):
            yield from _regex(pattern, (*at, "lookups", index, "table", row))
    if kind.part_of:
        yield from among(kind.part_of, [k.kind for k in service.resources], (*at, "part_of"))
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
        yield from readable(mention.sources, (*at, "mentions", index, "sources"))
        if mention.call:
            calls.append(((*at, "mentions", index, "call"), mention.call))
    for where, call in calls:
        yield from readable(call.items, (*where, "items"))
        for name, value in call.params.items():
            if isinstance(value, str) and value.startswith("$"):
                yield from readable(value[1:].removeprefix("."), (*where, "params", name))
    for where, describe in describes:
        for name in ("pick", "match", "match_item"):
            yield from readable(getattr(describe, name), (*where, name))
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
        yield from declared(service, name, statistic, (*at, field))
    if measure.kind:
        yield from among(measure.kind, [k.kind for k in service.resources], (*at, "kind"))
    for name in ("over_configuration", "match"):
        yield from readable(getattr(measure, name), (*at, name))
    if measure.over and measure.over_configuration:
        yield (*at, "over"), "cannot stand beside `over_configuration`; remove one"
    if not service.carriers(measure):
        yield (*at, "metric"), f"no kind of resource carries `{measure.metric}`; see its dimensions"


def _condition(condition: Condition, at: Location) -> Found:
    yield from threshold(condition.threshold, (*at, "threshold"))
    yield from _fields(condition.says, {"value", "threshold", "resource"}, (*at, "says"))
    if condition.floor and not condition.measure.over:
        yield (*at, "floor"), "needs a measure with `over`; remove it or add one"


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
