"""Which series are read, and with which statistics.

The catalogue names metrics and the exact sets of dimensions under which AWS
publishes them; the index of series knows which of them exist. Series found at
the same moment form a cohort with coverage of its own, so that a new one gets
its own history and never inherits the coverage of older ones.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from app.aws import MetricQuery
from app.catalogue import Catalogue
from app.catalogue.schema import Metric, Service
from app.model.groups import metrics_group
from app.model.ids import Place, Resource, SeriesKey
from app.model.time import epoch_ms
from app.store import Store
from collectors.metric_frames import BASIC

FORGOTTEN_AFTER = timedelta(days=15)
"""A series that ListMetrics has not named for this long has no data and is not read."""


@dataclass(frozen=True, slots=True)
class Cohort:
    """Series that are read alike, such as those of one namespace that were found together."""

    group: str
    queries: tuple[MetricQuery, ...]
    points_a_slot: int
    units: int

    @classmethod
    def of(cls, group: str, queries: Sequence[MetricQuery]) -> Cohort:
        points, units = (sum(len(q.statistics) for q in queries), sum(q.units for q in queries))
        return cls(group, tuple(queries), points, units)


Cohorts = Mapping[int, Sequence[Cohort]]


@dataclass(frozen=True, slots=True)
class _Kept:
    """Cohorts as they were made for these series, to be used as long as there are no others."""

    alive: bytes
    alarmed: frozenset[SeriesKey]
    cohorts: Cohorts


class SeriesBook:
    """Answers which series of a place are worth reading."""

    def __init__(
        self, store: Store, catalogue: Catalogue, services: Collection[str] | None
    ) -> None:
        self._store, self._catalogue = store, catalogue
        self._kept: dict[tuple[Place, str], _Kept] = {}
        self._services = [s for s in catalogue if services is None or s.id in services]
        self._wanted = {(m.namespace, m.name): m for s in self._services for m in s.metrics}
        self._sets = {
            key: frozenset(tuple(sorted(names)) for names in metric.dimensions)
            for key, metric in self._wanted.items()
        }

    @property
    def namespaces(self) -> tuple[str, ...]:
        """All namespaces of the chosen services."""
        return tuple(dict.fromkeys(n for s in self._services for n in s.namespaces))

    def period(self, namespace: str, metric: str) -> int:
        """The period at which AWS publishes a metric; a minute where the catalogue is silent."""
        known = self._catalogue.metric(namespace, metric)
        return known.period if known else 60

    def longest_period(self, namespace: str) -> int:
        """The longest period among the metrics of a namespace."""
        return max((m.period for (n, _), m in self._wanted.items() if n == namespace), default=60)

    def accepts(self, key: SeriesKey) -> bool:
        """Whether the catalogue names this metric with exactly these dimensions."""
        sets = self._sets.get((key.namespace, key.metric))
        return sets is not None and tuple(name for name, _ in key.dimensions) in sets

    def cohorts(
        self, place: Place, namespace: str, now: datetime, alarmed: frozenset[SeriesKey]
    ) -> Cohorts:
        """What to read in ``namespace``, by period; oldest cohort first."""
        alive = self._alive(place, namespace, now)
        mark = alive["series"].to_numpy().tobytes()
        kept = self._kept.get((place, namespace))
        if kept is None or kept.alive != mark or kept.alarmed != alarmed:
            kept = _Kept(mark, alarmed, self._cohorts(namespace, alive, alarmed))
            self._kept[place, namespace] = kept
        return kept.cohorts

    def _cohorts(
        self, namespace: str, alive: pl.DataFrame, alarmed: frozenset[SeriesKey]
    ) -> Cohorts:
        found: dict[tuple[int, datetime], list[MetricQuery]] = {}
        keys = self._store.series.keys(alive["series"].to_list())
        for key, first_seen in zip(keys, alive["first_seen"].to_list(), strict=True):
            if self.accepts(key) or key in alarmed:
                query = self._query(key)
                found.setdefault((query.period, first_seen), []).append(query)
        by_period: dict[int, list[Cohort]] = {}
        for (period, first_seen), queries in sorted(found.items(), key=lambda item: item[0]):
            group = f"{metrics_group(namespace, period)}/{epoch_ms(first_seen)}"
            by_period.setdefault(period, []).append(Cohort.of(group, queries))
        return by_period

    def of_resources(self, place: Place, namespace: str, since: datetime | None) -> list[SeriesKey]:
        """Series that resources must have by the catalogue; only of those found after ``since``."""
        keys = (
            key
            for service in self._services
            if namespace in service.namespaces
            for resource in self._store.resources.find(service=service.id, places=[place])
            if since is None or (resource.first_seen is not None and resource.first_seen > since)
            for key in _series_of(resource, service, namespace)
        )
        return list(dict.fromkeys(keys))

    def newest_resource(self, place: Place, namespace: str) -> datetime | None:
        """When the inventory last found something new that has metrics in ``namespace``."""
        seen = [
            resource.first_seen
            for service in self._services
            if namespace in service.namespaces
            for resource in self._store.resources.find(service=service.id, places=[place])
            if resource.first_seen is not None
        ]
        return max(seen, default=None)

    def _alive(self, place: Place, namespace: str, now: datetime) -> pl.DataFrame:
        """Ids of the series that may have data, and when they were first seen."""
        frame = self._store.series.find(places=[place], namespace=namespace)
        last = pl.coalesce("last_listed", "first_seen")
        return frame.filter(last >= now - FORGOTTEN_AFTER).select("series", "first_seen")

    def _query(self, key: SeriesKey) -> MetricQuery:
        metric = self._wanted.get((key.namespace, key.metric))
        extended = _extended(metric.statistics) if metric else ()
        return MetricQuery(key, self.period(key.namespace, key.metric), BASIC + extended)


def _extended(statistics: Iterable[str]) -> tuple[str, ...]:
    """Those that cannot be worked out from the basic four."""
    return tuple(s for s in statistics if s not in (*BASIC, "Average"))


def _series_of(resource: Resource, service: Service, namespace: str) -> Iterator[SeriesKey]:
    for metric in service.metrics:
        if metric.namespace == namespace and _carries(resource, service, metric):
            yield SeriesKey.of(resource.place, namespace, metric.name, resource.dimensions)


def _carries(resource: Resource, service: Service, metric: Metric) -> bool:
    """Whether the metric comes with exactly the dimensions of the resource."""
    kind = service.resource_kind(resource.kind)
    names = metric.dimension_set(kind) if kind else None
    return names is not None and set(names) == set(resource.dimensions)
