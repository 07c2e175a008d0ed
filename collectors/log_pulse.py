"""What is remembered of each log group between reads; all of it may be lost in a restart."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from app.model.logs import LogGroupKey
from collectors.log_windows import RARELY, Habits, Reach

LEAN_PAGES = 2
"""A group whose newest events fill so many pages goes back less far each time."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """When the last event of a group was, how its reads are going, and how far they go back.

    ``refused`` is when AWS last said that this group may not be read, or is not there, and
    ``alone`` whether a round of its own has told so; ``behind`` since when its newest time
    could not be read to the end.
    """

    last_event: datetime | None = None
    reach: Reach = field(default_factory=Reach)
    refused: datetime | None = None
    alone: bool = False
    behind: datetime | None = None

    def pace(self, habits: Habits, now: datetime) -> timedelta:
        """How often to read the group."""
        if self.refused is not None:
            return RARELY if self.alone else habits.every
        return habits.every if self.last_event is None else habits.pace(now - self.last_event)


@dataclass(frozen=True, slots=True)
class Went:
    """How a read of the newest time went: pages with events, and whether that was all of it.

    ``full`` if it went back over the whole overlap.
    """

    pages: int
    full: bool
    complete: bool


class Pulses:
    """The pulses of all groups; thread-safe."""

    def __init__(self) -> None:
        self._pulses: dict[LogGroupKey, Pulse] = {}
        self._lock = threading.Lock()

    def of(self, key: LogGroupKey) -> Pulse:
        return self._pulses.get(key, Pulse())

    def read(self, key: LogGroupKey, now: datetime, last_event: datetime, went: Went) -> Pulse:
        """A read of the newest time went well."""
        with self._lock:
            before = self.of(key)
            seen = max(last_event, before.last_event or last_event)
            lean = went.pages >= LEAN_PAGES if went.full else before.reach.lean
            reach = Reach(lean, now if went.full else before.reach.full)
            behind = None if went.complete else before.behind or now
            found = self._pulses[key] = Pulse(seen, reach, behind=behind)
            return found

    def refused(self, key: LogGroupKey, now: datetime, *, alone: bool = False) -> None:
        """AWS refused the group; until a round of its own tells so that comes soon."""
        with self._lock:
            self._pulses[key] = replace(self.of(key), refused=now, alone=alone)

    def is_lean(self, key: LogGroupKey) -> bool:
        return self.of(key).reach.lean
