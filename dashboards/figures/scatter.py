"""Response times over time, one point a trace, drawn by how each ended.

The value axis is logarithmic when the slow are far from the usual, and then the
values are drawn as their logarithms with ticks of our own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from app.model import written
from app.model.time import Window, epoch_ms
from dashboards.figures.axis import Axis, axis
from dashboards.figures.canvas import Figure, packed, sheet

FAR = 20.0
"""From so many times the median on, the 99th percentile asks for a logarithmic axis."""
_FLOOR_MS = 0.1
_OUTCOMES = ("ok", "throttle", "error", "fault")
_LOOKS: Mapping[str, Figure] = {
    "ok": {"color": "--series-1", "symbol": "circle", "size": 5, "opacity": 0.55},
    "throttle": {"color": "--silenced", "symbol": "diamond", "size": 8},
    "error": {"color": "--warning", "symbol": "triangle-up", "size": 9},
    "fault": {"color": "--critical", "symbol": "octagon", "size": 8},
}


@dataclass(frozen=True, slots=True)
class Point:
    """One trace: when it began, its response time in milliseconds, how it ended."""

    at: datetime
    ms: float
    outcome: str = "ok"


def scatter(points: Sequence[Point], *, window: Window) -> Figure:
    """The points; ``customdata`` of each is its place in ``points``."""
    log = is_far([point.ms for point in points])
    high = max((point.ms for point in points), default=1.0)
    low = min((point.ms for point in points), default=0.0)
    marks = log_axis(low, high) if log else axis(0.0, high, "milliseconds")
    traces = [_trace(outcome, points, log) for outcome in _OUTCOMES]
    figure = sheet([t for t in traces if t["x"]], window, marks, "milliseconds")
    figure["layout"]["meta"] |= {"scatter": True, "log": log}
    return figure


def is_far(times: Sequence[float]) -> bool:
    """Whether the slow ones are so far off that a linear axis would flatten the rest."""
    if len(times) < 2:
        return False
    usual, slow = np.percentile(np.asarray(times), [50, 99])
    return bool(slow > FAR * max(usual, _FLOOR_MS))


def log_axis(low: float, high: float) -> Axis:
    """Powers of ten that hold the values, at their logarithms."""
    first = math.floor(math.log10(max(low, _FLOOR_MS)))
    last = max(first + 1, math.ceil(math.log10(max(high, _FLOOR_MS))))
    at = tuple(float(power) for power in range(first, last + 1))
    text = tuple(written.value(10.0**power, "milliseconds") for power in range(first, last + 1))
    return Axis(at[0], at[-1], at, text)


def _trace(outcome: str, points: Sequence[Point], log: bool) -> Figure:
    chosen = [(n, point) for n, point in enumerate(points) if point.outcome == outcome]
    times = np.array([point.ms for _, point in chosen], dtype=np.float32)
    values = np.log10(np.maximum(times, _FLOOR_MS)) if log else times
    return {
        "type": "scatter",
        "mode": "markers",
        "name": outcome,
        "meta": {"kind": "point"},
        "x": packed(np.array([epoch_ms(p.at) for _, p in chosen], dtype=np.float64))
        if chosen
        else None,
        "y": packed(values.astype(np.float32)),
        "customdata": packed(np.array([n for n, _ in chosen], dtype=np.int32)),
        "marker": {**_LOOKS[outcome], "line": {"width": 0}},
        "hoverinfo": "skip",
    }
