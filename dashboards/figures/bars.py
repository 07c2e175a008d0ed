"""Bars for things counted in a bucket: errors a minute, spend a day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from app.model.lines import Line
from app.model.time import Window
from dashboards.figures.axis import axis
from dashboards.figures.canvas import Figure, Threshold, packed, rank_role, sheet, threshold_mark
from dashboards.figures.slots import Slots, totals
from dashboards.figures.timeseries import Kind

MOST_BARS = 240
_UNFINISHED = 0.45


def bars(
    lines: Sequence[Line],
    *,
    window: Window,
    unit: str = "",
    kinds: Mapping[str, Kind] | None = None,
    threshold: Threshold | None = None,
) -> Figure:
    """Lines on one grid, stacked; a bucket that is not over yet is paler."""
    drawn = [(line, totals(line, MOST_BARS)) for line in lines]
    traces, rank = [], 0
    for line, found in drawn:
        error = (kinds or {}).get(line.name) is Kind.ERROR
        traces.append(_bar(line, found, "--critical" if error else rank_role(rank)))
        rank += not error
    high = max(_highest(found for _, found in drawn), threshold.value if threshold else 0.0)
    unit = unit or (lines[0].unit if lines else "count")
    marks = threshold_mark(threshold) if threshold else ()
    figure = sheet(traces, window, axis(0.0, high, unit), unit, marks)
    figure["layout"] |= {"barmode": "stack", "bargap": 0}
    return figure


def _highest(columns: Iterable[Slots]) -> float:
    """The top of the tallest stack."""
    stacks: dict[float, float] = {}
    for found in columns:
        for n in np.flatnonzero(np.isfinite(found.values)):
            at = found.start + float(n) * found.step
            stacks[at] = stacks.get(at, 0.0) + float(found.values[n])
    return max(stacks.values(), default=0.0)


def _bar(line: Line, found: Slots, role: str) -> Figure:
    marker: Figure = {"color": role, "line": {"width": 0}}
    if line.partial:
        opacity = np.ones(len(found.values), dtype=np.float32)
        opacity[-1:] = _UNFINISHED
        marker["opacity"] = packed(opacity)
    return {
        "type": "bar",
        "name": line.name,
        "meta": {"kind": "bar", "partial": line.partial, "key": line.key},
        **found.x(),
        "y": found.y(),
        "width": found.step * 0.8,
        "offset": found.step * 0.1,
        "marker": marker,
        "hoverinfo": "skip",
    }
