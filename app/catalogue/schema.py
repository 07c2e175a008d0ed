"""What a service file says: one YAML file per AWS service.

The names are those of botocore (API, operation, parameters) and of CloudWatch
(namespace, metric, dimension, statistic). A misspelt key is an error. Every
JMESPath may also use the functions of :mod:`app.catalogue.paths`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

from pydantic import Field, model_validator

from app.catalogue.advised import (
    AlarmInput,
    Comparison,
    RecommendedAlarm,
    RecommendedComposite,
    Statistic,
    ThresholdFrom,
)
from app.catalogue.resources import Call, Describe, Lookup, Mention, Model, ResourceKind
from app.model.alarms import Severity

__all__ = [
    "AlarmInput",
    "Call",
    "Combine",
    "Comparison",
    "Condition",
    "Describe",
    "Limit",
    "Lookup",
    "Measure",
    "Mention",
    "Metric",
    "Model",
    "PageKind",
    "Panel",
    "RecommendedAlarm",
    "RecommendedComposite",
    "ResourceKind",
    "Service",
    "SignalKind",
    "StateCondition",
    "Statistic",
    "ThresholdFrom",
    "Unit",
]


class Unit(StrEnum):
    """How a value is written; the formats stand in the visual guide."""

    COUNT = "count"
    PER_SECOND = "per_second"
    PERCENT = "percent"
    MILLISECONDS = "milliseconds"
    SECONDS = "seconds"
    BYTES = "bytes"
    BYTES_PER_SECOND = "bytes_per_second"
    AVAILABILITY = "availability"
    NONE = "none"


class PageKind(StrEnum):
    """Which order of panels suits the service."""

    REQUESTS = "requests"
    FUNCTION = "function"
    QUEUE = "queue"
    MACHINE = "machine"
    DATABASE = "database"
    PLAIN = "plain"


class Metric(Model):
    """One CloudWatch metric: exact dimension sets, unit, statistics to collect, meaning.

    ``unit`` is CloudWatch's word. ``absent_is_zero`` is for counters that AWS
    does not publish while nothing happens. ``namespace`` is the service's
    unless given. ``needs`` says what must be switched on in AWS before the
    metric exists. ``kinds`` names the kinds of resource that have it, where
    dimensions alone do not tell. Names are unique within a service.
    """

    name: str
    namespace: str = ""
    dimensions: tuple[tuple[str, ...], ...] = Field(min_length=1)
    unit: str
    statistics: tuple[Statistic, ...] = Field(min_length=1)
    says: str
    period: int = 60
    absent_is_zero: bool = False
    needs: str = ""
    kinds: tuple[str, ...] = ()

    def dimension_set(self, kind: ResourceKind) -> tuple[str, ...] | None:
        """The set under which resources of ``kind`` have this metric, None if they have none.

        It is exactly the kind's dimensions, or else the smallest set that
        contains them; the further dimensions then split the metric (by
        Operation, say) and the parts are combined.
        """
        if self.kinds and kind.kind not in self.kinds:
            return None
        own = set(kind.dimensions)
        wider = [names for names in self.dimensions if own < set(names) and own]
        exact = [names for names in self.dimensions if own == set(names)]
        return next(iter(exact or sorted(wider, key=len)), None)


Combine = Literal["sum", "mean", "maximum", "minimum"]


class Measure(Model):
    """A number worth showing, made from one metric or several.

    Value = (metric + plus...)[statistic] (/ (over + over_plus...)[over_statistic],
    or / the number at the JMESPath ``over_configuration`` of the resource)
    * times, divided by the seconds of the slot when ``per_second``, and taken
    from ``subtract_from`` when given (availability = 100 - error rate). A
    missing numerator counts as 0 where its metric is ``absent_is_zero`` and the
    divisor is there; of several summands those that exist are added.

    ``kind`` limits it to one kind of resource, ``match`` (JMESPath over the
    configuration) to those for which it is true. Several resources become one
    number by ``combine``; a ratio of sums combines numerators and divisors first.
    """

    title: str
    metric: str
    plus: tuple[str, ...] = ()
    statistic: Statistic
    over: str = ""
    over_plus: tuple[str, ...] = ()
    over_statistic: Statistic = "Sum"
    over_configuration: str = ""
    kind: str = ""
    match: str = ""
    combine: Combine | None = None
    per_second: bool = False
    times: float = 1.0
    subtract_from: float | None = None
    unit: Unit

    @property
    def combined(self) -> Combine:
        """How several resources (or slots) become one number: said, or by the statistic."""
        if self.combine:
            return self.combine
        by_statistic: dict[str, Combine] = {
            "Sum": "sum",
            "SampleCount": "sum",
            "Average": "mean",
            "Minimum": "minimum",
        }
        return by_statistic.get(self.statistic, "maximum")

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names of all metrics it is made from, without repeats."""
        names = (self.metric, *self.plus, self.over, *self.over_plus)
        return tuple(dict.fromkeys(name for name in names if name))


