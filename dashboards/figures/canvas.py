"""What every chart shares: the sheet it is drawn on, thresholds, events, packed numbers."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy.typing as npt

from app.model.time import Window, epoch_ms
from dashboards.figures.axis import Axis, axis

Figure = dict[str, Any]

CLEAR = "rgba(0,0,0,0)"
FONT = "Inter, system-ui, sans-serif"
SERIES = tuple(f"--series-{n}" for n in range(1, 9))
OTHER = "--series-other"


@dataclass(frozen=True, slots=True)
class Threshold:
    """A value that an alarm compares with; ``text`` stands at its left end."""

    value: float
    text: str


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: a deployment, a change of configuration."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A line across the sheet and the words that stand on it."""

    shape: Figure
    words: Figure


def packed(numbers: npt.NDArray[Any]) -> dict[str, str]:
    """Numbers as plotly.js reads them fastest: base64 of little-endian bytes."""
    code = numbers.dtype.str[1:]
    return {"dtype": code, "bdata": base64.b64encode(numbers.tobytes()).decode()}


def rank_role(rank: int) -> str:
    """The colour role of the series at ``rank``; grey from the ninth on."""
    return SERIES[rank] if rank < len(SERIES) else OTHER


def empty(window: Window, unit: str = "count") -> Figure:
    """The sheet without lines, so that a panel keeps its shape while there is nothing to draw."""
    return sheet([], window, axis(0.0, 1.0, unit), unit)


def sheet(
    traces: Sequence[Figure],
    window: Window,
    value_axis: Axis,
    unit: str,
    marks: Sequence[Mark] = (),
    events: Sequence[Event] = (),
) -> Figure:
    """A whole figure from its traces."""
    start, end = epoch_ms(window.start), epoch_ms(window.end)
    inside = [(epoch_ms(event.at), event.text) for event in events if event.at in window]
    return {
        "data": list(traces),
        "layout": {
            "meta": {"unit": unit, "start": start, "end": end, "events": inside},
            "margin": {"l": _room(value_axis), "r": 8, "t": 8, "b": 22, "pad": 0},
            "paper_bgcolor": CLEAR,
            "plot_bgcolor": CLEAR,
            "font": {"family": FONT, "size": 11, "color": "--muted"},
            "showlegend": False,
            "hovermode": False,
            "dragmode": False,
            "uirevision": "kept",
            "xaxis": _time_axis(start, end),
            "yaxis": _value_axis(value_axis),
            "shapes": [*(m.shape for m in marks), *(_event_line(at) for at, _ in inside)],
            "annotations": [m.words for m in marks],
        },
    }


def threshold_mark(threshold: Threshold, *, beneath: bool = False) -> tuple[Mark]:
    """The dashed line of a threshold and its words, above it unless that is out of the plot."""
    line = {
        "type": "line",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "y0": threshold.value,
        "y1": threshold.value,
        "line": {"color": "--critical", "width": 1, "dash": "dash"},
    }
    words = {
        "text": threshold.text,
        "xref": "paper",
        "x": 0,
        "xanchor": "left",
        "y": threshold.value,
        "yanchor": "top" if beneath else "bottom",
        "showarrow": False,
        "font": {"color": "--critical-text", "size": 11},
        "bgcolor": "--surface",
        "borderpad": 1,
    }
    return (Mark(line, words),)


def stretch(start: datetime, end: datetime, role: str) -> Figure:
    """A 3 px bar that lies on the time axis."""
    return {
        "type": "rect",
        "x0": epoch_ms(start),
        "x1": epoch_ms(end),
        "yref": "paper",
        "ysizemode": "pixel",
        "yanchor": 0,
        "y0": 0,
        "y1": 3,
        "fillcolor": role,
        "line": {"width": 0},
    }


def _event_line(at: int) -> Figure:
    return {
        "type": "line",
        "x0": at,
        "x1": at,
        "yref": "paper",
        "y0": 0,
        "y1": 1,
        "line": {"color": "--line-strong", "width": 1, "dash": "dot"},
    }


def _time_axis(start: int, end: int) -> Figure:
    """The labels are put on by the browser, which knows the width and the zone."""
    return {
        "type": "linear",
        "range": [start, end],
        "showgrid": False,
        "zeroline": False,
        "showline": True,
        "linecolor": "--line",
        "ticks": "outside",
        "ticklen": 4,
        "tickcolor": "--line",
        "tickvals": [],
        "ticktext": [],
        "fixedrange": True,
    }


def _value_axis(marks: Axis) -> Figure:
    return {
        "type": "linear",
        "range": [marks.low, marks.high],
        "tickvals": list(marks.at),
        "ticktext": list(marks.text),
        "gridcolor": "--line",
        "gridwidth": 1,
        "zeroline": False,
        "fixedrange": True,
    }


def _room(marks: Axis) -> int:
    """Left margin in px for the longest label at 11 px type."""
    return max(28, 10 + round(6.2 * max(len(text) for text in marks.text)))
