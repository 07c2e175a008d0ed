"""Which log events are collected, how, what of them is kept, and what metrics they make."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, ValidationInfo

from app.config.accounts import AccountName, Model, Region, matching
from app.config.values import Duration, Every
from app.model.logs import OWN_NAMESPACE

FilterPattern = Annotated[str, StringConstraints(max_length=1024)]
"""A filter pattern of CloudWatch Logs; its language is checked with the rest of the program."""

Redaction = Literal["email", "card", "token", "aws_key"]
_NAME = r"[A-Za-z0-9_-]{1,40}"


def _not_of_aws(value: str) -> str:
    if value.startswith("AWS/") or value == OWN_NAMESPACE:
        raise ValueError(f"`{value}` is a namespace of others; choose one of your own")
    return value


def _as_text(value: object) -> object:
    """YAML reads a number where a number is given."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _beside_file(value: str, info: ValidationInfo) -> str:
    folder = (info.context or {}).get("folder")
    return value if value.startswith("s3://") or not folder else str(Path(folder) / value)


Namespace = Annotated[
    str,
    matching(r"[^:*$]{1,255}", "a namespace; it has no `:`, `*` and `$`"),
    AfterValidator(_not_of_aws),
]
MetricName = Annotated[
    str, matching(r"[^:*$]{1,255}", "the name of a metric; it has no `:`, `*` and `$`")
]
Source = Annotated[
    str,
    BeforeValidator(_as_text),
    matching(
        r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?|\$.{1,99}",
        "a number, or what the pattern names, as in $.path.to.value or $name",
    ),
]
DimensionName = Annotated[str, StringConstraints(min_length=1, max_length=255)]
DimensionSource = Annotated[
    str, matching(r"\$.{1,99}", "what the pattern names, as in $.path.to.value or $name")
]


class LogSampleSettings(Model):
    """Of the events that match ``pattern`` only a share is kept, always the same ones."""

    pattern: FilterPattern | None = None
    share: float = Field(gt=0, le=1)


class LogKeepSettings(Model):
    """Which events of a group are kept."""

    include: FilterPattern | None = None
    exclude: list[FilterPattern] = Field(default_factory=list)
    sample: list[LogSampleSettings] = Field(default_factory=list)
    max_events_per_hour: int | None = Field(default=None, ge=1)
    max_mb_per_hour: float | None = Field(default=None, gt=0)


class LogGroupSettings(LogKeepSettings):
    """Log groups that fit all that is given, and what to do with their events.

    ``names`` are globs, and so are values of ``tags``; what is empty fits every group.
    """

    names: list[str] = Field(default_factory=list)
    tags: dict[str, str] = Field(default_factory=dict)
    services: list[str] = Field(default_factory=list)
    accounts: list[AccountName] = Field(default_factory=list)
    regions: list[Region] = Field(default_factory=list)
    collect: bool = True


PlainName = Annotated[str, matching(_NAME, "a name of letters, digits, - and _")]

FilesAt = Annotated[
    str,
    matching(
        r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9!_.*'()/=-]*)?|(?!s3:)[^:]+",
        "a folder, or a bucket written s3://name/prefix",
    ),
    AfterValidator(_beside_file),
]
"""Where files lie; a folder is relative to that of the settings."""


class LogFilesSettings(LogKeepSettings):
    """Files that a subscription or an export task writes, below a folder or a bucket's prefix.

    Exports do not tell which ``group`` they are of.
    """

    name: PlainName
    account: AccountName
    region: Region
    at: FilesAt
    group: str | None = None
    every: Every = timedelta(minutes=5)


class LogMetricFilterSettings(Model):
    """A metric filter: events of ``groups`` (globs) that match count for a metric."""

    name: Annotated[str, matching(r"[^:*]{1,512}", "a name; it has no `:` and `*`")]
    groups: list[str] = Field(default_factory=list)
    pattern: FilterPattern | None = None
    namespace: Namespace
    metric: MetricName
    value: Source = "1"
    default: float | None = None
    dimensions: dict[DimensionName, DimensionSource] = Field(default_factory=dict, max_length=3)


class LogMetricsSettings(Model):
    """Metrics made of log events: Embedded Metric Format, and metric filters.

    ``imported`` works out the filters that the accounts have.
    """

    emf: bool = True
    imported: bool = False
    filters: list[LogMetricFilterSettings] = Field(default_factory=list)


class RedactionPatternSettings(Model):
    """A regular expression of one's own; what it finds becomes ``***name***``."""

    name: Annotated[str, matching(_NAME, "a name of letters, digits, - and _")]
    regex: Annotated[str, StringConstraints(min_length=1, max_length=1024)]


class RedactionSettings(Model):
    """What is made unreadable in every message before anything is stored."""

    builtin: list[Redaction] = Field(default=["card", "token", "aws_key"])
    patterns: list[RedactionPatternSettings] = Field(default_factory=list)


def _groups(value: object) -> object:
    if value == "all":
        return [{}]
    if value == "none":
        return []
    if isinstance(value, list):
        return value
    raise ValueError("must be `all`, `none` or a list of rules, each with `names:` or `tags:`")


class LogsSettings(Model):
    """How log events are collected.

    ``lag`` is how soon after its time an event can be read as a rule, ``overlap`` how
    far each read goes back again, ``backfill`` how much history is fetched at first
    sight and ``sweep`` how far the nightly read goes back. Of ``groups`` the first
    that fits a log group counts.
    """

    groups: Annotated[list[LogGroupSettings], BeforeValidator(_groups)] = Field(
        default_factory=list
    )
    files: list[LogFilesSettings] = Field(default_factory=list)
    every: Every = timedelta(minutes=1)
    lag: Duration = timedelta(seconds=20)
    overlap: Duration = timedelta(minutes=10)
    backfill: Duration = timedelta(days=3)
    sweep: Duration = timedelta(hours=24)
    audit: bool = True
    discover_every: Every = timedelta(minutes=15)
    parallel: int = Field(default=2, ge=1, le=16)
    redact: RedactionSettings = RedactionSettings()
    metrics: LogMetricsSettings = LogMetricsSettings()
