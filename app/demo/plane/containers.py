"""ECS services and the load balancer in front of them, in moto."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.ec2.models import ec2_backends
from moto.ecs.models import ecs_backends
from moto.elbv2 import models as elbv2
from moto.elbv2.models import elbv2_backends

from app.demo.plane.creation import creation_time, replaced, tag_list
from app.demo.world.platform import Container, Deployment

PORT = 8080


def build_balancers(deployment: Deployment) -> None:
    """Every load balancer with a listener, its target group and one target for each task."""
    account, region = deployment.place.account, deployment.place.region
    backend: Any = elbv2_backends[account][region]
    network: Any = ec2_backends[account][region]
    for balancer in deployment.balancers:
        by_zone = network.get_default_subnets()
        subnets = [by_zone[zone] for zone in balancer.zones]
        group = network.get_default_security_group(subnets[0].vpc_id)
        # Metric dimensions are made from these ARNs, so the world decides them.
        arn = deployment.arn("elasticloadbalancing", f"loadbalancer/{balancer.suffix}")
        group_arn = deployment.arn("elasticloadbalancing", balancer.group_suffix)
        with replaced(
            elbv2,
            make_arn_for_load_balancer=_always(arn),
            make_arn_for_target_group=_always(group_arn),
        ):
            made = backend.create_load_balancer(
                balancer.name,
                security_groups=[group.id],
                subnet_ids=[subnet.id for subnet in subnets],
                tags=tag_list(deployment.tags),
            )
            target = backend.create_target_group(
                balancer.group,
                protocol="HTTP",
                port=PORT,
                vpc_id=subnets[0].vpc_id,
                target_type="ip",
                healthcheck_path="/health",
                tags=tag_list(deployment.tags),
            )
        made.created_time = creation_time(balancer.name).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        made.activate()
        forward = {"Type": "forward", "TargetGroupArn": target.arn}
        backend.create_listener(made.arn, "HTTP", "80", "", None, [forward])
        tasks = deployment.container(balancer.service).desired
        backend.register_targets(
            target.arn, [{"Id": f"172.31.16.{20 + n}", "Port": PORT} for n in range(tasks)]
        )


def _always(text: str) -> Callable[..., str]:
    return lambda **_: text


def build_containers(deployment: Deployment) -> None:
    """Every cluster, with Container Insights on, and its services."""
    backend: Any = ecs_backends[deployment.place.account][deployment.place.region]
    for cluster in dict.fromkeys(c.cluster for c in deployment.containers):
        backend.create_cluster(
            cluster,
            tag_list(deployment.tags, "key", "value"),
            [{"name": "containerInsights", "value": "enabled"}],
        )
    for container in deployment.containers:
        definition = backend.register_task_definition(
            container.name,
            [{"name": container.name, "image": container.image, "essential": True}],
            network_mode="awsvpc",
            requires_compatibilities=["FARGATE"],
            cpu=str(container.cpu),
            memory=str(container.memory),
        )
        made = backend.create_service(
            container.cluster,
            container.name,
            container.desired,
            task_definition_str=definition.arn,
            load_balancers=_behind(deployment, container),
            tags=tag_list(deployment.tags, "key", "value"),
            launch_type="FARGATE",
            platform_version="1.4.0",
        )
        for deploy in made.deployments:
            deploy["createdAt"] = deploy["updatedAt"] = creation_time(container.name)


def _behind(deployment: Deployment, container: Container) -> list[dict[str, object]]:
    return [
        {
            "targetGroupArn": deployment.arn("elasticloadbalancing", balancer.group_suffix),
            "containerName": container.name,
            "containerPort": PORT,
        }
        for balancer in deployment.balancers
        if balancer.service == container.name
    ]
