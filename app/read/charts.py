"""From the catalogue's panels and tiles to lines and numbers.

Several panels of a page share one reading of the store: what they need is
gathered first, read once per period, and then computed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from app.catalogue.schema import Measure, Panel, SignalKind, ThresholdFrom
from app.model.groups import metrics_group
from app.model.ids import Resource
from app.model.lines import Line, Values
from app.model.time import Window
from app.read.binding import Bound
from app.read.judging import answered
from app.read.measures import Table, load_all, needs, shortest_period
from app.read.slots import Slots, period_for
from app.read.standing import Standings
from app.read.verdicts import threshold_of
from app.store import Store

MOST_SPLIT = 5
"""Resources that a chart of one measure shows apart; the table below has the others."""


@dataclass(frozen=True, slots=True, eq=False)
class Chart:
    """One chart: its lines, its period in seconds, and how many lines are left out."""

    key: str
    title: str
    says: str
    unit: str
    draw: str
    signal: SignalKind | None
    lines: tuple[Line, ...]
    period_s: int
    limits: tuple[tuple[str, float], ...] = ()
    left_out: int = 0

    @property
    def empty(self) -> bool:
        return all(line.empty for line in self.lines)


@dataclass(frozen=True, slots=True, eq=False)
class Number:
    """One number with its line.

    ``over_range`` tells a total or mean of the range from the newest value.
    ``before`` is the same over the range one day (or week) earlier.
    """

    title: str
    unit: str
    value: float | None
    line: Line
    over_range: bool
    before: float | None = None
    highest: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Loaded:
    """The values of one service, one table for each period that its measures need."""

    bound: Bound
    window: Window
    tables: dict[int, Table]

    def table(self, measure: Measure) -> Table:
        return self.tables[self.period(measure)]

    def period(self, measure: Measure) -> int:
        return period_for(self.window, shortest_period(self.bound, [measure]))


def load_measures(
    store: Store,
    standings: Standings,
    bound: Bound,
    measures: Iterable[Measure],
    window: Window,
) -> Loaded:
    """Read everything that the measures need of all resources of ``bound``."""
    by_period: dict[int, list[Measure]] = {}
    for measure in measures:
        period = period_for(window, shortest_period(bound, [measure]))
        by_period.setdefault(period, []).append(measure)
    rows = range(len(bound.resources))
    tables = {}
    for period, several in by_period.items():
        slots = reaching(standings, bound, several, Slots.over(window, period))
        sheet = load_all(store, [needs(bound, several, rows)], slots)
        tables[period] = Table(bound, sheet, answered(standings, bound, slots))
    return Loaded(bound, window, tables)


def reaching(
    standings: Standings, bound: Bound, measures: Iterable[Measure], slots: Slots
) -> Slots:
    """The slots that are answered to their end: what nobody has asked for yet is no gap."""
    found = (bound.service.metric(name) for measure in measures for name in measure.metrics)
    groups = {metrics_group(m.namespace, m.period) for m in found if m is not None}
    places = {resource.place for resource in bound.resources}
    return slots.until(standings.reach(groups, places))


def chart(loaded: Loaded, panel: Panel, key: str, resource: Resource | None = None) -> Chart:
    """One panel of the catalogue, for the service or (with one bound) for a resource."""
    measures = [m for m in panel.measures if loaded.bound.carriers(m)]
    lines, left_out = _lines(loaded, measures, split=resource is None)
    period = max((loaded.period(m) for m in measures), default=60)
    return Chart(
        key=key,
        title=panel.title,
        says=panel.says,
        unit=str(panel.measures[0].unit),
        draw=panel.draw,
        signal=panel.signal,
        lines=tuple(lines),
        period_s=period,
        limits=tuple(_limits(panel, resource)),
        left_out=left_out,
    )


def number(loaded: Loaded, measure: Measure, earlier: Loaded | None = None) -> Number:
    """The measure over all resources that make up the service."""
    rows = loaded.bound.totals(measure) or loaded.bound.carriers(measure)
    line = overall_line(loaded, measure, rows)
    over_range = is_over_range(measure)
    value = range_value(loaded, measure, rows) if over_range else line.newest
    before = range_value(earlier, measure, rows) if earlier is not None and over_range else None
    return Number(
        measure.title,
        str(measure.unit),
        value,
        line,
        over_range,
        before,
        line.highest,
    )


def is_over_range(measure: Measure) -> bool:
    """True for what adds up over time (counts, rates, their ratios); levels are told as of now."""
    return measure.statistic in ("Sum", "SampleCount") and not measure.over_configuration


def range_value(loaded: Loaded, measure: Measure, rows: Sequence[int]) -> float | None:
    """One value for the whole range: rates as their mean, all else as if it were one slot."""
    table = loaded.table(measure)
    if not rows:
        return None
    if measure.per_second:
        values = table.overall(measure, rows)
        known = values[~np.isnan(values)]
        return float(known.mean()) if len(known) else None
    whole = table.as_one()
    value = float(whole.overall(measure, rows)[0])
    return None if np.isnan(value) else value


def overall_line(loaded: Loaded, measure: Measure, rows: Sequence[int], name: str = "") -> Line:
    """All of the rows as one line."""
    table = loaded.table(measure)
    return line_of(table.sheet.slots, table.overall(measure, rows), measure, name or measure.title)


def line_of(slots: Slots, values: Values, measure: Measure, name: str, key: str = "") -> Line:
    """Values on slots as a line."""
    return Line(name, slots.start, slots.step, values, str(measure.unit), key=key or measure.title)


def _lines(loaded: Loaded, measures: Sequence[Measure], *, split: bool) -> tuple[list[Line], int]:
    if len(measures) == 1 and split:
        return split_lines(loaded, measures[0])
    lines = []
    for measure in measures:
        rows = loaded.bound.totals(measure) or loaded.bound.carriers(measure)
        lines.append(overall_line(loaded, measure, rows))
    return [line for line in lines if not line.empty] or lines[:1], 0


def split_lines(loaded: Loaded, measure: Measure) -> tuple[list[Line], int]:
    """One line a resource, the highest first; the number of those that are left out."""
    rows = loaded.bound.totals(measure)
    table = loaded.table(measure)
    values = table.each(measure, rows).values
    there = [i for i in range(len(rows)) if not np.isnan(values[i]).all()]
    ranked = sorted(there, key=lambda i: -float(np.nansum(values[i])))
    lines = [
        line_of(
            table.sheet.slots,
            values[i],
            measure,
            name_of(loaded.bound.resources[rows[i]], loaded.bound),
            loaded.bound.resources[rows[i]].arn,
        )
        for i in ranked[:MOST_SPLIT]
    ]
    return lines, max(0, len(ranked) - MOST_SPLIT)


def name_of(resource: Resource, bound: Bound) -> str:
    """The resource's name, with its place where another one has the same name."""
    own = resource.name or resource.id
    twins = [r for r in bound.resources if (r.name or r.id) == own and r.kind == resource.kind]
    return own if len(twins) < 2 else f"{own} ({resource.account} {resource.region})"


def _limits(panel: Panel, resource: Resource | None) -> Iterable[tuple[str, float]]:
    for limit in panel.limits:
        if not isinstance(limit.value, ThresholdFrom):
            yield limit.title, float(limit.value)
        elif resource is not None and (found := threshold_of(limit.value, resource)) is not None:
            yield limit.title, found


def earlier_by(window: Window) -> timedelta | None:
    """What a range is compared with: a day before, a week for longer ones, nothing over a week."""
    if window.length <= timedelta(days=1):
        return timedelta(days=1)
    return timedelta(days=7) if window.length <= timedelta(days=7) else None
