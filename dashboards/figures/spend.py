"""What was spent: days stacked by service, lines or running totals, a period before beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from dashboards.figures.axis import Axis, axis
from dashboards.figures.calendar import Calendar, column
from dashboards.figures.canvas import OTHER, Figure, packed, rank_role, sheet

Amounts = Sequence[float | None]
BEFORE, TOTAL = "period before", "total"
_UNSETTLED = 0.45


@dataclass(frozen=True, slots=True)
class Band:
    """One name of a stack: an amount a slot; ``rest`` is all that is not named, in grey."""

    name: str
    amounts: Amounts
    key: str = ""
    rest: bool = False


def spend_bars(
    bands: Sequence[Band],
    calendar: Calendar,
    *,
    unsettled_from: datetime | None = None,
    before: Amounts = (),
    unit: str = "usd",
) -> Figure:
    """Bars stacked in the order given; credits hang below zero, unsettled slots are paler.

    ``before`` are the totals of an earlier period, slot by slot, as a dashed line.
    """
    paler = _paler(calendar, unsettled_from)
    traces = [
        _bar(band, calendar, role, paler) for band, role in zip(bands, _roles(bands), strict=True)
    ]
    low, high = _stack_ends([band.amounts for band in bands], before)
    if before:
        traces.append(_line(Band(BEFORE, before), calendar, "--text-2", dashed=True))
    meta = {"legend": "sum", "total": len(bands) > 1}
    return _sheet(traces, calendar, axis(low, high, unit), unit, meta)


def spend_lines(
    bands: Sequence[Band],
    calendar: Calendar,
    *,
    before: Amounts = (),
    running: bool = False,
    total: Amounts = (),
    unit: str = "usd",
) -> Figure:
    """A line a band; ``running`` adds the slots up, so that each line ends at its total.

    ``total`` is a line of all bands together, in the colour of text.
    """
    drawn = [_running(band) for band in bands] if running else list(bands)
    whole = Band(TOTAL, _summed(total) if running else total)
    old = _summed(before) if running else before
    traces = [_line(band, calendar, role) for band, role in zip(drawn, _roles(drawn), strict=True)]
    if total:
        traces.append(_line(whole, calendar, "--text"))
    if old:
        traces.append(_line(Band(BEFORE, old), calendar, "--text-2", dashed=True))
    ends = [value for band in (*drawn, whole) for value in band.amounts if value is not None]
    ends += [value for value in old if value is not None]
    legend = {"legend": "last" if running or unit != "usd" else "sum"}
    span = axis(min(ends, default=0.0), max(ends, default=0.0), unit)
    return _sheet(traces, calendar, span, unit, legend)


def _sheet(traces: list[Figure], calendar: Calendar, span: Axis, unit: str, meta: Figure) -> Figure:
    figure = sheet(traces, calendar.window, span, unit)
    figure["layout"]["meta"] |= {"calendar": calendar.meta(), **meta}
    figure["layout"] |= {"barmode": "relative", "bargap": 0}
    if span.low < 0:
        figure["layout"]["yaxis"] |= {"zeroline": True, "zerolinecolor": "--line-strong"}
    return figure


def _roles(bands: Sequence[Band]) -> list[str]:
    ranks = iter(range(len(bands)))
    return [OTHER if band.rest else rank_role(next(ranks)) for band in bands]


def _bar(band: Band, calendar: Calendar, role: str, paler: Figure | None) -> Figure:
    marker: Figure = {"color": role, "line": {"width": 0}}
    return {
        "type": "bar",
        "name": band.name,
        "meta": {"kind": "bar", "partial": paler is not None, "key": band.key},
        **calendar.bar_places(),
        "y": column(band.amounts),
        "marker": marker | ({"opacity": paler} if paler else {}),
        "hoverinfo": "skip",
    }


def _line(band: Band, calendar: Calendar, role: str, *, dashed: bool = False) -> Figure:
    look = {"dash": "dash", "width": 1.25} if dashed else {"width": 1.5}
    return {
        "type": "scatter",
        "mode": "lines",
        "name": band.name,
        "meta": {"kind": "compare" if dashed else "plain", "partial": False, "key": band.key},
        **calendar.line_places(),
        "y": column(band.amounts),
        "opacity": 0.7 if dashed else 1.0,
        "line": {"color": role, **look},
        "connectgaps": False,
        "hoverinfo": "skip",
    }


def _paler(calendar: Calendar, unsettled_from: datetime | None) -> Figure | None:
    """An opacity a slot, or None when the whole bill has settled."""
    if unsettled_from is None:
        return None
    ends = (*calendar.starts[1:], calendar.end)
    opacity = [_UNSETTLED if end > unsettled_from else 1.0 for end in ends]
    return packed(np.asarray(opacity, dtype=np.float32))


def _stack_ends(columns: Sequence[Amounts], before: Amounts) -> tuple[float, float]:
    """How far the highest stack reaches, and the deepest one below zero."""
    slots = [[value or 0.0 for value in slot] for slot in zip(*columns, strict=True)]
    tops = [sum(max(value, 0.0) for value in slot) for slot in slots]
    feet = [sum(min(value, 0.0) for value in slot) for slot in slots]
    also = [value for value in before if value is not None]
    return min([*feet, *also], default=0.0), max([*tops, *also], default=0.0)


def _running(band: Band) -> Band:
    return Band(band.name, _summed(band.amounts), band.key, band.rest)


def _summed(amounts: Amounts) -> list[float | None]:
    """The running total; a gap stays a gap and adds nothing."""
    total, summed = 0.0, list[float | None]()
    for value in amounts:
        total += value or 0.0
        summed.append(None if value is None else total)
    return summed
