"""What running code bills: functions, containers, machines and their disks, databases."""

from __future__ import annotations

from decimal import Decimal

from app.read.spend.capacity import ephemeral_gb_seconds, gb_seconds
from app.read.spend.estimator import Estimator, Part, Quantities, given, plain

_LAMBDA = "AWS Lambda"
_EC2 = "Amazon Elastic Compute Cloud - Compute"
_RDS = "Amazon Relational Database Service"
_CACHE = "Amazon ElastiCache"


def _duration(of: Quantities) -> Decimal:
    return gb_seconds(of["invocations"], of["average_ms"], of["memory_mb"])


def _ephemeral(of: Quantities) -> Decimal:
    return ephemeral_gb_seconds(of["invocations"], of["average_ms"], of["ephemeral_mb"])


def _provisioned(of: Quantities) -> Decimal:
    return of["concurrency"] * of["hours"] * 3600 * of["memory_mb"] / 1024


def _lambda(kind: str, title: str, suffix: str) -> Estimator:
    takes = {"invocations": "", "average_ms": "ms", "memory_mb": "MB", "ephemeral_mb": "MB"}
    parts = (
        Part(f"Request{suffix}", given("invocations")),
        Part(f"Lambda-GB-Second{suffix}", _duration),
        Part(f"Lambda-Storage-GB-Second{suffix}", _ephemeral),
    )
    return Estimator(kind, title, _LAMBDA, takes, parts)


def _lambda_provisioned(kind: str, title: str, suffix: str) -> Estimator:
    takes = {
        "concurrency": "",
        "hours": "hours",
        "memory_mb": "MB",
        "invocations": "",
        "average_ms": "ms",
    }
    parts = (
        Part(f"Request{suffix}", given("invocations")),
        Part(f"Lambda-Provisioned-Concurrency{suffix}", _provisioned),
        Part(f"Lambda-Provisioned-GB-Second{suffix}", _duration),
    )
    return Estimator(kind, title, _LAMBDA, takes, parts)


def _fargate(kind: str, title: str, arm: str) -> Estimator:
    parts = {
        "vcpu_hours": ("vCPU-hours", f"Fargate-{arm}vCPU-Hours:perCPU"),
        "gb_hours": ("GB-hours", f"Fargate-{arm}GB-Hours"),
        "ephemeral_gb_hours": ("GB-hours above 20 GB", "Fargate-EphemeralStorage-GB-Hours"),
    }
    return plain(kind, title, "Amazon Elastic Container Service", parts)


COMPUTE = (
    _lambda("lambda", "Lambda", ""),
    _lambda("lambda_arm", "Lambda on arm64", "-ARM"),
    _lambda_provisioned("lambda_provisioned", "Lambda with provisioned concurrency", ""),
    _lambda_provisioned(
        "lambda_provisioned_arm", "Lambda on arm64 with provisioned concurrency", "-ARM"
    ),
    _fargate("fargate", "Fargate", ""),
    _fargate("fargate_arm", "Fargate on arm64", "ARM-"),
    plain(
        "ebs",
        "EBS volumes and snapshots",
        "EC2 - Other",
        {
            "gp3_gb": ("GB", "EBS:VolumeUsage.gp3"),
            "gp3_iops": ("IOPS above 3,000", "EBS:VolumeP-IOPS.gp3"),
            "gp3_mibps": ("MiB/s above 125", "EBS:VolumeP-Throughput.gp3"),
            "gp2_gb": ("GB", "EBS:VolumeUsage.gp2"),
            "io1_gb": ("GB", "EBS:VolumeUsage.piops"),
            "io1_iops": ("IOPS", "EBS:VolumeP-IOPS.piops"),
            "io2_gb": ("GB", "EBS:VolumeUsage.io2"),
            "io2_iops": ("IOPS", "EBS:VolumeP-IOPS.io2"),
            "st1_gb": ("GB", "EBS:VolumeUsage.st1"),
            "sc1_gb": ("GB", "EBS:VolumeUsage.sc1"),
            "magnetic_gb": ("GB", "EBS:VolumeUsage"),
            "magnetic_requests": ("requests", "EBS:VolumeIOUsage"),
            "snapshot_gb": ("GB", "EBS:SnapshotUsage"),
        },
    ),
    plain(
        "ecr",
        "ECR",
        "Amazon EC2 Container Registry (ECR)",
        {"stored_gb": ("GB", "TimedStorage-ByteHrs")},
    ),
    plain(
        "codebuild",
        "CodeBuild on general1.small",
        "CodeBuild",
        {"minutes": ("minutes", "Build-Min:Linux:g1.small")},
    ),
)


def machine(kind: str) -> Estimator | None:
    """Of ``ec2:t3.micro``, ``rds:db.t3.micro`` or ``elasticache:cache.t3.micro``."""
    family, _, size = kind.partition(":")
    if not size:
        return None
    if family == "ec2":
        return plain(kind, size, _EC2, {"hours": ("hours", f"BoxUsage:{size}")})
    if family == "elasticache":
        return plain(kind, size, _CACHE, {"hours": ("hours", f"NodeUsage:{size}")})
    if family != "rds":
        return None
    parts = {
        "hours": ("hours", f"InstanceUsage:{size}"),
        "multi_az_hours": ("hours", f"Multi-AZUsage:{size}"),
        "gp3_gb": ("GB", "RDS:GP3-Storage"),
        "gp2_gb": ("GB", "RDS:GP2-Storage"),
        "multi_az_gp3_gb": ("GB", "RDS:Multi-AZ-GP3-Storage"),
        "multi_az_gp2_gb": ("GB", "RDS:Multi-AZ-GP2-Storage"),
        "backup_gb": ("GB", "RDS:ChargedBackupUsage"),
    }
    return plain(kind, size, _RDS, parts)
