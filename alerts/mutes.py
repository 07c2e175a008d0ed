"""Mute rules of the configuration, as the silences that they are at a moment.

States go on changing; messages wait for the end of the window and tell the state that
stands then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from alerts.actions.schedule import Schedule, duration, window_at
from app.config import MuteRuleSettings
from app.model.alarms import Silence


@dataclass(frozen=True, slots=True)
class MuteRule:
    """One rule, ready to be asked."""

    name: str
    schedule: Schedule
    length: timedelta
    alarms: tuple[str, ...]
    start: datetime | None
    expire: datetime | None
    description: str

    @classmethod
    def of(cls, settings: MuteRuleSettings) -> MuteRule:
        """ValueError says what is wrong with the schedule or the duration."""
        return cls(
            settings.name,
            Schedule.of(settings.schedule, settings.timezone),
            duration(settings.duration),
            tuple(settings.alarms),
            _aware(settings.start),
            _aware(settings.expire),
            settings.description,
        )

    def silences(self, now: datetime) -> list[Silence]:
        """What is silent now because of this rule: one silence for each glob of alarms."""
        if (self.start and now < self.start) or (self.expire and now >= self.expire):
            return []
        window = window_at(self.schedule, self.length, now)
        if window is None:
            return []
        end = min(window.end, self.expire) if self.expire else window.end
        author = f"mute rule {self.name}"
        return [
            Silence(0, {"alarm": glob}, window.start, end, author, self.description)
            for glob in self.alarms
        ]


def muted(rules: Sequence[MuteRule], now: datetime) -> list[Silence]:
    """The silences of all rules at a moment."""
    return [silence for rule in rules for silence in rule.silences(now)]


def _aware(at: datetime | None) -> datetime | None:
    return at.replace(tzinfo=UTC) if at is not None and at.tzinfo is None else at
