"""What a query lets its source know: what holds for every event that its first filters keep.

A source may leave out what the conditions rule out, and need not: each of them
stands in the query as well. Every one implies that its field is there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Literal

from app.query.insights import tree
from app.query.insights.order import is_by_itself
from app.query.insights.regex import beginning_of, texts_of
from app.query.insights.walk import made_names, starts_of

Sign = Literal["=", "<", "<=", ">", ">="]


@dataclass(frozen=True, slots=True)
class Present:
    """The field is there."""

    field: str

    def __str__(self) -> str:
        return f"{self.field} is there"


@dataclass(frozen=True, slots=True)
class Contains:
    """The field holds ``literal`` somewhere in its text."""

    field: str
    literal: str

    def __str__(self) -> str:
        return f'{self.field} holds "{self.literal}"'


@dataclass(frozen=True, slots=True)
class Equals:
    """The field is this text, or the same number where both read as one."""

    field: str
    text: str

    def __str__(self) -> str:
        return f'{self.field} = "{self.text}"'


@dataclass(frozen=True, slots=True)
class Compared:
    """The field reads as a number that stands so to ``number``."""

    field: str
    sign: Sign
    number: float

    def __str__(self) -> str:
        return f"{self.field} {self.sign} {self.number:g}"


@dataclass(frozen=True, slots=True)
class OneOf:
    """The field is one of these texts and numbers."""

    field: str
    values: tuple[str | float, ...]

    def __str__(self) -> str:
        written = (f'"{v}"' if isinstance(v, str) else f"{v:g}" for v in self.values)
        return f"{self.field} in [{', '.join(written)}]"


Condition = Present | Contains | Equals | Compared | OneOf

_FLIPPED: dict[str, Sign] = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_HOLDS = {"strcontains": 2, "startswith": 2, "endswith": 2}


def conditions(commands: Sequence[tree.Command]) -> tuple[Condition, ...]:
    """What the filters among the first commands ask of fields of the events themselves."""
    found: list[Condition] = []
    made: set[str] = set()
    for command in commands:
        if isinstance(command, tree.Filter):
            found += [c for c in _of(command.condition) if not made & starts_of(c.field)]
        elif not is_by_itself(command):
            break
        made.update(made_names(command))
    return tuple(dict.fromkeys(found))


def _of(expr: tree.Expr) -> Iterator[Condition]:
    match expr:
        case tree.Binary(operator="and", left=left, right=right):
            yield from _of(left)
            yield from _of(right)
        case tree.Binary(operator=sign, left=tree.Name() as name, right=right):
            yield from _compared(name.text, sign, right)
        case tree.Binary(operator=sign, left=left, right=tree.Name() as name):
            yield from _compared(name.text, _FLIPPED.get(sign, sign), left)
        case tree.Like(left=tree.Name() as name) | tree.In(left=tree.Name() as name):
            yield _chosen(name.text, expr)
        case tree.Call(function=function, arguments=(tree.Name() as name, *rest)):
            yield from _called(function.lower(), name.text, rest)
        case tree.Name(text=text) if text.lower() not in ("true", "false"):
            yield Present(text)


def _chosen(field: str, expr: tree.Like | tree.In) -> Condition:
    """What ``like`` and ``in`` ask; negated ones are false, too, where the field is absent."""
    if isinstance(expr, tree.Like) and not expr.negated:
        texts = texts_of(expr.pattern) if expr.regex else (expr.pattern,)
        if len(texts) == 1:
            return Contains(field, texts[0])
        if expr.regex and (start := beginning_of(expr.pattern)):
            return Contains(field, start)
    elif isinstance(expr, tree.In) and not expr.negated:
        values = [_constant(item) for item in expr.items]
        known = tuple(value for value in values if value is not None)
        if len(known) == len(values):
            return OneOf(field, known)
    return Present(field)


def _compared(field: str, sign: str, other: tree.Expr) -> Iterator[Condition]:
    if sign not in (*_FLIPPED, "!="):
        return
    value = _constant(other)
    if isinstance(value, str) and sign == "=":
        yield Equals(field, value)
    elif isinstance(value, float) and sign != "!=":
        yield Compared(field, sign, value)  # type: ignore[arg-type] # one of the signs
    elif value is not None:
        yield Present(field)


def _called(function: str, field: str, rest: Sequence[tree.Expr]) -> Iterator[Condition]:
    if function == "ispresent" and not rest:
        yield Present(field)
    elif _HOLDS.get(function) == len(rest) + 1 and isinstance(rest[0], tree.Text):
        yield Contains(field, rest[0].value)


def _constant(expr: tree.Expr) -> str | float | None:
    match expr:
        case tree.Text(value=text):
            return text
        case tree.Number(value=number):
            return number
        case tree.Unary(operator="-", operand=tree.Number(value=number)):
            return -number
        case _:
            return None


def narrowed(found: Sequence[Condition], low: int, high: int) -> tuple[int, int]:
    """The part of a window (ms, both ends inside) that conditions on ``@timestamp`` allow."""
    for condition in found:
        if not isinstance(condition, Compared) or condition.field != "@timestamp":
            continue
        number = condition.number
        if condition.sign in ("=", ">="):
            low = max(low, ceil(number))
        if condition.sign in ("=", "<="):
            high = min(high, floor(number))
        if condition.sign == ">":
            low = max(low, floor(number) + 1)
        if condition.sign == "<":
            high = min(high, ceil(number) - 1)
    return low, high
