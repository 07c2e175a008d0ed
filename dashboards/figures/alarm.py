"""One alarm's metric against its threshold, with the stretches in alarm on the axis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.model.lines import Line
from app.model.states import AlarmState
from app.model.time import Window
from dashboards.figures.canvas import Event, Figure, Threshold, stretch
from dashboards.figures.timeseries import timeseries

_STRETCHES = {AlarmState.ALARM: "--critical", AlarmState.INSUFFICIENT_DATA: "--no-data"}


@dataclass(frozen=True, slots=True)
class StateChange:
    """From ``at`` on, the alarm is in ``state``."""

    at: datetime
    state: AlarmState


def alarm_chart(
    line: Line | None,
    *,
    window: Window,
    threshold: Threshold | None,
    unit: str = "",
    changes: Sequence[StateChange] = (),
    until: datetime | None = None,
    beside: Sequence[Line] = (),
) -> Figure:
    """The points that the alarm sees, its threshold, and its states on the time axis.

    ``changes`` are oldest first and may begin before the window, which tells
    the state at its start; the last state lasts until ``until``. ``beside`` are
    further lines, as those of a band.
    """
    events = [Event(c.at, f"to {c.state.value}") for c in changes if c.at in window]
    lines = [*([line] if line else []), *beside]
    figure = timeseries(lines, unit=unit, window=window, threshold=threshold, events=events)
    figure["layout"]["shapes"] += [
        stretch(part.start, part.end, role)
        for role, part in _spells(changes, window, until or window.end)
    ]
    return figure


def _spells(
    changes: Sequence[StateChange], window: Window, until: datetime
) -> Iterator[tuple[str, Window]]:
    """The parts of the window that were not OK, each with its colour role."""
    ends = [change.at for change in changes[1:]] + [until]
    for change, end in zip(changes, ends, strict=False):
        role = _STRETCHES.get(change.state)
        part = Window(change.at, end).meet(window) if change.at < end else None
        if role and part:
            yield role, part
