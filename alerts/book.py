"""The defined alarms, compiled for the tick: which series, which shape, which coverage.

Made anew when definitions change, never during a tick. An alarm that cannot be
compiled is kept apart with its problem and never stops another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from alerts import grid
from alerts.validation import problems
from alerts.verdict.rule import DAY, Rule
from app.catalogue import Catalogue
from app.model.alarms import AlarmDefinition, AlarmKind
from app.model.groups import alarmed_group, derived_group, metrics_group
from app.model.ids import Place, SeriesKey
from app.model.watching import PLAIN, Input, paces, series_key

_HOUR, _MINUTE = 3600, 60
_COUNTS = ("Sum", "SampleCount")
_AT_UTC = (None, "UTC", "Z", "GMT")


@dataclass(frozen=True, slots=True)
class Scope:
    """What has to have been asked for an alarm to be judged.

    Those of ``groups`` that are read for alarms, every ``pace`` seconds, or made of log
    events tell how far answers reach; time further back may have been answered for any.
    """

    place: Place
    namespace: str
    groups: tuple[str, ...]
    pace: int = 60


@dataclass(frozen=True, slots=True)
class Shape:
    """What alarms must share to be read and judged in one go.

    ``step`` is the seconds between stored points; a longer slot is added up from
    them, and slots begin on whole steps.
    """

    period: int
    n: int
    time_zone: str | None
    step: int
    is_multi_day: bool


@dataclass(frozen=True, slots=True)
class Watched:
    """One alarm that can be judged."""

    definition: AlarmDefinition
    rule: Rule
    key: SeriesKey
    step: int
    scope: int

    @property
    def shape(self) -> Shape:
        rule = self.rule
        return Shape(rule.period, rule.n, rule.time_zone, self.step, rule.is_multi_day)


@dataclass(frozen=True, slots=True)
class Cohort:
    """Alarms of one shape; ``group.rows`` are positions in the book."""

    shape: Shape
    group: grid.Group


@dataclass(frozen=True, slots=True)
class Book:
    """All alarms. ``broken`` maps the id of an alarm to what is wrong with it.

    The arrays have one entry for each of ``watched``: position in ``scopes``,
    position in ``statistics``, seconds that an alarm looks back, the seconds
    on whose multiples its newest slot ends, and whether it waits for whole counts.
    """

    watched: tuple[Watched, ...]
    scopes: tuple[Scope, ...]
    statistics: tuple[str, ...]
    cohorts: tuple[Cohort, ...]
    scope_of: grid.Index
    statistic_of: grid.Index
    look_back: grid.Index
    align: grid.Index
    waits: grid.Bools
    broken: Mapping[str, str]

    @classmethod
    def of(
        cls,
        definitions: Sequence[AlarmDefinition],
        catalogue: Catalogue,
        before: Book | None = None,
    ) -> Book:
        """Compile ``definitions``; rules of alarms that stay as they were come from ``before``."""
        known = {each.definition.id: each for each in before.watched} if before else {}
        broken: dict[str, str] = {}
        watched: list[Watched] = []
        scopes = Scopes(definitions, catalogue)
        for definition in definitions:
            if definition.kind is not AlarmKind.METRIC:
                continue
            try:
                rule = _known_rule(known.get(definition.id), definition) or _rule(definition)
            except ValueError as problem:
                broken[definition.id] = str(problem)
            else:
                watched.append(scopes.watched(definition, rule))
        rules = [each.rule for each in watched]
        names = tuple(dict.fromkeys(rule.statistic for rule in rules))
        place_of = {name: i for i, name in enumerate(names)}
        return cls(
            watched=tuple(watched),
            scopes=tuple(scopes.found),
            statistics=names,
            cohorts=tuple(_cohorts(watched, rules)),
            scope_of=_array(each.scope for each in watched),
            statistic_of=_array(place_of[rule.statistic] for rule in rules),
            look_back=_array(map(look_back, rules)),
            align=_array(map(_align, watched)),
            waits=np.array([waits(e.rule, [(e.rule.statistic, e.step)]) for e in watched], bool),
            broken=broken,
        )


def _known_rule(known: Watched | None, definition: AlarmDefinition) -> Rule | None:
    return known.rule if known is not None and known.definition.put == definition.put else None


def _rule(definition: AlarmDefinition) -> Rule:
    """The rule of an alarm; ValueError says why it cannot be judged."""
    found = problems(definition.put)
    if found:
        raise ValueError(f"AWS would refuse this alarm: {' '.join(found)}")
    rule = Rule.of(definition.put)
    if rule.time_zone not in _AT_UTC and rule.statistic not in PLAIN:
        raise ValueError("Percentiles are collected by UTC periods; use a window in UTC.")
    return rule


class Scopes:
    """Gives alarms what they share: the coverage that they need."""

    def __init__(self, definitions: Sequence[AlarmDefinition], catalogue: Catalogue) -> None:
        self.found: dict[Scope, int] = {}
        self._catalogue = catalogue
        self._paces = paces(definitions, self._own_period)

    def watched(self, definition: AlarmDefinition, rule: Rule) -> Watched:
        key = series_key(definition.put, definition.place)
        step, scope = self.of(Input(key, rule.period, rule.statistic))
        return Watched(definition, rule, key, step, scope)

    def of(self, each: Input) -> tuple[int, int]:
        """The stored period of what an alarm looks at, and its scope's position in ``found``."""
        key = each.key
        own = self._own_period(key.namespace, key.metric)
        step = each.stored(own)
        pace = self._paces[key, step]
        groups = [alarmed_group(key.namespace, pace)]
        if each.statistic in PLAIN:
            if not key.namespace.startswith("AWS/"):
                names = (name for name, _ in key.dimensions)
                groups.append(derived_group(key.namespace, key.metric, names))
            groups.append(metrics_group(key.namespace, own))
        return step, self.add(Scope(key.place, key.namespace, tuple(groups), pace))

    def add(self, scope: Scope) -> int:
        return self.found.setdefault(scope, len(self.found))

    def _own_period(self, namespace: str, metric: str) -> int:
        known = self._catalogue.metric(namespace, metric)
        return known.period if known else 60


