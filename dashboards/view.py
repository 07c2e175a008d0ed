"""What the reader looks at: time range, zone, accounts and Regions, as the URL says it.

A relative range stays as it was written (``1h``, ``now/d``) and becomes times
only when a page asks, with ``now`` passed in; so a link made today still means
"the last hour" tomorrow.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from app.model.ids import Place
from app.model.time import Window

DEFAULT_RANGE = "3h"
LONGEST = timedelta(days=500)

_UNITS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
_LENGTH = re.compile(r"(\d{1,5})([smhdw])")
_MOMENT = re.compile(r"now(?P<moves>([+-]\d{1,5}[smhdw])*)(?:/(?P<unit>[mhdw]))?")


@dataclass(frozen=True, slots=True)
class View:
    """The parts of the page's state that every page shares."""

    range: str = DEFAULT_RANGE
    zone: tzinfo = UTC
    accounts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()

    @classmethod
    def of(cls, data: Mapping[str, Any] | None) -> View:
        """From the view store; what cannot be read falls back to the default."""
        data = data or {}
        return cls(
            str(data.get("range") or DEFAULT_RANGE),
            _zone(str(data.get("zone") or "UTC")),
            _texts(data.get("accounts")),
            _texts(data.get("regions")),
        )

    def window(self, now: datetime) -> Window:
        """The stretch of time that the range means at ``now``."""
        try:
            return parse_range(self.range, now, self.zone)
        except ValueError:
            return parse_range(DEFAULT_RANGE, now, self.zone)

    def shows(self, place: Place) -> bool:
        """True when neither the account nor the Region filter leaves the place out."""
        return (not self.accounts or place.account in self.accounts) and (
            not self.regions or place.region in self.regions
        )

    def places(self, known: Iterable[Place]) -> tuple[Place, ...]:
        """Those of the known places that the filters let through."""
        return tuple(place for place in known if self.shows(place))


def parse_range(text: str, now: datetime, zone: tzinfo) -> Window:
    """``6h``, ``now/d``, ``now-2d/d..now/d``, or two ISO times joined by ``..``.

    Raises ValueError with a sentence for the reader when it means nothing.
    """
    try:
        start, end = _ends(text, now, zone)
    except OverflowError:
        raise ValueError(f"{text!r} is longer than 500 days") from None
    if not timedelta(0) < end - start <= LONGEST:
        raise ValueError(f"{text!r} does not end after its start, or is longer than 500 days")
    return Window(start.astimezone(UTC), end.astimezone(UTC))


def _ends(text: str, now: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    first, joined, second = text.strip().partition("..")
    if not joined and (length := _length(first)):
        return now - length, now
    return _moment(first, now, zone), _moment(second or "now", now, zone)


def _length(text: str) -> timedelta:
    """The sum of lengths such as ``1d12h``; nothing when the text is something else."""
    parts = _LENGTH.findall(text)
    if "".join(number + unit for number, unit in parts) != text:
        return timedelta(0)
    return sum((int(number) * _UNITS[unit] for number, unit in parts), timedelta(0))


def _moment(text: str, now: datetime, zone: tzinfo) -> datetime:
    found = _MOMENT.fullmatch(text)
    if found is None:
        return _iso(text, zone)
    moved = now
    for sign, number, unit in re.findall(r"([+-])(\d+)([smhdw])", found["moves"]):
        moved += (1 if sign == "+" else -1) * int(number) * _UNITS[unit]
    return _floored(moved.astimezone(zone), found["unit"]) if found["unit"] else moved


def _iso(text: str, zone: tzinfo) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a time; write 6h, now/d or 2026-11-24T14:00") from None
    return at if at.tzinfo else at.replace(tzinfo=zone)


def _floored(local: datetime, unit: str) -> datetime:
    """The start of the minute, hour, day or (Monday's) week, in the reader's zone."""
    whole = local.replace(second=0, microsecond=0)
    if unit == "m":
        return whole
    whole = whole.replace(minute=0)
    if unit == "h":
        return whole
    day = whole.replace(hour=0)
    return day - timedelta(days=day.weekday()) if unit == "w" else day


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return UTC


def _texts(found: Any) -> tuple[str, ...]:
    if isinstance(found, str):
        return tuple(part for part in found.split(",") if part)
    return tuple(str(part) for part in found) if isinstance(found, Sequence) else ()
