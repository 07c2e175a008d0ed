"""Rate, errors and duration of several services side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.catalogue.schema import Measure, PageKind, Service, SignalKind, Unit
from app.model.lines import Line
from app.model.time import Window
from app.read.binding import Bound
from app.read.charts import reaching
from app.read.judging import answered
from app.read.measures import Table, load_all, needs, shortest_period
from app.read.slots import Slots, period_for
from app.read.standing import Standings
from app.store import Store

_UNITS = {
    SignalKind.RATE: (Unit.PER_SECOND,),
    SignalKind.ERRORS: (Unit.PERCENT,),
    SignalKind.DURATION: (Unit.MILLISECONDS, Unit.SECONDS),
}
"""Only measures in the same unit can stand in one chart."""


@dataclass(frozen=True, slots=True, eq=False)
class Golden:
    """Lines by signal, one a service (``key`` is its id); ``edge`` are those that users meet."""

    by_signal: Mapping[SignalKind, tuple[Line, ...]]
    edge: frozenset[str]
    period_s: int

    def lines(self, signal: SignalKind) -> tuple[Line, ...]:
        return self.by_signal.get(signal, ())

    def rate(self) -> Line | None:
        """Requests of all services at the edge together."""
        return _together(self._at_edge(SignalKind.RATE), "Requests", np.nansum)

    def duration(self) -> Line | None:
        """The slowest service at the edge."""
        return _together(self._at_edge(SignalKind.DURATION), "Duration", np.nanmax)

    def errors(self) -> Line | None:
        """Errors of all services at the edge, weighted by their requests."""
        rates = {line.key: line for line in self._at_edge(SignalKind.RATE)}
        lines = [line for line in self._at_edge(SignalKind.ERRORS) if line.key in rates]
        if not lines:
            return None
        share = np.stack([line.values for line in lines])
        weight = np.stack([rates[line.key].values for line in lines])
        weight = np.where(np.isnan(share), 0.0, np.nan_to_num(weight))
        total = weight.sum(axis=0)
        values = np.divide(
            np.nansum(share * weight, axis=0),
            total,
            out=np.full_like(total, np.nan),
            where=total > 0,
        )
        first = lines[0]
        return Line("Errors", first.start, first.step, values, first.unit, first.partial)

    def _at_edge(self, signal: SignalKind) -> list[Line]:
        return [line for line in self.lines(signal) if line.key in self.edge]


def golden(store: Store, standings: Standings, several: Sequence[Bound], window: Window) -> Golden:
    """Read all signals of all services at once, on one grid so that they can be compared."""
    chosen = {bound.service.id: dict(_signals(bound.service)) for bound in several}
    longest = [shortest_period(bound, chosen[bound.service.id].values()) for bound in several]
    period = period_for(window, max(longest, default=60))
    slots = _reached(standings, several, chosen, Slots.over(window, period))
    sheet = load_all(
        store,
        [
            needs(bound, chosen[bound.service.id].values(), range(len(bound.resources)))
            for bound in several
        ],
        slots,
    )
    lines: dict[SignalKind, list[Line]] = {}
    for bound in several:
        table = Table(bound, sheet, answered(standings, bound, slots))
        for signal, measure in chosen[bound.service.id].items():
            line = _line(table, measure)
            if not line.empty:
                lines.setdefault(signal, []).append(line)
    edge = frozenset(b.service.id for b in several if b.service.page is PageKind.REQUESTS)
    return Golden({k: tuple(_ranked(v)) for k, v in lines.items()}, edge, period)


def _reached(
    standings: Standings,
    several: Sequence[Bound],
    chosen: Mapping[str, Mapping[SignalKind, Measure]],
    slots: Slots,
) -> Slots:
    """The slots that are answered to their end for every one of the services."""
    ends = [reaching(standings, b, chosen[b.service.id].values(), slots) for b in several]
    return min(ends, key=lambda s: s.count, default=slots)


def _signals(service: Service) -> Iterator[tuple[SignalKind, Measure]]:
    """The first measure of each signal that has the unit the signal is compared in."""
    for signal, units in _UNITS.items():
        measures = (m for p in service.panels if p.signal is signal for m in p.measures)
        found = next((m for m in measures if m.unit in units), None)
        if found is not None:
            yield signal, found


def _line(table: Table, measure: Measure) -> Line:
    rows = table.bound.totals(measure)
    values = table.overall(measure, rows)
    times = 1_000.0 if measure.unit is Unit.SECONDS else 1.0
    unit = Unit.MILLISECONDS if measure.unit is Unit.SECONDS else measure.unit
    slots, service = table.sheet.slots, table.bound.service
    return Line(service.title, slots.start, slots.step, values * times, str(unit), key=service.id)


def _ranked(lines: Sequence[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: -(line.newest or 0.0))


def _together(lines: Sequence[Line], name: str, pool: object) -> Line | None:
    if not lines or not callable(pool):
        return None
    values = np.stack([line.values for line in lines])
    known = ~np.isnan(values).all(axis=0)
    pooled = np.full(values.shape[1], np.nan)
    pooled[known] = pool(values[:, known], axis=0)
    first = lines[0]
    return Line(name, first.start, first.step, pooled, first.unit, first.partial)
