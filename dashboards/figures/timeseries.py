"""Lines over time. A gap is a gap: never joined, never 0."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from app.model.lines import Line, Values
from app.model.time import Window
from dashboards.figures.axis import axis
from dashboards.figures.canvas import (
    Event,
    Figure,
    Threshold,
    packed,
    rank_role,
    sheet,
    threshold_mark,
)
from dashboards.figures.slots import Slots, slots

MOST_LINES = 10


class Kind(StrEnum):
    """What a line stands for, which decides how it is drawn."""

    PLAIN = "plain"
    ERROR = "error"
    P50 = "p50"
    P95 = "p95"
    P99 = "p99"
    COMPARE = "compare"
    LIMIT = "limit"


def timeseries(
    lines: Sequence[Line],
    *,
    window: Window,
    unit: str = "",
    kinds: Mapping[str, Kind] | None = None,
    threshold: Threshold | None = None,
    events: Sequence[Event] = (),
    from_zero: bool = True,
) -> Figure:
    """The first ten lines; ``unit`` is theirs unless given.

    ``kinds`` says by name which lines are not plain; ``threshold`` adds a
    dashed line with its words. ``from_zero=False`` is for levels that live far
    from zero (availability, a temperature).
    """
    drawn = [(line, slots(line)) for line in lines[:MOST_LINES]]
    low, high = extent((found.values for _, found in drawn), threshold)
    unit = unit or (lines[0].unit if lines else "count")
    return sheet(
        _traces(drawn, kinds or {}),
        window,
        axis(low, high, unit, from_zero=from_zero),
        unit,
        threshold_mark(threshold, beneath=threshold.value >= high) if threshold else (),
        events,
    )


def extent(columns: Iterable[Values], threshold: Threshold | None = None) -> tuple[float, float]:
    """The least and the greatest finite value, the threshold among them."""
    also = [threshold.value] if threshold else []
    values = np.concatenate([*columns, np.asarray(also, dtype=np.float64)])
    values = values[np.isfinite(values)]
    return (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)


def _traces(drawn: Sequence[tuple[Line, Slots]], kinds: Mapping[str, Kind]) -> list[Figure]:
    traces, rank = [], 0
    for line, found in drawn:
        kind = kinds.get(line.name, Kind.PLAIN)
        traces.append(_trace(line, found, kind, rank_role(rank)))
        if kind is Kind.PLAIN:
            rank += 1
    return traces


def _trace(line: Line, found: Slots, kind: Kind, role: str) -> Figure:
    look = dict(_LOOKS[kind])
    trace: Figure = {
        "type": "scatter",
        "mode": "lines",
        "name": line.name,
        "meta": {"kind": kind.value, "partial": line.partial, "key": line.key},
        **found.x(),
        "y": found.y(),
        "opacity": look.pop("opacity", 1.0),
        "line": {"color": role, "width": 1.5, **look},
        "connectgaps": False,
        "hoverinfo": "skip",
    }
    alone = _alone(found.values)
    if alone.any():
        size = packed(np.where(alone, 4, 0).astype(np.uint8))
        dot = {"size": size, "opacity": 1, "color": trace["line"]["color"], "line": {"width": 0}}
        trace |= {"mode": "lines+markers", "marker": dot}
    return trace


def _alone(column: Values) -> npt.NDArray[np.bool_]:
    """True for a value with an empty slot on both sides: only a dot can show it."""
    there = np.isfinite(column)
    before = np.concatenate(([False], there[:-1]))
    after = np.concatenate((there[1:], [False]))
    alone: npt.NDArray[np.bool_] = there & ~before & ~after
    return alone


_LOOKS: Mapping[Kind, Figure] = {
    Kind.PLAIN: {},
    Kind.ERROR: {"color": "--critical"},
    Kind.P50: {"color": "--series-1", "width": 1, "opacity": 0.6},
    Kind.P95: {"color": "--series-1"},
    Kind.P99: {"color": "--series-1", "dash": "dash"},
    Kind.COMPARE: {"dash": "dash", "opacity": 0.5},
    Kind.LIMIT: {"color": "--line-strong", "width": 1, "dash": "dash"},
}
