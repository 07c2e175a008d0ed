"""Where the events of a query come from: parts of them, newest first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import polars as pl

from app.query.insights.conditions import Condition
from app.query.insights.state import Column


def _no_matter() -> None:
    """Nobody waits."""


@dataclass(frozen=True, slots=True)
class Need:
    """Which events a query reads: of which groups (None: all), from when to when (ms, both
    inside), which fields beside the system fields, what holds for every event it keeps, and
    for which texts it searches. One that only counts events tells by which of ``@timestamp``
    (in whole minutes) and ``@log`` it does.

    A source that takes long calls ``look`` now and then; it raises where a limit is reached.
    """

    groups: Sequence[str] | None
    start_ms: int
    end_ms: int
    fields: frozenset[str] = frozenset()
    conditions: tuple[Condition, ...] = ()
    texts: frozenset[str] = frozenset()
    counted_by: frozenset[str] | None = None
    look: Callable[[], None] = _no_matter


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Some of the events, as a plan: all between two times (ms, both inside) and maybe others.

    ``frame`` has the physical columns of ``columns``: times as Int64 ms, numbers as
    Float64. ``rows`` and ``bytes`` (of messages) are what reading it scans. ``ordered``
    says that rows come newest first, ``parses`` that fields are read from the messages.
    ``events`` is a column that tells for how many events a row stands. ``passed`` are rows that
    are decoded on the way, where they are more than ``rows``. ``segments`` make up the part.
    """

    frame: pl.LazyFrame
    columns: dict[str, Column]
    oldest_ms: int
    newest_ms: int
    rows: int
    bytes: int
    ordered: bool = False
    parses: bool = False
    events: str | None = None
    passed: int = 0
    segments: int = 1


@dataclass(frozen=True, slots=True)
class Skipped:
    """What needs no reading, and why."""

    why: str
    parts: int
    rows: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Found:
    """Parts, newest first by their newest event; there is at least one, maybe without rows."""

    parts: tuple[Part, ...]
    skipped: tuple[Skipped, ...] = ()


class EventSource(Protocol):
    """Something that holds log events."""

    def group_names(self) -> list[str]:
        """Every log group there is."""
        ...

    def window(self) -> tuple[int, int]:
        """The oldest and the newest time of all events (ms)."""
        ...

    def read(self, need: Need) -> Found:
        """The events that a query needs; asks for no more than it must."""
        ...
