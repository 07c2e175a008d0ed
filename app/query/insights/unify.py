"""Parts of which each knows its own types, as one plan."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import polars as pl

from app.query.insights.source import Part
from app.query.insights.state import Column
from app.query.insights.values import Kind

EVENTS = "events"
"""The column that tells for how many events a row stands, where rows do."""

_TYPES = {
    Kind.NUMBER: pl.Float64(),
    Kind.TEXT: pl.String(),
    Kind.BOOLEAN: pl.Boolean(),
    Kind.TIME: pl.Int64(),
    Kind.STRUCTURE: pl.String(),
}


def unify(parts: Sequence[Part]) -> Part:
    """All parts one after the other, with the columns that they have in common.

    There is at least one part.
    """
    return joined(parts, common(parts))


def common(parts: Sequence[Part]) -> dict[str, Column]:
    """The columns of all parts together.

    A field that is a number in one and text in another is text.
    """
    first = parts[0].columns
    if all(part.columns == first for part in parts):
        return first
    names = dict.fromkeys(name for part in parts for name in part.columns)
    return {
        name: _common(f"u{n}", [part.columns.get(name) for part in parts])
        for n, name in enumerate(names)
    }


def joined(parts: Sequence[Part], columns: dict[str, Column]) -> Part:
    """Parts one after the other, with just these columns."""
    events = EVENTS if any(part.events for part in parts) else None
    frames = [_selected(part, columns, counted=bool(events)) for part in parts]
    return Part(
        frames[0] if len(frames) == 1 else pl.concat(frames),
        columns,
        min(part.oldest_ms for part in parts),
        max(part.newest_ms for part in parts),
        sum(part.rows for part in parts),
        sum(part.bytes for part in parts),
        ordered=_follow(parts),
        parses=any(part.parses for part in parts),
        events=events,
    )


def _follow(parts: Sequence[Part]) -> bool:
    """Whether the rows of all parts, one after the other, come newest first."""
    return all(part.ordered for part in parts) and all(
        part.oldest_ms >= later.newest_ms for part, later in pairwise(parts)
    )


def _selected(part: Part, columns: dict[str, Column], *, counted: bool) -> pl.LazyFrame:
    if part.columns == columns and not counted:
        return part.frame
    count = pl.col(part.events) if part.events else pl.lit(1, dtype=pl.Int64)
    words = [pl.col(held) for column in columns.values() for _, held in column.words]
    return part.frame.select(
        *(
            _as(part.columns.get(name), wanted).alias(wanted.physical)
            for name, wanted in columns.items()
        ),
        *words,
        *([count.alias(EVENTS)] if counted else []),
    )


def _common(physical: str, columns: Sequence[Column | None]) -> Column:
    kinds = {(c.kind, c.mixed) for c in columns if c is not None}
    words = {c.words if c is not None else () for c in columns}
    if len(kinds) == 1:
        [(kind, mixed)] = kinds
        return Column(physical, kind, mixed, words=words.pop() if len(words) == 1 else ())
    return Column(physical, Kind.TEXT, mixed=True)


def _as(column: Column | None, wanted: Column) -> pl.Expr:
    if column is None:
        return pl.lit(None, dtype=_TYPES[wanted.kind])
    if column.kind is wanted.kind:
        return pl.col(column.physical)
    if column.kind is Kind.BOOLEAN:
        value = pl.col(column.physical)
        return pl.when(value).then(pl.lit("true")).when(~value).then(pl.lit("false"))
    return column.value().text()
