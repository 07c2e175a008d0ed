"""What a metric math expression says, each part with its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from app.query.lang import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Anything with a place in the text."""

    span: Span = field(default_factory=lambda: Span(0, 0), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Number(Placed):
    value: float


@dataclass(frozen=True, slots=True)
class Text(Placed):
    value: str


@dataclass(frozen=True, slots=True)
class Word(Placed):
    """A keyword such as AVG, DESC, REPEAT; only some functions take one."""

    value: str


@dataclass(frozen=True, slots=True)
class Id(Placed):
    name: str


@dataclass(frozen=True, slots=True)
class Negative(Placed):
    operand: Expr


@dataclass(frozen=True, slots=True)
class Binary(Placed):
    operator: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Call(Placed):
    function: str
    arguments: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Array(Placed):
    elements: tuple[Expr, ...]


Expr = Number | Text | Word | Id | Negative | Binary | Call | Array


def children(expr: Expr) -> tuple[Expr, ...]:
    """What an expression is directly made of, in order."""
    match expr:
        case Call():
            return expr.arguments
        case Binary():
            return (expr.left, expr.right)
        case Negative():
            return (expr.operand,)
        case Array():
            return expr.elements
    return ()


def parts(expr: Expr) -> Iterator[Expr]:
    """An expression and everything in it."""
    waiting = [expr]
    while waiting:
        part = waiting.pop()
        yield part
        waiting += reversed(children(part))
