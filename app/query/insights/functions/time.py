"""Functions of dates and times; everything is UTC unless a zone is given.

Source: Amazon CloudWatch Logs User Guide, "Datetime functions".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Literal

import polars as pl

from app.model.time import epoch_ms
from app.query.insights import periods
from app.query.insights.functions.dates import pattern_of, strftime_of, written_in, zone_of
from app.query.insights.functions.entry import Clock, Function
from app.query.insights.functions.rowwise import each_text
from app.query.insights.tree import Period
from app.query.insights.values import Kind, Value, number, text, time


def _parse_date(arguments: Sequence[Value], clock: Clock) -> Value:
    pattern = pattern_of(str(arguments[1].literal))
    zone = _zone(arguments) or UTC
    assert pattern is not None  # noqa: S101 - check has looked

    def read(written: str) -> float | None:
        return pattern.read(written, zone)

    return number(each_text(arguments[0].text(), read, pl.Float64()))


def _zone(arguments: Sequence[Value]) -> tzinfo | None:
    return zone_of(str(arguments[2].literal)) if len(arguments) > 2 else None


def _format_date(arguments: Sequence[Value], clock: Clock) -> Value:
    when = written_in(_zone(arguments))(_moment(arguments[0]))
    return text(when.dt.strftime(strftime_of(str(arguments[1].literal))))


def _moment(value: Value) -> pl.Expr:
    """Epoch milliseconds of a time, a number, or a text in ISO 8601."""
    if value.kind is not Kind.TEXT:
        return value.milliseconds()
    return pl.coalesce(value.milliseconds(), each_text(value.text(), _iso, pl.Int64()))


def _iso(written: str) -> int | None:
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        return None
    return epoch_ms(found if found.tzinfo else found.replace(tzinfo=UTC))


def _rounded(way: Literal["floor", "ceil"]) -> Callable[[Value, Period, Clock], Value]:
    def build(value: Value, period: Period, clock: Clock) -> Value:
        return time(periods.rounded(_moment(value), period.count, period.unit, way))

    return build


def _bin(value: Value, period: Period, clock: Clock) -> Value:
    return time(periods.rounded(value.milliseconds(), period.count, period.unit, "floor"))


FUNCTIONS = (
    Function(
        "bin",
        1,
        1,
        "@timestamp rounded down to a period.",
        period_build=_bin,
        takes="period",
    ),
    Function(
        "datefloor",
        2,
        2,
        "A time rounded down to a period.",
        period_build=_rounded("floor"),
        takes="time and period",
    ),
    Function(
        "dateceil",
        2,
        2,
        "A time rounded up to a period; a whole one stays.",
        period_build=_rounded("ceil"),
        takes="time and period",
    ),
    Function(
        "fromMillis",
        1,
        1,
        "The time of epoch milliseconds.",
        lambda arguments, clock: time(arguments[0].milliseconds()),
    ),
    Function(
        "toMillis",
        1,
        1,
        "Epoch milliseconds of a time.",
        lambda arguments, clock: number(_moment(arguments[0])),
    ),
    Function(
        "now",
        0,
        0,
        "Epoch seconds at the start of the query.",
        lambda arguments, clock: number(pl.lit(clock.now_ms // 1000)),
    ),
    Function(
        "parseDate",
        2,
        3,
        "Epoch milliseconds of a text, by a Java date pattern and a zone.",
        _parse_date,
        literals=(1, 2),
    ),
    Function(
        "formatDate",
        2,
        3,
        "A time as text, by a strftime pattern and a zone.",
        _format_date,
        aliases=("strftime",),
        literals=(1, 2),
    ),
)
