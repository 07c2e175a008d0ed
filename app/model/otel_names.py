"""Which attributes of OpenTelemetry tell what X-Ray's documents have members for.

Semantic conventions have been renamed; of several names the first that is there counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

Attributes = Mapping[str, Any]
Document = dict[str, Any]

ORIGINS: Mapping[str, str] = {
    "aws_ec2": "AWS::EC2::Instance",
    "aws_ecs": "AWS::ECS::Container",
    "aws_eks": "AWS::EKS::Container",
    "aws_elastic_beanstalk": "AWS::ElasticBeanstalk::Environment",
    "aws_lambda": "AWS::Lambda::Function",
    "aws_app_runner": "AWS::AppRunner::Service",
}
"""``cloud.platform`` as the origin of a segment."""

_TARGETS: Mapping[str, tuple[str, ...]] = {
    "table_name": ("aws.dynamodb.table_name", "aws.table_name"),
    "table_names": ("aws.dynamodb.table_names", "aws.table_names"),
    "bucket_name": ("aws.s3.bucket", "aws.bucket_name"),
    "key": ("aws.s3.key",),
    "queue_url": ("aws.sqs.queue.url", "aws.queue_url", "aws.queue.url"),
    "topic_arn": ("aws.sns.topic.arn", "aws.topic_arn"),
    "function_name": ("faas.invoked_name", "aws.lambda.function.name"),
    "operation": ("rpc.method", "aws.operation"),
    "region": ("aws.region", "cloud.region"),
    "retries": ("aws.retries",),
}


def first(at: Attributes, *names: str) -> Any:
    """The first of these attributes that is there, None if none is."""
    return next((at[name] for name in names if at.get(name) not in (None, "")), None)


def host_of(at: Attributes) -> str:
    """The host that a request went to, with a port that is not the usual one."""
    host = first(at, "server.address", "net.peer.name", "http.host", "net.host.name")
    if not host:
        whole = first(at, "url.full", "http.url")
        return _host_in(str(whole)) if whole else ""
    port = first(at, "server.port", "net.peer.port")
    return str(host) if port in (None, 80, 443, "80", "443") else f"{host}:{port}"


def _host_in(url: str) -> str:
    try:
        return urlsplit(url).netloc.rpartition("@")[2]
    except ValueError:  # such as half an IPv6 address
        return ""


def database(at: Attributes) -> str:
    """``<database>@<host>`` of a call of a database, empty for other calls."""
    system = first(at, "db.system.name", "db.system")
    if not system:
        return ""
    name = first(at, "db.namespace", "db.name") or system
    host = first(at, "server.address", "net.peer.name")
    return f"{name}@{host}" if host else str(name)


def service_members(at: Attributes, resource: Attributes) -> Document:
    """Members of ``aws`` that say what a call of an AWS service was about."""
    both = {**resource, **at}
    found = {member: first(both, *names) for member, names in _TARGETS.items()}
    if (
        str(at.get("messaging.system", "")).lower() in ("aws_sqs", "amazonsqs")
        and not found["queue_url"]
    ):
        found["queue_url"] = first(at, "messaging.url")
    return {member: value for member, value in found.items() if value not in (None, "", [])}


def resource_members(resource: Attributes) -> Document:
    """Members of ``aws`` that say where a segment ran."""
    groups = resource.get("aws.log.group.names")
    names = groups if isinstance(groups, list | tuple) else [groups] if groups else []
    parts: Document = {
        "ec2": {
            "instance_id": resource.get("host.id"),
            "availability_zone": resource.get("cloud.availability_zone"),
            "instance_size": resource.get("host.type"),
            "ami_id": resource.get("host.image.id"),
        },
        "ecs": {
            "container": resource.get("container.name"),
            "container_id": resource.get("container.id"),
            "task_arn": resource.get("aws.ecs.task.arn"),
            "cluster_arn": resource.get("aws.ecs.cluster.arn"),
            "launch_type": resource.get("aws.ecs.launchtype"),
        }
        if resource.get("cloud.platform") == "aws_ecs"
        else {},
        "eks": {
            "pod": resource.get("k8s.pod.name"),
            "cluster_name": resource.get("k8s.cluster.name"),
        },
        "xray": {
            "sdk": resource.get("telemetry.sdk.name"),
            "sdk_version": resource.get("telemetry.sdk.version"),
        },
    }
    told = {k: {n: v for n, v in part.items() if v is not None} for k, part in parts.items()}
    logs = [{"log_group": str(name)} for name in names]
    return {k: part for k, part in told.items() if part} | (
        {"cloudwatch_logs": logs} if logs else {}
    )
