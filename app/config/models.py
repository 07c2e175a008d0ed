"""The whole of config.yaml as one value. How a file becomes one stands in ``load``."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from app.config.accounts import AccountSettings, Model, Url
from app.config.alarms import AlarmSettings, ServiceIds
from app.config.logs import LogsSettings
from app.config.money import FindingsSettings, MoneySettings
from app.config.notifications import NotificationSettings
from app.config.spend import SpendSettings
from app.config.traces import TracesSettings
from app.config.values import Duration, Every, Secret, SecretUrl

RetainedTable = Literal[
    "metrics",
    "metric_stats",
    "logs",
    "spend",
    "traces",
    "trace_spans",
    "rounds",
    "transitions",
]

RETENTION: dict[RetainedTable, timedelta] = {
    "metrics": timedelta(days=455),
    "metric_stats": timedelta(days=455),
    "logs": timedelta(days=90),
    "spend": timedelta(days=1827),
    "traces": timedelta(days=30),
    "trace_spans": timedelta(days=30),
    "rounds": timedelta(days=30),
    "transitions": timedelta(days=455),
}
"""How long each table is kept when the file says nothing; 455 days is CloudWatch's own."""

_BUCKET = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9!_.*'()/-]*)?")


def _beside_file(value: Path, info: ValidationInfo) -> Path:
    folder = (info.context or {}).get("folder")
    return (Path(folder) / value) if folder else value


FilePath = Annotated[Path, AfterValidator(_beside_file)]
"""A path; one written in a file is relative to the folder of that file."""


def _with_defaults(value: object) -> object:
    return RETENTION | value if isinstance(value, dict) else value


def _bucket(value: str | None) -> str | None:
    if value is not None and not _BUCKET.fullmatch(value):
        raise ValueError(f"`{value}` is not a bucket; write s3://name or s3://name/prefix")
    return value


class MetricsSettings(Model):
    """How CloudWatch metrics are collected.

    ``lag`` is how late a point may come and still be expected, ``alarmed_lag`` how soon
    alarms look at what there is, ``overlap`` how far each read goes back again (free of
    charge), ``backfill`` how much history to fetch at first sight.
    """

    every: Every = timedelta(minutes=5)
    alarmed_every: Every = timedelta(minutes=1)
    lag: Duration = timedelta(minutes=2)
    alarmed_lag: Duration = timedelta(minutes=1)
    overlap: Duration = timedelta(minutes=30)
    backfill: Duration = timedelta(days=15)
    discover_every: Every = timedelta(hours=1)

    @property
    def settling(self) -> timedelta:
        """How much longer than alarms wait it takes until counts are complete."""
        return max(timedelta(0), self.lag - self.alarmed_lag)


class InventorySettings(Model):
    """How often resources, their tags and configuration are listed."""

    every: Every = timedelta(minutes=15)


class CollectionSettings(Model):
    """What is collected, how often, and what it may cost.

    ``alarms`` are globs of names: those of the account's own alarms are read with the
    state that AWS gives them, and judged here as well.
    """

    services: ServiceIds = "all"
    alarms: list[str] = Field(default_factory=list)
    metrics: MetricsSettings = MetricsSettings()
    inventory: InventorySettings = InventorySettings()
    logs: LogsSettings = LogsSettings()
    spend: SpendSettings = SpendSettings()
    traces: TracesSettings = TracesSettings()
    budget_usd_per_month: Decimal = Field(default=Decimal(50), ge=0)
    parallel: int = Field(default=4, ge=1, le=64)


class StoreSettings(Model):
    """Where the data lies and how long. ``catalog`` defaults to an SQLite file in ``path``.

    With ``bucket`` segments are kept there and ``path`` holds copies of those
    that were read lately, up to ``bucket_cache_gb`` (10⁹ bytes).
    """

    path: FilePath = Path("var")
    catalog: SecretUrl | None = None
    bucket: Annotated[str | None, AfterValidator(_bucket)] = None
    bucket_region: str = "us-east-1"
    bucket_endpoint: Url | None = None
    bucket_access_key_id: str | None = None
    bucket_secret_access_key: Secret | None = None
    bucket_cache_gb: float = Field(default=20, gt=0)
    retention: Annotated[
        dict[RetainedTable, Duration],
        BeforeValidator(_with_defaults),
    ] = Field(default_factory=lambda: dict(RETENTION))
    compact_every: Every = timedelta(minutes=15)
    head_hours: int = Field(default=24, ge=1, le=168)


class UserSettings(Model):
    """People who may sign in, with the hash that ``watchdeck config password`` prints."""

    users: dict[str, Secret] = Field(min_length=1)


def _none(value: object) -> object:
    return None if value == "none" else value


class WebSettings(Model):
    """Where the dashboard listens. Without ``sign_in`` only this machine should reach it."""

    host: str = "127.0.0.1"
    port: int = Field(default=8050, ge=0, le=65535)
    threads: int = Field(default=16, ge=2, le=256)
    public_url: Url | None = None
    sign_in: Annotated[UserSettings | None, BeforeValidator(_none)] = None
    secret_key: Secret | None = None


class CatalogueSettings(Model):
    """Where further service files lie, beside those that come with Watchdeck."""

    extras: FilePath | None = None


class QuerySettings(Model):
    """How far a query of log events may go, wherever it is asked; 10⁹ bytes are a GB."""

    timeout: Duration = timedelta(seconds=60)
    rows: int = Field(default=10_000, ge=1, le=1_000_000)
    read_gb: float | None = Field(default=None, gt=0)
    memory_gb: float | None = Field(default=0.8, gt=0)


class Settings(Model):
    """Everything that config.yaml says."""

    accounts: list[AccountSettings] = Field(min_length=1)
    collection: CollectionSettings = CollectionSettings()
    store: StoreSettings = StoreSettings()
    alarms: AlarmSettings = AlarmSettings()
    money: MoneySettings = MoneySettings()
    findings: FindingsSettings = FindingsSettings()
    notifications: NotificationSettings = NotificationSettings()
    queries: QuerySettings = QuerySettings()
    web: WebSettings = WebSettings()
    catalogue: CatalogueSettings = CatalogueSettings()
