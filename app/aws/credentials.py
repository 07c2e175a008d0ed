"""Credentials of an assumed role that renew themselves in time.

botocore has such a class, but it trusts the clock of the far side and cannot be
told that a session was revoked. This one counts the hour from our own request.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from botocore.credentials import CredentialProvider, Credentials, ReadOnlyCredentials

SESSION = timedelta(hours=1)
RENEW_BEFORE_END = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Session:
    """Keys that AssumeRole gave."""

    access_key: str
    secret_key: str
    token: str


class RoleCredentials(Credentials):  # type: ignore[misc]  # botocore ships no types
    """Looks like botocore's credentials; asks for a new session before the old one ends."""

    def __init__(self, assume: Callable[[], Session], now: Callable[[], datetime]) -> None:
        super().__init__("", "", None, method="assume-role")
        self._assume, self._now = assume, now
        self._ends: datetime | None = None
        self._lock = threading.Lock()

    def get_frozen_credentials(self) -> ReadOnlyCredentials:
        """Keys that hold for at least ten more minutes."""
        with self._lock:
            if self._ends is None or self._now() >= self._ends - RENEW_BEFORE_END:
                self._renew()
            return ReadOnlyCredentials(self.access_key, self.secret_key, self.token, None)

    def forget(self) -> None:
        """The session was refused; the next use asks for a new one."""
        with self._lock:
            self._ends = None

    def _renew(self) -> None:
        asked_at = self._now()
        session = self._assume()
        self.access_key, self.secret_key, self.token = (
            session.access_key,
            session.secret_key,
            session.token,
        )
        self._ends = asked_at + SESSION


class FixedProvider(CredentialProvider):  # type: ignore[misc]  # botocore ships no types
    """Hands one credentials object to botocore's search, in place of the usual places."""

    METHOD = "watchdeck"

    def __init__(self, credentials: Credentials) -> None:
        super().__init__()
        self._credentials = credentials

    def load(self) -> Credentials:
        return self._credentials
