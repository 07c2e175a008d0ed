"""Asking again: full jitter between a few attempts, until a deadline.

botocore's own retries are switched off, so that every attempt is metered, rate
limited and counted by us.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from botocore import exceptions as boto

from app.model.errors import AwsError, Throttled, Unreachable

_READS = (
    "AssumeRole",
    "Batch",
    "Count",
    "Describe",
    "Filter",
    "Get",
    "Head",
    "List",
    "Lookup",
    "Query",
    "Scan",
    "Search",
)
_ASKED_ONCE = ("ce",)
"""Each request costs 0.01 USD, perhaps also one without an answer; its collector asks later."""

NEVER_SENT = (boto.EndpointConnectionError, boto.ConnectTimeoutError, boto.ProxyConnectionError)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """At most ``attempts`` within ``deadline`` seconds, waiting a random time below a bound
    that doubles."""

    attempts: int = 6
    base: float = 0.25
    longest: float = 20.0
    deadline: float = 90.0
    chance: Callable[[], float] = random.random

    def pause(self, attempt: int) -> float:
        """Seconds to wait after the failed ``attempt``, counted from 1."""
        return float(self.chance() * min(self.longest, self.base * 2.0**attempt))


def may_repeat(error: AwsError, cause: Exception, api: str, operation: str) -> bool:
    """Whether the same call may help, without the risk of doing or paying something twice."""
    if api in _ASKED_ONCE:
        return False
    if isinstance(error, Throttled):
        return True
    if not isinstance(error, Unreachable):
        return False
    return operation.startswith(_READS) or isinstance(cause, NEVER_SENT)
