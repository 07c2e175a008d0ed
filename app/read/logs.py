"""Log groups, and questions about their events in CloudWatch's own language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

import numpy as np

from app.config import QuerySettings
from app.model.errors import ConfigError
from app.model.ids import Place
from app.model.lines import Line, Values
from app.model.logs import FieldKind, LogGroup, LogGroupKey
from app.model.time import EPOCH, Window, epoch_ms, floor
from app.query.insights import (
    Answer,
    Explanation,
    Limits,
    Watch,
    answer,
    asked_fields,
    counting,
    explain,
)
from app.query.insights.functions import Clock
from app.query.insights.walk import starts_of
from app.query.lang import did_you_mean
from app.read.log_source import StoreSource
from app.read.query_counting import note_query
from app.store import Store

MOST_BARS = 120
_STEPS = tuple(timedelta(seconds=s) for s in (1, 5, 10, 30, 60, 300, 900, 3600, 21_600, 86_400))


@dataclass(frozen=True, slots=True)
class FieldShare:
    """A discovered field and the share of the events that have it, 0 to 1 (at most)."""

    name: str
    kind: FieldKind
    share: float


@dataclass(frozen=True, slots=True)
class Arrived:
    """An event that was collected just now."""

    at: datetime
    group: str
    message: str


class LogsReader:
    """Answers from stored events; asks AWS nothing.

    With ``counting_queries`` each query is remembered, so that it can be told what
    CloudWatch would have charged for it.
    """

    def __init__(
        self, store: Store, limits: Limits | None = None, *, counting_queries: bool = False
    ) -> None:
        self._store, self._limits = store, limits or Limits()
        self._counting_queries = counting_queries

    def groups(self, places: Sequence[Place]) -> list[LogGroup]:
        """The log groups of some places, by place and name."""
        wanted = set(places)
        return [g for g in self._store.logs.groups() if g.key.place in wanted]

    def query(
        self,
        text: str,
        groups: Sequence[str],
        window: Window,
        places: Sequence[Place],
        *,
        now: datetime,
        limits: Limits | None = None,
        watch: Watch | None = None,
    ) -> Answer:
        """Answer a query over groups by name (none: all) from the start of ``window`` to its end.

        A name may hold ``*``. ``limits`` count where they are narrower than those of the
        reader. Raises QueryError for a mistake in the text, ConfigError for a group that is
        not there.
        """
        chosen = [group.key for group in self.chosen(groups, places)]
        found = self._answered(text, chosen, _clock(window, now), limits, watch)
        if self._counting_queries:
            note_query(self._store, chosen, window, now)
        return found

    def explain(
        self,
        text: str,
        groups: Sequence[str],
        window: Window,
        places: Sequence[Place],
        *,
        now: datetime,
    ) -> Explanation:
        """How the same query would be answered; no event is read. Raises the same."""
        source, clock = self._source(groups, places), _clock(window, now)
        return explain(text, source, clock=clock, limits=self._limits)

    def _answered(
        self,
        text: str,
        chosen: Sequence[LogGroupKey],
        clock: Clock,
        limits: Limits | None,
        watch: Watch | None,
    ) -> Answer:
        source = StoreSource(self._store.logs, chosen)
        allowed = self._limits.within(limits) if limits else self._limits
        return answer(text, source, clock=clock, limits=allowed, watch=watch)

    def _source(self, groups: Sequence[str], places: Sequence[Place]) -> StoreSource:
        return StoreSource(self._store.logs, [g.key for g in self.chosen(groups, places)])

    def counted(
        self,
        text: str,
        groups: Sequence[str],
        window: Window,
        places: Sequence[Place],
        *,
        now: datetime,
        limits: Limits | None = None,
        watch: Watch | None = None,
    ) -> tuple[Line, str]:
        """Events over time that the filters at the head of a query let through.

        With it the name of the limit that was reached, if any.
        """
        step = next((s for s in _STEPS if window.length / s <= MOST_BARS), _STEPS[-1])
        counts = counting(text, step)
        chosen = [group.key for group in self.chosen(groups, places)]
        found = self._answered(counts, chosen, _clock(window, now), limits, watch)
        values = _by_bin(found, window, step)
        line = Line(
            "events", floor(window.start, step), step, values, "count", window.end >= now, "events"
        )
        return line, found.scanned.stopped

    def arrived(
        self, after: int, groups: Sequence[str], places: Sequence[Place]
    ) -> tuple[list[Arrived], int]:
        """Events of commits after the one with number ``after``, by time, and the newest number.

        Raises ConfigError for a group that is not there.
        """
        keys = [group.key for group in self.chosen(groups, places)]
        segments, newest = self._store.logs.committed_after(after, keys)
        names = {number: key for key, number in self._store.logs.ids().items()}
        found = []
        for segment in segments:
            frame = self._store.logs.scan(segment, ("group", "at", "message")).collect()
            found += [
                Arrived(at, names[group].name, message) for group, at, message in frame.rows()
            ]
        return sorted(found, key=lambda event: event.at), newest

    def fields(
        self, groups: Sequence[str], window: Window, places: Sequence[Place]
    ) -> list[FieldShare]:
        """The discovered fields of the segments that a query would read, most frequent first."""
        keys = [group.key for group in self.chosen(groups, places)]
        segments = self._store.logs.segments(epoch_ms(window.start), epoch_ms(window.end), keys)
        total = sum(s.segment.rows for s in segments)
        counts: dict[str, int] = {}
        kinds: dict[str, set[FieldKind]] = {}
        for segment in segments:
            for name, info in segment.fields.items():
                counts[name] = counts.get(name, 0) + info.count
                kinds.setdefault(name, set()).add(info.kind)
        often = sorted(counts, key=lambda name: (-counts[name], name))
        return [
            FieldShare(
                name,
                next(iter(kinds[name])) if len(kinds[name]) == 1 else FieldKind.MIXED,
                counts[name] / total,
            )
            for name in often
        ]

    def absent(
        self, text: str, groups: Sequence[str], window: Window, places: Sequence[Place]
    ) -> list[str]:
        """Of the fields that a query asks for those which no event there has, in words.

        Nothing is said where there are more fields than are known by name. Raises as ``query``.
        """
        keys = [group.key for group in self.chosen(groups, places)]
        segments = self._store.logs.segments(epoch_ms(window.start), epoch_ms(window.end), keys)
        if not segments or any(segment.facts.more_fields for segment in segments):
            return []
        there = {name for segment in segments for name in segment.fields}
        holders = there.union(*(starts_of(name) for name in there))
        return [
            f"no event has a field `{name}`{did_you_mean(name, there)}"
            for name in sorted(asked_fields(text) - holders)
        ]

    def chosen(self, names: Sequence[str], places: Sequence[Place]) -> list[LogGroup]:
        """The groups that some names stand for (none: all); raises ConfigError for no group."""
        there = self.groups(places)
        if not names:
            return there
        known = sorted({group.key.name for group in there})
        wanted: set[str] = set()
        for name in names:
            found = {each for each in known if fnmatchcase(each, name)}
            if not found:
                raise ConfigError(f"there is no log group `{name}`{did_you_mean(name, known)}")
            wanted |= found
        return [group for group in there if group.key.name in wanted]


def limits_of(settings: QuerySettings) -> Limits:
    """The limits that stand in the settings."""
    return Limits(
        settings.rows,
        settings.timeout.total_seconds(),
        bytes=_bytes(settings.read_gb),
        memory=_bytes(settings.memory_gb),
    )


def _bytes(gb: float | None) -> int | None:
    return None if gb is None else int(gb * 1e9)


def _clock(window: Window, now: datetime) -> Clock:
    return Clock(epoch_ms(now), epoch_ms(window.start), epoch_ms(window.end))


def _by_bin(found: Answer, window: Window, step: timedelta) -> Values:
    """Counts in the place of their bin; 0 where nothing was counted."""
    start = floor(window.start, step)
    values = np.zeros(max(1, -(-(window.end - start) // step)))
    if not found.data.width:
        return values
    at, counts = (found.data.to_series(n).to_numpy() for n in (0, 1))
    millisecond = timedelta(milliseconds=1)
    bins = (at - (start - EPOCH) // millisecond) // (step // millisecond)
    inside = (bins >= 0) & (bins < len(values))
    values[bins[inside]] = counts[inside]
    return values
