"""What is read about spend, and how many paid requests that may take."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal, get_args

from pydantic import Field, StringConstraints

from app.config.accounts import AccountName, Model, Region
from app.config.logs import FilesAt, PlainName
from app.config.values import Duration, Every

SpendReading = Literal[
    "forecast",
    "anomalies",
    "commitments",
    "budgets",
    "free_tier",
    "recommendations",
    "estimated_charges",
    "prices",
]
TagKey = Annotated[str, StringConstraints(min_length=1, max_length=128)]

ALL_READINGS: list[SpendReading] = list(get_args(SpendReading))


class BillSettings(Model):
    """Where a Data Export (CUR 2.0 or FOCUS) or an older report is written: a folder or bucket."""

    name: PlainName
    account: AccountName
    region: Region
    at: FilesAt
    every: Every = timedelta(hours=1)


class SpendSettings(Model):
    """What accounts pay, from Cost Explorer and the services beside it.

    ``payers`` are the accounts that are asked; the management account of an organisation
    tells all others. Each request to Cost Explorer costs 0.01 USD, each page of an answer
    is one, and ``requests_per_day`` bounds them all together.
    """

    payers: list[AccountName] = Field(default_factory=list)
    tags: list[TagKey] = Field(default_factory=list, max_length=20)
    categories: list[TagKey] = Field(default_factory=list, max_length=20)
    read: list[SpendReading] = Field(default=ALL_READINGS)
    rightsizing: bool = False
    requests_per_day: int = Field(default=10, ge=0, le=1_000)
    hour_utc: int = Field(default=7, ge=0, le=23)
    backfill: Duration = timedelta(days=425)
    bills: list[BillSettings] = Field(default_factory=list)
