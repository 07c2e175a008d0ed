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
from app.query.insights.discover import (
    MOST_FIELDS as MOST_OF_ONE,
)
from app.query.insights.discover import (
    Json,
    embedded,
    flatten,
    is_platform,
    json_object,
    may_embed,
    of_line,
)
from app.query.insights.gather import Chunk, Gathered
from app.query.insights.lines import LineRule, rules_by_first

AT_ONCE = 3_000
"""Messages that are taken apart together: few enough to stay in the cache of the processor."""

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
    gathered, hints = Gathered(only), None if only is None else _hints(only)
    for start in range(0, len(messages), AT_ONCE):
        look()
        texts = messages.slice(start, AT_ONCE).to_list()
        _Batch(gathered, start, hints).take(texts, groups[start : start + AT_ONCE])
    return gathered


def _hints(names: Collection[str]) -> tuple[str, ...]:
    """What stands in JSON that has one of these fields: the last key that is no position."""
    found = {"platform."} if any(_is_ours(name) for name in names) else set()
    for name in names:
        segments = name.removeprefix("@@").split(".")
        found.add(next((s for s in reversed(segments) if not s.isdecimal()), segments[0]))
    return tuple(found)


def _is_ours(name: str) -> bool:
    return name.startswith("@") and not name.startswith("@@")


class _Batch:
    """Some messages sorted by what they are, so that each kind is taken apart at once."""

    def __init__(self, gathered: Gathered, first_row: int, hints: tuple[str, ...] | None) -> None:
        self._gathered, self._first_row, self._hints = gathered, first_row, hints
        self._rules = rules_by_first()
        self._rows: list[int] = []
        self._roots: list[dict[str, Json]] = []
        self._lines: dict[int, tuple[LineRule, list[int], list[tuple[str | None, ...]]]] = {}

    def take(self, messages: Sequence[str | None], groups: Sequence[str]) -> None:
        for row, (message, group) in enumerate(zip(messages, groups, strict=True), self._first_row):
            if not message:
                continue
            first = message[0]
            if first == "{" or first.isspace():
                if not self._may_hold(message):
                    continue
                root = json_object(message)
                if root is not None:
                    self._object(row, message, root)
                    continue
            if first in self._rules or "{" in message:
                self._line(row, message, group)
        if self._rows:
            self._gathered.objects(self._rows, self._roots)
        for rule, rows, found in self._lines.values():
            self._gathered.lines(rule, rows, found)

    def _may_hold(self, message: str) -> bool:
        """Whether JSON may have one of the wanted keys; what is escaped may be anything."""
        hints = self._hints
        return hints is None or "\\" in message or any(hint in message for hint in hints)

    def _object(self, row: int, message: str, root: dict[str, Json]) -> None:
        if is_platform(root) or message.count(",") >= MOST_OF_ONE:
            self._gathered.one(row, flatten(root))
        else:
            self._rows.append(row)
            self._roots.append(root)

    def _line(self, row: int, message: str, group: str) -> None:
        names: Collection[str] = ()
        for rule in self._rules.get(message[0], ()):
            match = rule.pattern.fullmatch(message)
            if match is not None:
                _, rows, found = self._lines.setdefault(id(rule), (rule, [], []))
                rows.append(row)
                found.append(match.groups())
                names = rule.names
                break
        else:
            if message.startswith("REPORT "):
                names = odd = of_line(message)
                self._gathered.one(row, odd)
        if "{" in message and may_embed(names, group) and self._may_hold(message):
            root = embedded(message)
            if root is not None:
                self._object(row, message, root)


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
