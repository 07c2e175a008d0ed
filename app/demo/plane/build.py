"""Puts every resource of the world into moto."""

from __future__ import annotations

from collections.abc import Callable

from moto.core.base_backend import BackendDict
from moto.core.model_instances import reset_model_data
from moto.moto_api._internal import mock_random

from app.demo.plane.apis import build_apis
from app.demo.plane.compute import build_functions, build_machines, build_sources
from app.demo.plane.containers import build_balancers, build_containers
from app.demo.plane.messaging import build_queues, build_rules, build_topics
from app.demo.plane.people import build_roles
from app.demo.plane.storage import build_buckets, build_databases, build_tables
from app.demo.world.platform import Deployment
from app.demo.world.world import World

_STEPS: tuple[Callable[[Deployment], None], ...] = (
    build_roles,
    build_queues,
    build_topics,
    build_functions,
    build_sources,
    build_rules,
    build_machines,
    build_apis,
    build_tables,
    build_buckets,
    build_databases,
    build_balancers,
    build_containers,
)


def build(world: World) -> None:
    """Forget everything moto holds, then make the resources of all places."""
    BackendDict.reset()
    reset_model_data()
    mock_random.seed("watchdeck")
    for deployment in world.deployments.values():
        for step in _STEPS:
            step(deployment)
