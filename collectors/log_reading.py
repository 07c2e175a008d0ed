"""Reading the events of one log group: pages by hand, never more than a slice at a time.

What was read is proven by what came: events are given in the order of time, and
pages that go steadily back, or steadily forward, leave nothing behind them. Where
they do not, before a slice has had its pages, its time is cut in halves. Nothing
is counted as read because somebody asked for it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import polars as pl

from app.aws import MAX_PAGES, Aws, Priority
from app.model.ids import Place
from app.model.time import Window, epoch_ms, from_epoch_ms

COLLECTOR = "logs"
SLICE_PAGES = 50
"""Pages of one slice, the empty ones included; a page holds at most 1 MB."""

MOST_SLICES = 12
"""Slices of one read; what is left over is read another time."""

PART_EVENTS = 50_000
"""Events that are handed on at once."""

SHORTEST = timedelta(seconds=1)
"""A window that is not cut any further."""

NEWEST_FIRST_SINCE = datetime(2024, 1, 1, tzinfo=UTC)
"""``startFromHead`` may be false from here on (FilterLogEvents, "Request parameters")."""

RAW = pl.Schema(
    {
        "at": pl.Int64(),
        "ingested": pl.Int64(),
        "stream": pl.String(),
        "id": pl.String(),
        "message": pl.String(),
    }
)
_MS = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Part:
    """Some events, and which time is read completely with them (all of it in the last part)."""

    events: pl.DataFrame
    read: tuple[Window, ...] = ()
    filled_pages: int = 0
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class _Slice:
    """One run of pages over a window."""

    window: Window
    pages: int = 0
    filled: int = 0
    cut: str = ""
    first: int | None = None
    last: int | None = None
    rising: bool = True
    falling: bool = True

    def note(self, times: Sequence[int]) -> None:
        """Take notice of the times of a page, in the order in which they came."""
        self.pages += 1
        if not times:
            return
        self.filled += 1
        seen = [*([] if self.last is None else [self.last]), *times]
        steps = list(pairwise(seen))
        self.rising &= all(a <= b for a, b in steps)
        self.falling &= all(a >= b for a, b in steps)
        self.first = times[0] if self.first is None else self.first
        self.last = times[-1]

    def proven(self) -> Window | None:
        """What has been read completely, None where nothing is sure."""
        if not self.cut:
            return self.window
        if self.first is None or self.last is None or self.first == self.last:
            return None
        at = from_epoch_ms(self.last)
        if self.falling:
            return self.window.meet(Window(min(at + _MS, self.window.end), self.window.end))
        if self.rising:
            return self.window.meet(Window(self.window.start, max(at, self.window.start)))
        return None


@dataclass(frozen=True, slots=True)
class GroupReader:
    """Reads log groups of one place; thread-safe."""

    aws: Aws
    place: Place
    priority: Priority = Priority.NORMAL
    slice_pages: int = SLICE_PAGES

    def read(self, name: str, window: Window, slices: int = MOST_SLICES) -> Iterator[Part]:
        """The events of ``window``, newest first where AWS can; at least one part.

        Raises AwsError when AWS gave no answer; nothing after the last part is read then.
        """
        waiting, read = deque([window]), list[Window]()
        notes: dict[str, None] = {}
        gathered, filled = _Gathered(), 0
        for _ in range(slices):
            if not waiting:
                break
            one = _Slice(waiting.popleft())
            for events in self._pages(name, one):
                gathered.add(events)
                if gathered.count >= PART_EVENTS:
                    yield Part(gathered.taken())
            filled += one.filled
            done = one.proven()
            read += [done] if done else []
            waiting.extendleft(_left(one, done))
            if one.cut and one.window.length <= SHORTEST:
                notes[f"{name}: {one.cut}"] = None
        yield Part(gathered.taken(), tuple(read), filled, tuple(notes))

    def _pages(self, name: str, one: _Slice) -> Iterator[list[dict[str, Any]]]:
        start, end = one.window.start, one.window.end
        params: dict[str, Any] = {
            "logGroupName": name,
            "startTime": epoch_ms(start),
            # The end is inside, in milliseconds.
            "endTime": max(epoch_ms(end) - 1, epoch_ms(start)),
        }
        if start >= NEWEST_FIRST_SINCE:
            params["startFromHead"] = False
        pages = self.aws.pages(
            self.place,
            "logs",
            "FilterLogEvents",
            params,
            collector=COLLECTOR,
            priority=self.priority,
            about=name,
            max_pages=self.slice_pages if one.window.length > SHORTEST else MAX_PAGES,
        )
        for page in pages:
            events = page.get("events") or []
            one.note([event["timestamp"] for event in events])
            yield events
        one.cut = pages.cut


def _left(one: _Slice, done: Window | None) -> Iterator[Window]:
    """What of a slice is still to be read, the newest to be read first, given oldest first."""
    window = one.window
    if done is not None:
        rest = (Window(window.start, done.start), Window(done.end, window.end))
        yield from (part for part in rest if part)
    elif window.length > SHORTEST:
        middle = window.start + timedelta(seconds=(window.length / 2) // SHORTEST)
        halves = (Window(window.start, middle), Window(middle, window.end))
        yield from (half for half in halves if half)


@dataclass(slots=True)
class _Gathered:
    """Events as columns, on their way to a frame."""

    columns: dict[str, list[Any]] = field(default_factory=lambda: {name: [] for name in RAW})

    @property
    def count(self) -> int:
        return len(self.columns["at"])

    def add(self, events: Sequence[dict[str, Any]]) -> None:
        columns = self.columns
        columns["at"] += [event["timestamp"] for event in events]
        columns["ingested"] += [
            event.get("ingestionTime") or event["timestamp"] for event in events
        ]
        columns["stream"] += [event.get("logStreamName", "") for event in events]
        columns["id"] += [event["eventId"] for event in events]
        columns["message"] += [event.get("message", "") for event in events]

    def taken(self) -> pl.DataFrame:
        """What was gathered so far; nothing is left."""
        frame = pl.DataFrame(self.columns, schema=RAW)
        self.columns = {name: [] for name in RAW}
        return frame
