"""Where the events of a query come from, and what a query lets its source know.

A source answers with parts, newest first. It may leave out what the conditions
rule out, and need not: every condition stands in the query as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import polars as pl

from app.query.insights import tree
from app.query.insights.state import Column


@dataclass(frozen=True, slots=True)
class Contains:
    """The field holds ``literal`` somewhere in its text."""

    field: str
    literal: str


@dataclass(frozen=True, slots=True)
class Equals:
    """The field is this text."""

    field: str
    text: str


Condition = Contains | Equals


@dataclass(frozen=True, slots=True)
class Need:
    """Which events a query reads: of which groups (None: all), from when to when (ms, both
    inside), which fields beside the system fields, and what holds for every event it keeps.
    """

    groups: Sequence[str] | None
    start_ms: int
    end_ms: int
    fields: frozenset[str] = frozenset()
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """Some of the events, as a plan: all between two times (ms, both inside) and maybe others.

    ``frame`` has the physical columns of ``columns``: times as Int64 ms, numbers as
    Float64. ``rows`` and ``bytes`` (of messages) are what reading it scans.
    """

    frame: pl.LazyFrame
    columns: dict[str, Column]
    oldest_ms: int
    newest_ms: int
    rows: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Found:
    """Parts, newest first by their newest event; what pruning has left out is counted."""

    parts: tuple[Part, ...]
    skipped_rows: int = 0
    skipped_bytes: int = 0


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

    def read_ordered(self, need: Need) -> Part:
        """The same as one part, whose rows come newest first."""
        ...


def conditions(query: tree.Query) -> tuple[Condition, ...]:
    """What holds for every event that the filters at the head of a query let through."""
    found: list[Condition] = []
    for command in query.commands:
        if isinstance(command, tree.Filter):
            found += _of(command.condition)
        elif not isinstance(command, tree.Fields | tree.Display) or _computes(command):
            break
    return tuple(found)


def _computes(command: tree.Fields | tree.Display) -> bool:
    """Whether a command makes fields, whose names could hide those of events."""
    return any(not isinstance(item.expr, tree.Name) or item.alias for item in command.items)


def _of(expr: tree.Expr) -> list[Condition]:
    match expr:
        case tree.Binary(operator="and", left=left, right=right):
            return [*_of(left), *_of(right)]
        case tree.Binary(operator="=", left=tree.Name() as name, right=tree.Text(value=text)):
            return [Equals(name.text, text)]
        case tree.Binary(operator="=", left=tree.Text(value=text), right=tree.Name() as name):
            return [Equals(name.text, text)]
        case tree.Like(left=tree.Name() as name, pattern=text, regex=False, negated=False):
            return [Contains(name.text, text)]
        case _:
            return []
