"""Which digests are owed now; one that is on record is never sent again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from alerts.digest.compose import Digest
from app.config import DigestSettings
from app.model.alarms import Transition
from app.model.ids import Place
from app.model.states import AlarmState
from app.model.time import Window
from app.store import Ledger

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
PATIENCE = timedelta(hours=12)
"""A digest that could not be sent for so long is left out: the next one tells more."""


@dataclass(frozen=True, slots=True)
class Due:
    """A digest over the ``days`` up to and with the last whole day of the bill, on ``day``."""

    kind: str
    day: date
    days: int

    @property
    def window(self) -> Window:
        """The days that it tells of; the two newest ones are not complete and left out."""
        end = datetime.combine(self.day, time(), UTC) - timedelta(days=1)
        return Window(end - timedelta(days=self.days), end)

    def alarm(self, place: Place) -> str:
        """What it is called on record."""
        return f"{place.account}/{place.region}/digest/{self.kind}/{self.day.isoformat()}"


def due(settings: DigestSettings, place: Place, ledger: Ledger, now: datetime) -> list[Due]:
    """What should have gone out in the last hours and is not on record."""
    return [
        each
        for each in _wanted(settings, now)
        if not ledger.transitions(alarm=each.alarm(place), limit=1, brief=True)
    ]


def put_on_record(
    each: Due, digest: Digest, place: Place, channels: Sequence[str], ledger: Ledger, now: datetime
) -> None:
    """The digest with a message owed to each channel."""
    data = {
        "kind": "digest",
        "title": digest.title,
        "lines": list(digest.lines),
        "data": dict(digest.data),
    }
    state = AlarmState.OK
    change = Transition(each.alarm(place), now, state, state, digest.title, data)
    ledger.record([], [(change, tuple(channels))], now)


def _wanted(settings: DigestSettings, now: datetime) -> Iterator[Due]:
    at = now.replace(hour=settings.hour_utc, minute=0, second=0, microsecond=0)
    if at > now:
        at -= timedelta(days=1)
    if now - at > PATIENCE:
        return
    day = at.date()
    if settings.weekly is not None and WEEKDAYS[day.weekday()] == settings.weekly:
        yield Due("weekly", day, 7)
    is_second = (day.toordinal() - 1) // 7 % 2 == 0  # weeks are counted on over years
    if is_second and WEEKDAYS[day.weekday()] == settings.fortnightly:
        yield Due("fortnightly", day, 14)
    if settings.daily:
        yield Due("daily", day, 1)
