"""NAT gateways in moto."""

from __future__ import annotations

from functools import partial
from typing import Any

from moto.ec2.models import ec2_backends, nat_gateways

from app.demo.plane.creation import creation_time, replaced
from app.demo.world.platform import Deployment


def build_nats(deployment: Deployment) -> None:
    """Every gateway under the id that the world gave it."""
    backend: Any = ec2_backends[deployment.place.account][deployment.place.region]
    subnets = backend.get_default_subnets()
    for nat in deployment.nats:
        subnet = next(iter(subnets.values()))
        address = backend.allocate_address("vpc")
        with replaced(nat_gateways, random_nat_gateway_id=partial(str, nat.id)):
            made = backend.create_nat_gateway(
                subnet.id, address.allocation_id, tags={**deployment.tags, "Name": nat.name}
            )
        made._created_at = creation_time(nat.id).replace(tzinfo=None)
