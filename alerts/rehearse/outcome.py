"""What a rehearsal came to: changes of state, episodes in alarm, pages per week."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.model.lines import Line
from app.model.states import AlarmState
from app.model.time import Window

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Change:
    """At ``at`` the alarm would have come into ``new``, for ``reason``."""

    at: datetime
    old: AlarmState
    new: AlarmState
    reason: str


@dataclass(frozen=True, slots=True)
class Episode:
    """One stay in ALARM; ``ended`` is false while it still lasted at the end."""

    window: Window
    ended: bool


@dataclass(frozen=True, slots=True, eq=False)
class Rehearsal:
    """One alarm over one stretch of the past.

    ``window`` is what was judged. ``unasked`` is how much of it AWS had not
    answered for; there the state stays. ``line`` holds the value of the newest
    slot at each moment, ``bounds`` those of a band.
    """

    put: Mapping[str, Any]
    window: Window
    every: timedelta
    state: AlarmState
    changes: tuple[Change, ...]
    line: Line
    bounds: tuple[Line, ...] = ()
    unasked: timedelta = timedelta()
    problem: str = ""

    @property
    def pages(self) -> int:
        """How often somebody would have been told of an alarm."""
        return sum(change.new is AlarmState.ALARM for change in self.changes)

    @property
    def pages_per_week(self) -> float | None:
        """None where nothing was judged."""
        judged = self.window.length - self.unasked
        return self.pages * (WEEK / judged) if judged else None

    @property
    def episodes(self) -> tuple[Episode, ...]:
        """The stays in ALARM, oldest first."""
        found: list[Episode] = []
        began: datetime | None = None
        for change in self.changes:
            if change.new is AlarmState.ALARM:
                began = change.at
            elif began is not None:
                found.append(Episode(Window(began, change.at), ended=True))
                began = None
        if began is not None:
            found.append(Episode(Window(began, self.window.end), ended=False))
        return tuple(found)

    @property
    def in_alarm(self) -> timedelta:
        """How long it would have stood in ALARM altogether."""
        return sum((each.window.length for each in self.episodes), timedelta())
