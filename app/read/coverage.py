"""Which recommended alarms stand guard over which resources, and what is missing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from app.catalogue.advice import Advice, name_of
from app.catalogue.advised import RecommendedAlarm
from app.catalogue.schema import ResourceKind, Service
from app.model.alarms import AlarmDefinition, Choice, Switch
from app.model.ids import Resource
from app.model.lines import Line
from app.model.readings import Reading
from app.model.time import Window
from app.model.watching import inputs
from app.read.alarm_subject import metric, period_s
from app.read.alarm_words import condition_words, statistic, threshold, unit_of
from app.read.books import Books
from app.read.computed import values_of
from app.read.groups import Groups
from app.read.guarding import GUARDED, POSSIBLE, Cover, Guard, Watch
from app.read.scope import Scope
from app.read.sheet import load
from app.read.slots import MOST_POINTS, Slots
from app.read.suggesting import Asked, Suggestion, suggest

HISTORY = timedelta(days=14)
"""How far back a suggestion looks."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """Resources of one kind against the alarms that are recommended for it."""

    service: str
    kind: str
    title: str
    alarms: tuple[RecommendedAlarm, ...]
    rows: tuple[tuple[Resource, tuple[Guard, ...]], ...]

    @property
    def gaps(self) -> tuple[str, ...]:
        """The ids of alarms that are possible and off."""
        return tuple(g.advice.id for _, row in self.rows for g in row if g.cover is Cover.OFF)


@dataclass(frozen=True, slots=True)
class Covered:
    """One service in numbers."""

    service: str
    title: str
    resources: int
    possible: int
    guarded: int

    @property
    def gaps(self) -> int:
        return self.possible - self.guarded


@dataclass(frozen=True, slots=True, eq=False)
class CoverDetail:
    """One cell in depth: the condition in words, the suggestion, its history, who chose what."""

    guard: Guard
    condition: str
    unit: str
    threshold: float | None
    suggestion: Suggestion
    line: Line | None
    switches: tuple[Switch, ...]


class CoverageReader:
    """Answers what is guarded, and takes choices."""

    def __init__(self, books: Books) -> None:
        self._books = books

    def services(self, scope: Scope) -> Reading[tuple[Covered, ...]]:
        """Every service that has resources, most gaps first."""
        found = []
        for service in self._books.catalogue:
            rows = self._rows(service, scope)
            if rows:
                found.append(_counted(service, [row for _, row in rows]))
        ranked = tuple(sorted(found, key=lambda each: (-each.gaps, each.title)))
        standing = self._books.standings().of_inventory(scope.places)
        return standing.reading(ranked, there=bool(ranked))

    def matrices(self, service: str, scope: Scope) -> Reading[tuple[Matrix, ...]]:
        """One matrix for each kind of resource that alarms are recommended for."""
        known = self._books.catalogue.services.get(service)
        rows = self._rows(known, scope) if known else []
        kinds = known.resources if known else ()
        found = [_matrix(known, kind, rows) for kind in kinds if known]
        filled = tuple(each for each in found if each.rows and each.alarms)
        standing = self._books.standings().of_inventory(scope.places)
        return standing.reading(filled, there=bool(filled))

    def one(self, id_: str, scope: Scope) -> CoverDetail | None:
        """The cell of the recommended alarm with this id."""
        parts = id_.split("/", 5)
        service, alarm = parts[3:5] if len(parts) == 6 else ("", "")
        known = self._books.catalogue.services.get(service)
        cells = (guard for _, row in (self._rows(known, scope) if known else ()) for guard in row)
        found = (g for g in cells if g.advice.alarm.id == alarm and g.advice.id == id_)
        guard = next(found, None)
        return self._detail(guard, scope.now) if guard else None

    def id_of(self, resource: Resource, alarm: str) -> str:
        """The id that a recommended alarm of a resource has."""
        name = name_of(resource.service, alarm, resource.id)
        return f"{resource.account}/{resource.region}/{name}"

    def choose(
        self,
        alarms: Iterable[str],
        choice: Choice,
        said: tuple[str, str],
        now: datetime,
        threshold: float | None = None,
    ) -> int:
        """Switch recommended alarms by their ids; ``said`` is who and why. How many.

        It holds from the next evaluation on, and stays on record.
        """
        author, comment = said
        switches = [Switch(id_, choice, now, author, comment, threshold) for id_ in alarms]
        self._books.store.switches.add(switches)
        self._books.forget()
        return len(switches)

    def _rows(self, service: Service, scope: Scope) -> list[tuple[Resource, tuple[Guard, ...]]]:
        """The resources of the places with their cells, in the order of their names."""

        def build() -> list[tuple[Resource, tuple[Guard, ...]]]:
            advised = self._books.advised(service.id, scope.places)
            if not advised:
                return []
            watch = Watch.of(self._books.alarms(scope.places, scope.now), self._books.switches())
            return [(resource, tuple(map(watch.guard, row))) for resource, row in advised]

        return self._books.of_alarms(("coverage", service.id, scope.places), scope.now, build)

    def _detail(self, guard: Guard, now: datetime) -> CoverDetail:
        put = guard.advice.put
        about = metric(put)
        known = self._books.catalogue.metric(
            str(about.get("Namespace", "")), str(about.get("MetricName", ""))
        )
        unit = unit_of(put, known.unit if known else "")
        line = self._history(guard.advice, unit, now)
        return CoverDetail(
            guard=guard,
            condition=condition_words(put, unit) if put else "",
            unit=unit,
            threshold=threshold(put),
            suggestion=_suggestion(guard.advice, line),
            line=_drawn(line, above=str(put.get("ComparisonOperator")).startswith("Greater")),
            switches=tuple(self._books.store.switches.history(guard.advice.id, limit=10)),
        )

    def _history(self, advice: Advice, unit: str, now: datetime) -> Line | None:
        """The values that the alarm would have seen."""
        if not advice.put:
            return None
        put, definition = advice.put, AlarmDefinition(advice.resource.place, advice.put)
        if not advice.alarm.is_plain:
            slots = Slots.over(Window(now - HISTORY, now), period_s(put))
            values = values_of(self._books.store, [definition], slots)[definition.id]
            return Line(advice.alarm.title, slots.start, slots.step, values, unit)
        ids = self._books.store.series.ids([each.key for each in inputs(definition)])
        slots = Slots.over(Window(now - HISTORY, now), period_s(put))
        sheet = load(self._books.store, {statistic(put): ids}, slots)
        values = sheet.pooled(Groups.each(ids), statistic(put))[0]
        return Line(advice.alarm.metric, slots.start, slots.step, values, unit)


def _matrix(
    service: Service, kind: ResourceKind, rows: list[tuple[Resource, tuple[Guard, ...]]]
) -> Matrix:
    alarms = tuple(alarm for alarm in service.alarms if alarm.kind == kind.kind)
    own = tuple((resource, row) for resource, row in rows if resource.kind == kind.kind)
    return Matrix(service.id, kind.kind, kind.plural, alarms, own)


def _counted(service: Service, rows: list[tuple[Guard, ...]]) -> Covered:
    covers = [guard.cover for row in rows for guard in row]
    possible = sum(cover in POSSIBLE for cover in covers)
    guarded = sum(cover in GUARDED for cover in covers)
    return Covered(service.id, service.title, len(rows), possible, guarded)


def _suggestion(advice: Advice, line: Line | None) -> Suggestion:
    if not advice.put:
        return Suggestion(None, "")
    if line is None or "Threshold" not in advice.put:
        return Suggestion(None, "It learns from history what is usual; there is no threshold.")
    put = advice.put
    operator = str(put["ComparisonOperator"])
    asked = Asked(
        period_s=period_s(put),
        n=int(put["EvaluationPeriods"]),
        m=int(put["DatapointsToAlarm"]),
        above=operator.startswith("Greater"),
        strict="OrEqual" not in operator,
        threshold=float(put["Threshold"]),
        unit=line.unit,
        open=advice.alarm.open,
    )
    return suggest(line.values, asked)


def _drawn(line: Line | None, *, above: bool) -> Line | None:
    """The line from its first value on, in few points that keep the worst of their stretch."""
    if line is None or line.empty:
        return None
    first = int(np.flatnonzero(~np.isnan(line.values))[0])
    values = line.values[first:]
    stretch = -(-len(values) // MOST_POINTS)
    padded = np.full(-(-len(values) // stretch) * stretch, np.nan)
    padded[: len(values)] = values
    worst = (np.fmax if above else np.fmin).reduce(padded.reshape(-1, stretch), axis=1)
    return Line(line.name, line.start + line.step * first, line.step * stretch, worst, line.unit)
