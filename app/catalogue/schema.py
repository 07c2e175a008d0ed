"""What a service file says: one YAML file per AWS service.

The names are those of botocore (API, operation, parameters) and of CloudWatch
(namespace, metric, dimension, statistic). A misspelt key is an error.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.model.alarms import Severity

Statistic = Annotated[
    str,
    Field(
        pattern=r"^(Average|Sum|Minimum|Maximum|SampleCount|IQM|(p|tm|tc|ts|wm)\d{1,2}(\.\d+)?)$"
    ),
]
Comparison = Literal[
    "GreaterThanThreshold",
    "GreaterThanOrEqualToThreshold",
    "LessThanThreshold",
    "LessThanOrEqualToThreshold",
]


class Model(BaseModel):
    """Base of every model here: no unknown keys, no change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Unit(StrEnum):
    """How a value is written; the formats stand in the visual guide."""

    COUNT = "count"
    PER_SECOND = "per_second"
    PERCENT = "percent"
    MILLISECONDS = "milliseconds"
    SECONDS = "seconds"
    BYTES = "bytes"
    BYTES_PER_SECOND = "bytes_per_second"
    NONE = "none"


class PageKind(StrEnum):
    """Which order of panels suits the service."""

    REQUESTS = "requests"
    FUNCTION = "function"
    QUEUE = "queue"
    MACHINE = "machine"
    DATABASE = "database"


class Call(Model):
    """One AWS operation of the inventory.

    ``params`` are request members; a string that starts with ``$.`` is a
    JMESPath over the item being described (``$.QueueUrl``), ``$[]`` over the
    whole batch where ``batch`` is set. ``items`` is a JMESPath over the answer
    that gives the list of items; a plain string item becomes ``{"value": ...}``.
    ``action`` is the IAM action, where it is not ``api:Operation``.
    """

    api: str
    operation: str
    params: dict[str, Any] = {}
    items: str = ""
    action: str = ""


class Describe(Call):
    """A further call for each item (or for ``batch`` items at once).

    ``into`` is the key of the item that takes the answer (JMESPath ``pick``);
    empty merges the picked mapping into the item. With ``batch`` the answers
    are matched to the items by ``match`` (JMESPath on answer) equal to
    ``match_item`` (JMESPath on item). ``optional`` calls may be denied
    without losing the resource.
    """

    pick: str = "@"
    into: str = ""
    batch: int = 0
    match: str = ""
    match_item: str = ""
    optional: bool = False


class ResourceKind(Model):
    """One kind of resource: how to list it, what names it, what its metrics carry.

    ``id``, ``arn``, ``name``, ``state`` and ``tags`` are JMESPath over the
    item; ``arn`` may instead be a template with ``{partition}``, ``{region}``,
    ``{account}``, ``{id}`` and item members. ``tags`` gives a mapping or a
    list of Key/Value pairs. ``dimensions`` maps a dimension name to a JMESPath
    over the item. ``parents`` are listed first, each feeding ``list``.
    ``configuration`` names the members to keep; secrets are never among them.
    """

    kind: str
    title: str
    plural: str
    list: Call
    per: Call | None = None
    describe: tuple[Describe, ...] = ()
    id: str
    arn: str
    name: str = ""
    state: str = ""
    tags: str = ""
    dimensions: dict[str, str]
    configuration: tuple[str, ...] = ()
    console: str = ""


class Metric(Model):
    """One CloudWatch metric: exact dimension sets, unit, statistics to collect, meaning.

    ``absent_is_zero`` is for counters that AWS does not publish while nothing
    happens.
    """

    name: str
    dimensions: tuple[tuple[str, ...], ...]
    unit: str
    statistics: tuple[Statistic, ...]
    says: str
    period: int = 60
    absent_is_zero: bool = False


class Measure(Model):
    """A number worth showing, made from one metric or two.

    Value = metric[statistic] (/ over[over_statistic]) * times, and divided by
    the seconds of the slot when ``per_second``. A missing numerator counts as
    0 where the metric is ``absent_is_zero`` and the divisor is there.
    """

    title: str
    metric: str
    statistic: Statistic
    over: str = ""
    over_statistic: Statistic = "Sum"
    per_second: bool = False
    times: float = 1.0
    unit: Unit


class SignalKind(StrEnum):
    """The four golden signals."""

    RATE = "rate"
    ERRORS = "errors"
    DURATION = "duration"
    SATURATION = "saturation"


class Panel(Model):
    """One chart of the service and resource pages, lines for ``measures``."""

    title: str
    says: str
    measures: tuple[Measure, ...] = Field(min_length=1, max_length=5)
    signal: SignalKind | None = None
    draw: Literal["line", "bar"] = "line"


class Condition(Model):
    """A rule for health: worst condition that holds decides, ``says`` is shown.

    Judged on the newest ``periods`` slots of ``period`` seconds: all must hold.
    ``says`` may use ``{value}`` and ``{resource}``. ``floor`` is a traffic
    floor: the divisor of the measure must reach it.
    """

    measure: Measure
    comparison: Comparison
    threshold: float
    severity: Severity
    says: str
    period: int = 300
    periods: int = 1
    floor: float = 0.0


class ThresholdFrom(Model):
    """A threshold taken from the resource: JMESPath over its configuration, times a factor."""

    configuration: str
    times: float = 1.0


class RecommendedAlarm(Model):
    """An alarm worth having for each resource of ``kind``; fields as in PutMetricAlarm.

    ``source`` is ``aws`` where it follows AWS's list of recommended alarms,
    ``ours`` otherwise. ``metric``'s dimensions are those of the resource kind.
    ``match`` (JMESPath over the resource's configuration) limits it, for
    example to dead-letter queues.
    """

    id: str
    kind: str
    title: str
    metric: str
    statistic: Statistic
    period: int
    evaluation_periods: int
    datapoints_to_alarm: int
    threshold: float | ThresholdFrom
    comparison: Comparison
    treat_missing_data: Literal["missing", "ignore", "breaching", "notBreaching"]
    severity: Severity
    source: Literal["aws", "ours"]
    says: str
    match: str = ""


class Service(Model):
    """All that Watchdeck knows of one AWS service."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    title: str
    group: Literal["compute", "database", "integration", "network", "storage", "other"]
    says: str
    namespace: str
    page: PageKind
    resources: tuple[ResourceKind, ...] = Field(min_length=1)
    metrics: tuple[Metric, ...] = Field(min_length=1)
    tiles: tuple[Measure, ...] = Field(min_length=1, max_length=5)
    panels: tuple[Panel, ...] = Field(min_length=1)
    health: tuple[Condition, ...] = Field(min_length=1)
    alarms: tuple[RecommendedAlarm, ...] = ()
    console: str = ""
