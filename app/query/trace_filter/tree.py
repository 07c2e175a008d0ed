"""What was written in a filter expression, with its places; printing it parses to the same."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import UnionType
from typing import Literal

from app.query.lang import Span

CLIENT = "client"
"""The type of the node that stands for whoever sent the request."""

_NOWHERE = Span(0, 0)
Operator = Literal["=", "!=", "<", "<=", ">", ">=", "CONTAINS", "BEGINSWITH", "ENDSWITH"]
Value = str | float | bool
Json = str | float | bool | None | list["Json"] | dict[str, "Json"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a value is held against; the span is that of operator and value."""

    operator: Operator
    value: Value
    span: Span = field(default=_NOWHERE, compare=False)

    def __str__(self) -> str:
        return f"{self.operator} {literal(self.value)}"


@dataclass(frozen=True, slots=True)
class Simple:
    """A keyword, alone or compared."""

    keyword: str
    comparison: Comparison | None = None
    span: Span = field(default=_NOWHERE, compare=False)

    def __str__(self) -> str:
        return _compared(self.keyword, self.comparison)


@dataclass(frozen=True, slots=True)
class Annotation:
    """``annotation.key``; ``side`` is source or destination in the braces of an edge.

    ``dotted`` says that the key was written behind a dot and not in brackets.
    """

    key: str
    side: str = ""
    comparison: Comparison | None = None
    span: Span = field(default=_NOWHERE, compare=False)
    dotted: bool = field(default=False, compare=False)

    def __str__(self) -> str:
        side = f"{self.side}." if self.side else ""
        return _compared(f"{side}annotation[{literal(self.key)}]", self.comparison)


@dataclass(frozen=True, slots=True)
class Selector:
    """Which services are meant: pairs of argument and value that must all hold."""

    arguments: tuple[tuple[str, Value], ...]
    by_id: bool = False
    span: Span = field(default=_NOWHERE, compare=False)

    @property
    def asks_for_client(self) -> bool:
        """Whether the client in front of the root is meant, by its type."""
        return ("type", CLIENT) in self.arguments

    def __str__(self) -> str:
        if not self.by_id:
            return literal(self.arguments[0][1])
        return f"id({', '.join(f'{name}: {literal(value)}' for name, value in self.arguments)})"


@dataclass(frozen=True, slots=True)
class Service:
    """``service("api") { fault }``; no selector means any service."""

    selectors: tuple[Selector, ...] = ()
    inner: Expression | None = None
    span: Span = field(default=_NOWHERE, compare=False)

    def __str__(self) -> str:
        return f"service({', '.join(map(str, self.selectors))}){_braces(self.inner)}"


@dataclass(frozen=True, slots=True)
class Edge:
    """``edge("api", "db") { fault }``; no selectors mean any call."""

    selectors: tuple[Selector, ...] = ()
    inner: Expression | None = None
    span: Span = field(default=_NOWHERE, compare=False)

    def __str__(self) -> str:
        return f"edge({', '.join(map(str, self.selectors))}){_braces(self.inner)}"


@dataclass(frozen=True, slots=True)
class Cause:
    """``rootcause.fault.service { name = "api" }``."""

    kind: str
    part: str
    inner: Expression | None = None
    span: Span = field(default=_NOWHERE, compare=False)

    def __str__(self) -> str:
        return f"rootcause.{self.kind}.{self.part}{_braces(self.inner)}"


@dataclass(frozen=True, slots=True)
class CauseJson:
    """``rootcause.json = #[…]``; ``text`` is the array in one spelling, ``shape`` its value."""

    operator: Operator
    text: str
    span: Span = field(default=_NOWHERE, compare=False)

    @property
    def shape(self) -> Json:
        shape: Json = json.loads(self.text)
        return shape

    def __str__(self) -> str:
        return f"rootcause.json {self.operator} #{self.text}"


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    inner: Expression

    def __str__(self) -> str:
        return f"!{_inside(self.inner, All | Any)}"


@dataclass(frozen=True, slots=True)
class All:
    """Parts that must all hold; none at all is the empty expression."""

    parts: tuple[Expression, ...] = ()

    def __str__(self) -> str:
        return " AND ".join(_inside(part, All | Any) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Any:
    """Parts of which one must hold."""

    parts: tuple[Expression, ...]

    def __str__(self) -> str:
        return " OR ".join(_inside(part, Any) for part in self.parts)


Condition = Simple | Annotation | Service | Edge | Cause | CauseJson
Expression = Condition | Not | All | Any


def conditions(expression: Expression) -> Iterator[Condition]:
    """Every condition outside of braces, in order."""
    if isinstance(expression, Not):
        yield from conditions(expression.inner)
    elif isinstance(expression, All | Any):
        for part in expression.parts:
            yield from conditions(part)
    else:
        yield expression


def quoted(text: str) -> str:
    """A text as the language writes it."""
    return json.dumps(text, ensure_ascii=False)


def annotation_name(key: str) -> str:
    """How a filter names an annotation: behind a dot, in brackets where the key needs them."""
    if re.fullmatch(r"\w+", key, re.A):
        return f"annotation.{key}"
    is_plain = re.fullmatch(r'[^\]\["]+', key) and key == key.strip()
    return f"annotation[{key if is_plain else quoted(key)}]"


def literal(value: Value) -> str:
    """A value as the language writes it; a number exactly."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return quoted(value)
    return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)


def _compared(subject: str, comparison: Comparison | None) -> str:
    return subject if comparison is None else f"{subject} {comparison}"


def _braces(inner: Expression | None) -> str:
    return "" if inner is None else f" {{ {inner} }}"


def _inside(part: Expression, kinds: type | UnionType) -> str:
    return f"({part})" if isinstance(part, kinds) else str(part)
