"""A typed column expression, and how each type reads as each other.

JSON numbers stay numbers; extracted text stays text, but every numeric
context reads number-like text as a number. Nothing here ever raises on a row:
what cannot be read is absent (null).

Source: Amazon CloudWatch Logs User Guide, "CloudWatch Logs Insights language
query syntax"; where it is silent the rule is ours.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import polars as pl

_NUMBER_LIKE = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
LARGEST_EXACT = 2.0**53
"""Whole numbers beyond this are not all different as floats."""
_LARGEST = sys.float_info.max


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
    ``holds`` is a BOOLEAN in which absent stands for false, cheaper than
    ``expr``; ``nested`` tells in which rows a text is the JSON of a map or list,
    ``words`` in which rows a text holds a word.
    """

    kind: Kind
    expr: pl.Expr
    mixed: bool = False
    literal: float | str | bool | None = None
    holds: pl.Expr | None = None
    nested: pl.Expr | None = None
    words: Mapping[str, pl.Expr] = field(default_factory=dict)

    @property
    def numeric(self) -> bool:
        return self.kind in (Kind.NUMBER, Kind.TIME, Kind.BOOLEAN)

    def present(self) -> pl.Expr:
        return self.expr.is_not_null()

    def comparable(self) -> pl.Expr:
        """Whether there is something to compare; a map or list is not."""
        return (self.expr if self.numeric else self.text()).is_not_null()

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
            return self.expr if self.nested is None else pl.when(~self.nested).then(self.expr)
        if self.kind is Kind.NUMBER:
            return number_to_text(self.expr)
        if self.kind is Kind.BOOLEAN:
            return self.expr.cast(pl.Int8).cast(pl.String)
        if self.kind is Kind.TIME:
            return time_to_text(self.expr)
        return pl.lit(None, dtype=pl.String)

    def truth(self) -> pl.Expr:
        """As Boolean without absent: numbers other than 0, true; the rest is false."""
        return self.condition().fill_null(False)

    def condition(self) -> pl.Expr:
        """The same where absent may stand for false, as in a filter."""
        if self.kind is Kind.BOOLEAN:
            return self.expr if self.holds is None else self.holds
        return self.number() != 0

    def json(self) -> pl.Expr:
        """The JSON text of a map or list; absent for anything else."""
        if self.kind is Kind.STRUCTURE:
            return self.expr
        if self.nested is None:
            return pl.lit(None, dtype=pl.String)
        return pl.when(self.nested).then(self.expr)

    def milliseconds(self) -> pl.Expr:
        """As Int64 epoch milliseconds; numbers and number-like text are taken as such."""
        if self.kind is Kind.TIME:
            return self.expr
        return self.number().floor().cast(pl.Int64, strict=False)


def number(expr: pl.Expr) -> Value:
    """A NUMBER of what is always a finite number or absent."""
    return Value(Kind.NUMBER, expr.cast(pl.Float64))


def finite(expr: pl.Expr) -> Value:
    """A NUMBER; what is no finite number becomes absent."""
    real = expr.cast(pl.Float64)
    return Value(Kind.NUMBER, pl.when(real.is_finite()).then(real))


def text(expr: pl.Expr) -> Value:
    return Value(Kind.TEXT, expr)


def boolean(expr: pl.Expr) -> Value:
    return Value(Kind.BOOLEAN, expr)


def holding(holds: pl.Expr) -> Value:
    """A BOOLEAN that is false, never absent, where ``holds`` is absent."""
    return Value(Kind.BOOLEAN, holds.fill_null(False), holds=holds)


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
    read = float(written) if _NUMBER_LIKE.fullmatch(written) else None
    return None if read is None or abs(read) > _LARGEST else read


def parsed(text: pl.Expr) -> pl.Expr:
    """Text as Float64 where it reads as one; ``inf`` and ``nan`` come out as such.

    Good for comparisons that those can never fulfil.
    """
    return text.cast(pl.Float64, strict=False)


def text_to_number(expr: pl.Expr, *, booleans: bool = False) -> pl.Expr:
    """Number-like text as Float64; with ``booleans`` true and false are 1 and 0."""
    read = pl.when(parsed(expr).is_finite()).then(parsed(expr))
    if not booleans:
        return read
    return pl.when(expr == "true").then(1.0).when(expr == "false").then(0.0).otherwise(read)


def number_beyond(text: pl.Expr, bound: float, *, above: bool, closed: bool) -> pl.Expr:
    """Whether text reads as a number above or below a bound, in one pass."""
    if above:
        return parsed(text).is_between(bound, _LARGEST, closed="both" if closed else "right")
    return parsed(text).is_between(-_LARGEST, bound, closed="both" if closed else "left")


def number_to_text(expr: pl.Expr) -> pl.Expr:
    """The shortest text of a number: ``200``, not ``200.0``."""
    whole = (expr == expr.floor()) & (expr.abs() <= LARGEST_EXACT)
    return (
        pl.when(whole)
        .then(expr.cast(pl.Int64, strict=False).cast(pl.String))
        .otherwise(expr.cast(pl.String))
    )


def time_to_text(expr: pl.Expr) -> pl.Expr:
    """``2024-01-01 00:00:00.000``, UTC."""
    return pl.from_epoch(expr, time_unit="ms").dt.strftime("%Y-%m-%d %H:%M:%S%.3f")


def sort_keys(value: Value) -> list[pl.Expr]:
    """Keys of the ascending natural order: non-numbers before numbers.

    Non-numbers compare by chunks, runs of digits by length and then value, all
    else by code point. Absent values are absent in every key.
    """
    if value.numeric:
        return [value.expr]
    whole, numbers = value.text(), value.number()
    ranked = pl.when(whole.is_not_null()).then(numbers.is_not_null())
    return [ranked, numbers, pl.when(numbers.is_null()).then(_chunks(whole)).otherwise(whole)]


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
    if value.is_integer() and abs(value) <= LARGEST_EXACT:
        return str(int(value))
    return str(pl.Series([value]).cast(pl.String)[0])
