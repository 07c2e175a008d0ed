"""How far a query may go, how far it is, and what ends it early.

A limit that is reached is no error: it is named in ``Scanned.stopped``, and the
answer holds what there is. polars' own way to cancel a query does not reach its
streaming engine, so a query is read in batches with a look before each, and the
pieces of a long scan pass a guard.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import polars as pl

from app.query.insights.source import Part, Skipped

T = TypeVar("T", int, float)

DEFAULT_LIMIT = 10_000
_MEMORY = Path("/proc/self/statm")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a query may take; None is no limit.

    ``rows`` are those of the answer where the query names no limit itself,
    ``events`` and ``bytes`` (of messages) what it may read, ``memory`` the
    bytes by which the process may grow meanwhile.
    """

    rows: int = DEFAULT_LIMIT
    seconds: float | None = None
    events: int | None = None
    bytes: int | None = None
    memory: int | None = None

    def within(self, other: Limits) -> Limits:
        """Of each limit the smaller one."""
        return Limits(
            min(self.rows, other.rows),
            _smaller(self.seconds, other.seconds),
            _smaller(self.events, other.events),
            _smaller(self.bytes, other.bytes),
            _smaller(self.memory, other.memory),
        )


def _smaller(one: T | None, other: T | None) -> T | None:
    if one is None or other is None:
        return one if other is None else other
    return min(one, other)


@dataclass(slots=True)
class Scanned:
    """What was read so far, of how much, and what needed no reading; parts are segments.

    ``stopped`` names the limit that ended a query early. Then the answer is
    whole from ``since_ms`` on; without that it holds nothing.
    """

    parts: int = 0
    rows: int = 0
    bytes: int = 0
    of_parts: int = 0
    of_rows: int = 0
    skipped_rows: int = 0
    skipped_bytes: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    stopped: str = ""
    since_ms: int | None = None

    def expect(self, parts: Sequence[Part]) -> None:
        self.of_parts += sum(part.segments for part in parts)
        self.of_rows += sum(part.rows for part in parts)

    def read(self, parts: Sequence[Part]) -> None:
        self.parts += sum(part.segments for part in parts)
        self.rows += sum(part.rows for part in parts)
        self.bytes += sum(part.bytes for part in parts)

    def skip(self, skipped: Sequence[Skipped]) -> None:
        self.skipped += skipped
        self.skipped_rows += sum(each.rows for each in skipped)
        self.skipped_bytes += sum(each.bytes for each in skipped)


@dataclass(frozen=True, slots=True)
class Watch:
    """Somebody who waits: is told how far it is, and may give up at any time.

    ``progress`` may be called from any thread.
    """

    progress: Callable[[Scanned], None] | None = None
    cancel: threading.Event | None = None


def resident() -> int:
    """Bytes of memory that this process has; 0 where the system does not tell."""
    try:
        return int(_MEMORY.read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


class Stopped(Exception):
    """Ends the work of polars from within."""


class Guard:
    """Looks, now and then, whether to go on."""

    def __init__(
        self,
        limits: Limits,
        watch: Watch,
        *,
        seconds: Callable[[], float] = time.monotonic,
        memory: Callable[[], int] = resident,
    ) -> None:
        self._seconds, self._memory = seconds, memory
        self.limits, self._watch = limits, watch
        self._end = None if limits.seconds is None else seconds() + limits.seconds
        self._grown = None if limits.memory is None else memory() + limits.memory
        self._unseen: list[Part] = []
        self._halted = self._bound = ""
        self.scanned = Scanned()

    def look(self) -> bool:
        """Whether to go on; notes in ``scanned`` why not."""
        if not self._halted:
            self._halted = self._reason()
            self.scanned.stopped = self._halted or self.scanned.stopped
        return not self._halted

    def _reason(self) -> str:
        limits = self.limits
        if self.is_cancelled:
            return "cancelled"
        if self._end is not None and self._seconds() > self._end:
            return f"the limit of {limits.seconds:g} s"
        if self._grown is not None and self._memory() > self._grown:
            return f"the limit of {written(limits.memory or 0)} of memory"
        return ""

    @property
    def is_cancelled(self) -> bool:
        return self._watch.cancel is not None and self._watch.cancel.is_set()

    def must_go_on(self) -> None:
        """Raises Stopped where a limit is reached."""
        if not self.look():
            raise Stopped(self.scanned.stopped)

    def read(self, parts: Sequence[Part]) -> None:
        """Note that some parts are read, and tell it."""
        self.scanned.read(parts)
        self.tell()

    def tell(self) -> None:
        if self._watch.progress is not None:
            self._watch.progress(self.scanned)

    def allowed(self, parts: Sequence[Part]) -> list[Part]:
        """The newest parts, as many as may be read."""
        events, size = self.limits.events, self.limits.bytes
        rows, read = self.scanned.rows, self.scanned.bytes
        for count, part in enumerate(parts):
            rows, read = rows + part.rows, read + part.bytes
            if events is not None and rows > events:
                self._bound = f"the limit of {events:,} events to read"
            elif size is not None and read > size:
                self._bound = f"the limit of {written(size)} to read"
            else:
                continue
            return list(parts[:count])
        return list(parts)

    def cut(self, next_part: Part) -> None:
        """Note that a part and all behind it may not be read, and that the answer ends there."""
        self.scanned.stopped = self.scanned.stopped or self._bound
        self.scanned.since_ms = next_part.newest_ms + 1

    def finished(self) -> None:
        """Note that all counted parts are read, also those without an event that passed."""
        unseen, self._unseen = self._unseen, []
        self.read(unseen)

    def around(self, part: Part, *, counted: bool) -> Part:
        """The same events, whose pieces are looked at as they pass.

        A counted part is noted as read with its first piece.
        """
        first = threading.Lock()

        def passes(piece: pl.DataFrame) -> pl.DataFrame:
            self.must_go_on()
            if counted and first.acquire(blocking=False):
                self._unseen.remove(part)
                self.read([part])
            return piece

        if counted:
            self._unseen.append(part)
        guarded = part.frame.map_batches(
            passes,
            predicate_pushdown=True,
            projection_pushdown=True,
            slice_pushdown=True,
            validate_output_schema=False,
            streamable=True,
        )
        return replace(part, frame=guarded)


def written(size: int) -> str:
    """Bytes in words."""
    for unit, name in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if size >= unit:
            return f"{size / unit:g} {name}"
    return f"{size} bytes"
