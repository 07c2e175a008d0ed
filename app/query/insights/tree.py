"""What a Logs Insights query says: expressions and commands, each with its place.

Spans take no part in equality, so a printed tree parses to an equal one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from app.query.insights.tree_source import Json, Placed, Selector, Source

__all__ = ["Json", "Selector", "Source"]


@dataclass(frozen=True, slots=True)
class Number(Placed):
    value: float


@dataclass(frozen=True, slots=True)
class Text(Placed):
    value: str


@dataclass(frozen=True, slots=True)
class Period(Placed):
    """A length of time; ``unit`` is one of ms s m h d w mo q y."""

    count: int
    unit: str


@dataclass(frozen=True, slots=True)
class Name(Placed):
    """A field. A segment that stood in backticks may hold any character, also dots."""

    segments: tuple[str, ...]

    @property
    def text(self) -> str:
        return ".".join(self.segments)


@dataclass(frozen=True, slots=True)
class Call(Placed):
    """A function or aggregate; ``star`` for ``count(*)``."""

    function: str
    arguments: tuple[Expr, ...]
    star: bool = False


@dataclass(frozen=True, slots=True)
class Unary(Placed):
    operator: Literal["-", "not"]
    operand: Expr


@dataclass(frozen=True, slots=True)
class Binary(Placed):
    """Arithmetic, comparison (``=`` for ``==`` too), ``and``, ``or``."""

    operator: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Like(Placed):
    """Substring or regular expression search; ``regex`` tells which."""

    left: Expr
    pattern: str
    regex: bool
    negated: bool = False


@dataclass(frozen=True, slots=True)
class In(Placed):
    left: Expr
    items: tuple[Expr, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class InQuery(Placed):
    left: Expr
    query: Query
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Index(Placed):
    """``list[0]``; counted from 0."""

    base: Expr
    position: int


@dataclass(frozen=True, slots=True)
class Member(Placed):
    """``call().key``; a member of a name is part of the name."""

    base: Expr
    key: str


Expr = Number | Text | Period | Name | Call | Unary | Binary | Like | In | InQuery | Index | Member


@dataclass(frozen=True, slots=True)
class Item(Placed):
    """An expression with the name of its column: alias, or the text as written."""

    expr: Expr
    alias: str | None
    written: str = field(default="", compare=False)

    @property
    def name(self) -> str:
        return self.alias or (self.expr.text if isinstance(self.expr, Name) else self.written)


@dataclass(frozen=True, slots=True)
class Fields(Placed):
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Display(Placed):
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Filter(Placed):
    """``filter``, ``where`` and ``filterIndex``; the last only hints at an index."""

    condition: Expr
    index: bool = False


@dataclass(frozen=True, slots=True)
class Stats(Placed):
    items: tuple[Item, ...]
    by: tuple[Item, ...] = ()
    offset: Period | None = None


@dataclass(frozen=True, slots=True)
class SortKey:
    name: Name
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Sort(Placed):
    keys: tuple[SortKey, ...]


@dataclass(frozen=True, slots=True)
class Limit(Placed):
    count: int
    any: bool = False


@dataclass(frozen=True, slots=True)
class ParseGlob(Placed):
    source: Name | None
    pattern: str
    names: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class ParseRegex(Placed):
    source: Name | None
    pattern: str
    names: tuple[Name, ...] = ()
    multi: bool = False


@dataclass(frozen=True, slots=True)
class ParseLogfmt(Placed):
    source: Name | None
    name: Name


@dataclass(frozen=True, slots=True)
class ParseCsv(Placed):
    source: Name | None
    names: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class ParseJson(Placed):
    source: Name
    path: str
    name: Name


@dataclass(frozen=True, slots=True)
class Dedup(Placed):
    names: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class Unnest(Placed):
    """``expand f`` is an unnest of f's JSON text into f itself."""

    expr: Expr
    into: Name
    expand: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """``a as b``; ``renamed`` is None where no ``as`` stands."""

    name: Name
    renamed: Name | None = None


@dataclass(frozen=True, slots=True)
class Lookup(Placed):
    """``cidr`` for cidrlookup: one pair, the log field first."""

    table: Name
    keys: tuple[Pair, ...]
    outputs: tuple[Pair, ...]
    only_new: bool = False
    cidr: bool = False


@dataclass(frozen=True, slots=True)
class Accum(Placed):
    name: Name
    into: Name | None = None


@dataclass(frozen=True, slots=True)
class Autoregress(Placed):
    name: Name
    into: Name | None = None
    first: int = 1
    last: int = 1


@dataclass(frozen=True, slots=True)
class Filldown(Placed):
    patterns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fillmissing(Placed):
    """``values`` are (value or None, field) in the order written."""

    values: tuple[tuple[float | str | None, Name], ...] = ()


@dataclass(frozen=True, slots=True)
class Option(Placed):
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Outlier(Placed):
    options: tuple[Option, ...]
    names: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class Sessionize(Placed):
    names: tuple[Name, ...]
    maxspan: Period | None = None
    into: Name | None = None


@dataclass(frozen=True, slots=True)
class Addtotals(Placed):
    options: tuple[Option, ...] = ()
    names: tuple[Name, ...] = ()


@dataclass(frozen=True, slots=True)
class Appendcols(Placed):
    options: tuple[Option, ...]
    query: Query


@dataclass(frozen=True, slots=True)
class CountFrequent(Placed):
    names: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class Pattern(Placed):
    name: Name


@dataclass(frozen=True, slots=True)
class Diff(Placed):
    """``back`` is empty for the window before, or previousDay, previousWeek, previousMonth."""

    back: str = ""


@dataclass(frozen=True, slots=True)
class Logcompare(Placed):
    timeshift: Period


@dataclass(frozen=True, slots=True)
class Relevantfields(Placed):
    names: tuple[Name, ...]
    condition: Expr


@dataclass(frozen=True, slots=True)
class Anomaly(Placed):
    """Refused: it needs a model of AWS's."""


@dataclass(frozen=True, slots=True)
class Unmask(Placed):
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Estimate(Placed):
    """How many bytes the query would scan."""


@dataclass(frozen=True, slots=True)
class Join(Placed):
    options: tuple[Option, ...]
    left: Name
    right: Name
    query: Query


Command = (
    Fields
    | Display
    | Filter
    | Stats
    | Sort
    | Limit
    | ParseGlob
    | ParseRegex
    | ParseLogfmt
    | ParseCsv
    | ParseJson
    | Dedup
    | Unnest
    | Lookup
    | Accum
    | Autoregress
    | Filldown
    | Fillmissing
    | Outlier
    | Sessionize
    | Addtotals
    | Appendcols
    | CountFrequent
    | Pattern
    | Diff
    | Logcompare
    | Relevantfields
    | Anomaly
    | Unmask
    | Estimate
    | Join
)


@dataclass(frozen=True, slots=True)
class Query:
    source: Source | None
    commands: tuple[Command, ...]
    text: str = field(default="", compare=False, repr=False)
