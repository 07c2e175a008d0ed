"""Functions of presence, choice and the query itself.

Source: Amazon CloudWatch Logs User Guide, "Supported operations and functions".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl

from app.query.insights.functions.entry import Clock, Function
from app.query.insights.values import Kind, Value, boolean, nothing, number


def same_kind(values: Sequence[Value]) -> tuple[Kind, list[pl.Expr]]:
    """The kind that holds all values, and their expressions in it."""
    kinds = {value.kind for value in values}
    if len(kinds) == 1:
        return kinds.pop(), [value.expr for value in values]
    if kinds <= {Kind.NUMBER, Kind.BOOLEAN}:
        return Kind.NUMBER, [value.number() for value in values]
    return Kind.TEXT, [
        value.expr if value.kind is Kind.STRUCTURE else value.text() for value in values
    ]


def _choice(values: Sequence[Value], pick: Callable[[list[pl.Expr]], pl.Expr]) -> Value:
    given = [value for value in values if not _is_absent(value)]
    if not given:
        return nothing()  # polars would make a column without a type of it
    kind, _ = same_kind(given)
    exprs = [pl.lit(None) if _is_absent(value) else _in(kind, value) for value in values]
    mixed = len({value.kind for value in given}) > 1 or any(value.mixed for value in given)
    return Value(kind, pick(exprs), mixed=mixed and kind is Kind.TEXT)


def _is_absent(value: Value) -> bool:
    return value.literal is None and value.expr.meta.eq(pl.lit(None, dtype=pl.String))


def _in(kind: Kind, value: Value) -> pl.Expr:
    if value.kind is kind:
        return value.expr
    if kind is Kind.NUMBER:
        return value.number()
    return value.expr if value.kind is Kind.STRUCTURE else value.text()


def _coalesce(arguments: Sequence[Value], clock: Clock) -> Value:
    return _choice(arguments, lambda exprs: pl.coalesce(exprs))


def _if(arguments: Sequence[Value], clock: Clock) -> Value:
    condition, *branches = arguments
    return _choice(branches, lambda e: pl.when(condition.condition()).then(e[0]).otherwise(e[1]))


def _case(arguments: Sequence[Value], clock: Clock) -> Value:
    conditions = [arguments[k] for k in range(0, len(arguments) - 1, 2)]
    values = [arguments[k] for k in range(1, len(arguments), 2)]
    if len(arguments) % 2:
        values.append(arguments[-1])

    def pick(exprs: list[pl.Expr]) -> pl.Expr:
        result = exprs[len(conditions)] if len(exprs) > len(conditions) else pl.lit(None)
        for condition, expr in reversed(list(zip(conditions, exprs, strict=False))):
            result = pl.when(condition.condition()).then(expr).otherwise(result)
        return result

    return _choice(values, pick)


def _isempty(arguments: Sequence[Value], clock: Clock) -> Value:
    value = arguments[0]
    if value.kind is Kind.STRUCTURE:
        return boolean(value.expr.is_null())
    return boolean((value.text() == "").fill_null(True))


def _isblank(arguments: Sequence[Value], clock: Clock) -> Value:
    value = arguments[0]
    if value.kind is Kind.STRUCTURE:
        return boolean(value.expr.is_null())
    return boolean((value.text().str.strip_chars() == "").fill_null(True))


FUNCTIONS = (
    Function(
        "ispresent",
        1,
        1,
        "Whether the field is there.",
        lambda arguments, clock: boolean(arguments[0].present()),
    ),
    Function("coalesce", 1, None, "The first value that is there.", _coalesce),
    Function("if", 3, 3, "The second value where the first is true, else the third.", _if),
    Function("case", 2, 21, "The value behind the first true condition, or the last.", _case),
    Function(
        "isNumeric",
        1,
        1,
        "Whether the value reads as a number.",
        lambda arguments, clock: boolean(arguments[0].number().is_not_null()),
    ),
    Function(
        "unmask",
        1,
        1,
        "The value as it is; nothing is masked here.",
        lambda arguments, clock: arguments[0],
    ),
    Function("isempty", 1, 1, "1 if missing or the empty text.", _isempty),
    Function("isblank", 1, 1, "1 if missing, empty or only white space.", _isblank),
    Function(
        "messageSize",
        1,
        1,
        "Bytes of the text in UTF-8.",
        lambda arguments, clock: number(arguments[0].text().str.len_bytes()),
    ),
    Function(
        "queryStartTime",
        0,
        0,
        "Start of the query's window, epoch milliseconds.",
        lambda arguments, clock: number(pl.lit(clock.start_ms)),
    ),
    Function(
        "queryEndTime",
        0,
        0,
        "End of the query's window, epoch milliseconds.",
        lambda arguments, clock: number(pl.lit(clock.end_ms)),
    ),
    Function(
        "queryTimeRange",
        0,
        0,
        "Length of the query's window, milliseconds.",
        lambda arguments, clock: number(pl.lit(clock.end_ms - clock.start_ms)),
    ),
)
