"""Not asking again at once what has just failed the same way.

A breaker belongs to one kind of error in one scope: a missing permission stops
one operation, on one thing where calls say what they are about; a Region that is
off one Region; bad credentials one account. An API that cannot be reached stops
nothing but itself. When its time has come one call goes through as a probe, and
its outcome closes or reopens the breaker.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.aws.asked import Asked
from app.aws.clock import Clock
from app.model.errors import (
    AwsError,
    CircuitOpen,
    Denied,
    Expired,
    NotEnabled,
    RegionOff,
    Throttled,
    Unreachable,
)

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rest:
    """After ``failures`` in a row rest for ``first``, then twice as long, up to ``longest``."""

    failures: int
    first: timedelta
    longest: timedelta


RESTS: Mapping[type[AwsError], Rest] = {
    Denied: Rest(3, timedelta(minutes=10), timedelta(days=1)),
    NotEnabled: Rest(2, timedelta(hours=1), timedelta(days=1)),
    RegionOff: Rest(2, timedelta(hours=1), timedelta(days=1)),
    Expired: Rest(2, timedelta(minutes=1), timedelta(minutes=10)),
    Unreachable: Rest(3, timedelta(seconds=15), timedelta(minutes=5)),
    Throttled: Rest(3, timedelta(seconds=10), timedelta(minutes=2)),
}


@dataclass(slots=True)
class _Breaker:
    failures: int = 0
    opened: int = 0
    retry_at: datetime | None = None
    probing: bool = False
    error: AwsError | None = None


class Circuits:
    """All breakers of all accounts."""

    def __init__(self, clock: Clock, rests: Mapping[type[AwsError], Rest] = RESTS) -> None:
        self._clock, self._rests = clock, rests
        self._breakers: dict[Key, _Breaker] = {}
        self._lock = threading.Lock()

    def check(self, asked: Asked) -> None:
        """Let the call pass, or raise CircuitOpen with what failed and when it is tried again."""
        now = self._clock.now()
        with self._lock:
            found = [b for b in map(self._breakers.get, _keys(asked)) if b and b.retry_at]
            for breaker in found:
                if breaker.probing or (breaker.retry_at and now < breaker.retry_at):
                    raise _not_asked(asked, breaker, now)
            for breaker in found:
                breaker.probing = True

    def failed(self, asked: Asked, error: AwsError) -> None:
        """Count a call that failed for good; may open the breaker of its kind."""
        rest = self._rests.get(type(error))
        with self._lock:
            self._end_probes(asked)
            if rest is None:
                return
            breaker = self._breakers.setdefault(_key(asked, type(error)), _Breaker())
            breaker.failures += 1
            breaker.error = error
            if breaker.failures >= rest.failures:
                pause = min(rest.longest, rest.first * 2 ** min(breaker.opened, 20))
                breaker.retry_at = self._clock.now() + pause
                breaker.opened += 1

    def succeeded(self, asked: Asked) -> None:
        """Close every breaker that this call was subject to."""
        with self._lock:
            for key in _keys(asked):
                self._breakers.pop(key, None)

    def released(self, asked: Asked) -> None:
        """The call did not take place after all; a probe may be made by another."""
        with self._lock:
            self._end_probes(asked)

    def _end_probes(self, asked: Asked) -> None:
        for key in _keys(asked):
            if key in self._breakers:
                self._breakers[key].probing = False


def _keys(asked: Asked) -> list[Key]:
    return [_key(asked, kind) for kind in RESTS]


def _key(asked: Asked, kind: type[AwsError]) -> Key:
    account, region = asked.place.account, asked.place.region
    if kind is Expired:
        return (kind.__name__, account)
    if kind is RegionOff:
        return (kind.__name__, account, region)
    if kind is Unreachable:
        return (kind.__name__, account, region, asked.api)
    if kind is Denied:
        return (kind.__name__, account, region, asked.api, asked.operation, asked.about)
    return (kind.__name__, account, region, asked.api, asked.operation)


def _not_asked(asked: Asked, breaker: _Breaker, now: datetime) -> CircuitOpen:
    retry_at = breaker.retry_at if breaker.retry_at and breaker.retry_at > now else now
    before = breaker.error
    open_ = CircuitOpen(
        f"Not asked before {retry_at:%Y-%m-%d %H:%M:%S} UTC, because it failed {breaker.failures} "
        f"times: {before.message if before else asked}",
        place=asked.place,
        action=before.action if before else asked.action,
        code=before.code if before else "",
    )
    open_.retry_at = retry_at
    # So that a caller can tell a missing permission from a broken network.
    open_.__cause__ = before
    return open_
