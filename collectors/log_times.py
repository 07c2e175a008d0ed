"""When and how far back each group is read: windows, from settings, pulse and coverage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zlib import crc32

from app.aws import Aws
from app.config import LogsSettings
from app.model.groups import logs_group
from app.model.ids import Place
from app.model.logs import LogGroup, LogGroupKey
from app.model.time import Intervals, Window
from app.store import Coverage, Store
from collectors.log_pulse import Pulses
from collectors.log_windows import Habits, askable, fresh, newest, past, swept

_NIGHT = timedelta(hours=6)
_SHARE = 0.5
"""How much of the allowed calls may go into the newest events."""


class Answered:
    """What was read of each group of a place, asked for once."""

    def __init__(self, store: Store, place: Place) -> None:
        self.found: Mapping[str, Coverage] = {
            group: found for (where, group), found in store.coverages().items() if where == place
        }

    def of_group(self, group: str) -> Intervals:
        """What was answered for a group of rounds."""
        found = self.found.get(group)
        return found.answered if found else Intervals()

    def of(self, name: str) -> tuple[Intervals, Intervals]:
        """What was answered of a log group, and what of it is settled."""
        found = self.found.get(logs_group(name))
        return (found.answered, found.settled) if found else (Intervals(), Intervals())


@dataclass(frozen=True, slots=True)
class Times:
    """Answers what is to be read of a group now."""

    settings: LogsSettings
    aws: Aws
    pulses: Pulses
    crowds: dict[Place, int] = field(default_factory=dict)
    """How many groups are read in each place, as of its last plan."""

    eager: dict[Place, frozenset[str]] = field(default_factory=dict)
    """Names of groups that alarms wait for."""

    def fresh(self, group: LogGroup, answered: Answered, now: datetime) -> Window | None:
        """What of the newest time to read, None while it is not yet time."""
        read, _ = answered.of(group.key.name)
        habits, pulse, within = (
            self._habits(group),
            self.pulses.of(group.key),
            self._within(group, now),
        )
        pace, last = pulse.pace(habits, now), newest(read)
        if pulse.refused is not None and now - pulse.refused < pace:
            return None
        if last is not None and within.end - last < pace:
            return None
        return fresh(read, habits, within, pulse.reach.back(habits, now)) or None

    def is_full(self, group: LogGroup, now: datetime) -> bool:
        """Whether the next read of the newest time goes back over the whole overlap."""
        habits = self._habits(group)
        return self.pulses.of(group.key).reach.back(habits, now) >= habits.overlap

    def lacking(self, group: LogGroup, answered: Answered, now: datetime) -> Intervals:
        """What of the past is still to be read."""
        read, _ = answered.of(group.key.name)
        return past(read, self._habits(group), self._within(group, now))

    def again(self, group: LogGroup, answered: Answered, now: datetime) -> Window | None:
        """What the nightly read goes over, None while it is not yet time."""
        read, settled = answered.of(group.key.name)
        habits = self._habits(group)
        return swept(read, settled, habits, self._within(group, now, 3 * habits.sweep))

    def _within(self, group: LogGroup, now: datetime, furthest: timedelta | None = None) -> Window:
        days = group.retention_days
        retention = None if days is None else timedelta(days=days)
        return askable(self._habits(group), now, retention, furthest)

    def _habits(self, group: LogGroup) -> Habits:
        settings = self.settings
        return Habits(
            settings.every,
            settings.lag,
            settings.overlap,
            settings.backfill,
            settings.sweep,
            phase=_NIGHT * (crc32(str(group.key).encode()) / 2**32),
            crowded=self._is_crowded(group.key),
        )

    def _is_crowded(self, key: LogGroupKey) -> bool:
        """Whether asking for every group at each interval would take most of the allowed rate."""
        place = key.place
        if key.name in self.eager.get(place, ()):
            return False
        rate = self.aws.rate(place, "logs", "FilterLogEvents")
        calls = rate * self.settings.every.total_seconds()
        return self.crowds.get(place, 0) > _SHARE * calls
