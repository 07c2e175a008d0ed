"""Metric filters, from the settings or from an account: what matching events add to metrics.

As in CloudWatch an event that matches gives one point at its own time, and where
there is a default every event that does not match gives that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import Any

import polars as pl

from app.config import LogMetricFilterSettings
from app.model.groups import derived_group
from app.model.logs import LogGroup, LogGroupKey
from app.query.log_filter import PatternError, extracted
from collectors.log_criteria import applies, system_fields

LONGEST_DIMENSION = 1024
"""Characters of the value of a dimension (PutMetricData)."""

_VALUE = "value"

Lossy = Mapping[tuple[str, str], str]
"""Metrics, by namespace and name, that events make which are not all kept: of which group."""


@dataclass(frozen=True, slots=True)
class MetricFilter:
    """One filter on one group; ``fixed`` are dimensions whose values are known beforehand.

    ``since`` is when an account made it (ms): only events that arrived later count.
    """

    name: str
    pattern: str
    namespace: str
    metric: str
    value: str = "1"
    default: float | None = None
    dimensions: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
    since: int = 0

    @classmethod
    def of_settings(cls, given: LogMetricFilterSettings) -> MetricFilter:
        return cls(
            given.name,
            given.pattern or "",
            given.namespace,
            given.metric,
            given.value,
            given.default,
            given.dimensions,
        )

    @property
    def group(self) -> str:
        """The group of the series that it makes."""
        return derived_group(self.namespace, self.metric, sorted({*self.dimensions, *self.fixed}))

    def points(self, events: pl.DataFrame) -> pl.DataFrame:
        """``event``, ``at``, ``value`` and a column ``d.<name>`` for each dimension.

        ``events`` have ``event``, ``at`` and ``ingested`` in ms, and ``message``.
        """
        counted = events.filter(pl.col("ingested") >= self.since) if self.since else events
        found = extracted(self.pattern, counted["message"], self._sources())
        frame = counted.select("event", "at").hstack(found)
        given = frame.filter("matched").select("event", "at", self._value(), *self._dimensions())
        there = [pl.col(f"d.{name}").str.len_chars().is_between(1, LONGEST_DIMENSION)
                 for name in self.dimensions]  # fmt: skip
        points = given.filter(pl.col(_VALUE).is_finite(), *there)
        if self.default is None or self.dimensions:
            return points
        others = frame.filter(~pl.col("matched")).select(
            "event", "at", pl.lit(self.default).alias(_VALUE), *self._dimensions()
        )
        return pl.concat([points, others])

    def _sources(self) -> list[str]:
        named = [self.value] if self.value.startswith("$") else []
        return list(dict.fromkeys([*named, *self.dimensions.values()]))

    def _value(self) -> pl.Expr:
        if not self.value.startswith("$"):
            return pl.lit(float(self.value)).alias(_VALUE)
        return pl.col(self.value).cast(pl.Float64, strict=False).alias(_VALUE)

    def _dimensions(self) -> list[pl.Expr]:
        taken = [pl.col(source).alias(f"d.{name}") for name, source in self.dimensions.items()]
        return taken + [pl.lit(value).alias(f"d.{name}") for name, value in self.fixed.items()]


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters of one group, and what is said of those that cannot be worked out here."""

    usable: tuple[MetricFilter, ...] = ()
    notes: tuple[str, ...] = ()


def filters_of(
    key: LogGroupKey,
    group: LogGroup | None,
    own: Sequence[LogMetricFilterSettings],
    *,
    imported: bool,
    lossy: Lossy = MappingProxyType({}),
) -> Filters:
    """Filters of the settings that fit a group, and those of its account if they are wanted."""
    usable = [
        MetricFilter.of_settings(given)
        for given in own
        if not given.groups or any(fnmatchcase(key.name, glob) for glob in given.groups)
    ]
    notes = []
    for told in group.metric_filters if imported and group is not None else ():
        try:
            usable += _imported(key, told, lossy)
        except (ValueError, KeyError, PatternError) as error:
            notes.append(
                f"the metric filter {told.get('filterName')} of {key.name} is not worked out "
                f"here: {error}"
            )
    return Filters(tuple(usable), tuple(notes))


def fed_by(groups: Iterable[LogGroup]) -> Lossy:
    """The metrics that filters on these groups make."""
    return {
        (str(made.get("metricNamespace")), str(made.get("metricName"))): group.key.name
        for group in groups
        for told in group.metric_filters
        for made in told.get("metricTransformations") or ()
    }


def _imported(key: LogGroupKey, told: Mapping[str, Any], lossy: Lossy) -> Iterator[MetricFilter]:
    """From the answer of DescribeMetricFilters; ValueError for what is not possible here."""
    if told.get("applyOnTransformedLogs"):
        raise ValueError("it applies to transformed events, and original ones are collected")
    if not applies(str(told.get("fieldSelectionCriteria") or ""), key):
        return
    system = system_fields(key)
    names = [str(name) for name in told.get("emitSystemFieldDimensions") or ()]
    for transformation in told.get("metricTransformations") or ():
        made = MetricFilter(
            name=str(told["filterName"]),
            pattern=str(told.get("filterPattern") or ""),
            namespace=str(transformation["metricNamespace"]),
            metric=str(transformation["metricName"]),
            value=str(transformation.get("metricValue") or "1"),
            default=transformation.get("defaultValue"),
            dimensions=dict(transformation.get("dimensions") or {}),
            fixed={name: system[name] for name in names if name in system},
            since=int(told.get("creationTime") or 0),
        )
        short = lossy.get((made.namespace, made.metric))
        if short is not None:
            raise ValueError(f"it would count too little, for not all events of {short} are kept")
        if made.namespace.startswith("AWS/"):
            raise ValueError(f"{made.namespace} is a namespace of AWS")
        if not made.value.startswith("$"):
            float(made.value)
        # Whatever is wrong with the pattern shows on the first message.
        extracted(made.pattern, pl.Series([""], dtype=pl.String), made._sources())
        yield made
