"""Comparisons: number with number where both read as one, else text with text.

Anything compared with an absent value is false, also ``!=``, ``not like`` and
``not in``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import eq, ge, gt, le, lt, ne
from typing import Any

import polars as pl

from app.query.insights.values import Kind, Value, boolean, number_of

_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "=": eq,
    "!=": ne,
    "<": lt,
    "<=": le,
    ">": gt,
    ">=": ge,
}


def compare(operator: str, left: Value, right: Value) -> Value:
    """One of ``= != < <= > >=`` as a BOOLEAN that is never absent."""
    if Kind.STRUCTURE in (left.kind, right.kind):
        return boolean(pl.lit(False))
    holds = _OPERATORS[operator]
    if left.numeric or right.numeric:
        return boolean(_as_numbers(operator, left, right).fill_null(False))
    if _never_number(left) or _never_number(right):
        return boolean(holds(left.text(), right.text()).fill_null(False))
    numbers = left.number().is_not_null() & right.number().is_not_null()
    return boolean(
        pl.when(numbers)
        .then(holds(left.number(), right.number()))
        .otherwise(holds(left.text(), right.text()))
        .fill_null(False)
    )


def _never_number(value: Value) -> bool:
    return isinstance(value.literal, str) and number_of(value.literal) is None


def _as_numbers(operator: str, left: Value, right: Value) -> pl.Expr:
    for one, other in ((left, right), (right, left)):
        if one.kind is Kind.BOOLEAN and other.literal in ("true", "false"):
            same = one.expr == (other.literal == "true")
            return same if operator == "=" else ~same if operator == "!=" else pl.lit(False)
    holds: pl.Expr = _OPERATORS[operator](left.number(), right.number())
    if operator != "!=":
        return holds
    return left.present() & right.present() & holds.fill_null(True)


def like(left: Value, pattern: str, *, regex: bool, negated: bool) -> Value:
    """Substring or regular expression search in the text of a value."""
    found = left.text().str.contains(pattern, literal=not regex)
    return boolean((~found if negated else found).fill_null(False))


def member(left: Value, items: Sequence[Value], *, negated: bool) -> Value:
    """``in [...]``: whole-value membership."""
    found = pl.any_horizontal([compare("=", left, item).expr for item in items] or [pl.lit(False)])
    return boolean(left.present() & ~found if negated else found)
