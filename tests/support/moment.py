"""A clock that tests drive; sleeping moves it on at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from app.aws.clock import Clock

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


class Moment:
    """Stands still unless told; remembers every pause."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at
        self.pauses: list[float] = []

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.pass_(seconds=seconds)

    def pass_(self, **length: float) -> None:
        """Let time go by: ``pass_(minutes=5)``."""
        self.at += timedelta(**length)

    @property
    def clock(self) -> Clock:
        return Clock(self.now, self.monotonic, self.sleep)
