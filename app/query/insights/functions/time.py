"""Functions of dates and times; everything is UTC unless a zone is given.

Source: Amazon CloudWatch Logs User Guide, "Datetime functions".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl

from app.model.time import epoch_ms
from app.query.insights import periods
from app.query.insights.functions.entry import Clock, Function
from app.query.insights.functions.rowwise import each_text
from app.query.insights.tree import Period
from app.query.insights.values import Kind, Value, number, text, time

_JAVA = {
    "yyyy": "%Y",
    "uuuu": "%Y",
    "yy": "%y",
    "MMMM": "%B",
    "MMM": "%b",
    "MM": "%m",
    "M": "%m",
    "dd": "%d",
    "d": "%d",
    "HH": "%H",
    "H": "%H",
    "hh": "%I",
    "h": "%I",
    "mm": "%M",
    "m": "%M",
    "ss": "%S",
    "s": "%S",
    "DDD": "%j",
    "EEEE": "%A",
    "EEE": "%a",
    "E": "%a",
    "a": "%p",
    "Z": "%z",
    "X": "%z",
    "XX": "%z",
    "XXX": "%z",
    "z": "%Z",
}
_TOKEN = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|.", re.DOTALL)


def strptime_of(java: str) -> str | None:
    """A Java date pattern in Python's notation; None where it has a letter we do not read."""
    out: list[str] = []
    for match in _TOKEN.finditer(java):
        token = match[0]
        if match[1] is not None:
            out.append(match[1].replace("''", "'").replace("%", "%%") or "'")
        elif match[2] == "S":
            out.append("%f")
        elif match[2]:
            if token not in _JAVA:
                return None
            out.append(_JAVA[token])
        else:
            out.append(token.replace("%", "%%"))
    return "".join(out)


def zone_of(name: str) -> ZoneInfo | None:
    """A time zone by its IANA name, or None."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _parse_date(arguments: Sequence[Value], clock: Clock) -> Value:
    pattern = strptime_of(str(arguments[1].literal)) or ""
    zone = zone_of(str(arguments[2].literal)) if len(arguments) > 2 else None

    def read(written: str) -> float | None:
        try:
            found = datetime.strptime(written, pattern)  # noqa: DTZ007 - the zone is put in below
        except ValueError:
            return None
        if found.tzinfo is None:
            found = found.replace(tzinfo=zone or UTC)
        return float(epoch_ms(found))

    return number(each_text(arguments[0].text(), read, pl.Float64()))


def _format_date(arguments: Sequence[Value], clock: Clock) -> Value:
    when = pl.from_epoch(_moment(arguments[0]), time_unit="ms").dt.replace_time_zone("UTC")
    if len(arguments) > 2:
        when = when.dt.convert_time_zone(str(arguments[2].literal))
    return text(when.dt.strftime(str(arguments[1].literal)))


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
