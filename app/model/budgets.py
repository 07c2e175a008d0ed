"""Budgets: what may be spent in a period, at which percents somebody is told, how it stands.

A budget tells; nothing here or in AWS stops spending by it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from app.model.alarms import Severity
from app.model.ids import Place
from app.model.states import Health

NAMESPACE = "Watchdeck/Spend"
"""Where series go that are made of the bill, so that alarms and charts can use them."""

MONTH_TO_DATE, FORECAST, DAILY = "MonthToDate", "Forecast", "DailySpend"
ACTUAL_PERCENT, FORECAST_PERCENT = "BudgetActualPercent", "BudgetForecastPercent"


class Period(StrEnum):
    """How long a budget runs before it begins anew, in UTC; CUSTOM ones have their own days."""

    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    CUSTOM = "custom"

    def start(self, day: date) -> date:
        """The first day of the period that holds ``day``; of a custom one the month's."""
        if self is Period.DAY:
            return day
        if self is Period.YEAR:
            return day.replace(month=1, day=1)
        if self is Period.QUARTER:
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        return day.replace(day=1)

    def end(self, day: date) -> date:
        """The first day after that period."""
        days = {Period.DAY: 1, Period.QUARTER: 95, Period.YEAR: 370}.get(self, 32)
        return self.start(self.start(day) + timedelta(days=days))


class Source(StrEnum):
    """Who set a budget."""

    OWN = "own"
    AWS = "aws"


class Of(StrEnum):
    """What a threshold is held against."""

    ACTUAL = "actual"
    FORECAST = "forecast"

    @property
    def metric(self) -> str:
        """The series that tells it in percent of the limit."""
        return ACTUAL_PERCENT if self is Of.ACTUAL else FORECAST_PERCENT


@dataclass(frozen=True, slots=True)
class Threshold:
    """A percent of the limit; above it somebody is told, once a crossing."""

    of: Of
    percent: float
    absolute: Decimal | None = None
    """The amount, where the threshold was set as one."""


@dataclass(frozen=True, slots=True)
class Budget:
    """One budget. ``where`` maps a dimension's name to the values that count; empty is all."""

    name: str
    source: Source
    limit: Decimal
    period: Period = Period.MONTH
    thresholds: tuple[Threshold, ...] = ()
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unit: str = "USD"
    severity: Severity = Severity.WARNING
    channels: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"{self.source}/{self.name}"

    @property
    def scope(self) -> str:
        """What counts, in words."""
        parts = (f"{_word(name)} {', '.join(values)}" for name, values in self.where.items())
        return "; ".join(parts) or "everything"

    @property
    def dimensions(self) -> dict[str, str]:
        """The dimensions of its series."""
        return {"Budget": self.name, "Source": self.source.value}

    def alarm_name(self, threshold: Threshold) -> str:
        """The name of the alarm on a threshold; another limit is another alarm."""
        what = "spent" if threshold.of is Of.ACTUAL else "expected"
        limit = f"{self.limit.normalize():f} {self.unit}"
        mark = " (AWS)" if self.source is Source.AWS else ""
        share = f"{threshold.percent:g} %"
        if threshold.absolute is not None:
            share = f"{threshold.absolute.normalize():f}"
        return f"Budget {self.name}{mark}: {share} of {limit} {what}"[:255]

    def alarm_id(self, threshold: Threshold, place: Place) -> str:
        return f"{place.account}/{place.region}/{self.alarm_name(threshold)}"

    def amount(self, threshold: Threshold) -> Decimal:
        """The limit of one threshold in the budget's unit."""
        if threshold.absolute is not None:
            return threshold.absolute
        return self.limit * Decimal(str(threshold.percent)) / 100


@dataclass(frozen=True, slots=True)
class ThresholdStanding:
    """A threshold with its amount, whether it is crossed now, and since when."""

    threshold: Threshold
    amount: Decimal
    is_crossed: bool
    crossed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class BudgetStanding:
    """How a budget stands in the period from ``start`` to before ``end``.

    ``actual`` and ``forecast`` are None where they are not known; ``said`` tells why, or how
    it stands. Shares are percents of the limit.
    """

    budget: Budget
    start: date
    end: date
    actual: Decimal | None
    forecast: Decimal | None
    thresholds: tuple[ThresholdStanding, ...]
    health: Health
    said: str
    read_at: datetime | None = None

    @property
    def actual_share(self) -> float | None:
        return share(self.actual, self.budget.limit)

    @property
    def forecast_share(self) -> float | None:
        return share(self.forecast, self.budget.limit)


def _word(dimension: str) -> str:
    """``LINKED_ACCOUNT``, or ``LinkedAccount`` as AWS writes it in budgets, in words."""
    if dimension.startswith("TAG:"):
        return f"tag {dimension.removeprefix('TAG:')}"
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", dimension).replace("_", " ")
    return spaced.lower()


def share(amount: Decimal | None, limit: Decimal) -> float | None:
    """An amount in percent of a limit."""
    return float(amount * 100 / limit) if amount is not None and limit > 0 else None
