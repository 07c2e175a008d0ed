"""Dates as text: Java's patterns for reading, strftime's for writing, time zones.

Reading follows DateTimeFormatter in its usual, "smart" mode: the whole text must
match, and 31 April is 30 April. What a pattern leaves out is 1970-01-01 00:00.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl
from polars.exceptions import PolarsError

from app.model.time import epoch_ms

_PIECE = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|[\[\]]|.", re.DOTALL)
_MONTHS = [name.lower() for name in calendar.month_abbr]
_TWO_DIGITS = {"M": "month", "L": "month", "d": "day", "H": "hour", "m": "minute", "s": "second"}
_CLOCKS = {"h": "hour12", "K": "hour12", "k": "hour"}
_OFFSETS = {
    1: r"[+-]\d\d(?:\d\d)?",
    2: r"[+-]\d{4}",
    3: r"[+-]\d\d:\d\d",
    4: r"[+-]\d{4}(?:\d\d)?",
    5: r"[+-]\d\d:\d\d(?::\d\d)?",
}
_ZONE_NAME = r"[A-Za-z]+(?:[/_+-][A-Za-z0-9]+)*(?:[+-]\d\d?:?\d\d)?|[+-]\d\d:?\d\d"
_OFFSET = re.compile(r"(?:UTC|GMT|UT)?([+-])(\d\d?)(?::?(\d\d))?(?::?(\d\d))?\Z")
_ABBREVIATED = {
    "Z": 0.0,
    "EST": -5.0,
    "EDT": -4.0,
    "CST": -6.0,
    "CDT": -5.0,
    "MST": -7.0,
    "MDT": -6.0,
    "PST": -8.0,
    "PDT": -7.0,
    "CET": 1.0,
    "CEST": 2.0,
    "BST": 1.0,
    "IST": 5.5,
    "JST": 9.0,
}


@dataclass(frozen=True, slots=True)
class DatePattern:
    """A compiled pattern; ``fields`` are what its groups hold, in order."""

    expression: re.Pattern[str]
    fields: tuple[str, ...]

    def read(self, written: str, zone: tzinfo) -> float | None:
        """Epoch milliseconds of a text, or None where it does not fit."""
        match = self.expression.fullmatch(written)
        if match is None:
            return None
        found = {f: g for f, g in zip(self.fields, match.groups(), strict=True) if g is not None}
        try:
            return _moment(found, zone)
        except (ValueError, OverflowError):
            return None


@lru_cache(maxsize=256)
def pattern_of(java: str) -> DatePattern | None:
    """A Java date pattern, or None where it has a letter that is not read."""
    pieces: list[str] = []
    fields: list[str] = []
    for match in _PIECE.finditer(java):
        piece = match[0]
        if match[1] is not None:
            pieces.append(re.escape(match[1].replace("''", "'") or "'"))
        elif piece == "[":
            pieces.append("(?:")
        elif piece == "]":
            pieces.append(")?")
        elif match[2]:
            read = _letter(match[2], len(piece))
            if read is None:
                return None
            fields.append(read[0])
            pieces.append(f"({read[1]})")
        else:
            pieces.append(re.escape(piece))
    try:
        return DatePattern(re.compile("".join(pieces), re.IGNORECASE), tuple(fields))
    except re.error:
        return None


def _letter(letter: str, count: int) -> tuple[str, str] | None:
    """The field that a pattern letter reads, and the expression of its text."""
    if letter in "yu":
        return ("year2", r"\d\d") if count == 2 else ("year", _digits(count, 9))
    if letter in "ML" and count > 2:
        return "month_name", "[a-z]{3}" if count == 3 else "[a-z]{3,9}"
    if letter in _TWO_DIGITS or letter in _CLOCKS:
        return _TWO_DIGITS.get(letter) or _CLOCKS[letter], _digits(count, 2)
    if letter == "D":
        return "day_of_year", _digits(count, 3)
    if letter == "E":
        return "", "[a-z]{3}" if count < 4 else "[a-z]{6,9}"
    if letter == "a":
        return "half", "am|pm"
    if letter in "SnA":
        return {"S": "fraction", "n": "nano", "A": "milli_of_day"}[letter], (
            rf"\d{{{count}}}" if letter == "S" else r"\d+"
        )
    return _zone_letter(letter, count)


def _zone_letter(letter: str, count: int) -> tuple[str, str] | None:
    if letter in "Vz":
        return "zone", _ZONE_NAME
    if letter in "Xx" and count in _OFFSETS:
        return "zone", _OFFSETS[count] + ("|Z" if letter == "X" else "")
    if letter == "Z" and count <= 5:
        return "zone", {4: r"GMT(?:[+-]\d\d:\d\d)?", 5: _OFFSETS[5] + "|Z"}.get(count, _OFFSETS[2])
    if letter == "O":
        return "zone", r"GMT(?:[+-]\d\d?(?::\d\d)?)?"
    if letter in "Gec":
        return "", "AD|BC|CE" if letter == "G" else r"\d|[a-z]{3,9}"
    return None


def _digits(count: int, most: int) -> str:
    return rf"\d{{1,{most}}}" if count == 1 else rf"\d{{{count}}}"


def _moment(found: Mapping[str, str], zone: tzinfo) -> float:
    number = {k: int(v) for k, v in found.items() if v.isdecimal()}
    year = number.get("year", 1970)
    if "year2" in number:
        year = 2000 + number["year2"]
    day = datetime(year, 1, 1, tzinfo=UTC)
    if "day_of_year" in number:
        day += timedelta(days=number["day_of_year"] - 1)
    else:
        month, date = _month_and_day(found, number, year)
        day = day.replace(month=month, day=date)
    hour = number.get("hour", 0) % 24
    if "hour12" in number:
        hour = number["hour12"] % 12 + (12 if found.get("half", "").lower() == "pm" else 0)
    at = day.replace(hour=hour, minute=number.get("minute", 0), second=number.get("second", 0))
    if number.get("hour") == 24:
        at += timedelta(days=1)
    if "zone" in found:
        zone = zone_of(found["zone"]) or _unknown_zone()
    return float(epoch_ms(at.replace(tzinfo=zone))) + _milliseconds(found)


def _month_and_day(
    found: Mapping[str, str], number: Mapping[str, int], year: int
) -> tuple[int, int]:
    month = number.get("month", 1)
    if "month_name" in found:
        month = _MONTHS.index(found["month_name"][:3].lower())
        if found["month_name"].lower() not in (
            _MONTHS[month],
            calendar.month_name[month].lower(),
        ):
            raise ValueError(found["month_name"])
    day = number.get("day", 1)
    if not 1 <= day <= 31:
        raise ValueError(day)
    return month, min(day, calendar.monthrange(year, month)[1])


def _milliseconds(found: Mapping[str, str]) -> float:
    if "fraction" in found:
        return float(int(found["fraction"][:3].ljust(3, "0")))
    if "nano" in found:
        return float(int(found["nano"]) // 1_000_000)
    return float(found.get("milli_of_day", 0))


def _unknown_zone() -> tzinfo:
    raise ValueError("unknown time zone")


def zone_of(name: str) -> tzinfo | None:
    """A time zone by IANA name, usual abbreviation or offset, or None."""
    offset = _OFFSET.match(name)
    if offset:
        sign = -1 if offset[1] == "-" else 1
        hours, minutes, seconds = (int(part or 0) for part in offset.groups()[1:])
        return _fixed(sign * timedelta(hours=hours, minutes=minutes, seconds=seconds))
    if name.upper() in _ABBREVIATED:
        return _fixed(timedelta(hours=_ABBREVIATED[name.upper()]))
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _fixed(offset: timedelta) -> tzinfo | None:
    return timezone(offset) if abs(offset) < timedelta(hours=24) else None


def strftime_of(written: str) -> str:
    """A strftime pattern as our engine writes it: ``%f`` microseconds, ``%L`` milliseconds."""
    return re.sub(r"%(%|f|L)", lambda m: {"f": "%6f", "L": "%3f"}.get(m[1], m[0]), written)


def strftime_problem(written: str) -> str:
    """Why a strftime pattern cannot be used, or nothing."""
    moment = pl.Series([0]).cast(pl.Datetime("ms", "UTC"))
    try:
        moment.dt.strftime(strftime_of(written))
    except PolarsError:
        return f"the date pattern '{written}' is not understood; write it as in '%Y-%m-%d %H:%M'"
    return ""


def written_in(zone: tzinfo | None) -> Callable[[pl.Expr], pl.Expr]:
    """Turns epoch milliseconds into a date and time of a zone."""

    def at(milliseconds: pl.Expr) -> pl.Expr:
        utc = pl.from_epoch(milliseconds, time_unit="ms").dt.replace_time_zone("UTC")
        if isinstance(zone, ZoneInfo):
            return utc.dt.convert_time_zone(zone.key)
        offset = zone.utcoffset(None) if zone else None
        if not offset:
            return utc
        hours, rest = divmod(offset, timedelta(hours=1))
        if not rest and -12 <= hours <= 14:
            return utc.dt.convert_time_zone(f"Etc/GMT{-hours:+d}")
        return utc + offset

    return at
