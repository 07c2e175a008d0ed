"""Parts of which each knows its own types, as one plan."""

from __future__ import annotations

from collections.abc import Sequence

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
    """All parts one after the other. A field that is a number in one and text in another is text.

    There is at least one part.
    """
    if len(parts) == 1:
        return parts[0]
    names = dict.fromkeys(name for part in parts for name in part.columns)
    columns = {
        name: _common(f"u{n}", [part.columns.get(name) for part in parts])
        for n, name in enumerate(names)
    }
    frames = [_selected(part, columns) for part in parts]
    return Part(
        pl.concat(frames),
        columns,
        min(part.oldest_ms for part in parts),
        max(part.newest_ms for part in parts),
        sum(part.rows for part in parts),
        sum(part.bytes for part in parts),
    )


def _selected(part: Part, columns: dict[str, Column]) -> pl.LazyFrame:
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
