"""Where a query stands between two commands: the plan so far and what is visible.

Columns of the plan have names of their own (``c0``, ``c1``, ...), so that a
field may be called anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from app.query.insights.functions import Clock
from app.query.insights.tree import Period, Query
from app.query.insights.values import Kind, Value
from app.query.lang import QueryError, Span

DEFAULT_COLUMNS = ("@timestamp", "@message")
SHOWN_DECIMALS = 4


@dataclass(frozen=True, slots=True)
class Column:
    """Where a field lies in the plan, and what it holds.

    ``nested`` is the column that tells in which rows a text is the JSON of a
    map or list; ``rounded`` says that four decimals are shown. ``words`` are
    columns that tell in which rows a text holds a word.
    """

    physical: str
    kind: Kind
    mixed: bool = False
    nested: str | None = None
    rounded: bool = False
    words: tuple[tuple[str, str], ...] = ()

    def value(self) -> Value:
        nested = pl.col(self.nested) if self.nested else None
        words = {word: pl.col(physical) for word, physical in self.words}
        return Value(self.kind, pl.col(self.physical), self.mixed, nested=nested, words=words)

    def held(self) -> list[str]:
        """Every column of the plan that belongs to the field."""
        return [self.physical, *([self.nested] if self.nested else []), *dict(self.words).values()]

    def shown(self) -> pl.Expr:
        """As it stands in a result."""
        expr = pl.col(self.physical)
        return expr.round(SHOWN_DECIMALS) if self.rounded else expr


@dataclass(frozen=True, slots=True)
class Bins:
    """The bins that the last stats grouped by, with its other keys, for ``fillmissing``."""

    name: str
    period: Period
    shift_ms: int = 0
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Nested:
    """The rows of a nested query, every column it has, and the names of those it shows."""

    frame: pl.DataFrame
    columns: Mapping[str, Column]
    shown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a query may reach beside its own rows.

    ``subquery`` runs a nested query to its end. ``tables`` are lookup tables.
    """

    text: str
    clock: Clock
    tables: Mapping[str, pl.DataFrame]
    subquery: Callable[[Query], Nested]

    def error(self, message: str, span: Span) -> QueryError:
        return QueryError(message, self.text, span)


@dataclass(frozen=True, slots=True)
class State:
    """The plan, the visible fields, and which of them are shown.

    ``shown`` are columns asked for in order, without any it is ``default``;
    ``implied`` come from ``parse`` and are shown unless ``display`` stands
    somewhere. ``limit`` waits until the end or the next stats, because a sort
    may still follow. ``events`` is a column that tells for how many events a row
    stands.
    """

    frame: pl.LazyFrame
    columns: Mapping[str, Column]
    shown: tuple[str, ...] = ()
    implied: tuple[str, ...] = ()
    default: tuple[str, ...] = DEFAULT_COLUMNS
    displayed: tuple[str, ...] | None = None
    aggregated: bool = False
    limit: int | None = None
    bins: Bins | None = None
    made: int = field(default=0)
    events: str | None = None

    def put(self, values: Mapping[str, Value]) -> State:
        """Every value computed on the rows as they are now, under its name."""
        columns, exprs = dict(self.columns), []
        made = self.made
        for name, value in values.items():
            physical = f"c{made}"
            made += 1
            exprs.append(value.expr.alias(physical))
            nested = None
            if value.nested is not None:
                nested = f"{physical}n"
                exprs.append(value.nested.alias(nested))
            columns[name] = Column(physical, value.kind, value.mixed, nested)
        return replace(self, frame=self.frame.with_columns(exprs), columns=columns, made=made)

    def step(self, expr: pl.Expr) -> tuple[State, pl.Expr]:
        """With a column of the plan that is no field."""
        physical = f"c{self.made}"
        frame = self.frame.with_columns(expr.alias(physical))
        return replace(self, frame=frame, made=self.made + 1), pl.col(physical)

    def limited(self) -> State:
        """With a waiting limit applied."""
        if self.limit is None:
            return self
        return replace(self, frame=self.frame.head(self.limit), limit=None)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of the result, in order."""
        if self.displayed is not None:
            return self.displayed
        base = self.shown or (() if self.aggregated else self.default)
        return base + tuple(name for name in self.implied if name not in base)
