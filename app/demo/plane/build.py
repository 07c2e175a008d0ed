"""Puts every resource of the world into moto."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from moto.core.base_backend import BackendDict
from moto.core.model_instances import reset_model_data
from moto.moto_api._internal import mock_random

from app.demo.plane.apis import build_apis
from app.demo.plane.compute import build_functions, build_machines, build_sources
from app.demo.plane.containers import build_balancers, build_containers
from app.demo.plane.leftovers import build_leftovers
from app.demo.plane.messaging import build_queues, build_rules, build_topics
from app.demo.plane.network import build_nats
from app.demo.plane.people import build_roles
from app.demo.plane.releases import (
    build_archives,
    build_images,
    build_projects,
    build_subscriptions,
    build_zones,
)
from app.demo.plane.storage import build_buckets, build_databases, build_tables
from app.demo.world.platform import Database, Deployment, Machine
from app.demo.world.world import World
from app.model.ids import SeriesKey

_STEPS: tuple[Callable[[Deployment], None], ...] = (
    build_roles,
    build_queues,
    build_topics,
    build_functions,
    build_sources,
    build_rules,
    build_machines,
    build_leftovers,
    build_nats,
    build_apis,
    build_tables,
    build_buckets,
    build_databases,
    build_balancers,
    build_containers,
    build_images,
    build_projects,
    build_zones,
    build_archives,
    build_subscriptions,
)


def build(world: World, recorded: Sequence[SeriesKey] = ()) -> None:
    """Forget everything moto holds, then make the resources of all places.

    Machines and databases that recorded series belong to are made as well.
    """
    BackendDict.reset()
    reset_model_data()
    mock_random.seed("watchdeck")
    for deployment in world.deployments.values():
        for step in _STEPS:
            step(deployment)
    for place in dict.fromkeys(key.place for key in recorded):
        known = world.deployments.get(place)
        if known is not None:
            further = _recorded(known, [key for key in recorded if key.place == place])
            build_machines(further)
            build_databases(further)


def _recorded(known: Deployment, keys: Sequence[SeriesKey]) -> Deployment:
    """A deployment of nothing but what recorded series name."""
    named = {pair for key in keys for pair in key.dimensions}
    machines = sorted(value for name, value in named if name == "InstanceId")
    databases = sorted(value for name, value in named if name == "DBInstanceIdentifier")
    return replace(
        known,
        machines=tuple(Machine(m, f"recorded-{m}", "m5.large", 0.0) for m in machines),
        databases=tuple(
            Database(d, "db.m5.large", 2, 8.0, 100, 0.0) for d in databases if d[0].isalpha()
        ),
    )
