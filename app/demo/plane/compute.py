"""Lambda functions and EC2 instances in moto."""

from __future__ import annotations

import base64
from functools import partial
from typing import Any

from moto.awslambda.models import lambda_backends
from moto.ec2.models import ec2_backends, instances

from app.demo.plane.creation import creation_time, replaced
from app.demo.plane.people import FUNCTION_ROLE
from app.demo.world.platform import Deployment, Function, Machine

_CODE = base64.b64encode(b"PK\x05\x06" + bytes(18)).decode()  # an empty zip file
_IMAGE = "ami-0watchdeckdemo0001"


def build_functions(deployment: Deployment) -> None:
    """Every function, with its alias, reserved concurrency and event sources."""
    backend: Any = lambda_backends[deployment.place.account][deployment.place.region]
    for function in deployment.functions:
        made = backend.create_function(_specification(deployment, function))
        made.last_modified = creation_time(function.name).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
        if function.alias:
            version = backend.publish_version(function.name)
            backend.create_alias(function.alias, function.name, str(version.version), "", None)


def build_sources(deployment: Deployment) -> None:
    """Queues and streams that functions read from; the queues and tables must exist."""
    backend: Any = lambda_backends[deployment.place.account][deployment.place.region]
    for function in deployment.functions:
        kind, _, name = function.source.partition(":")
        if kind == "queue":
            backend.create_event_source_mapping(
                {
                    "EventSourceArn": deployment.arn("sqs", name),
                    "FunctionName": function.name,
                    "BatchSize": function.batch,
                }
            )


def _specification(deployment: Deployment, function: Function) -> dict[str, object]:
    account = deployment.place.account
    extra: dict[str, object] = {}
    if function.reserved is not None:
        extra["ReservedConcurrentExecutions"] = function.reserved
    return {
        "FunctionName": function.name,
        "Runtime": function.runtime,
        "Role": f"arn:aws:iam::{account}:role/{FUNCTION_ROLE}",
        "Handler": "app.handler",
        "Code": {"ZipFile": _CODE},
        "Description": f"{function.name} of the blog platform",
        "Timeout": function.timeout,
        "MemorySize": function.memory,
        "Architectures": ["arm64"],
        "Environment": {"Variables": {"STAGE": deployment.account.environment}},
        "Tags": {**deployment.tags, "service": function.name},
        **extra,
    }


def build_machines(deployment: Deployment) -> None:
    """Every instance under the id that the world gave it."""
    backend: Any = ec2_backends[deployment.place.account][deployment.place.region]
    for machine in deployment.machines:
        with replaced(instances, random_instance_id=partial(str, machine.id)):
            _run(backend, deployment, machine)


def _run(backend: Any, deployment: Deployment, machine: Machine) -> None:
    tags = {**deployment.tags, "Name": machine.name, "role": machine.role}
    reservation = backend.run_instances(
        image_id=_IMAGE,
        count=1,
        user_data=None,
        security_group_names=[],
        instance_type=machine.type,
        is_instance_type_default=False,
        region_name=deployment.place.region,
        placement=f"{deployment.place.region}a",
        monitoring_state="enabled" if machine.detailed else "disabled",
        tags={"instance": tags},
    )
    for instance in reservation.instances:
        instance.launch_time = creation_time(machine.name)
        if not machine.running:
            instance.stop()
