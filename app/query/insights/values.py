"""A typed column expression, and how each type reads as each other.

JSON numbers stay numbers; extracted text stays text, but every numeric
context reads number-like text as a number. Nothing here ever raises on a row:
what cannot be read is absent (null).

Source: Amazon CloudWatch Logs User Guide, "CloudWatch Logs Insights language
query syntax"; where it is silent the rule is ours.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

NUMBER_LIKE = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
_WHOLE = 1e15
"""Floats beyond this are not written as whole numbers."""


class Kind(StrEnum):
    """What a column holds. STRUCTURE is the JSON text of a map or list."""

    NUMBER = "number"
    TEXT = "text"
    BOOLEAN = "boolean"
    TIME = "timestamp"
    STRUCTURE = "structure"


@dataclass(frozen=True, slots=True)
class Value:
    """A polars expression with its kind.

    NUMBER is Float64, TEXT and STRUCTURE are String, BOOLEAN is Boolean, TIME
    is Int64 epoch milliseconds. ``mixed`` marks text in which some values were
    JSON numbers or booleans. ``literal`` is the constant a value was written as.
    """

    kind: Kind
    expr: pl.Expr
    mixed: bool = False
    literal: float | str | bool | None = None

    @property
    def numeric(self) -> bool:
        return self.kind in (Kind.NUMBER, Kind.TIME, Kind.BOOLEAN)

    def present(self) -> pl.Expr:
        return self.expr.is_not_null()

    def number(self) -> pl.Expr:
        """As Float64; absent where it is not number-like."""
        if self.kind is Kind.NUMBER:
            return self.expr
        if self.kind in (Kind.TIME, Kind.BOOLEAN):
            return self.expr.cast(pl.Float64)
        if self.kind is Kind.STRUCTURE:
            return pl.lit(None, dtype=pl.Float64)
        if isinstance(self.literal, str):
            return pl.lit(number_of(self.literal), dtype=pl.Float64)
        return text_to_number(self.expr, booleans=self.mixed)

    def text(self) -> pl.Expr:
        """As String, numbers in their shortest form; structures have no text."""
        if self.kind is Kind.TEXT:
            return self.expr
        if self.kind is Kind.NUMBER:
            return number_to_text(self.expr)
        if self.kind is Kind.BOOLEAN:
            return self.expr.cast(pl.Int8).cast(pl.String)
        if self.kind is Kind.TIME:
            return time_to_text(self.expr)
        return pl.lit(None, dtype=pl.String)

    def truth(self) -> pl.Expr:
        """As Boolean without absent: numbers other than 0, true; the rest is false."""
        if self.kind is Kind.BOOLEAN:
            return self.expr.fill_null(False)
        return (self.number() != 0).fill_null(False)

    def milliseconds(self) -> pl.Expr:
        """As Int64 epoch milliseconds; numbers and number-like text are taken as such."""
        if self.kind is Kind.TIME:
            return self.expr
        return self.number().floor().cast(pl.Int64, strict=False)


def number(expr: pl.Expr) -> Value:
    """A NUMBER; what is no finite number becomes absent."""
    real = expr.cast(pl.Float64)
    return Value(Kind.NUMBER, pl.when(real.is_finite()).then(real))


def text(expr: pl.Expr) -> Value:
    return Value(Kind.TEXT, expr)


def boolean(expr: pl.Expr) -> Value:
    return Value(Kind.BOOLEAN, expr)


def time(expr: pl.Expr) -> Value:
    return Value(Kind.TIME, expr.cast(pl.Int64))


def structure(expr: pl.Expr) -> Value:
    return Value(Kind.STRUCTURE, expr)


def nothing() -> Value:
    """A value that is absent in every row."""
    return Value(Kind.TEXT, pl.lit(None, dtype=pl.String))


def literal(value: float | str | bool) -> Value:
    """A constant of a query."""
    if isinstance(value, bool):
        return Value(Kind.BOOLEAN, pl.lit(value), literal=value)
    if isinstance(value, str):
        return Value(Kind.TEXT, pl.lit(value), literal=value)
    return Value(Kind.NUMBER, pl.lit(float(value), dtype=pl.Float64), literal=float(value))


def number_of(written: str) -> float | None:
    """The number that a text reads as, or None."""
    return float(written) if re.match(NUMBER_LIKE, written) else None


def text_to_number(expr: pl.Expr, *, booleans: bool = False) -> pl.Expr:
    """Number-like text as Float64; with ``booleans`` true and false are 1 and 0."""
    read = pl.when(expr.str.contains(NUMBER_LIKE)).then(expr.cast(pl.Float64, strict=False))
    if not booleans:
        return read
    return pl.when(expr == "true").then(1.0).when(expr == "false").then(0.0).otherwise(read)


def number_to_text(expr: pl.Expr) -> pl.Expr:
    """The shortest text of a number: ``200``, not ``200.0``."""
    whole = (expr == expr.floor()) & (expr.abs() < _WHOLE)
    return (
        pl.when(whole)
        .then(expr.cast(pl.Int64, strict=False).cast(pl.String))
        .otherwise(expr.cast(pl.String))
    )


def time_to_text(expr: pl.Expr) -> pl.Expr:
    """``2024-01-01 00:00:00.000``, UTC."""
    return pl.from_epoch(expr, time_unit="ms").dt.strftime("%Y-%m-%d %H:%M:%S%.3f")


def sort_keys(value: Value) -> list[pl.Expr]:
    """Ascending natural order: non-numbers before numbers, absent last.

    Non-numbers compare by chunks, runs of digits by length and then value, all
    else by code point.
    """
    if value.numeric:
        return [value.expr.is_null(), value.number()]
    numbers = value.number()
    return [
        value.expr.is_null(),
        numbers.is_not_null(),
        numbers,
        pl.when(numbers.is_null()).then(_chunks(value.expr)),
    ]


def _chunks(expr: pl.Expr) -> pl.Expr:
    run = pl.element()
    padded = pl.lit("0") + run.str.len_chars().cast(pl.String).str.zfill(7) + run
    return (
        expr.str.extract_all(r"[0-9]+|[^0-9]+")
        .list.eval(pl.when(run.str.contains("^[0-9]")).then(padded).otherwise(run))
        .list.join("")
    )


def spelled_scalar(value: str | float | bool) -> str:
    """A value as it stands in text that also holds numbers and booleans."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if value.is_integer() and abs(value) < _WHOLE:
        return str(int(value))
    return pl.select(pl.lit(value).cast(pl.String)).item()  # type: ignore[no-any-return]
