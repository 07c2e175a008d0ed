"""Budgets, digests and findings as people write them."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from app.config.accounts import AccountName, Model
from app.config.values import Every
from app.model.alarms import Severity
from app.model.findings import FindingSeverity, Waiver

Percent = Annotated[float, Field(gt=0, le=1000)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=120)]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class BudgetSettings(Model):
    """What may be spent in a month or a quarter, on everything or on a part of it.

    ``actual`` and ``forecast`` are percents of ``usd`` at which somebody is told.
    """

    name: Text
    usd: Decimal = Field(gt=0)
    period: Literal["month", "quarter"] = "month"
    services: list[str] = Field(default_factory=list)
    accounts: list[AccountName] = Field(default_factory=list)
    tags: dict[str, str] = Field(default_factory=dict, max_length=1)
    actual: list[Percent] = Field(default=[80, 100])
    forecast: list[Percent] = Field(default=[100])
    severity: Severity = Severity.WARNING
    channels: list[str] = Field(default_factory=list)


class DigestSettings(Model):
    """When a summary of spend is sent, and to whom; empty channels are the default ones."""

    daily: bool = False
    weekly: Weekday | None = None
    fortnightly: Weekday | None = None
    hour_utc: int = Field(default=11, ge=0, le=23)
    movers: int = Field(default=5, ge=1, le=20)
    channels: list[str] = Field(default_factory=list)


class MoneySettings(Model):
    """Budgets of one's own, which of AWS's are watched as well, and digests.

    ``imported`` are globs of the names of budgets in AWS.
    """

    budgets: list[BudgetSettings] = Field(default_factory=list)
    imported: list[str] = Field(default=["*"])
    imported_channels: list[str] = Field(default_factory=list)
    digest: DigestSettings = DigestSettings()

    @model_validator(mode="after")
    def _names_differ(self) -> MoneySettings:
        names = [each.name for each in self.budgets]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"two budgets are called `{twice}`; give one another name")
        return self


def _ends_a_day(value: datetime) -> datetime:
    """A moment; a date alone means the end of that day in UTC."""
    if value.tzinfo is None:
        if value.time() != time():
            raise ValueError("must be a date, or name a time zone, as in 2027-01-31T09:00:00Z")
        return value.replace(tzinfo=UTC) + timedelta(days=1)
    return value.astimezone(UTC)


class WaiverSettings(Model):
    """Findings that somebody lives with, why, and until when; globs of check and resource."""

    check: Text
    resource: Annotated[str, StringConstraints(min_length=1)] = "*"
    reason: Text
    expires: Annotated[datetime, AfterValidator(_ends_a_day)]

    @property
    def waiver(self) -> Waiver:
        """As findings are held against it."""
        author = "config.yaml"
        return Waiver(self.check, self.resource, self.reason, author, None, self.expires)


class FindingsSettings(Model):
    """How often checks look, which are off, what is waived, and who hears of new findings."""

    every: Every = timedelta(minutes=15)
    off: list[str] = Field(default_factory=list)
    waivers: list[WaiverSettings] = Field(default_factory=list)
    notify: FindingSeverity | None = None
    channels: list[str] = Field(default_factory=list)
