"""What a service file says of alarms that are worth having.

An alarm watches one metric, or an expression over several in the words of
CloudWatch's metric math; against a number, or against the metric's own usual
band. Which resources get one stands in :mod:`app.catalogue.advice`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from app.catalogue.resources import Model
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
BandComparison = Literal[
    "LessThanLowerOrGreaterThanUpperThreshold",
    "LessThanLowerThreshold",
    "GreaterThanUpperThreshold",
]
WATCHED = "m1"
"""The id of the one metric of an alarm that has no expression of its own."""


class ThresholdFrom(Model):
    """A threshold taken from the resource: JMESPath over its configuration, times a factor.

    Where the path gives no number there is no threshold: no alarm, no line, no verdict.
    """

    configuration: str
    times: float = 1.0


class AlarmInput(Model):
    """One metric of an expression."""

    metric: str
    statistic: Statistic


class RecommendedAlarm(Model):
    """An alarm worth having for each resource of ``kind``; fields as in PutMetricAlarm.

    It watches ``metric`` with ``statistic``, or ``expression`` over ``metrics``
    (id to metric). It fires against ``threshold``, or outside a band around
    what is usual at that time of day, ``band`` standard deviations wide.

    ``source`` is ``aws`` where it follows AWS's list of recommended alarms,
    ``ours`` otherwise. Its dimensions are those of the resource kind plus the
    fixed ``dimensions``. ``match`` (JMESPath over the resource's configuration)
    limits it, for example to dead-letter queues: ``only`` says in words to which, ``needs``
    what would have to be switched on first.
    ``open`` marks a threshold that depends on the load, so that history knows better.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    kind: str
    title: str
    metric: str = ""
    statistic: Statistic | Literal[""] = ""
    metrics: dict[str, AlarmInput] = Field(default={})
    expression: str = ""
    dimensions: dict[str, str] = Field(default={})
    period: int
    evaluation_periods: int = Field(ge=1)
    datapoints_to_alarm: int = Field(ge=1)
    threshold: float | ThresholdFrom | None = None
    band: float | None = Field(default=None, gt=0)
    comparison: Comparison | BandComparison
    treat_missing_data: Literal["missing", "ignore", "breaching", "notBreaching"]
    severity: Severity
    source: Literal["aws", "ours"]
    says: str
    match: str = ""
    only: str = ""
    needs: str = ""
    open: bool = False

    @model_validator(mode="after")
    def _is_one_kind(self) -> RecommendedAlarm:
        for problem in self._mixed():
            raise ValueError(problem)
        return self

    def _mixed(self) -> Iterator[str]:
        if bool(self.metric and self.statistic) == bool(self.metrics and self.expression):
            yield "give either `metric` and `statistic`, or `metrics` and `expression`"
        if (self.threshold is None) == (self.band is None):
            yield "give either `threshold` or `band`"
        if self.band is not None and self.expression:
            yield "`band` goes with `metric` and `statistic`, not with an `expression`"
        if ("Lower" in self.comparison or "Upper" in self.comparison) != (self.band is not None):
            yield f"`{self.comparison}` does not go with that; see `band`"

    @property
    def inputs(self) -> Mapping[str, AlarmInput]:
        """The metrics that it reads, by their id in the expression."""
        if self.metrics:
            return self.metrics
        return {WATCHED: AlarmInput(metric=self.metric, statistic=self.statistic)}

    @property
    def is_plain(self) -> bool:
        """Whether it watches one metric against a number."""
        return not self.expression and self.band is None


class RecommendedComposite(Model):
    """An alarm on other recommended alarms of the same account and Region, put together.

    ``of`` is the id of an alarm of this file. The resources that have it are put
    together by ``by``, a JMESPath over ``{name, configuration, tags}``: those with the
    same answer, at least ``smallest`` of them, get one composite. It fires when all
    of them do, or ``at_least`` of them.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    title: str
    of: str
    by: str
    at_least: int | Literal["all"] = "all"
    smallest: int = Field(default=2, ge=1)
    severity: Severity
    says: str
