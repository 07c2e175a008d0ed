"""How much of a free allowance is used, how much will be, and when it is used up.

Usage lags behind by up to a day. AWS forecasts each allowance itself; where it does not,
use goes on as it did since the month began.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from app.model.plans import month_start, next_month
from app.model.spend import SpendFact
from app.model.states import Health
from app.read.spend.prices import PriceBook

NEARLY = 0.8
"""Share of an allowance from which on it is nearly used."""

SOONEST = timedelta(days=1)
"""Less than this of a month tells nothing about the rest."""

_DAY = timedelta(days=1)
Number = Decimal | float | int


@dataclass(frozen=True, slots=True)
class Allowance:
    """A free allowance a month and what is used of it."""

    service: str
    usage_type: str
    region: str
    description: str
    kind: str
    unit: str
    limit: float
    used: float
    aws_forecast: float | None = None


@dataclass(frozen=True, slots=True)
class Meter:
    """An allowance with what is ahead of it.

    ``share`` and ``forecast_share`` are of the limit. ``exhausted_at`` is in the past where
    it is used up already and None where it lasts; ``days_left`` counts from now to then.
    ``cost_over`` is what the use beyond it will have cost by the end of the month, if a
    price is known.
    """

    allowance: Allowance
    share: float
    forecast: float | None
    exhausted_at: datetime | None
    days_left: float | None
    cost_over: Decimal | None = None
    price_said: str = ""

    @property
    def forecast_share(self) -> float | None:
        return None if self.forecast is None else _share(self.forecast, self.allowance.limit)

    @property
    def health(self) -> Health:
        """Critical once used up, a warning when nearly so or before the month ends."""
        if self.share >= 1:
            return Health.CRITICAL
        ahead = self.forecast_share or 0.0
        return Health.WARNING if self.share >= NEARLY or ahead >= 1 else Health.OK


def allowance_of(fact: SpendFact) -> Allowance:
    """The allowance that a collected fact tells."""
    content: Mapping[str, Any] = fact.content
    forecast = content.get("forecast")
    return Allowance(
        service=str(content.get("service", "")),
        usage_type=str(content.get("usage_type", "")),
        region=str(content.get("region", "")),
        description=str(content.get("description", "")),
        kind=str(content.get("kind", "")),
        unit=str(content.get("unit", "")),
        limit=float(content.get("limit") or 0.0),
        used=float(content.get("actual") or 0.0),
        aws_forecast=None if forecast is None else float(forecast),
    )


def meter(
    allowance: Allowance, read_at: datetime, now: datetime, book: PriceBook | None = None
) -> Meter:
    """Where an allowance stands: its use was read at ``read_at`` and goes on as it did."""
    share = _share(allowance.used, allowance.limit)
    start, end = month_start(read_at), next_month(read_at)
    passed = read_at - start
    rate = allowance.used / (passed / _DAY) if passed >= SOONEST else None
    forecast = allowance.aws_forecast
    if forecast is None and rate is not None:
        forecast = allowance.used + rate * ((end - read_at) / _DAY)
    at = _exhausted(allowance, start, end, read_at, forecast)
    left = None if at is None else max(0.0, (at - now) / _DAY)
    usd, said = _beyond(allowance, forecast, book)
    return Meter(allowance, share, forecast, at, left, usd, said)


def over_allowance(limit: Number, used: Number) -> Decimal:
    """What of a use is beyond an allowance, and billed."""
    return max(_decimal(used) - _decimal(limit), Decimal(0))


def days_until_used(limit: Number, a_day: Number) -> Decimal | None:
    """How many days an allowance lasts with the same use each day; None without use."""
    rate = _decimal(a_day)
    return _decimal(limit) / rate if rate > 0 else None


def _decimal(value: Number) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))


def _exhausted(
    allowance: Allowance, start: datetime, end: datetime, read_at: datetime, forecast: float | None
) -> datetime | None:
    """When the limit is or was reached, if use is even over each of the two parts of the month."""
    limit, used = allowance.limit, allowance.used
    if limit <= 0:
        return None
    if used >= limit:
        return start + (read_at - start) * (limit / used)
    if forecast is None or forecast <= limit:
        return None
    return read_at + (end - read_at) * ((limit - used) / (forecast - used))


def _beyond(
    allowance: Allowance, forecast: float | None, book: PriceBook | None
) -> tuple[Decimal | None, str]:
    if book is None or forecast is None:
        return None, ""
    over = forecast - allowance.limit
    if over <= 0:
        return Decimal(0), ""
    price = book.price(allowance.usage_type, allowance.region, allowance.service)
    return (None, "") if price is None else (price.cost(over), price.said)


def _share(amount: float, limit: float) -> float:
    return amount / limit if limit > 0 else 0.0
