"""How numbers, units and times are written, for pages, messages and the command line.

The browser has a twin of this file among the pages' assets; both are held to
``tests/cases/format.json``, so a number reads the same wherever it stands.
Rounding is half up with the same arithmetic on both sides.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal

NBSP = "\u00a0"
DASH = "–"
MINUS = "−"

Number = float | int | Decimal
Parts = tuple[str, str]

_THOUSANDS = ("", "k", "M", "G", "T")
_BYTES = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def value(number: Number | None, unit: str) -> str:
    """A number in one of the catalogue's units, or ``usd``; an en dash for none."""
    return "".join(parted(number, unit))


def parted(number: Number | None, unit: str) -> Parts:
    """The same in two pieces for a tile, where the unit is set smaller than the number."""
    if number is None or not math.isfinite(number):
        return DASH, ""
    size = abs(float(number))
    digits, tail = _FORMATS.get(unit, _count)(size)
    if number >= 0 or digits.strip("$0.") == "":
        return digits, tail
    return (f">{MINUS}{digits[1:]}" if digits[0] == "<" else MINUS + digits), tail


def change(new: float, old: float) -> str:
    """+6 %, −12 %, ×4.2 from three times on, "new" from zero."""
    if old == 0:
        return f"±0{NBSP}%" if new == 0 else "new"
    ratio = new / old
    if ratio >= 3:
        return f"×{_grouped(ratio, 1 if ratio < 100 else 0)}"
    moved = _rounded(abs(ratio - 1) * 100, 0)
    sign = "±" if moved == 0 else "+" if ratio > 1 else MINUS
    return f"{sign}{_grouped(moved, 0)}{NBSP}%"


def quota(used: float, limit: float) -> str:
    """812 of 1,000 (81 %)."""
    share = f" ({value(used / limit * 100, 'percent')})" if limit else ""
    return f"{_grouped(used, 0)} of {_grouped(limit, 0)}{share}"


def at(when: datetime, zone: tzinfo, now: datetime) -> str:
    """In lists: 14:08 today, 14 Nov 14:08 this year, else 2025-11-14."""
    local, today = when.astimezone(zone), now.astimezone(zone)
    clock = f"{local:%H:%M}"
    if local.date() == today.date():
        return clock
    if local.year == today.year:
        return f"{local.day} {_MONTHS[local.month - 1]} {clock}"
    return f"{local:%Y-%m-%d}"


def day(when: datetime) -> str:
    """24 Nov: a day of the bill, which is one of UTC."""
    return f"{when.day} {_MONTHS[when.month - 1]}"


def exact(when: datetime, zone: tzinfo) -> str:
    """For hovering: full ISO with offset, then UTC."""
    local = when.astimezone(zone).isoformat(sep=" ", timespec="seconds")
    return f"{local} ({when.astimezone(UTC):%H:%M:%S} UTC)"


def ago(age: timedelta) -> str:
    """For freshness: 48 s, 12 min, 7 h, then days."""
    whole = max(0, int(age.total_seconds()))
    for length, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if whole >= length:
            return f"{whole // length}{NBSP}{unit}"
    return f"{whole}{NBSP}s"


def length(span: timedelta) -> str:
    """1 h 20 min, 15 d."""
    return value(span.total_seconds(), "seconds")


def _rounded(number: float, places: int) -> float:
    power = 10.0**places
    return math.floor(number * power + 0.5) / power


def _grouped(number: float, places: int) -> str:
    text = f"{_rounded(number, places):,.{places}f}"
    return text.rstrip("0").rstrip(".") if places else text


def _floored(number: float, places: int) -> str:
    power = 10.0**places
    return f"{math.floor(number * power + 1e-6) / power:.{places}f}".rstrip("0").rstrip(".")


def _count(number: float) -> Parts:
    """0, 7, 431, 1.4 k, 12.3 k, 2.1 M."""
    if 0 < number < 0.01:
        return "<0.01", ""
    if _rounded(number, 0) < 1000:
        return _grouped(number, 2 if number < 10 else 1 if _rounded(number, 1) < 100 else 0), ""
    return _scaled(number, _THOUSANDS, 1000)


def _scaled(number: float, units: Sequence[str], base: int) -> Parts:
    step = 0
    while step < len(units) - 1 and _rounded(number, 0 if number >= 100 else 1) >= base:
        number, step = number / base, step + 1
    places = 1 if step and _rounded(number, 1) < 100 else 0
    return _grouped(number, places), NBSP + units[step]


