"""When a mute rule mutes: once at a time, or again and again as a cron expression says.

``cron(minute hour day-of-month month day-of-week)`` and ``at(yyyy-MM-ddThh:mm)``, both in
the rule's time zone. Days follow the clock of that zone, also when it changes.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from alerts.verdict.zones import zone
from app.model.time import Window

SHORTEST, LONGEST = timedelta(minutes=1), timedelta(days=15)
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_DURATION = re.compile(r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?")
_PART = re.compile(r"(?P<first>\*|\w+)(?:-(?P<last>\w+))?(?:/(?P<step>\d+))?")


@dataclass(frozen=True, slots=True)
class Schedule:
    """The starts of a rule's windows, in local time of ``zone``."""

    zone: tzinfo
    once: datetime | None
    minutes: frozenset[int]
    hours: frozenset[int]
    month_days: frozenset[int] | None
    last_day: bool
    months: frozenset[int]
    week_days: tuple[tuple[int, int], ...] | None

    @classmethod
    def of(cls, expression: str, timezone: str = "UTC") -> Schedule:
        """The schedule that an expression writes; ValueError says what is wrong with it."""
        where = zone(timezone)
        nothing: frozenset[int] = frozenset()
        if found := re.fullmatch(r"at\((\d{4}-\d\d-\d\dT\d\d:\d\d)\)", expression):
            at = datetime.fromisoformat(found[1]).replace(tzinfo=where)
            return cls(where, at, nothing, nothing, None, False, nothing, None)
        found = re.fullmatch(r"cron\((.*)\)", expression)
        fields = found[1].split() if found else []
        if len(fields) != 5:
            raise ValueError(
                f"{expression} must be at(yyyy-MM-ddThh:mm) or cron(minute hour day month weekday)."
            )
        minute, hour, day, month, week_day = fields
        return cls(
            zone=where,
            once=None,
            minutes=_numbers(minute, 0, 59),
            hours=_numbers(hour, 0, 23),
            month_days=None if day in "*?" else _numbers(day.replace("L", "0"), 0, 31) - {0},
            last_day="L" in day.split(","),
            months=_numbers(month, 1, 12, _MONTHS, 1),
            week_days=None if week_day in "*?" else tuple(_week_days(week_day)),
        )

    def starts(self, since: datetime, until: datetime) -> Iterator[datetime]:
        """Every start from ``since`` up to ``until``, in order."""
        if self.once is not None:
            if since <= self.once <= until:
                yield self.once.astimezone(UTC)
            return
        day = since.astimezone(self.zone).date() - timedelta(days=1)
        while day <= until.astimezone(self.zone).date() + timedelta(days=1):
            if self._fits(day):
                yield from self._of_day(day, since, until)
            day += timedelta(days=1)

    def _of_day(self, day: date, since: datetime, until: datetime) -> Iterator[datetime]:
        for hour in sorted(self.hours):
            for minute in sorted(self.minutes):
                local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=self.zone)
                at = local.astimezone(UTC)
                if since <= at <= until:
                    yield at

    def _fits(self, day: date) -> bool:
        """Whether the rule starts on a day; given both, either kind of day will do."""
        if day.month not in self.months:
            return False
        asked = [self._by_month(day)] if self.month_days is not None or self.last_day else []
        if self.week_days is not None:
            asked.append(self._by_week(day, self.week_days))
        return any(asked) if asked else True

    def _by_month(self, day: date) -> bool:
        last = calendar.monthrange(day.year, day.month)[1]
        return (self.last_day and day.day == last) or day.day in (self.month_days or ())

    def _by_week(self, day: date, wanted: Sequence[tuple[int, int]]) -> bool:
        """``(5, 0)`` is any Friday, ``(5, 2)`` the second of a month, ``(5, -1)`` the last."""
        nth = (day.day - 1) // 7 + 1
        is_last = day.day + 7 > calendar.monthrange(day.year, day.month)[1]
        mine = day.isoweekday() % 7
        return any(
            mine == week_day and (which in (0, nth) or (which == -1 and is_last))
            for week_day, which in wanted
        )


def duration(text: str) -> timedelta:
    """A length as ISO 8601 writes it, from PT1M to P15D; ValueError for any other."""
    found = _DURATION.fullmatch(text)
    weeks, days, hours, minutes = (int(part or 0) for part in found.groups()) if found else [0] * 4
    length = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes)
    if not SHORTEST <= length <= LONGEST:
        raise ValueError(f"Duration {text} must be between PT1M and P15D.")
    return length


def window_at(schedule: Schedule, length: timedelta, now: datetime) -> Window | None:
    """The window that covers ``now``; windows that overlap or touch are one."""
    starts = list(schedule.starts(now - length, now))
    if not starts or starts[-1] + length <= now:
        return None
    begun, end = starts[0], starts[-1] + length
    while following := [at for at in schedule.starts(now, end) if at + length > end]:
        end = following[-1] + length
        if end - now > LONGEST:
            break
    return Window(begun, end)


def _numbers(
    field: str, least: int, most: int, names: Sequence[str] = (), first: int = 0
) -> frozenset[int]:
    found: set[int] = set()
    for part in field.split(","):
        matched = _PART.fullmatch(part)
        if matched is None:
            raise ValueError(f"{field} is not a field of a cron expression.")
        if matched["first"] == "*":
            low, high = least, most
        else:
            low = _number(matched["first"], names, first)
            alone = most if matched["step"] else low
            high = _number(matched["last"], names, first) if matched["last"] else alone
        step = int(matched["step"] or 1)
        if not least <= low <= high <= most or step < 1:
            raise ValueError(f"{part} is out of range; {least} to {most} are possible.")
        found.update(range(low, high + 1, step))
    return frozenset(found)


def _number(text: str, names: Sequence[str], first: int) -> int:
    if text.upper() in names:
        return names.index(text.upper()) + first
    if not text.isdigit():
        raise ValueError(f"{text} is not a field of a cron expression.")
    return int(text)


def _week_days(field: str) -> Iterator[tuple[int, int]]:
    for part in field.split(","):
        name, _, which = part.partition("#")
        if which:
            if not which.isdigit() or not 1 <= int(which) <= 5:
                raise ValueError(f"{part}: a month has at most five of a day.")
            yield _number(name, _DAYS, 0) % 7, int(which)
        elif part.endswith("L"):
            yield (_number(part[:-1], _DAYS, 0) % 7, -1) if part != "L" else (6, 0)
        else:
            yield from ((day % 7, 0) for day in sorted(_numbers(part, 0, 7, _DAYS)))
