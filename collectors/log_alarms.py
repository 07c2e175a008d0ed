"""Alarms on metrics that log events make: which groups they need, and how far those were read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.model.alarms import AlarmDefinition
from app.model.ids import Place
from app.model.rounds import Covered, Settledness
from app.model.time import Window, ceil, floor
from app.model.watching import PLAIN, Input, inputs
from collectors.log_sources import Sources, group_of
from collectors.log_times import Answered
from collectors.log_windows import ZONE

_MINUTE = timedelta(minutes=1)

Needed = Mapping[str, frozenset[str]]
"""Groups of made series that alarms watch, each with the log groups that feed it."""


@dataclass(frozen=True, slots=True)
class LogAlarms:
    """Answers for the definitions of the moment."""

    alarms: Callable[[], Sequence[AlarmDefinition]]
    sources: Sources
    _first: dict[tuple[Place, str], datetime] = field(default_factory=dict)

    def makes(self, wanted: Input) -> bool:
        """Whether events give what an alarm looks at, which is no percentile."""
        key = wanted.key
        if wanted.statistic not in PLAIN:
            return False
        return self.sources.makes(key) and bool(self.sources.feeding(key.place, group_of(key)))

    def needed(self, place: Place, chosen: Collection[str], now: datetime) -> Needed:
        """What alarms watch in a place, made of events of the groups that are read."""
        found: dict[str, frozenset[str]] = {}
        for alarm in self.alarms():
            for each in inputs(alarm) if alarm.place == place else ():
                if self.makes(each):
                    group = group_of(each.key)
                    found[group] = self.sources.feeding(place, group) & set(chosen)
                    self._first.setdefault((place, group), now)
        return found

    def covered(self, place: Place, needed: Needed, answered: Answered) -> Iterator[Covered]:
        """What is complete of those series: time that was read of every group."""
        for group, names in needed.items():
            newest = [answered.of(name)[0].windows[-1:] for name in names]
            if not newest or not all(newest):
                continue
            start = ceil(max(windows[0].start for windows in newest), _MINUTE)
            end = floor(min(windows[0].end for windows in newest), _MINUTE)
            first = self._first[place, group]
            if not answered.of_group(group) and start < first - ZONE:
                # Events that were kept before anything asked for the metric do not count.
                start = ceil(first, _MINUTE)
            if start < end:
                yield Covered(place, group, Window(start, end), Settledness.PROVISIONAL)