def _bytes(number: float) -> Parts:
    """512 B, 1.2 KiB, 340 MiB."""
    return _scaled(number, _BYTES, 1024)


def _bytes_per_second(number: float) -> Parts:
    digits, unit = _bytes(number)
    return digits, f"{unit}/s"


def _per_second(number: float) -> Parts:
    """249/s, 1.4 k/s; 3/min when under one a second, 18/h when under one a minute."""
    for times, unit in ((1, "/s"), (60, "/min")):
        if number == 0 or _rounded(number * times, 2) >= 1:
            digits, prefix = _count(number * times)
            return digits, prefix + unit
    digits, prefix = _count(number * 3600)
    return digits, f"{prefix}/h"


def _percent(number: float) -> Parts:
    """0 %, <0.01 %, 0.41 %, 4.2 %, 37 %, 99.93 %; 100 % only when exact."""
    if 0 < number < 0.01:
        return "<0.01", _PERCENT
    if 99 < number < 100:
        return _floored(number, 2), _PERCENT
    places = 2 if _rounded(number, 2) < 1 else 1 if _rounded(number, 1) < 10 else 0
    return _grouped(number, places), _PERCENT


def _availability(number: float) -> Parts:
    """As many nines as needed: 99.9 %, 99.95 %, 99.993 %."""
    if number < 99:
        return _grouped(number, 1), _PERCENT
    if number >= 100:
        return _percent(number)
    places = max(1, 1 - math.floor(math.log10(100 - number) + 1e-9))
    return _floored(number, min(places, 5)), _PERCENT


def _seconds(number: float) -> Parts:
    return _milliseconds(number * 1000)


def _milliseconds(number: float) -> Parts:
    """<1 ms, 29 ms, 840 ms, 2.31 s, 1 min 12 s, 3 h 5 min, 2 d 4 h."""
    if 0 < number < 1:
        return "<1", f"{NBSP}ms"
    if _rounded(number, 0) < 1000:
        return _grouped(number, 1 if number < 10 else 0), f"{NBSP}ms"
    if _rounded(number / 1000, 1) < 60:
        return _grouped(number / 1000, 2 if number < 10_000 else 1), f"{NBSP}s"
    return _clockwork(int(_rounded(number / 1000, 0)))


def _clockwork(whole: int) -> Parts:
    """Whole seconds as the two largest units that matter."""
    for long, unit, short, part in _LENGTHS:
        if whole >= long:
            rest = whole % long // short
            head = f"{whole // long}{NBSP}{unit}"
            return (f"{head} {rest}{NBSP}{part}", "") if rest else (str(whole // long), NBSP + unit)
    return str(whole), f"{NBSP}s"


def _usd(number: float) -> Parts:
    """$0.01, $12.40, $8,412, $1.2 M; <$0.01 under a cent."""
    if number == 0:
        return "$0", ""
    if number < 0.01:
        return "<$0.01", ""
    if _rounded(number, 2) < 1000:
        return f"${_rounded(number, 2):.2f}", ""
    if _rounded(number, 0) < 1_000_000:
        return f"${_grouped(number, 0)}", ""
    digits, unit = _scaled(number, _THOUSANDS, 1000)
    return f"${digits}", unit


def _usd_fine(number: float) -> Parts:
    """The price of one unit, to three digits: $0.0035, $0.417; from a dollar on as any money."""
    if number == 0 or number >= 1:
        return _usd(number)
    places = 2 - math.floor(math.log10(number) + 1e-9)
    if places > 9:
        return "<$0.00000001", ""
    text = f"{_rounded(number, places):.{places}f}".rstrip("0")
    return f"${text.ljust(4, '0')}", ""


_PERCENT = f"{NBSP}%"
_LENGTHS = (
    (86_400, "d", 3_600, "h"),
    (3_600, "h", 60, "min"),
    (60, "min", 1, "s"),
)
_FORMATS: Mapping[str, Callable[[float], Parts]] = {
    "count": _count,
    "none": _count,
    "percent": _percent,
    "availability": _availability,
    "milliseconds": _milliseconds,
    "seconds": _seconds,
    "bytes": _bytes,
    "bytes_per_second": _bytes_per_second,
    "per_second": _per_second,
    "usd": _usd,
    "usd_fine": _usd_fine,
}
