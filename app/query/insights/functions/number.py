"""Functions of numbers.

Source: Amazon CloudWatch Logs User Guide, "Supported operations and functions".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl

from app.query.insights.functions.entry import Clock, Function
from app.query.insights.values import Value, finite, number

_EARTH_KM = 6371.0
_INT, _LONG = 2**31, 2**63


def _plain(build: Callable[[pl.Expr], pl.Expr]) -> Callable[[Sequence[Value], Clock], Value]:
    return lambda arguments, clock: number(build(arguments[0].number()))


def _finite(build: Callable[[pl.Expr], pl.Expr]) -> Callable[[Sequence[Value], Clock], Value]:
    return lambda arguments, clock: finite(build(arguments[0].number()))


def _round(arguments: Sequence[Value], clock: Clock) -> Value:
    value = arguments[0].number()
    scale = 10.0 ** arguments[1].number().floor() if len(arguments) > 1 else pl.lit(1.0)
    scaled = value.abs() * scale
    # The nudge undoes the binary error of a product such as 1.005 * 100.
    away = (scaled + 0.5 + scaled * 1e-15).floor()
    return finite(value.sign() * away / scale)


def _extreme(
    fold: Callable[..., pl.Expr],
) -> Callable[[Sequence[Value], Clock], Value]:
    def build(arguments: Sequence[Value], clock: Clock) -> Value:
        values = [argument.number() for argument in arguments]
        absent = pl.any_horizontal([value.is_null() for value in values])
        return number(pl.when(~absent).then(fold(values)))

    return build


def _haversine(arguments: Sequence[Value], clock: Clock) -> Value:
    lat1, lon1, lat2, lon2 = (argument.number().radians() for argument in arguments)
    half = ((lat2 - lat1) / 2).sin() ** 2
    half += lat1.cos() * lat2.cos() * ((lon2 - lon1) / 2).sin() ** 2
    return number(2 * _EARTH_KM * half.sqrt().arcsin())


def _whole(limit: int) -> Callable[[Sequence[Value], Clock], Value]:
    def build(arguments: Sequence[Value], clock: Clock) -> Value:
        value = arguments[0].number()
        cut = value.sign() * value.abs().floor()
        return number(pl.when((cut >= -limit) & (cut < limit)).then(cut))

    return build


FUNCTIONS = (
    Function("abs", 1, 1, "Absolute value.", _plain(lambda n: n.abs())),
    Function("ceil", 1, 1, "Rounded up to a whole number.", _plain(lambda n: n.ceil())),
    Function("floor", 1, 1, "Rounded down to a whole number.", _plain(lambda n: n.floor())),
    Function("sqrt", 1, 1, "Square root; absent below 0.", _finite(lambda n: n.sqrt())),
    Function("log", 1, 1, "Natural logarithm; absent up to 0.", _finite(lambda n: n.log())),
    Function("round", 1, 2, "Nearest number with so many decimals, halves away from 0.", _round),
    Function("greatest", 1, None, "Largest number; absent if any is.", _extreme(pl.max_horizontal)),
    Function("least", 1, None, "Smallest number; absent if any is.", _extreme(pl.min_horizontal)),
    Function("haversine", 4, 4, "Kilometres between two points in degrees.", _haversine),
    Function("toNumber", 1, 1, "The number that a text reads as.", _plain(lambda n: n)),
    Function("toDouble", 1, 1, "The number that a text reads as.", _plain(lambda n: n)),
    Function("toInt", 1, 1, "Whole number of 32 bits, fractions cut.", _whole(_INT)),
    Function("toLong", 1, 1, "Whole number of 64 bits, fractions cut.", _whole(_LONG)),
)
