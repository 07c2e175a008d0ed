"""Which series belong to which resource.

CloudWatch knows a metric only by its exact set of dimensions. The catalogue
says which set the resources of a kind use; where that is wider than the
kind's own (``Operation`` of a DynamoDB table), all parts belong to the resource.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from app.catalogue.paths import search
from app.catalogue.schema import Measure, Metric, ResourceKind, Service
from app.model.ids import Place, Resource, SeriesKey
from app.read.groups import NO_IDS, Groups, Ids
from app.store import Store

Spot = tuple[int, str]
"""Position of a resource and name of a metric."""

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, eq=False)
class Bound:
    """Resources of one service and the series of each metric of each of them."""

    service: Service
    resources: tuple[Resource, ...]
    series: dict[Spot, Ids]

    @cached_property
    def _found(self) -> dict[tuple[tuple[str, ...], str], list[int]]:
        """Positions by kinds and condition: pages ask for the same ones again and again."""
        return {}

    @cached_property
    def kinds(self) -> dict[str, list[int]]:
        """Positions of the resources of each kind."""
        kinds: dict[str, list[int]] = {}
        for at, resource in enumerate(self.resources):
            kinds.setdefault(resource.kind, []).append(at)
        return kinds

    def of_kinds(self, kinds: Sequence[str]) -> list[int]:
        """Positions of the resources of these kinds, in the order of the resources."""
        return sorted(at for kind in kinds for at in self.kinds.get(kind, ()))

    def carriers(self, measure: Measure) -> list[int]:
        """Positions of the resources that can have the measure."""
        return self._matching(self.service.carriers(measure), measure)

    def totals(self, measure: Measure) -> list[int]:
        """Positions of the resources that make up the service, no part beside its whole."""
        return self._matching(self.service.totals(measure), measure)

    def _matching(self, kinds: Sequence[ResourceKind], measure: Measure) -> list[int]:
        key = (tuple(kind.kind for kind in kinds), measure.match)
        if key not in self._found:
            rows = self.of_kinds(key[0])
            if measure.match:
                rows = [r for r in rows if search(measure.match, self._configured(r))]
            self._found[key] = rows
        return self._found[key]

    def _configured(self, row: int) -> dict[str, Any]:
        return dict(self.resources[row].configuration)

    def groups(self, metric: str, rows: Sequence[int]) -> Groups:
        """The series of ``metric``, one group for each position in ``rows``."""
        return Groups.of([self.series.get((at, metric), NO_IDS) for at in rows])


def bind(store: Store, service: Service, resources: Sequence[Resource]) -> Bound:
    """Find the series of every metric of the service for every resource."""
    spots: dict[Spot, SeriesKey] = {}
    split: dict[str, list[int]] = {}
    for metric in service.metrics:
        sets = _dimension_sets(service, metric)
        for at, resource in enumerate(resources):
            names = sets.get(resource.kind)
            if names is None:
                continue
            if names == frozenset(resource.dimensions):
                spots[at, metric.name] = _key(resource, metric)
            elif names > frozenset(resource.dimensions):
                split.setdefault(metric.name, []).append(at)
    ids = store.series.ids(list(spots.values())) if spots else NO_IDS
    series = {spot: np.array([i], np.uint32) for spot, i in zip(spots, ids, strict=True) if i}
    for namespace in service.namespaces:
        parted = [m for m in service.metrics if m.namespace == namespace and m.name in split]
        if parted:
            series.update(_parts(store, parted, resources, split))
    return Bound(service, tuple(resources), series)


def _dimension_sets(service: Service, metric: Metric) -> dict[str, frozenset[str]]:
    found = ((kind.kind, metric.dimension_set(kind)) for kind in service.resources)
    return {kind: frozenset(names) for kind, names in found if names is not None}


def _key(resource: Resource, metric: Metric) -> SeriesKey:
    return SeriesKey.of(resource.place, metric.namespace, metric.name, resource.dimensions)


def _parts(
    store: Store,
    metrics: Sequence[Metric],
    resources: Sequence[Resource],
    split: Mapping[str, Sequence[int]],
) -> dict[Spot, Ids]:
    """Series of metrics of one namespace that AWS publishes only with further dimensions."""
    waiting: dict[tuple[str, Place, Pairs], list[int]] = {}
    for metric in metrics:
        for at in split[metric.name]:
            own = tuple(sorted(resources[at].dimensions.items()))
            waiting.setdefault((metric.name, resources[at].place, own), []).append(at)
    own_names = {tuple(name for name, _ in own) for _, _, own in waiting}
    known = {metric.name: metric for metric in metrics}
    parts: dict[Spot, list[int]] = {}
    for id_, key in _listed(store, metrics, {place for _, place, _ in waiting}):
        carried = dict(key.dimensions)
        for names in own_names:
            own = tuple((name, carried.get(name, "")) for name in names)
            for at in waiting.get((key.metric, key.place, own), ()):
                if _fits(known[key.metric], carried, resources[at]):
                    parts.setdefault((at, key.metric), []).append(id_)
    return {spot: np.array(ids, np.uint32) for spot, ids in parts.items()}


def _listed(
    store: Store, metrics: Sequence[Metric], places: Collection[Place]
) -> list[tuple[int, SeriesKey]]:
    """Every known series of the metrics in the places, with its id."""
    found = store.series.find(places=sorted(places), namespace=metrics[0].namespace)
    names = pl.Series([metric.name for metric in metrics])
    ids = found.filter(found["metric"].is_in(names.implode()))["series"].to_numpy()
    return list(zip(ids.tolist(), store.series.keys(ids), strict=True))


def _fits(metric: Metric, carried: dict[str, str], resource: Resource) -> bool:
    """True for the smallest of the metric's sets that holds the resource's dimensions."""
    own = set(resource.dimensions)
    wider = [names for names in metric.dimensions if own < set(names)]
    return bool(wider) and set(sorted(wider, key=len)[0]) == set(carried)
