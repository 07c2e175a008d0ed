"""What costs by the hour or by what lies there, whether anybody uses it or not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from app.read.spend.daily import whole_slots
from app.read.spend.question import SpendAnswer, SpendRow
from app.read.spend.usage_types import split

DAYS_A_MONTH = Decimal(365) / 12

RUNS = "runs by the hour, used or not"
STORED = "is billed for what is stored"
RESERVED = "capacity is reserved by the hour"
KEPT = "is billed a month for being there"
COMMITTED = "is committed to, used or not"

KINDS: tuple[tuple[str, str, str], ...] = (
    ("BoxUsage", "EC2 instances", RUNS),
    ("NatGateway-Hours", "NAT gateways", RUNS),
    ("LoadBalancerUsage", "Load balancers", RUNS),
    ("InstanceUsage", "RDS instances", RUNS),
    ("Multi-AZUsage", "RDS instances in two zones", RUNS),
    ("NodeUsage", "ElastiCache nodes", RUNS),
    ("Fargate-", "Fargate tasks", RUNS),
    ("VpcEndpoint-Hours", "VPC endpoints", RUNS),
    ("ElasticIP:", "Elastic IP addresses", RUNS),
    ("PublicIPv4:", "Public IPv4 addresses", RUNS),
    ("Storage-ShardHour", "Kinesis shards", RUNS),
    ("OnDemand-StreamHour", "Kinesis streams on demand", RUNS),
    ("HeavyUsage", "Reservations", COMMITTED),
    ("Multi-HeavyUsage", "Reservations", COMMITTED),
    ("ApiGatewayCacheUsage", "API caches", RUNS),
    ("ReadCapacityUnit-Hrs", "DynamoDB provisioned reads", RESERVED),
    ("WriteCapacityUnit-Hrs", "DynamoDB provisioned writes", RESERVED),
    ("Lambda-Provisioned-Concurrency", "Lambda provisioned concurrency", RESERVED),
    ("EBS:VolumeUsage", "EBS volumes", STORED),
    ("EBS:SnapshotUsage", "EBS snapshots", STORED),
    ("EBS:VolumeP-", "EBS IOPS and throughput", RESERVED),
    ("RDS:ChargedBackupUsage", "RDS backups", STORED),
    ("RDS:", "RDS storage", STORED),
    ("TimedStorage", "Storage", STORED),
    ("TimedPITRStorage", "DynamoDB point-in-time recovery", STORED),
    ("TimedBackupStorage", "DynamoDB backups", STORED),
    ("HostedZone", "Hosted zones", KEPT),
    ("Health-Check", "Health checks", KEPT),
    ("activePipeline", "Pipelines", KEPT),
    ("CW:AlarmMonitorUsage", "Alarms", KEPT),
    ("CW:HighResAlarm", "Alarms of high resolution", KEPT),
    ("CW:CompositeAlarm", "Composite alarms", KEPT),
    ("DashboardsUsageHour", "Dashboards", KEPT),
    ("AWSSecretsManager-Secrets", "Secrets", KEPT),
    ("KMS-Keys", "Keys", KEPT),
    ("WebACL", "Web ACLs", KEPT),
)
"""How usage types begin that cost without use, what they are, and why; the first that fits."""

MONTHLY = ("HostedZone", "activePipeline", "HeavyUsage", "Multi-HeavyUsage")
"""How those of them begin that are charged once a month, mostly on its first day."""


@dataclass(frozen=True, slots=True)
class IdleLine:
    """A usage type of one service that costs without use."""

    service: str
    usage_type: str
    region: str
    title: str
    usd_per_month: Decimal
    why: str


@dataclass(frozen=True, slots=True)
class Idle:
    """What would go on being billed if nobody used anything, at the rate of the last days.

    ``share`` is of the whole bill of those days.
    """

    lines: tuple[IdleLine, ...] = ()
    usd_per_month: Decimal = Decimal(0)
    share: float = 0.0
    days: int = 0


def kind_of(usage_type: str) -> tuple[str, str] | None:
    """Title and reason of a usage type that costs without use, None for others."""
    _, bare = split(usage_type)
    found = (kind for kind in KINDS if bare.startswith(kind[0]))
    return next(((title, why) for _, title, why in found), None)


def is_monthly(usage_type: str) -> bool:
    """Whether a usage type is charged once a month, so that a day says nothing about the next."""
    return split(usage_type)[1].startswith(MONTHLY)


def idle(answer: SpendAnswer, months: SpendAnswer, this_month: datetime) -> Idle:
    """Lines by amount, from the whole days of an answer by service and usage type.

    What is charged once a month is taken from ``months``: the month before and this one.
    """
    days = whole_slots(answer)
    if not days:
        return Idle()
    found = [*_lines(answer, days), *_monthly_lines(months, this_month)]
    lines = tuple(sorted(found, key=lambda line: -line.usd_per_month))
    usd = sum((line.usd_per_month for line in lines), Decimal(0))
    known = [total for total in answer.totals[:days] if total is not None]
    fees = [_sum(row.amounts[:days]) for row in answer.rows if is_monthly(row.key[1])]
    once = [line.usd_per_month for line in lines if is_monthly(line.usage_type)]
    daily = (_sum(known) - _sum(fees)) / len(known)
    month = daily * DAYS_A_MONTH + _sum(once)
    return Idle(lines, usd, float(usd / month) if month > 0 else 0.0, len(known))


def _lines(answer: SpendAnswer, days: int) -> Iterator[IdleLine]:
    for row in answer.rows:
        known = [amount for amount in row.amounts[:days] if amount is not None]
        if known and not is_monthly(row.key[1]):
            yield from _line(row, sum(known, Decimal(0)) / len(known) * DAYS_A_MONTH)


def _monthly_lines(months: SpendAnswer, this_month: datetime) -> Iterator[IdleLine]:
    """The sum of the last whole month, or of this one where that has none or is not known."""
    at = sum(slot < this_month for slot in months.slots)
    is_known = None not in months.totals[:at]
    for row in months.rows:
        if is_monthly(row.key[1]):
            last, this = _sum(row.amounts[:at]), _sum(row.amounts[at:])
            yield from _line(row, last if this <= 0 or (is_known and last > 0) else this)


def _line(row: SpendRow, usd_per_month: Decimal) -> Iterator[IdleLine]:
    """One line; none of what does not cost, or not without use."""
    kind = kind_of(row.key[1])
    if kind is None or usd_per_month <= 0:
        return
    usd = usd_per_month.quantize(Decimal("0.01"), ROUND_HALF_UP)
    region, _ = split(row.key[1])
    yield IdleLine(row.key[0], row.key[1], region, kind[0], usd, kind[1])


def _sum(amounts: Sequence[Decimal | None]) -> Decimal:
    return sum((amount for amount in amounts if amount is not None), Decimal(0))
