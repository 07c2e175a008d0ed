"""Faults on purpose: throttles, denials, late data, empty pages and the like.

A fault applies to the calls that match it, to all of them or to a share. Which
calls of a share are hit depends on the order of calls alone.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from fnmatch import fnmatchcase
from threading import Lock

import numpy as np

from app.demo.call import Call, Wire
from app.demo.refusal import Refused
from app.demo.world.noise import hashes


class FaultKind(StrEnum):
    """What goes wrong with a call."""

    THROTTLE = "throttle"
    DENIED = "denied"
    EXPIRED = "expired"
    REGION_OFF = "region-off"
    SERVER_ERROR = "server-error"
    SLOW = "slow"
    EMPTY_PAGES = "empty-pages"
    REPEATED_TOKENS = "repeated-tokens"
    LATE = "late"
    PARTIAL = "partial"


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault; ``api``, ``operation``, ``account`` and ``region`` are globs.

    ``share`` of the matching calls is hit, at most ``times`` of them (0: no
    limit). ``seconds`` is the delay of SLOW answers and LATE data.
    """

    kind: FaultKind
    api: str = "*"
    operation: str = "*"
    account: str = "*"
    region: str = "*"
    share: float = 1.0
    times: int = 0
    seconds: float = 0.0

    def matches(self, call: Call) -> bool:
        pairs = (
            (call.api, self.api),
            (call.operation, self.operation),
            (call.place.account, self.account),
            (call.place.region, self.region),
        )
        return all(fnmatchcase(text, glob) for text, glob in pairs)

    @classmethod
    def of(cls, given: Mapping[str, object]) -> Fault:
        """A fault from JSON; ValueError names what is wrong."""
        known = {f.name for f in fields(cls)}
        if unknown := set(given) - known:
            raise ValueError(f"unknown field {sorted(unknown)[0]}; known are {sorted(known)}")
        texts = {n: str(given[n]) for n in ("api", "operation", "account", "region") if n in given}
        return cls(
            FaultKind(str(given.get("kind", ""))),
            **texts,
            share=float(str(given.get("share", 1.0))),
            times=int(str(given.get("times", 0))),
            seconds=float(str(given.get("seconds", 0.0))),
        )


@dataclass(slots=True)
class _Planted:
    fault: Fault
    seen: int = 0
    hit: int = 0


class Faults:
    """The faults that are planted now."""

    def __init__(self) -> None:
        self._planted: dict[int, _Planted] = {}
        self._numbers = itertools.count(1)
        self._lock = Lock()

    def add(self, fault: Fault) -> int:
        """Plant a fault; the number takes it away again."""
        with self._lock:
            number = next(self._numbers)
            self._planted[number] = _Planted(fault)
            return number

    def remove(self, number: int) -> bool:
        with self._lock:
            return self._planted.pop(number, None) is not None

    def clear(self) -> None:
        with self._lock:
            self._planted.clear()

    def listed(self) -> list[dict[str, object]]:
        """Every fault with its number and how often it hit."""
        with self._lock:
            return [
                {"id": number, **asdict(planted.fault), "hit": planted.hit}
                for number, planted in self._planted.items()
            ]

    def hitting(self, call: Call) -> list[Fault]:
        """The faults that hit this call."""
        with self._lock:
            return [p.fault for n, p in self._planted.items() if self._hits(n, p, call)]

    @staticmethod
    def _hits(number: int, planted: _Planted, call: Call) -> bool:
        fault = planted.fault
        if not fault.matches(call) or (fault.times and planted.hit >= fault.times):
            return False
        planted.seen += 1
        drawn = hashes(number, np.array([planted.seen], dtype=np.int64))[0]
        if float(drawn) / 2.0**64 >= fault.share:
            return False
        planted.hit += 1
        return True


_THROTTLES = {
    "ce": ("LimitExceededException", 400),
    "budgets": ("ThrottlingException", 400),
    "freetier": ("ThrottlingException", 400),
    "pricing": ("ThrottlingException", 400),
    "cost-optimization-hub": ("ThrottlingException", 400),
    "ec2": ("RequestLimitExceeded", 503),
    "lambda": ("TooManyRequestsException", 429),
    "apigateway": ("TooManyRequestsException", 429),
    "apigatewayv2": ("TooManyRequestsException", 429),
    "dynamodb": ("ThrottlingException", 400),
    "ecs": ("ThrottlingException", 400),
    "logs": ("ThrottlingException", 400),
    "sqs": ("RequestThrottled", 403),
}
_JSON = {Wire.JSON, Wire.REST_JSON}


def refusal(fault: Fault, call: Call, arn: str) -> Refused | None:
    """The error that a fault makes of a call, in the service's words; None if it makes none."""
    if fault.kind is FaultKind.THROTTLE:
        code, status = _THROTTLES.get(call.api, ("Throttling", 400))
        return Refused(code, "Rate exceeded", status)
    if fault.kind is FaultKind.DENIED:
        return _denied(call, arn)
    if fault.kind is FaultKind.EXPIRED:
        return expired(call.wire)
    if fault.kind is FaultKind.REGION_OFF:
        return _region_off(call.wire)
    if fault.kind is FaultKind.SERVER_ERROR:
        return Refused("ServiceUnavailable", "The service is unavailable; try again later.", 503)
    return None


def expired(wire: Wire) -> Refused:
    """Credentials that have run out."""
    text = "The security token included in the request is expired"
    if wire is Wire.EC2:
        return Refused("RequestExpired", "Request has expired.")
    if wire in _JSON:
        return Refused("ExpiredTokenException", text)
    return Refused("ExpiredToken", text, 403)


def _denied(call: Call, arn: str) -> Refused:
    text = (
        f"User: {arn} is not authorized to perform: {call.action}"
        f" because no identity-based policy allows the {call.action} action"
    )
    if call.wire is Wire.EC2:
        return Refused("UnauthorizedOperation", text, 403)
    if call.wire in _JSON:
        return Refused("AccessDeniedException", text, 403 if call.wire is Wire.REST_JSON else 400)
    return Refused("AccessDenied", text, 403)


def _region_off(wire: Wire) -> Refused:
    text = "The security token included in the request is invalid."
    if wire is Wire.EC2:
        return Refused("AuthFailure", "AWS was not able to validate the credentials", 401)
    if wire in _JSON:
        return Refused("UnrecognizedClientException", text)
    return Refused("InvalidClientTokenId", text, 403)
