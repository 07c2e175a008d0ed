"""The world: which series exist, and their samples over any stretch of time.

A resource publishes all its metrics at once, because most share the same
counts. What was computed last is kept for a moment: a backfill asks for the
same stretch again and again, each time for other series.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from threading import Lock

import numpy as np

from app.demo.world import (
    apis,
    containers,
    databases,
    events,
    functions,
    machines,
    network,
    queues,
    releases,
    tables,
)
from app.demo.world.blog import blog_platform
from app.demo.world.incidents import Incident, Kind, Schedule
from app.demo.world.naming import Name, Published
from app.demo.world.noise import Noise
from app.demo.world.platform import Deployment
from app.demo.world.samples import Samples
from app.demo.world.sheet import HOUR, Sheet
from app.model.ids import Place, SeriesKey

HISTORY_DAYS = 455
_KEPT_MINUTES = 4800
# A day in 2026 on which every kind of metric has been published at least once.
_SOME_MINUTE = 29_500_000

Publish = Callable[[Sheet], Published]


class World:
    """A deterministic function of seed and time, plus the incidents that people provoked."""

    def __init__(self, seed: int = 1, deployments: Sequence[Deployment] | None = None) -> None:
        self.deployments: Mapping[Place, Deployment] = {
            d.place: d for d in deployments or blog_platform()
        }
        self._noise = Noise(seed)
        quiet = frozenset(p for p, d in self.deployments.items() if d.account.name != "blog-prod")
        self.incidents = Schedule(
            self._noise, {p: _kinds(d) for p, d in self.deployments.items()}, quiet
        )
        self._publishers = {p: _publishers(d) for p, d in self.deployments.items()}
        self._owners: dict[Place, dict[Name, int]] = {}
        self._sheets: OrderedDict[tuple[Place, int, int, int], Sheet] = OrderedDict()
        self._lock = Lock()

    @property
    def places(self) -> tuple[Place, ...]:
        return tuple(self.deployments)

    @property
    def noise(self) -> Noise:
        """The chance of this world."""
        return self._noise

    def keys(self, place: Place) -> list[SeriesKey]:
        """Every series of a place that was ever published, in a stable order."""
        names = sorted(self._owned(place))
        return [SeriesKey(place.account, place.region, *name) for name in names]

    def holds(self, key: SeriesKey) -> bool:
        """Whether the world publishes this series."""
        return key.place in self.deployments and _name(key) in self._owned(key.place)

    def samples(self, key: SeriesKey, start: int, end: int) -> Samples | None:
        """Samples of a series from minute ``start`` to ``end``; None if it does not exist.

        What lies in the future is told too: delivery is not the world's business.
        """
        if not self.holds(key):
            return None
        sheet = self.sheet(key.place, start, end)
        number = self._owned(key.place)[_name(key)]
        publish = self._publishers[key.place][number]
        published = sheet.once(("published", number), lambda: publish(sheet))
        samples = published[_name(key)]
        first, last = np.searchsorted(samples.at, (start * 60, end * 60))
        return samples.take(slice(int(first), int(last)))

    def sheet(self, place: Place, start: int, end: int) -> Sheet:
        """The sheet of whole hours that holds [start, end)."""
        start, end = start // HOUR * HOUR, -(-end // HOUR) * HOUR
        key = (place, start, end, self.incidents.version)
        with self._lock:
            known = self._sheets.pop(key, None)
            sheet = known or Sheet(self.deployments[place], self._noise, self.incidents, start, end)
            self._sheets[key] = sheet
            self._forget()
        return sheet

    def provoke(self, kind: Kind, place: Place, start: int, minutes: int) -> Incident:
        """Make trouble from minute ``start`` on."""
        return self.incidents.provoke(kind, place, start, minutes)

    def _forget(self) -> None:
        kept = sum(end - start for _, start, end, _ in self._sheets)
        while kept > _KEPT_MINUTES and len(self._sheets) > 1:
            (_, start, end, _), _ = self._sheets.popitem(last=False)
            kept -= end - start

    def _owned(self, place: Place) -> dict[Name, int]:
        found = self._owners.get(place)
        if found is None:
            sheet = self.sheet(place, _SOME_MINUTE, _SOME_MINUTE + HOUR)
            found = {
                name: number
                for number, publish in enumerate(self._publishers[place])
                for name in publish(sheet)
            }
            self._owners[place] = found
        return found


def _name(key: SeriesKey) -> Name:
    return key.namespace, key.metric, key.dimensions


def _kinds(deployment: Deployment) -> tuple[Kind, ...]:
    """The trouble that can happen to what stands in a place."""
    possible = {
        Kind.DLQ: deployment.queues,
        Kind.BACKLOG: deployment.queues,
        Kind.ERRORS: deployment.functions,
        Kind.THROTTLES: deployment.functions,
        Kind.TABLE: deployment.tables,
        Kind.STORAGE: deployment.databases,
        Kind.BALANCER: deployment.balancers,
        Kind.TASKS: deployment.containers,
        Kind.CPU: deployment.machines,
    }
    return tuple(kind for kind, resources in possible.items() if resources)


def _publishers(deployment: Deployment) -> list[Publish]:
    """One function for each resource, and one for each account-wide set of metrics."""
    found: list[Publish] = []
    found += [partial(functions.function_metrics, function=f) for f in deployment.functions]
    found += [partial(queues.queue_metrics, queue=q) for q in deployment.queues]
    found += [partial(apis.api_metrics, api=a) for a in deployment.apis]
    found += [partial(tables.table_metrics, table=t) for t in deployment.tables]
    found += [partial(machines.machine_metrics, machine=m) for m in deployment.machines]
    found += [partial(databases.database_metrics, database=d) for d in deployment.databases]
    found += [partial(containers.container_metrics, container=c) for c in deployment.containers]
    found += [partial(network.nat_metrics, nat=n) for n in deployment.nats]
    found += [partial(releases.zone_metrics, zone=z) for z in deployment.zones if z.asked]
    found += [partial(releases.project_metrics, project=p) for p in deployment.projects]
    clusters = dict.fromkeys(c.cluster for c in deployment.containers)
    found += [partial(containers.cluster_metrics, cluster=c) for c in clusters]
    found += [partial(containers.balancer_metrics, balancer=b) for b in deployment.balancers]
    found += [partial(events.rule_metrics, rule=r) for r in deployment.rules]
    found += [partial(events.topic_metrics, topic=t) for t in deployment.topics]
    found += [partial(events.bucket_metrics, bucket=b) for b in deployment.buckets]
    return [*found, functions.account_metrics, tables.account_metrics]
