"""Expressions of a query to expressions of polars."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from operator import add, mul, sub
from typing import Any, ClassVar

import polars as pl

from app.query.insights import compare, tree
from app.query.insights.aggregates import aggregates
from app.query.insights.functions import Clock, Function, functions
from app.query.insights.state import Column, Surroundings
from app.query.insights.values import (
    Kind,
    Value,
    boolean,
    finite,
    holding,
    literal,
    nothing,
    number,
    structure,
)
from app.query.lang import did_you_mean

_COMPARISONS = frozenset(("=", "!=", "<", "<=", ">", ">="))
_PLAIN: dict[str, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {"+": add, "-": sub, "*": mul}
Aggregated = Callable[[tree.Call], Value]


@dataclass(frozen=True, slots=True)
class Compiler:
    """Compiles expressions over ``columns``.

    ``strict`` makes an unknown field an error (behind a stats) rather than
    absent. ``aggregated`` takes aggregate calls; without it they are refused.
    """

    columns: Mapping[str, Column]
    around: Surroundings
    strict: bool = False
    aggregated: Aggregated | None = None

    @property
    def clock(self) -> Clock:
        return self.around.clock

    def value(self, expr: tree.Expr) -> Value:
        """The value of any expression."""
        compiled = self._BY_NODE[type(expr)]
        return compiled(self, expr)

    def _constant(self, expr: tree.Number | tree.Text) -> Value:
        return literal(expr.value)

    def _like(self, expr: tree.Like) -> Value:
        left = self.value(expr.left)
        return compare.like(left, expr.pattern, regex=expr.regex, negated=expr.negated)

    def _in(self, expr: tree.In) -> Value:
        items = [self.value(item) for item in expr.items]
        return compare.member(self.value(expr.left), items, negated=expr.negated)

    def _stray_period(self, expr: tree.Period) -> Value:
        raise self.around.error(
            "a period stands only inside bin, datefloor, dateceil and rate", expr.span
        )

    # -- fields ------------------------------------------------------------------

    def field(self, name: tree.Name) -> Value:
        """A column, a member of a structure, or true and false."""
        found = self._found(name)
        if found is not None:
            return found
        if self.strict:
            near = did_you_mean(name.text, self.columns)
            raise self.around.error(
                f"the field `{name.text}` does not exist behind stats{near}", name.span
            )
        return nothing()

    def finds(self, name: tree.Name) -> bool:
        """Whether there is something of that name."""
        return self._found(name) is not None

    def _found(self, name: tree.Name) -> Value | None:
        column = self.columns.get(name.text)
        if column is not None:
            return column.value()
        for cut in range(len(name.segments) - 1, 0, -1):
            base = self.columns.get(".".join(name.segments[:cut]))
            if base is not None and (base.kind is Kind.STRUCTURE or base.nested is not None):
                return member(base.value().json(), name.segments[cut:])
        return literal(name.text == "true") if name.text in ("true", "false") else None

    def _path(self, expr: tree.Index | tree.Member) -> Value:
        steps: list[str] = []
        base: tree.Expr = expr
        while isinstance(base, tree.Index | tree.Member):
            steps.append(str(base.position) if isinstance(base, tree.Index) else base.key)
            base = base.base
        value = self.structured(base)
        if value.kind is not Kind.STRUCTURE and value.nested is None:
            return nothing()
        return member(value.json(), tuple(reversed(steps)))

    def structured(self, expr: tree.Expr) -> Value:
        """A value that may be a map or list, also one that discovery has taken apart.

        Discovery finds the leaves of a message, so an object or list of a
        message is no field; where JSON is asked for it is read from the message.
        """
        if not isinstance(expr, tree.Name) or expr.text in self.columns:
            return self.value(expr)
        found = self.field(expr)
        message = self.columns.get("@message")
        if found.kind is not Kind.TEXT or found.nested is not None or message is None:
            return found
        whole = message.value().text().str.json_path_match(_json_path(expr.segments, False))
        return structure(pl.when(whole.str.contains(r"^[\[{]")).then(whole))

    # -- operators -----------------------------------------------------------------

    def _unary(self, expr: tree.Unary) -> Value:
        operand = self.value(expr.operand)
        if expr.operator == "not":
            return boolean(~operand.truth())
        if isinstance(operand.literal, float):
            return literal(-operand.literal)
        return number(-operand.number())

    def _logic(self, expr: tree.Binary) -> Value:
        left, right = self.value(expr.left), self.value(expr.right)
        if expr.operator == "and":
            holds = left.condition() & right.condition()
            return replace(boolean(left.truth() & right.truth()), holds=holds)
        holds = left.condition() | right.condition()
        return replace(boolean(left.truth() | right.truth()), holds=holds)

    def _binary(self, expr: tree.Binary) -> Value:
        if expr.operator in ("and", "or"):
            return self._logic(expr)
        left, right = self.value(expr.left), self.value(expr.right)
        if expr.operator in _COMPARISONS:
            return compare.compare(expr.operator, left, right)
        return _arithmetic(expr.operator, left, right)

    def _in_query(self, expr: tree.InQuery) -> Value:
        found = self.around.subquery(expr.query)
        if len(found.shown) != 1:
            raise self.around.error("a subquery behind `in` gives exactly one field", expr.span)
        column = found.columns.get(found.shown[0])
        value = column.value() if column else nothing()
        texts = found.frame.lazy().select(value.text()).collect().to_series().drop_nulls()
        left = self.value(expr.left)
        inside = left.text().is_in(texts.unique().implode())
        return holding(left.comparable() & ~inside if expr.negated else inside)

    # -- calls -----------------------------------------------------------------------

    def _call(self, call: tree.Call) -> Value:
        name = call.function.lower()
        if name in aggregates():
            if self.aggregated is None:
                raise self.around.error(f"`{call.function}` stands only in stats", call.span)
            return self.aggregated(call)
        function = functions().get(name)
        if function is None:
            known = [entry.name for entry in functions().values()]
            known += [entry.name for entry in aggregates().values()]
            near = did_you_mean(call.function, known)
            raise self.around.error(f"unknown function `{call.function}`{near}", call.span)
        if function.takes != "values":
            return self._with_period(function, call)
        assert function.build is not None  # noqa: S101 - every entry of this kind has one
        value = self.structured if function.json else self.value
        return function.build([value(a) for a in call.arguments], self.clock)

    def _with_period(self, function: Function, call: tree.Call) -> Value:
        *times, period = call.arguments
        if not isinstance(period, tree.Period):
            raise self.around.error(f"`{function.name}` needs a period such as 5m", call.span)
        if times:
            value = self.value(times[0])
        elif "@timestamp" in self.columns:
            value = self.columns["@timestamp"].value()
        else:
            raise self.around.error(
                f"`{function.name}` needs @timestamp; carry it as max(@timestamp) as @t and use "
                "datefloor(@t, 5m)",
                call.span,
            )
        assert function.period_build is not None  # noqa: S101 - every entry of this kind has one
        return function.period_build(value, period, self.clock)

    _BY_NODE: ClassVar[dict[type, Callable[[Compiler, Any], Value]]] = {
        tree.Number: _constant,
        tree.Text: _constant,
        tree.Name: field,
        tree.Call: _call,
        tree.Unary: _unary,
        tree.Binary: _binary,
        tree.Like: _like,
        tree.In: _in,
        tree.InQuery: _in_query,
        tree.Index: _path,
        tree.Member: _path,
        tree.Period: _stray_period,
    }


def member(json: pl.Expr, steps: tuple[str, ...]) -> Value:
    """What lies at a path in JSON text; a step of digits is a position or a key."""
    path = _json_path(steps, True)
    found, inside = (json.str.json_path_match(p) for p in (path, path + "[*]"))
    if any(step.isdigit() for step in steps):
        path = _json_path(steps, False)
        found = pl.coalesce(found, json.str.json_path_match(path))
        inside = pl.coalesce(inside, json.str.json_path_match(path + "[*]"))
    nested = found.is_in(["{}", "[]"]) | inside.is_not_null()
    return Value(Kind.TEXT, found, mixed=True, nested=nested)


def _json_path(steps: tuple[str, ...], positions: bool) -> str:
    parts = (
        f"[{int(step)}]"
        if positions and step.isascii() and step.isdigit()
        else "['" + step.replace("'", "\\'") + "']"
        for step in steps
    )
    return "$" + "".join(parts)


def _arithmetic(operator: str, left: Value, right: Value) -> Value:
    one, other = left.number(), right.number()
    if operator in "+-*":
        return number(_PLAIN[operator](one, other))
    if operator == "^":
        return finite(one.pow(other))
    divided = one / other
    if not right.literal:
        divided = pl.when(other != 0).then(divided)
    if operator == "/":
        return number(divided)
    return number(one - other * divided.sign() * divided.abs().floor())
