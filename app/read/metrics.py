"""Metrics as charts, tiles and sparklines, one method a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from app.catalogue.schema import Measure, PageKind, Panel, Service, SignalKind
from app.model.ids import Resource
from app.model.lines import Line
from app.model.readings import Reading
from app.model.time import Window
from app.read.binding import Bound
from app.read.books import Books
from app.read.browse import Browsed, browse
from app.read.charts import (
    Chart,
    Loaded,
    Number,
    chart,
    earlier_by,
    line_of,
    load_measures,
    number,
)
from app.read.golden import Golden, golden
from app.read.scope import Scope

MOST_COLUMNS = 4
SIGNALS = (SignalKind.RATE, SignalKind.ERRORS, SignalKind.DURATION, SignalKind.SATURATION)


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """One measure of one resource: a number and its line."""

    value: float | None
    line: Line | None


@dataclass(frozen=True, slots=True, eq=False)
class ServiceFigures:
    """Everything with numbers on a service's page.

    ``cells`` has for each ARN one cell a column; None where the kind of
    resource has no such measure. ``compared`` is what numbers are compared with.
    """

    tiles: tuple[Number, ...]
    charts: tuple[Chart, ...]
    columns: tuple[Measure, ...]
    cells: Mapping[str, tuple[Cell | None, ...]]
    compared: timedelta | None


@dataclass(frozen=True, slots=True, eq=False)
class ResourceFigures:
    """Everything with numbers on a resource's page."""

    tiles: tuple[Number, ...]
    charts: tuple[Chart, ...]
    compared: timedelta | None


MINUTE = timedelta(minutes=1)


class MetricsReader:
    """Answers with series on a regular grid, already as short as a chart can show."""

    def __init__(self, books: Books) -> None:
        self._books = books

    def service(self, service: str, scope: Scope) -> Reading[ServiceFigures]:
        """Tiles, charts and the table of one service."""
        bound = self._books.bound(service, scope.places)
        known = bound.service
        columns = columns_of(known)
        measures = [*known.tiles, *columns, *(m for p in known.panels for m in p.measures)]
        loaded = self._load(bound, measures, scope.window)
        earlier, compared = self._earlier(bound, known.tiles, scope.window)
        figures = ServiceFigures(
            tiles=tuple(number(loaded, measure, earlier) for measure in known.tiles),
            charts=tuple(_charts(loaded, known.panels)),
            columns=columns,
            cells=_cells(loaded, columns),
            compared=compared,
        )
        standing = self._books.standings().of_service(known, scope.places)
        return standing.reading(figures, there=any(not c.empty for c in figures.charts))

    def resource(self, resource: Resource, scope: Scope) -> Reading[ResourceFigures]:
        """Tiles and charts of one resource."""
        everything = self._books.bound(resource.service, (resource.place,))
        bound = alone(everything, resource)
        tiles = [m for m in bound.service.tiles if bound.carriers(m)]
        panels = [p for p in bound.service.panels if any(bound.carriers(m) for m in p.measures)]
        loaded = self._load(bound, [*tiles, *(m for p in panels for m in p.measures)], scope.window)
        earlier, compared = self._earlier(bound, tiles, scope.window)
        charts = _charts(loaded, panels, bound.resources[0])
        figures = ResourceFigures(
            tuple(number(loaded, measure, earlier) for measure in tiles), tuple(charts), compared
        )
        standing = self._books.standings().of_service(bound.service, [resource.place])
        return standing.reading(figures, there=any(not c.empty for c in figures.charts))

    def golden(self, scope: Scope) -> Reading[Golden]:
        """Rate, errors and duration of every service that answers requests or runs code."""
        there = [
            self._books.bound(service.id, scope.places)
            for service in self._books.catalogue
            if service.page in (PageKind.REQUESTS, PageKind.FUNCTION)
        ]
        standings = self._books.standings()
        found = golden(
            self._books.store, standings, [b for b in there if b.resources], scope.window
        )
        return standings.of_metrics(scope.places).reading(
            found, there=any(found.lines(signal) for signal in SIGNALS[:3])
        )

    def browse(
        self, scope: Scope, namespace: str = "", metric: str = "", text: str = ""
    ) -> Reading[Browsed]:
        """Namespaces, the metrics of one, or the series of one metric, each with its line."""
        found = browse(self._books, scope, namespace, metric, text)
        standings = self._books.standings()
        if namespace:
            standing = standings.of_namespace(namespace, scope.places)
        else:
            standing = standings.of_metrics(scope.places)
        return standing.reading(found, there=bool(found.items))

    def _load(self, bound: Bound, measures: Sequence[Measure], window: Window) -> Loaded:
        standings = self._books.standings()
        return load_measures(self._books.store, standings, bound, measures, window)

    def _earlier(
        self, bound: Bound, measures: Sequence[Measure], window: Window
    ) -> tuple[Loaded | None, timedelta | None]:
        back = earlier_by(window)
        if back is None:
            return None, None
        before = Window(window.start - back, window.end - back).aligned(MINUTE)
        key = (bound.service.id, tuple(resource.arn for resource in bound.resources))
        return self._books.past(key, before, lambda: self._load(bound, measures, before)), back


def columns_of(service: Service) -> tuple[Measure, ...]:
    """The measures of the resource table: the first of each golden signal, in their order."""
    found: list[Measure] = []
    for signal in SIGNALS:
        panels = (p for p in service.panels if p.signal is signal)
        measure = next((p.measures[0] for p in panels), None)
        if measure is not None and measure not in found:
            found.append(measure)
    return tuple(found[:MOST_COLUMNS])


def alone(bound: Bound, resource: Resource) -> Bound:
    """The same service with this one resource only, which may be of a quiet kind."""
    found = (i for i, each in enumerate(bound.resources) if each.arn == resource.arn)
    at = next(found, None)
    if at is None:
        return Bound(bound.service, (resource,), {})
    series = {(0, name): ids for (row, name), ids in bound.series.items() if row == at}
    return Bound(bound.service, (bound.resources[at],), series)


def _charts(
    loaded: Loaded, panels: Sequence[Panel], resource: Resource | None = None
) -> list[Chart]:
    return [chart(loaded, p, f"panel-{at}", resource) for at, p in enumerate(panels)]


def _cells(loaded: Loaded, columns: Sequence[Measure]) -> dict[str, tuple[Cell | None, ...]]:
    """One row of cells for each resource that has any of the columns."""
    rows: dict[int, list[Cell | None]] = {
        row: [None] * len(columns) for row in range(len(loaded.bound.resources))
    }
    for at, measure in enumerate(columns):
        table = loaded.table(measure)
        carriers = loaded.bound.carriers(measure)
        values = table.each(measure, carriers).values
        for row, own in zip(carriers, values, strict=True):
            line = line_of(table.sheet.slots, own, measure, measure.title)
            rows[row][at] = Cell(line.newest, line)
    resources = loaded.bound.resources
    return {resources[row].arn: tuple(cells) for row, cells in rows.items()}
