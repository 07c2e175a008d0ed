"""Spans of Transaction Search: made of the events of their log group that are stored.

Nothing is asked of AWS here. Spans come late as log events do, so the newest minutes
are looked at again, and everything once more when the log group is settled there;
what is stored already is left as it is.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import polars as pl

from app.config import CollectionSettings
from app.model.groups import TRACE_SPANS, logs_group
from app.model.ids import Place
from app.model.logs import LogGroupKey
from app.model.otel import written
from app.model.otel_reading import span_of_event
from app.model.rounds import Batch, Covered, Settledness
from app.model.time import Intervals, Window, epoch_ms
from app.model.traces import Flaw, RefusedSpans, TraceDocuments, TraceSource
from app.store import Store
from collectors.base import Task

COLLECTOR = "spans"
EVERY = timedelta(minutes=1)
SLICE = timedelta(hours=1)
OVERLAP = timedelta(minutes=5)
AT_ONCE = 20_000
"""Events that are read, and traces of which are committed, together."""


class SpansCollector:
    """Turns the stored events of one log group into traces."""

    name, every = COLLECTOR, EVERY

    def __init__(self, store: Store, settings: CollectionSettings) -> None:
        self._store, self._group = store, settings.traces.spans_group

    def plan(self, place: Place, now: datetime) -> list[Task]:
        """One slice of what the log group has answered for and is not taken yet, newest first."""
        if not self._group or self._key(place) not in self._store.logs.ids():
            return []
        logs = self._store.coverage(place, logs_group(self._group))
        own = self._store.coverage(place, TRACE_SPANS)
        lacking = (logs.answered - own.answered) | (logs.settled - own.settled)
        return [Task(place, TRACE_SPANS, _newest_slice(lacking))] if lacking else []

    def collect(self, task: Task, now: datetime) -> Iterator[Batch]:
        """The traces of a slice, then its coverage."""
        place, window = task.place, task.window
        if window is None:
            raise ValueError(f"a task for {task.group} needs a window")
        settled = self._store.coverage(place, logs_group(self._group)).settled
        final = Intervals.of([window]) - settled
        kind = Settledness.PROVISIONAL if final else Settledness.SETTLED
        covered = [Covered(place, TRACE_SPANS, window, kind)]
        answered = self._store.coverage(place, TRACE_SPANS).answered
        unusable = _Unusable(Intervals.of([window]) - answered)
        wide = Window(window.start - OVERLAP, window.end)
        for events in self._events(place, wide):
            traces = list(_traces(place, events, unusable))
            if traces:
                yield Batch(traces=traces, part_of=covered)
        group = self._group
        notes = [f"{count} events of {group}: {flaw}" for flaw, count in unusable.seen.items()]
        refused = [
            RefusedSpans(place, TraceSource.AWS_SPANS, flaw, f"an event of {group}", count)
            for flaw, count in unusable.new.items()
        ]
        yield Batch(covered=covered, notes=notes, spans_refused=refused)

    def _key(self, place: Place) -> LogGroupKey:
        return LogGroupKey(place, self._group)

    def _events(self, place: Place, window: Window) -> Iterator[pl.DataFrame]:
        start, end = epoch_ms(window.start), epoch_ms(window.end) - 1
        for segment in self._store.logs.segments(start, end, [self._key(place)]):
            rows = self._store.logs.scan(segment, ("at", "message"))
            found = rows.collect(engine="streaming")
            inside = found.filter(found["at"].is_between(window.start, window.end, closed="left"))
            yield from inside.iter_slices(AT_ONCE)


@dataclass(slots=True)
class _Unusable:
    """Events of which no span can be made: all that were met, and those met the first time."""

    unseen: Intervals
    seen: Counter[Flaw] = field(default_factory=Counter)
    new: Counter[Flaw] = field(default_factory=Counter)

    def count(self, flaw: Flaw, at: datetime) -> None:
        self.seen[flaw] += 1
        self.new[flaw] += any(w.start <= at < w.end for w in self.unseen.windows)


def _traces(place: Place, events: pl.DataFrame, unusable: _Unusable) -> Iterator[TraceDocuments]:
    by_trace: defaultdict[str, list[bytes]] = defaultdict(list)
    for at, message in events.select("at", "message").iter_rows():
        span = span_of_event(message)
        if isinstance(span, Flaw):
            unusable.count(span, at)
            continue
        made = written(span)
        if isinstance(made, Flaw):
            unusable.count(made, at)
        else:
            by_trace[span.trace_id].append(made)
    for trace_id, documents in by_trace.items():
        yield TraceDocuments(trace_id, place, TraceSource.AWS_SPANS, tuple(documents))


def _newest_slice(lacking: Intervals) -> Window:
    newest = lacking.windows[-1]
    return Window(max(newest.start, newest.end - SLICE), newest.end)
