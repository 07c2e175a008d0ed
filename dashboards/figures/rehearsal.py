"""What an alarm would have done: its values, threshold or band, and the stretches in alarm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np

from app.model.lines import Line
from app.model.time import Window
from dashboards.figures.alarm import StateChange, alarm_chart
from dashboards.figures.canvas import Figure, Threshold

SIDES = ("lower side", "upper side")
MOST = 600
"""Points of a line; more are drawn as the most extreme of each run."""


def rehearsal_chart(
    line: Line,
    bounds: Sequence[Line],
    *,
    window: Window,
    threshold: Threshold | None,
    changes: Sequence[StateChange] = (),
    falling: bool = False,
    until: datetime | None = None,
    unit: str = "",
) -> Figure:
    """Like :func:`alarm_chart`; ``falling`` keeps the lowest value of a run instead of the highest.

    ``bounds`` are lines beside the value: the lower and the upper side of a band.
    """
    named = [replace(each, name=name) for each, name in zip(bounds, SIDES, strict=False)]
    drawn = [reduced(each, window, falling=falling) for each in (line, *named)]
    return alarm_chart(
        drawn[0],
        window=window,
        threshold=threshold,
        unit=unit or line.unit,
        changes=changes,
        until=until,
        beside=drawn[1:],
    )


def reduced(line: Line, window: Window, *, falling: bool = False, most: int = MOST) -> Line:
    """The part of a line inside the window, in at most ``most`` points."""
    first = max(0, -(-(window.start - line.start) // line.step))
    last = max(first, min(len(line.values), -(-(window.end - line.start) // line.step)))
    values = line.values[first:last]
    run = -(-len(values) // most) if len(values) > most else 1
    start = line.start + first * line.step
    if run > 1:
        padded = np.full(-(-len(values) // run) * run, np.nan)
        padded[: len(values)] = values
        pick = np.fmin if falling else np.fmax
        values = pick.reduce(padded.reshape(-1, run), axis=1)
    return Line(line.name, start, line.step * run, values, line.unit)
