"""Fields of many events at once, as columns for the store.

The same fields as :func:`app.query.insights.discover.fields` finds one by one; a
property test holds that. Messages of one kind are taken apart together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from app.model.logs import FIELD, MOST_COLUMNS, MOST_FIELDS, FieldInfo, FieldKind
from app.query.insights.discover import Scalar, fields
from app.query.insights.values import spelled_scalar


@dataclass(frozen=True, slots=True)
class Shredded:
    """Columns ``f.<name>`` beside the given events, and what is known of each field."""

    columns: tuple[pl.Series, ...]
    fields: Mapping[str, FieldInfo]
    more_fields: bool


def shred(messages: pl.Series, groups: Iterable[str]) -> Shredded:
    """The fields of ``messages``, each with the name of its log group."""
    found: dict[str, tuple[list[int], list[Scalar]]] = {}
    more = False
    for row, (message, group) in enumerate(zip(messages.to_list(), groups, strict=True)):
        for name, value in fields(message, group).items():
            place = found.get(name)
            if place is None:
                if len(found) >= MOST_FIELDS:
                    more = True
                    continue
                place = found[name] = ([], [])
            place[0].append(row)
            place[1].append(value)
    often = sorted(found, key=lambda name: (-len(found[name][0]), name))
    chosen = set(often[:MOST_COLUMNS])
    infos, columns = {}, []
    for name in sorted(found):
        rows, values = found[name]
        kind = kind_of(values)
        infos[name] = FieldInfo(kind, len(rows), name in chosen)
        if name in chosen:
            columns.append(_column(name, kind, rows, values, len(messages)))
    return Shredded(tuple(columns), infos, more)


def kind_of(values: Iterable[Scalar]) -> FieldKind:
    """What values of a field are together."""
    types = set(map(type, values))
    if types == {float}:
        return FieldKind.NUMBER
    if types == {bool}:
        return FieldKind.BOOLEAN
    return FieldKind.TEXT if types == {str} else FieldKind.MIXED


def _column(
    name: str, kind: FieldKind, rows: list[int], values: list[Scalar], height: int
) -> pl.Series:
    """Values at their rows, absent elsewhere."""
    given = list(map(spelled_scalar, values)) if kind is FieldKind.MIXED else values
    some = pl.Series(f"{FIELD}{name}", given, dtype=kind.dtype)
    if len(rows) == height:
        return some
    return (
        pl.Series(f"{FIELD}{name}", [None], dtype=kind.dtype)
        .new_from_index(0, height)
        .scatter(rows, some)
    )
