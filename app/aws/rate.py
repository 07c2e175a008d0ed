"""How often to ask: a token bucket per account, Region and API that yields to throttles.

Rates are half of AWS's published quotas ("CloudWatch service quotas", "Request
throttling for the Amazon EC2 API" and others), because other tools and people
share them. A throttle takes 30 % off a rate (at most once a second); each quiet
minute gives 5 % of the full rate back.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass

from app.aws.clock import Clock

RATES: Mapping[tuple[str, str], float] = {
    ("cloudwatch", "GetMetricData"): 250.0,
    ("cloudwatch", "ListMetrics"): 12.0,
    ("cloudwatch", "*"): 4.5,
    ("logs", "FilterLogEvents"): 5.0,
    ("logs", "DescribeLogGroups"): 5.0,
    ("logs", "*"): 2.5,
    ("s3", "GetObject"): 50.0,
    ("sts", "*"): 50.0,
    ("lambda", "*"): 7.0,
    ("apigateway", "*"): 4.0,
    ("apigatewayv2", "*"): 4.0,
    ("route53", "*"): 2.0,
    ("account", "*"): 2.0,
    ("cloudtrail", "*"): 1.0,
    ("ce", "*"): 1.0,
    ("xray", "*"): 2.0,
    ("sns", "Publish"): 100.0,
    ("sns", "*"): 15.0,
    ("dynamodb", "DescribeLimits"): 0.02,
}
"""Calls a second for an operation, or for the rest of an API under ``*``."""

REGIONAL: Mapping[tuple[str, str, str], float] = {
    ("logs", "FilterLogEvents", "us-east-1"): 12.5,
    ("logs", "FilterLogEvents", "eu-central-1"): 2.5,
}
"""The same where a Region has a quota of its own ("CloudWatch Logs quotas")."""

DEFAULT_RATE = 10.0
POINTS_RECENT, POINTS_OLD = 90_000.0, 198_000.0
"""Data points a second of GetMetricData, from the last three hours and from before."""


@dataclass(slots=True)
class _Bucket:
    full: float
    rate: float
    depth: float
    tokens: float
    at: float
    throttled_at: float = float("-inf")

    def wait(self, cost: float, now: float) -> float:
        """Take ``cost`` tokens, in advance if need be, and say how long to wait for them."""
        passed = max(0.0, now - self.at)
        self.rate = min(self.full, self.rate + self.full * 0.05 * passed / 60)
        self.tokens = min(self.depth, self.tokens + passed * self.rate) - cost
        self.at = now
        return max(0.0, -self.tokens / self.rate)

    def slow_down(self, now: float) -> None:
        if now - self.throttled_at < 1.0:
            return
        self.throttled_at = now
        self.rate = max(self.full / 100, self.rate * 0.7)
        self.tokens = min(self.tokens, 0.0)


class Rates:
    """All buckets; :meth:`take` waits until the call may be sent."""

    def __init__(self, clock: Clock, rates: Mapping[tuple[str, str], float] = RATES) -> None:
        self._clock, self._rates = clock, rates
        self._buckets: dict[tuple[str, ...], _Bucket] = {}
        self._lock = threading.Lock()

    def take(self, account: str, region: str, api: str, operation: str) -> None:
        """Wait for the turn of one call."""
        rate = self._rate(region, api, operation)
        self._wait(self._key(account, region, api, operation), rate, 1.0)

    def take_points(self, account: str, region: str, points: int, *, recent: bool) -> None:
        """Wait until GetMetricData may be asked for that many more data points."""
        rate = POINTS_RECENT if recent else POINTS_OLD
        self._wait((account, region, "points", str(recent)), rate, float(points))

    def throttled(self, account: str, region: str, api: str, operation: str) -> None:
        """AWS said that this was too often."""
        keys = [self._key(account, region, api, operation)]
        if operation == "GetMetricData":
            keys += [(account, region, "points", str(recent)) for recent in (True, False)]
        with self._lock:
            for key in keys:
                if key in self._buckets:
                    self._buckets[key].slow_down(self._clock.monotonic())

    def rate(self, account: str, region: str, api: str, operation: str) -> float:
        """Calls a second that are allowed at present."""
        bucket = self._buckets.get(self._key(account, region, api, operation))
        return bucket.rate if bucket else self._rate(region, api, operation)

    def _wait(self, key: tuple[str, ...], rate: float, cost: float) -> None:
        with self._lock:
            now = self._clock.monotonic()
            bucket = self._buckets.get(key)
            if bucket is None:
                depth = max(1.0, rate)
                bucket = self._buckets[key] = _Bucket(rate, rate, depth, depth, now)
            pause = bucket.wait(cost, now)
        if pause > 0:
            self._clock.sleep(pause)

    def _key(self, account: str, region: str, api: str, operation: str) -> tuple[str, ...]:
        own = (api, operation) in self._rates
        return (account, region, api, operation if own else "*")

    def _rate(self, region: str, api: str, operation: str) -> float:
        own = REGIONAL.get((api, operation, region))
        if own is not None and (api, operation) in self._rates:
            return own
        return self._rates.get((api, operation)) or self._rates.get((api, "*")) or DEFAULT_RATE