def waits(rule: Rule, inputs: Iterable[tuple[str, int]], *, minds: bool = False) -> bool:
    """Whether an alarm needs whole counts; ``inputs`` are statistics and their stored periods.

    A minute's sum and number of samples grow while CloudWatch still takes samples in, so that
    too little of them may only mean too early. What is published every five minutes is whole.
    ``minds`` is for expressions that ask for less themselves.
    """
    return (minds or rule.operator.minds_too_little) and any(
        statistic in _COUNTS and step <= _MINUTE for statistic, step in inputs
    )


def look_back(rule: Rule) -> int:
    """Seconds before the newest slot's end that are looked at.

    Calendar periods may have ended up to a period ago, and days may last 25 hours.
    """
    seconds = rule.range * rule.period
    if rule.time_zone is None:
        return seconds
    return seconds + rule.period + (_HOUR * (rule.range + 1) if rule.period >= DAY else 0)


def _align(watched: Watched) -> int:
    return _HOUR if watched.rule.is_multi_day else max(watched.step, min(60, watched.rule.period))


def _array(values: Iterable[int]) -> grid.Index:
    return np.array(list(values), dtype=np.intp)


def _cohorts(watched: Sequence[Watched], rules: Sequence[Rule]) -> list[Cohort]:
    shapes: dict[Shape, list[int]] = {}
    for row, each in enumerate(watched):
        shapes.setdefault(each.shape, []).append(row)
    return [
        Cohort(shape, grid.Group.of(rules, np.array(rows, dtype=np.intp)))
        for shape, rows in shapes.items()
    ]
