"""The time zone of a wall-clock window, and where its calendar periods begin.

A zone is an IANA name, ``Z``, or an offset as in ``+05:30``, ``UTC+05:30`` and
``GMT-08:00``. Days of zones with daylight saving last 23 or 25 hours.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAY, WEEK = 86_400, 604_800
PERIODS = (60, 300, 3600, DAY, WEEK)
_OFFSET = re.compile(r"^(?:UTC|GMT)?([+-])(\d{2}):(\d{2})$")
_LONGEST = timedelta(hours=18)


def zone(name: str) -> tzinfo:
    """The zone of that name; ValueError says what is wrong with it."""
    if name in ("Z", "UTC", "GMT"):
        return UTC
    if found := _OFFSET.match(name):
        return _fixed(name, found)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"Timezone {name} is not a known time zone.") from error


def _fixed(name: str, found: re.Match[str]) -> tzinfo:
    hours, minutes = int(found[2]), int(found[3])
    offset = timedelta(hours=hours, minutes=minutes)
    if minutes > 59 or offset > _LONGEST:
        raise ValueError(f"Timezone {name} is not a known time zone.")
    if minutes % 5:
        raise ValueError(f"Timezone {name} must be a multiple of 5 minutes away from UTC.")
    return timezone(offset if found[1] == "+" else -offset)


def completed(now: float, period: int, count: int, where: tzinfo) -> list[tuple[int, int]]:
    """The last ``count`` calendar periods that have ended, oldest first, as (start, end)."""
    slots: list[tuple[int, int]] = []
    end = started(int(now // 1), period, where)
    while len(slots) < count:
        start = started(end - 1, period, where)
        slots.append((start, end))
        end = start
    return slots[::-1]


def started(at: int, period: int, where: tzinfo) -> int:
    """When the calendar period that contains ``at`` began."""
    if period in (DAY, WEEK):
        return _midnight(at, period, where)
    local = datetime.fromtimestamp(at, where)
    offset = local.utcoffset() or timedelta()
    shift = offset // timedelta(seconds=1)
    return (at + shift) // period * period - shift


def _midnight(at: int, period: int, where: tzinfo) -> int:
    """Local midnight, of Monday for weeks; where it does not exist, the first moment after."""
    day = datetime.fromtimestamp(at, where).date()
    if period == WEEK:
        day -= timedelta(days=day.weekday())
    return int(datetime(day.year, day.month, day.day, tzinfo=where).timestamp())