class SignalKind(StrEnum):
    """The four golden signals."""

    RATE = "rate"
    ERRORS = "errors"
    DURATION = "duration"
    SATURATION = "saturation"


class Limit(Model):
    """A line to draw across a panel, in the unit of its measures."""

    title: str
    value: float | ThresholdFrom


class Panel(Model):
    """One chart of the service and resource pages, lines for ``measures``.

    ``limits`` taken from a configuration are drawn on a resource's page only.
    """

    title: str
    says: str
    measures: tuple[Measure, ...] = Field(min_length=1, max_length=5)
    signal: SignalKind | None = None
    draw: Literal["line", "bar"] = "line"
    limits: tuple[Limit, ...] = ()


class Condition(Model):
    """A rule for health: worst condition that holds decides, ``says`` is shown.

    Judged for each resource on the newest ``periods`` slots of ``period``
    seconds: all must hold. ``says`` may use ``{value}`` (with its unit),
    ``{threshold}`` and ``{resource}``. ``floor`` is a traffic floor: the
    divisor of the measure must reach it in each slot.
    """

    measure: Measure
    comparison: Comparison
    threshold: float | ThresholdFrom
    severity: Severity
    says: str
    period: int = 300
    periods: int = 1
    floor: float = 0.0


class StateCondition(Model):
    """A rule for health on what the inventory saw; needs no metric.

    ``match`` is a JMESPath over ``{state, configuration, tags}`` of a resource
    of ``kind``; ``says`` may use ``{resource}`` and ``{state}``.
    """

    kind: str
    match: str
    severity: Severity
    says: str


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
    states: tuple[StateCondition, ...] = ()
    alarms: tuple[RecommendedAlarm, ...] = ()
    composites: tuple[RecommendedComposite, ...] = ()
    regions: tuple[str, ...] = ()
    """For a service that is the same everywhere: the only Regions in which AWS tells of it."""

    log_groups: tuple[str, ...] = ()
    """Globs of the names that its log groups usually have."""

    bills: tuple[str, ...] = ()
    """What the bill calls it: values of Cost Explorer's dimension SERVICE."""

    hours: int = 0
    """How often at most to list it, where each resource costs requests and seldom changes."""

    console: str = ""

    @model_validator(mode="before")
    @classmethod
    def _fill_in_namespaces(cls, raw: object) -> object:
        """Give each metric the service's namespace where it names none."""
        if not isinstance(raw, Mapping) or not isinstance(raw.get("metrics"), list):
            return raw
        own = raw.get("namespace", "")
        filled = [
            {"namespace": own, **metric} if isinstance(metric, Mapping) else metric
            for metric in raw["metrics"]
        ]
        return {**raw, "metrics": filled}

    def group_of(self, kind: ResourceKind) -> str:
        """The rounds in which the inventory lists a kind: those of the service or its own.

        What a role may not list then hides nothing but itself.
        """
        return f"{self.id}/{kind.kind}" if kind.quiet else self.id

    @property
    def parts(self) -> Mapping[str, tuple[ResourceKind, ...]]:
        """The kinds that are listed in one round, by the group of the round."""
        parts: dict[str, tuple[ResourceKind, ...]] = {}
        for kind in self.resources:
            group = self.group_of(kind)
            parts[group] = (*parts.get(group, ()), kind)
        return parts

    @property
    def namespaces(self) -> tuple[str, ...]:
        """The namespaces of its metrics, its own first."""
        return tuple(dict.fromkeys([self.namespace, *(m.namespace for m in self.metrics)]))

    def metric(self, name: str) -> Metric | None:
        """The metric of that name."""
        return next((metric for metric in self.metrics if metric.name == name), None)

    def resource_kind(self, kind: str) -> ResourceKind | None:
        """The kind of resource of that name."""
        return next((each for each in self.resources if each.kind == kind), None)

    def carriers(self, measure: Measure) -> tuple[ResourceKind, ...]:
        """The kinds whose resources have at least one summand of ``measure``."""
        summands = [m for name in (measure.metric, *measure.plus) if (m := self.metric(name))]
        return tuple(
            kind
            for kind in self.resources
            if measure.kind in ("", kind.kind)
            and any(metric.dimension_set(kind) is not None for metric in summands)
        )

    def totals(self, measure: Measure) -> tuple[ResourceKind, ...]:
        """The carriers to combine for the whole service: no part beside its whole."""
        carriers = self.carriers(measure)
        wholes = {kind.kind for kind in carriers}
        return tuple(kind for kind in carriers if kind.part_of not in wholes)
