"""Fields of many events at once, as columns.

The same fields as :func:`app.query.insights.discover.fields` finds one by one; a
property test holds that. Messages of one kind are taken apart together.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from app.model.logs import FIELD, MOST_COLUMNS, MOST_FIELDS, FieldInfo, FieldKind, spelled
from app.query.insights.gather import Chunk, Gathered
from app.query.insights.sifting import Sifted

AT_ONCE = 4_096
"""Messages that are taken apart together: few enough to stay in the cache of the processor."""

BYTES_AT_ONCE = 8_000_000
"""So many bytes of messages are taken apart together at most, on average."""

LONGEST_NAME = 300
"""Longer names are not listed; nobody writes them in a query."""

RARE = 0.01
"""A field that fewer of the events have, in each of its groups, gets no column."""

_KINDS: Mapping[pl.DataType, FieldKind] = {
    kind.dtype: kind for kind in (FieldKind.NUMBER, FieldKind.TEXT, FieldKind.BOOLEAN)
}


def _no_matter() -> None:
    """Nobody waits."""


@dataclass(frozen=True, slots=True)
class Shredded:
    """Columns ``f.<name>`` beside the given events, and what is known of each field."""

    columns: tuple[pl.Series, ...]
    fields: Mapping[str, FieldInfo]
    more_fields: bool


def shred(messages: pl.Series, groups: Sequence[str]) -> Shredded:
    """The fields of ``messages``, each with the name of its log group.

    The frequent ones get a column, at most ``MOST_COLUMNS``; ``MOST_FIELDS`` are listed.
    """
    gathered = _gathered(messages, groups, None)
    names = [name for name in gathered.names() if len(name) <= LONGEST_NAME]
    names.sort(key=lambda name: (-gathered.rows_of(name), name))
    listed = names[:MOST_FIELDS]
    often = _Often(groups)
    infos: dict[str, FieldInfo] = {}
    columns: list[pl.Series] = []
    for name in listed:
        field = _Field(name, list(gathered.chunks(name)), len(messages))
        has_column = len(columns) < MOST_COLUMNS and often(field)
        infos[name] = FieldInfo(field.kind, field.count, has_column)
        if has_column:
            columns.append(field.column())
    more = gathered.more or len(listed) < len(gathered.names())
    columns.sort(key=lambda column: column.name)
    return Shredded(tuple(columns), dict(sorted(infos.items())), more)


def read_fields(
    messages: pl.Series,
    groups: Sequence[str],
    names: Collection[str],
    look: Callable[[], None] = _no_matter,
) -> dict[str, tuple[FieldKind, pl.Series]]:
    """Those of the named fields that some message holds, each as a column of its kind.

    ``look`` is called with each batch; it may raise.
    """
    gathered = _gathered(messages, groups, names, look)
    found = {}
    for name in sorted(gathered.names()):
        field = _Field(name, list(gathered.chunks(name)), len(messages))
        found[name] = (field.kind, field.column())
    return found


def read_as(
    messages: pl.Series, groups: Sequence[str], kinds: Mapping[str, FieldKind]
) -> dict[str, pl.Series]:
    """Fields of known kinds, each as a column; one that no message holds is absent in all."""
    found = read_fields(messages, groups, kinds)
    columns = {}
    for name, kind in kinds.items():
        own, values = found.get(name, (kind, pl.Series([None], dtype=kind.dtype)))
        if name not in found:
            values = values.new_from_index(0, len(messages))
        mixed = kind is FieldKind.MIXED and own is not FieldKind.MIXED
        columns[name] = _spelled(values) if mixed else values.cast(kind.dtype, strict=False)
    return columns


def _gathered(
    messages: pl.Series,
    groups: Sequence[str],
    only: Collection[str] | None,
    look: Callable[[], None] = _no_matter,
) -> Gathered:
    sifted = Sifted(only)
    at_once = _at_once(messages)
    for start in range(0, len(messages), at_once):
        look()
        sifted.take(start, messages.slice(start, at_once), groups)
    return sifted.gathered


def _at_once(messages: pl.Series) -> int:
    total = int(messages.str.len_bytes().sum())
    return max(1, min(AT_ONCE, BYTES_AT_ONCE * len(messages) // max(1, total)))


class _Field:
    """Where a field is, and what it holds."""

    def __init__(self, name: str, chunks: list[Chunk], height: int) -> None:
        self._name, self._height = name, height
        rows = np.concatenate([rows for rows, _ in chunks])
        self._places = np.full(height, len(rows), dtype=np.uint32)
        self._places[rows] = np.arange(len(rows), dtype=np.uint32)
        self.rows = np.flatnonzero(self._places < len(rows))
        if len(self.rows) < len(rows):
            kept = self._places[rows] == np.arange(len(rows))
            self.__init__(name, _kept(chunks, kept), height)  # type: ignore[misc] # once more
            return
        self._values = [values for _, values in chunks]
        kinds = {_KINDS[values.dtype] for values in self._values}
        self.kind = kinds.pop() if len(kinds) == 1 else FieldKind.MIXED

    @property
    def count(self) -> int:
        return len(self.rows)

    def column(self) -> pl.Series:
        """Values at their rows, absent elsewhere."""
        parts = self._values
        if self.kind is FieldKind.MIXED:
            parts = [_spelled(values) for values in parts]
        absent = pl.Series([None], dtype=parts[0].dtype)
        values = pl.concat([*parts, absent])
        return values.gather(self._places).alias(f"{FIELD}{self._name}")


def _kept(chunks: list[Chunk], kept: NDArray[np.bool_]) -> list[Chunk]:
    """Without values that a later one of the same event replaces."""
    some, start = [], 0
    for rows, values in chunks:
        own = kept[start : start + len(rows)]
        start += len(rows)
        if own.any():
            some.append((rows[own], values.filter(pl.Series(own))))
    return some


def _spelled(values: pl.Series) -> pl.Series:
    return values.to_frame("v").select(spelled(pl.col("v"), _KINDS[values.dtype])).to_series()


class _Often:
    """Whether a field is frequent in some group."""

    def __init__(self, groups: Sequence[str]) -> None:
        numbers: dict[str, int] = {}
        self._number = np.array([numbers.setdefault(g, len(numbers)) for g in groups], dtype=int)
        self._sizes = np.bincount(self._number)

    def __call__(self, field: _Field) -> bool:
        if field.count >= RARE * len(self._number):
            return True
        counts = np.bincount(self._number[field.rows], minlength=len(self._sizes))
        return bool((counts >= RARE * self._sizes).any())
