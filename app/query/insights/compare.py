"""Comparisons: number with number where both read as one, else text with text.

Anything compared with an absent value is false, also ``!=``, ``not like`` and
``not in``. A field and a constant become one plain comparison, which the engine
can push down to where rows are read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from operator import eq, ge, gt, le, lt, ne
from typing import Any

import polars as pl

from app.query.insights.regex import beginning_of, texts_of, translated
from app.query.insights.values import (
    LARGEST_EXACT,
    Kind,
    Value,
    holding,
    number_beyond,
    number_of,
    parsed,
)

_OPERATORS: dict[str, Callable[[Any, Any], pl.Expr]] = {
    "=": eq,
    "!=": ne,
    "<": lt,
    "<=": le,
    ">": gt,
    ">=": ge,
}
_TURNED = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def compare(operator: str, left: Value, right: Value) -> Value:
    """One of ``= != < <= > >=`` as a BOOLEAN that is never absent."""
    if Kind.STRUCTURE in (left.kind, right.kind):
        return holding(pl.lit(False))
    if left.literal is not None and right.literal is None:
        left, right, operator = right, left, _TURNED[operator]
    if right.literal is None or left.literal is not None:
        return holding(_two_fields(operator, left, right))
    if isinstance(right.literal, bool):
        return holding(_two_fields(operator, replace(left, mixed=True), right))
    if isinstance(right.literal, float):
        return holding(_with_number(operator, left, right.literal))
    return holding(_with_text(operator, left, right, right.literal))


def _with_number(operator: str, left: Value, bound: float) -> pl.Expr:
    """A field and a number as a constant."""
    holds = _OPERATORS[operator]
    if left.kind is Kind.TIME and bound.is_integer():
        return holds(left.expr, int(bound))
    if left.numeric or left.mixed:
        return _or_absent(operator, left, holds(left.number(), bound))
    text = left.text()
    if operator in ("=", "!="):
        return _or_absent(operator, left, holds(parsed(text), bound))
    return number_beyond(text, bound, above=operator[0] == ">", closed=operator.endswith("="))


def _or_absent(operator: str, left: Value, holds: pl.Expr) -> pl.Expr:
    """What is there and no number is unlike every number."""
    if operator != "!=" or left.numeric:
        return holds
    return left.comparable() & holds.fill_null(True)


def _with_text(operator: str, left: Value, right: Value, written: str) -> pl.Expr:
    """A field and a text as a constant, which may read as a number."""
    bound = number_of(written)
    holds = _OPERATORS[operator]
    if bound is None:
        if left.kind is Kind.BOOLEAN and written in ("true", "false"):
            return _two_fields(operator, left, Value(Kind.BOOLEAN, pl.lit(written == "true")))
        if left.numeric:
            return left.present() if operator == "!=" else pl.lit(False)
        return holds(left.text(), written)
    if left.numeric:
        return _with_number(operator, left, bound)
    if abs(bound) > LARGEST_EXACT and operator in ("=", "!="):
        return holds(left.text(), written)
    if operator in ("=", "!="):
        return _with_number(operator, left, bound)
    return _two_fields(operator, left, right)


def _two_fields(operator: str, left: Value, right: Value) -> pl.Expr:
    """Numbers where both read as one; a number and a word are unequal and have no order."""
    holds = _OPERATORS[operator]
    one, other = left.number(), right.number()
    if left.numeric or right.numeric:
        if operator != "!=":
            return holds(one, other)
        return left.comparable() & right.comparable() & holds(one, other).fill_null(True)
    numbers = one.is_not_null() & other.is_not_null()
    return pl.when(numbers).then(holds(one, other)).otherwise(holds(left.text(), right.text()))


def like(left: Value, pattern: str, *, regex: bool, negated: bool) -> Value:
    """Substring or regular expression search in the text of a value."""
    found = _found(left, pattern, regex=regex)
    return holding(~found if negated else found)


def _found(left: Value, pattern: str, *, regex: bool) -> pl.Expr:
    texts = texts_of(pattern) if regex else (pattern,)
    if texts and all(text in left.words for text in texts):
        return pl.any_horizontal([left.words[text] for text in texts])
    whole = left.text()
    if len(texts) == 1:
        return whole.str.contains(texts[0], literal=True)
    if regex and (start := beginning_of(pattern)):
        return whole.str.starts_with(start)
    return whole.str.contains(translated(pattern))


def member(left: Value, items: Sequence[Value], *, negated: bool) -> Value:
    """``in [...]``: whole-value membership."""
    if left.kind is Kind.STRUCTURE:
        return holding(pl.lit(False))
    parts = _looked_up(left, items)
    found = pl.any_horizontal(parts) if parts else pl.lit(False)
    if not negated:
        return holding(found)
    return holding(left.comparable() & ~found.fill_null(False))


def _looked_up(left: Value, items: Sequence[Value]) -> list[pl.Expr]:
    """Many words, and many numbers, are each one look-up; the rest are comparisons."""
    words: list[str] = []
    numbers: list[float] = []
    rest: list[Value] = []
    for item in items:
        written = item.literal
        if isinstance(written, float):
            numbers.append(written)
        elif isinstance(written, str) and left.kind is Kind.TEXT and number_of(written) is None:
            words.append(written)
        else:
            rest.append(item)
    parts = [compare("=", left, item).condition() for item in rest]
    if words:
        parts.append(left.text().is_in(words) if len(words) > 1 else left.text() == words[0])
    if numbers:
        plain = left.kind is Kind.TEXT and not left.mixed
        read = parsed(left.text()) if plain else left.number()
        parts.append(read.is_in(numbers) if len(numbers) > 1 else read == numbers[0])
    return parts
