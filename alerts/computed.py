"""The defined alarms on Metrics: expressions, bands, and Metrics Insights queries.

What they read is looked up together; each is then computed and judged by itself. An alarm
whose inputs are not all answered keeps its state with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from alerts.asked import Reach, not_far_enough
from alerts.bands import Band, Bands, band_of
from alerts.book import Scope, Scopes, look_back, waits
from alerts.insights import Select, select_of
from alerts.points import Source, read
from alerts.validation import problems
from alerts.verdict import Rule, Verdict, slots
from alerts.verdict.evidence import Evidence, Point
from alerts.verdict.expression import computed
from alerts.verdict.judge import could_not, is_warming_up, judge
from alerts.verdict.rule import is_select
from alerts.verdict.slots import Slot
from app.catalogue import Catalogue
from app.model.alarms import AlarmDefinition, AlarmKind
from app.model.ids import SeriesKey
from app.model.states import AlarmState
from app.model.watching import Input, series_key
from app.query.lang import QueryError

_HOUR = 3600


@dataclass(frozen=True, slots=True)
class Needed:
    """One metric of an alarm: the Id it has there, and how it is stored."""

    id: str
    key: SeriesKey
    statistic: str
    step: int
    scope: int


@dataclass(frozen=True, slots=True)
class Computed:
    """One alarm that can be computed; ``grouped`` is its query where that has contributors."""

    definition: AlarmDefinition
    rule: Rule
    needs: tuple[Needed, ...]
    selects: tuple[Select, ...]
    band: Band | None

    @property
    def grouped(self) -> Select | None:
        return next((each for each in self.selects if each.query.group), None)

    @property
    def scopes(self) -> set[int]:
        return {each.scope for each in self.needs} | {each.scope for each in self.selects}

    @property
    def step(self) -> int:
        """The seconds on whose multiples the newest slot ends."""
        steps = [each.step for each in self.needs] + [each.step for each in self.selects]
        return max([min(60, self.rule.period), *steps])

    @property
    def waits(self) -> bool:
        """Whether it needs whole counts."""
        asks_for_less = any("<" in str(q.get("Expression")) for q in self.definition.put["Metrics"])
        inputs = [(each.statistic, each.step) for each in self.needs]
        return waits(self.rule, inputs, minds=asks_for_less)

    def end(self, answered: int) -> int:
        step = _HOUR if self.rule.is_multi_day else self.step
        return answered - answered % step


@dataclass(frozen=True, slots=True)
class ComputedBook:
    """All alarms on Metrics; ``broken`` maps the id of an alarm to what is wrong with it."""

    alarms: tuple[Computed, ...]
    scopes: tuple[Scope, ...]
    broken: Mapping[str, str]

    @classmethod
    def of(cls, definitions: Sequence[AlarmDefinition], catalogue: Catalogue) -> ComputedBook:
        own = [each for each in definitions if each.kind is AlarmKind.METRICS]
        if not own:
            return cls((), (), {})
        scopes = Scopes(definitions, catalogue)
        alarms: list[Computed] = []
        broken: dict[str, str] = {}
        for definition in own:
            try:
                alarms.append(_compiled(definition, scopes))
            except ValueError as problem:
                broken[definition.id] = str(problem)
        return cls(tuple(alarms), tuple(scopes.found), broken)


def _compiled(definition: AlarmDefinition, scopes: Scopes) -> Computed:
    """Raises ValueError with why the alarm cannot be judged."""
    put = definition.put
    found = problems(put)
    if found:
        raise ValueError(f"AWS would refuse this alarm: {' '.join(found)}")
    rule = Rule.of(put)
    needs = []
    for query in put["Metrics"]:
        stat = query.get("MetricStat")
        if stat:
            key = series_key(stat["Metric"], definition.place)
            statistic = str(stat["Stat"])
            step, scope = scopes.of(Input(key, int(stat["Period"]), statistic))
            needs.append(Needed(str(query["Id"]), key, statistic, step, scope))
    selects = [
        select_of(query, definition.place, rule.period, scopes)
        for query in put["Metrics"]
        if is_select(query)
    ]
    return Computed(definition, rule, tuple(needs), tuple(selects), band_of(put, needs))


def reached(
    alarm: Computed, scopes: Sequence[Scope], reaches: Sequence[Reach], settling: int = 0
) -> tuple[int, str]:
    """Up to when all that an alarm looks at is answered, and the problem if that is not enough.

    An alarm that needs whole counts is ``settling`` seconds behind.
    """
    mine = sorted(alarm.scopes)
    if not mine:
        return 0, "The alarm reads no metric."
    late = next((reaches[i].problem for i in mine if reaches[i].problem), "")
    answered = min(round(reaches[i].end.timestamp()) for i in mine)
    end = alarm.end(answered - (settling if alarm.waits else 0))
    looks_to = end - look_back(alarm.rule)
    for i in mine:
        if not late and looks_to < reaches[i].start.timestamp():
            late = not_far_enough(scopes[i], reaches[i].start)
    return end, late


class Readings:
    """Values of metrics in slots, read once for all alarms that look at the same slots."""

    def __init__(
        self, source: Source, ids: Mapping[SeriesKey, int], alarms: Sequence[tuple[Computed, int]]
    ) -> None:
        self._found: dict[tuple[tuple[Slot, ...], int, SeriesKey, str], list[float]] = {}
        wanted: dict[tuple[tuple[Slot, ...], int], dict[str, set[SeriesKey]]] = {}
        for alarm, end in alarms:
            spans = tuple(slots(alarm.rule, end))
            for each in alarm.needs:
                of = wanted.setdefault((spans, each.step), {})
                of.setdefault(each.statistic, set()).add(each.key)
        for (spans, step), by_statistic in wanted.items():
            keys = sorted(set().union(*by_statistic.values()))
            known = [key for key in keys if ids.get(key)]
            series = np.array([ids[key] for key in known], dtype=np.uint32)
            if not len(series):
                continue
            order = np.argsort(series)
            slotted = read(source, series[order], spans, step, by_statistic)
            for statistic, of_it in by_statistic.items():
                rows = slotted.statistic(statistic).tolist()
                for row, position in zip(rows, order.tolist(), strict=True):
                    if known[position] in of_it:
                        self._found[spans, step, known[position], statistic] = row

    def rows(self, each: Needed, spans: Sequence[Slot]) -> list[tuple[int, float]]:
        """The points of one metric in the slots of an alarm."""
        row = self._found.get((tuple(spans), each.step, each.key, each.statistic), ())
        return [
            (start, value)
            for (start, _), value in zip(spans, row, strict=False)
            if value == value  # NaN is no point
        ]


def judged(
    alarm: Computed,
    readings: Readings,
    more: Mapping[str, Sequence[tuple[int, float]]],
    bands: Bands | None,
    at: tuple[int, AlarmState, float | None],
) -> Verdict | None:
    """The verdict at the end of the answered time; None while the alarm warms up.

    ``at`` holds that end, the state before, and when the alarm was created if it still waits.
    """
    end, previous, created = at
    spans = slots(alarm.rule, end)
    series = {each.id: readings.rows(each, spans) for each in alarm.needs} | dict(more)
    lower: dict[int, float | None] = {}
    upper: dict[int, float | None] = {}
    try:
        if alarm.band is not None:
            lower, upper = alarm.band.bounds(bands, spans)
        points: Mapping[int, Point] = computed(
            alarm.definition.put, spans, series, {"lower": _known(lower), "upper": _known(upper)}
        )
    except QueryError as error:
        return could_not(alarm.rule, previous, end, error)
    evidence = Evidence.of(alarm.rule, spans, points, lower, upper)
    if created is not None and evidence.used:
        first = evidence.slots[evidence.used[0]][0]
        if is_warming_up(alarm.rule, evidence, end, created, first):
            return None
    elif is_warming_up(alarm.rule, evidence, end, created, None):
        return None
    return judge(alarm.rule, evidence, previous, end)


def _known(bounds: Mapping[int, float | None]) -> list[tuple[int, float]]:
    return [(at, bound) for at, bound in bounds.items() if bound is not None]
