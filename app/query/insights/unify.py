"""Parts of which each knows its own types, as one plan."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import polars as pl

from app.query.insights.source import Part
from app.query.insights.state import Column
from app.query.insights.values import Kind

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
    frames = [_selected(part, columns) for part in parts]
    return Part(
        frames[0] if len(frames) == 1 else pl.concat(frames),
        columns,
        min(part.oldest_ms for part in parts),
        max(part.newest_ms for part in parts),
        sum(part.rows for part in parts),
        sum(part.bytes for part in parts),
        ordered=_follow(parts),
        parses=any(part.parses for part in parts),
    )


def _follow(parts: Sequence[Part]) -> bool:
    """Whether the rows of all parts, one after the other, come newest first."""
    return all(part.ordered for part in parts) and all(
        part.oldest_ms >= later.newest_ms for part, later in pairwise(parts)
    )


def _selected(part: Part, columns: dict[str, Column]) -> pl.LazyFrame:
    if part.columns == columns:
        return part.frame
    return part.frame.select(
        _as(part.columns.get(name), wanted).alias(wanted.physical)
        for name, wanted in columns.items()
    )


def _common(physical: str, columns: Sequence[Column | None]) -> Column:
    kinds = {(column.kind, column.mixed) for column in columns if column is not None}
    if len(kinds) == 1:
        [(kind, mixed)] = kinds
        return Column(physical, kind, mixed)
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
