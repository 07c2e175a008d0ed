"""Values of many fields of many rows, gathered column by column.

JSON objects of one shape (the same keys in the same order) are taken apart
together: their values are turned into columns at once, and what is nested is
treated so again. That costs a fraction of walking each object. A leaf that
occurs twice in one event (``{"a.b": 1, "a": {"b": 2}}``) is its last value:
chunks are kept in the order of the document.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, compress
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from app.query.insights.discover import EXACT, below, named, scalar
from app.query.insights.lines import LineRule, Scalar

Rows = NDArray[np.uint32]
Chunk = tuple[Rows, pl.Series]
"""Row numbers, each once, and the value of each: Float64, String or Boolean."""

_Task = tuple[str, Rows, Sequence[Any]]

FEW = 6
"""Fewer objects of one shape are walked one by one."""

MOST_NAMES = 50_000
"""Names beyond these are not kept; messages with keys at random make them."""


@dataclass(frozen=True, slots=True)
class _Loose:
    """Values that were found one by one, of any type."""

    rows: list[int]
    values: list[Scalar]

    def chunks(self) -> Iterator[Chunk]:
        """By type, the last one of each row."""
        last = dict(zip(self.rows, self.values, strict=True))
        at, values = np.array(list(last), dtype=np.uint32), list(last.values())
        for kind in set(map(type, values)):
            some, own = _where(at, values, [type(value) is kind for value in values])
            yield some, _series(own, kind)


class Gathered:
    """What is found of each field. ``only`` are the names that count; None: all."""

    def __init__(self, only: Collection[str] | None = None) -> None:
        self._only = None if only is None else frozenset(only)
        self._paths = None if only is None else frozenset(_paths(only))
        self._found: dict[str, list[Chunk | _Loose]] = {}
        self.more = False

    def names(self) -> list[str]:
        return list(self._found)

    def rows_of(self, name: str) -> int:
        """How many values a field has, those counted twice that occur twice in an event."""
        parts = self._found[name]
        return sum(len(p.rows) if isinstance(p, _Loose) else len(p[0]) for p in parts)

    def chunks(self, name: str) -> Iterator[Chunk]:
        """The values of a field, in the order of the document."""
        for part in self._found[name]:
            if isinstance(part, _Loose):
                yield from part.chunks()
            else:
                yield part

    def one(self, row: int, found: Mapping[str, Scalar]) -> None:
        """The fields of one row."""
        for name, value in found.items():
            if self._only is None or name in self._only:
                self._loose(name, row, value)

    def lines(self, rule: LineRule, rows: list[int], groups: list[tuple[str | None, ...]]) -> None:
        """Lines that match a rule, with the groups of each."""
        at = np.array(rows, dtype=np.uint32)
        flat = list(chain.from_iterable(groups))
        for number, name in enumerate(rule.names):
            if self._only is not None and name not in self._only:
                continue
            some, texts = _there(at, flat[number :: len(rule.names)])
            if len(some):
                factor = rule.factors.get(name)
                values = texts if factor is None else texts.cast(pl.Float64) * factor
                self._parts(name).append((some, values))
        for name, constant in rule.constant.items():
            if self._only is None or name in self._only:
                self._add(name, at, [constant] * len(rows), type(constant))

    def objects(self, rows: list[int], roots: Sequence[dict[str, Any]]) -> None:
        """The leaves of JSON objects."""
        tasks: list[_Task] = []
        self._inside("", np.array(rows, dtype=np.uint32), roots, tasks)
        while tasks:
            path, at, values = tasks.pop()
            if self._paths is not None and path not in self._paths:
                continue
            if type(values[0]) is str and (texts := _texts(values)) is not None:
                self._text(named(path), at, texts)
                continue
            types = set(map(type, values))
            if types == {int, float} and _exact(values):
                types = {float}
            for kind in types:
                some, own = at, values
                if len(types) > 1:
                    some, own = _where(at, values, [type(value) is kind for value in values])
                if kind is dict or kind is list:
                    self._inside(path, some, own, tasks)
                else:
                    self._leaf(named(path), some, own, kind)

    def _inside(self, path: str, at: Rows, values: Sequence[Any], tasks: list[_Task]) -> None:
        """What the objects or lists at a path hold, shape by shape, to be looked at next."""
        for keys, places in _shapes(values):
            some, own = at, values
            if places is not None:
                some, own = at[places], [values[place] for place in places]
            if len(own) < FEW:
                self._walk(path, some, own)
                continue
            inner = map(dict.values, own) if isinstance(own[0], dict) else own
            flat = list(chain.from_iterable(inner))
            new = [(below(path, key), some, flat[n :: len(keys)]) for n, key in enumerate(keys)]
            tasks.extend(reversed(new))

    def _walk(self, path: str, at: Rows, values: Sequence[Any]) -> None:
        for row, value in zip(at.tolist(), values, strict=True):
            stack: list[tuple[str, Any]] = [(path, value)]
            while stack:
                here, inner = stack.pop()
                if isinstance(inner, dict):
                    stack += reversed([(below(here, key), v) for key, v in inner.items()])
                elif isinstance(inner, list):
                    stack += reversed([(below(here, str(n)), v) for n, v in enumerate(inner)])
                elif inner is not None:
                    self.one(row, {named(here): scalar(inner)})

    def _leaf(self, name: str, at: Rows, values: Sequence[Any], kind: type) -> None:
        if self._only is not None and name not in self._only:
            return
        if kind is int and not _exact(values):
            for row, value in zip(at.tolist(), values, strict=True):
                self._loose(name, row, scalar(value))
        elif kind is not type(None):
            self._add(name, at, values, float if kind is int else kind)

    def _text(self, name: str, at: Rows, texts: pl.Series) -> None:
        if self._only is None or name in self._only:
            self._parts(name).append((at, texts))

    def _add(self, name: str, at: Rows, values: Sequence[Any], kind: type) -> None:
        if len(at):
            self._parts(name).append((at, _series(values, kind)))

    def _loose(self, name: str, row: int, value: Scalar) -> None:
        parts = self._parts(name)
        loose = parts[-1] if parts else None
        if not isinstance(loose, _Loose):
            loose = _Loose([], [])
            parts.append(loose)
        loose.rows.append(row)
        loose.values.append(value)

    def _parts(self, name: str) -> list[Chunk | _Loose]:
        parts = self._found.get(name)
        if parts is not None:
            return parts
        if len(self._found) >= MOST_NAMES:
            self.more = True
            return []
        return self._found.setdefault(name, [])


def _paths(names: Collection[str]) -> Iterator[str]:
    """Every path at or above a leaf of one of these names."""
    for name in names:
        path = name[1:] if name.startswith("@@") else name
        yield path
        yield from (path[:dot] for dot, sign in enumerate(path) if sign == ".")


def _shapes(values: Sequence[Any]) -> Iterator[tuple[Sequence[str], list[int] | None]]:
    """Keys that some objects have in common, and which ones those are; None: all.

    Lists have their positions as keys.
    """
    shape_of: Any = tuple if isinstance(values[0], dict) else len
    shapes = list(map(shape_of, values))
    places: dict[Any, list[int]] = {}
    if shapes.count(shapes[0]) == len(shapes):
        yield _keys(shapes[0]), None
        return
    for place, shape in enumerate(shapes):
        places.setdefault(shape, []).append(place)
    for shape, some in places.items():
        yield _keys(shape), some


def _keys(shape: tuple[str, ...] | int) -> Sequence[str]:
    return shape if isinstance(shape, tuple) else [str(n) for n in range(shape)]


def _exact(values: Sequence[Any]) -> bool:
    """Whether each whole number among numbers is one that a float holds exactly."""
    if min(values) >= -EXACT and max(values) <= EXACT:
        return True
    return all(type(value) is float or abs(value) <= EXACT for value in values)


def _where(at: Rows, values: Sequence[Any], there: list[bool]) -> tuple[Rows, Sequence[Any]]:
    if all(there):
        return at, values
    return at[np.array(there)], list(compress(values, there))


def _there(at: Rows, values: list[str | None]) -> tuple[Rows, pl.Series]:
    """The rows that have a text at all."""
    absent = values.count(None) + values.count("-")
    if not absent:
        return at, pl.Series(values, dtype=pl.String())
    if absent == len(values):
        return at[:0], pl.Series(dtype=pl.String())
    some, own = _where(at, values, [v is not None and v != "-" for v in values])
    return some, pl.Series(own, dtype=pl.String())


def _texts(values: Sequence[Any]) -> pl.Series | None:
    """Values as a column if all are text."""
    try:
        texts = pl.Series(values, dtype=pl.String(), strict=True)
    except TypeError:
        return None
    return None if texts.null_count() else texts


def _series(values: Sequence[Any], kind: type) -> pl.Series:
    if kind is float:
        return pl.Series(np.array(values, dtype=np.float64))
    return pl.Series(values, dtype=pl.String() if kind is str else pl.Boolean())
