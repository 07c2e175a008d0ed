"""Alarms as people write them: PutMetricAlarm in AWS's spelling, and whom to tell."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints, field_validator, model_validator

from app.config.accounts import AccountName, Model, Region, matching
from app.config.values import Every
from app.model.alarms import Severity

FineStatistic = Annotated[
    str,
    matching(
        r"(p|tm|tc|ts|wm)\d{1,2}(\.\d+)?|p100|IQM|(PR|TC|TM|TS|WM)\([^)]*\)",
        "an extended statistic, as in p99, tm90 or PR(:300)",
    ),
]
SimpleStatistic = Literal["SampleCount", "Average", "Sum", "Minimum", "Maximum"]
Comparison = Literal[
    "GreaterThanOrEqualToThreshold",
    "GreaterThanThreshold",
    "LessThanThreshold",
    "LessThanOrEqualToThreshold",
]
MissingData = Literal["missing", "ignore", "breaching", "notBreaching"]


def _all_or_list(value: object) -> object:
    if value == "all" or isinstance(value, list):
        return value
    raise ValueError("must be `all` or a list of service ids, as in [lambda, sqs]")


ServiceIds = Annotated[list[str] | Literal["all"], BeforeValidator(_all_or_list)]
"""``all``, or ids of catalogue services; whether they exist is checked with the catalogue."""


class Dimension(Model):
    """One dimension of the metric that an alarm watches."""

    Name: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    Value: Annotated[str, StringConstraints(min_length=1, max_length=1024)]


class MetricAlarmSettings(Model):
    """One metric alarm: the fields of PutMetricAlarm, where it lives, how loud it is.

    ``account`` is the id or the name of an account above. ``channels`` empty
    means the default channels.
    """

    account: AccountName
    region: Region
    severity: Severity = Severity.CRITICAL
    channels: list[str] = Field(default_factory=list)
    AlarmName: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    AlarmDescription: Annotated[str, StringConstraints(max_length=1024)] | None = None
    ActionsEnabled: bool = True
    Namespace: Annotated[str, matching(r"[^:].{0,254}", "a namespace, as in AWS/SQS")]
    MetricName: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    Dimensions: list[Dimension] = Field(default_factory=list, max_length=30)
    Statistic: SimpleStatistic | None = None
    ExtendedStatistic: FineStatistic | None = None
    Period: int = Field(gt=0)
    Unit: str | None = None
    EvaluationPeriods: int = Field(ge=1)
    DatapointsToAlarm: int | None = Field(default=None, ge=1)
    Threshold: float
    ComparisonOperator: Comparison
    TreatMissingData: MissingData | None = None
    EvaluateLowSampleCountPercentile: Literal["evaluate", "ignore"] | None = None

    def put(self) -> dict[str, Any]:
        """The parameters of PutMetricAlarm; what was not written is left out."""
        ours = {"account", "region", "severity", "channels"}
        return self.model_dump(exclude=ours, exclude_none=True)


class OtherAlarmSettings(Model):
    """An alarm of any other kind: on expressions, bands, queries and logs, and composites.

    ``put`` holds the parameters of PutMetricAlarm, PutLogAlarm or PutCompositeAlarm in AWS's
    spelling; what AWS would refuse is told when the whole file is checked.
    """

    account: AccountName
    region: Region
    severity: Severity = Severity.CRITICAL
    channels: list[str] = Field(default_factory=list)
    put: dict[str, Any]

    @field_validator("put")
    @classmethod
    def _has_a_name(cls, put: dict[str, Any]) -> dict[str, Any]:
        if not isinstance(put.get("AlarmName"), str):
            raise ValueError("must hold an AlarmName")
        return put


class MuteRuleSettings(Model):
    """A time at which alarms tell nobody: once, or again and again."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    schedule: Annotated[str, StringConstraints(min_length=1, max_length=256)]
    duration: Annotated[str, StringConstraints(min_length=1, max_length=50)]
    timezone: Annotated[str, StringConstraints(min_length=1, max_length=50)] = "UTC"
    alarms: Annotated[list[str], Field(min_length=1, max_length=100)]
    start: datetime | None = None
    expire: datetime | None = None
    description: str = ""


class Unusual(Model):
    """A stretch that anomaly bands learn nothing from, such as a load test or an incident."""

    start: datetime
    end: datetime
    why: str = ""

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Unusual:
        if self.end.tzinfo is None or self.start.tzinfo is None:
            raise ValueError("must name a time zone, as in 2026-11-27T09:00:00Z")
        if self.end <= self.start:
            raise ValueError("must end after it starts")
        return self


class RecommendedChange(Model):
    """What is different about some recommended alarms; the last change that says a thing wins.

    ``alarm`` is a glob of ``<service>/<alarm>``, ``resource`` one of id, name or ARN,
    ``tags`` globs that all must fit. ``enabled`` switches them on or off, whatever
    ``alarms.recommended`` says; the rest takes the place of the catalogue's.
    """

    alarm: Annotated[str, StringConstraints(min_length=1)]
    resource: str = "*"
    tags: dict[str, str] = Field(default_factory=dict)
    enabled: bool | None = None
    threshold: float | None = None
    evaluation_periods: int | None = Field(default=None, ge=1)
    datapoints_to_alarm: int | None = Field(default=None, ge=1)
    missing_data: MissingData | None = None
    severity: Severity | None = None
    channels: list[str] = Field(default_factory=list)


class AlarmSettings(Model):
    """Which alarms to evaluate: the catalogue's, switched on per service, and one's own."""

    recommended: ServiceIds = Field(default_factory=list)
    recommended_tags: dict[str, str] = Field(default_factory=dict)
    recommended_channels: list[str] = Field(default_factory=list)
    recommended_changes: list[RecommendedChange] = Field(default_factory=list)
    metric: list[MetricAlarmSettings] = Field(default_factory=list)
    others: list[OtherAlarmSettings] = Field(default_factory=list)
    mutes: list[MuteRuleSettings] = Field(default_factory=list)
    unusual: list[Unusual] = Field(default_factory=list)
    evaluate_every: Every = timedelta(seconds=60)

    @property
    def unusual_stretches(self) -> list[tuple[float, float]]:
        """Start and end in epoch seconds of what is unusual."""
        return [(each.start.timestamp(), each.end.timestamp()) for each in self.unusual]
