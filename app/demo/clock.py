"""The pretend AWS's own clock: real by default, driven by whoever tests with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Lock


def real_now() -> datetime:
    """The time of this machine, in UTC."""
    return datetime.now(UTC)


class Clock:
    """Tells the time; once set it stands still until it is advanced or released."""

    def __init__(self, real: Callable[[], datetime] = real_now) -> None:
        self._real = real
        self._set: datetime | None = None
        self._lock = Lock()

    def now(self) -> datetime:
        return self._set or self._real()

    @property
    def is_driven(self) -> bool:
        """Whether somebody has set it."""
        return self._set is not None

    def set(self, at: datetime) -> datetime:
        """Stand still at ``at``."""
        with self._lock:
            self._set = at.astimezone(UTC)
            return self._set

    def advance(self, by: timedelta) -> datetime:
        """Stand still ``by`` later than now."""
        with self._lock:
            self._set = (self._set or self._real()) + by
            return self._set

    def release(self) -> None:
        """Tell the real time again."""
        with self._lock:
            self._set = None
