"""What usage of a service costs a month, line by line, from a price book.

An estimator is one entry of :data:`ESTIMATORS`: the quantities that it takes, each with
the usage type that it is billed as. Allowances that are always free are taken off first,
as the bill does; those of a first year or of other users of the account are not known here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from app.read.spend.capacity import gb_seconds
from app.read.spend.prices import Price, PriceBook

Number = Decimal | float | int
Quantities = Mapping[str, Decimal]

_CENTS = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class EstimateLine:
    """A quantity a month of one usage type, what of it is free, and what the rest costs."""

    what: str
    usage_type: str
    quantity: Decimal
    free: Decimal
    usd: Decimal
    price: Price


@dataclass(frozen=True, slots=True)
class Estimate:
    """All lines and their sum; ``unpriced`` are usage types without a price, not counted."""

    kind: str
    lines: tuple[EstimateLine, ...]
    unpriced: tuple[str, ...] = ()

    @property
    def total(self) -> Decimal:
        return sum((line.usd for line in self.lines), Decimal(0))


@dataclass(frozen=True, slots=True)
class Part:
    """One usage type of an estimator, and how its quantity comes from those that are given."""

    usage_type: str
    quantity: Callable[[Quantities], Decimal]


@dataclass(frozen=True, slots=True)
class Estimator:
    """What can be estimated; ``takes`` are the names and units of its quantities a month."""

    kind: str
    title: str
    service: str
    takes: Mapping[str, str]
    parts: tuple[Part, ...]


def estimate(
    book: PriceBook,
    kind: str,
    quantities: Mapping[str, Number],
    region: str = "",
    *,
    with_free: bool = True,
) -> Estimate:
    """The cost of a month; quantities that are left out are 0. ValueError for unknown names."""
    estimator = _known(kind, quantities)
    given = dict.fromkeys(estimator.takes, Decimal(0))
    given |= {name: Decimal(str(value)) for name, value in quantities.items()}
    lines, unpriced = [], []
    for part in estimator.parts:
        quantity = part.quantity(given)
        price = book.price(part.usage_type, region, estimator.service)
        if price is None and quantity:
            unpriced.append(part.usage_type)
        elif price is not None and quantity:
            lines.append(_line(price, part.usage_type, quantity, with_free))
    return Estimate(kind, tuple(lines), tuple(unpriced))


def _known(kind: str, quantities: Mapping[str, Number]) -> Estimator:
    if kind not in ESTIMATORS:
        raise ValueError(f"there is no estimator {kind}; known are {', '.join(ESTIMATORS)}")
    estimator = ESTIMATORS[kind]
    unknown = [name for name in quantities if name not in estimator.takes]
    if unknown:
        known = ", ".join(estimator.takes)
        raise ValueError(f"{kind} has no quantity {', '.join(unknown)}; it takes {known}")
    return estimator


def _line(price: Price, usage_type: str, quantity: Decimal, with_free: bool) -> EstimateLine:
    free = min(price.free, quantity) if with_free else Decimal(0)
    usd = price.cost(quantity, with_free=with_free)
    return EstimateLine(price.what or usage_type, usage_type, quantity, free, usd, price)


def _of(name: str) -> Callable[[Quantities], Decimal]:
    return lambda given: given[name]


def _duration(given: Quantities) -> Decimal:
    return gb_seconds(given["invocations"], given["average_ms"], given["memory_mb"])


_S3 = "Amazon Simple Storage Service"
_SQS = "Amazon Simple Queue Service"
_SNS = "Amazon Simple Notification Service"
_API = "Amazon API Gateway"
_DYNAMODB = "Amazon DynamoDB"
_OTHER = "EC2 - Other"
_CLOUDWATCH = "AmazonCloudWatch"
_LAMBDA = {"invocations": "", "average_ms": "ms", "memory_mb": "MB"}


def _plain(kind: str, title: str, service: str, parts: Mapping[str, tuple[str, str]]) -> Estimator:
    """Quantities that are billed as they are: name to unit and usage type."""
    return Estimator(
        kind,
        title,
        service,
        {name: unit for name, (unit, _) in parts.items()},
        tuple(Part(usage_type, _of(name)) for name, (_, usage_type) in parts.items()),
    )


def _lambda(kind: str, title: str, suffix: str) -> Estimator:
    parts = (
        Part(f"Request{suffix}", _of("invocations")),
        Part(f"Lambda-GB-Second{suffix}", _duration),
    )
    return Estimator(kind, title, "AWS Lambda", _LAMBDA, parts)


_ALL = (
    _lambda("lambda", "Lambda", ""),
    _lambda("lambda_arm", "Lambda on arm64", "-ARM"),
    _plain(
        "s3",
        "S3 Standard",
        _S3,
        {
            "stored_gb": ("GB", "TimedStorage-ByteHrs"),
            "puts": ("requests", "Requests-Tier1"),
            "gets": ("requests", "Requests-Tier2"),
        },
    ),
    _plain("sqs", "SQS standard queues", _SQS, {"requests": ("requests", "Requests-Tier1")}),
    _plain("sqs_fifo", "SQS FIFO queues", _SQS, {"requests": ("requests", "Requests-FIFO-Tier1")}),
    _plain(
        "sns",
        "SNS",
        _SNS,
        {
            "requests": ("requests", "Requests-Tier1"),
            "http": ("deliveries", "DeliveryAttempts-HTTP"),
            "emails": ("e-mails", "DeliveryAttempts-SMTP"),
        },
    ),
    _plain("api_rest", "REST APIs", _API, {"requests": ("requests", "ApiGatewayRequest")}),
    _plain("api_http", "HTTP APIs", _API, {"requests": ("requests", "ApiGatewayHttpRequest")}),
    _plain(
        "api_websocket",
        "WebSocket APIs",
        _API,
        {
            "messages": ("messages", "ApiGatewayMessage"),
            "minutes": ("connection minutes", "ApiGatewayMinute"),
        },
    ),
    _plain(
        "dynamodb_on_demand",
        "DynamoDB on demand",
        _DYNAMODB,
        {
            "read_units": ("request units", "ReadRequestUnits"),
            "write_units": ("request units", "WriteRequestUnits"),
            "stored_gb": ("GB", "TimedStorage-ByteHrs"),
        },
    ),
    _plain(
        "dynamodb_provisioned",
        "DynamoDB provisioned",
        _DYNAMODB,
        {
            "read_unit_hours": ("unit-hours", "ReadCapacityUnit-Hrs"),
            "write_unit_hours": ("unit-hours", "WriteCapacityUnit-Hrs"),
            "stored_gb": ("GB", "TimedStorage-ByteHrs"),
        },
    ),
    _plain(
        "nat",
        "NAT gateways",
        _OTHER,
        {"hours": ("hours", "NatGateway-Hours"), "gb": ("GB", "NatGateway-Bytes")},
    ),
    _plain(
        "alb",
        "Application Load Balancers",
        "Amazon Elastic Load Balancing",
        {"hours": ("hours", "LoadBalancerUsage"), "lcu_hours": ("LCU-hours", "LCUUsage")},
    ),
    _plain(
        "logs",
        "CloudWatch Logs",
        _CLOUDWATCH,
        {
            "ingested_gb": ("GB", "DataProcessing-Bytes"),
            "stored_gb": ("GB", "TimedStorage-ByteHrs"),
            "scanned_gb": ("GB", "DataScanned-Bytes"),
        },
    ),
    _plain(
        "metrics",
        "CloudWatch metrics, alarms and dashboards",
        _CLOUDWATCH,
        {
            "custom_metrics": ("metrics", "CW:MetricMonitorUsage"),
            "alarms": ("alarms", "CW:AlarmMonitorUsage"),
            "dashboards": ("dashboards", "DashboardsUsageHour"),
            "metric_requests": ("metric requests", "CW:GMD-Metrics"),
        },
    ),
    _plain(
        "route53",
        "Route 53",
        "Amazon Route 53",
        {
            "zones": ("zones", "HostedZone"),
            "queries": ("queries", "DNS-Queries"),
            "health_checks": ("checks", "Health-Check-AWS"),
        },
    ),
    _plain(
        "cloudfront",
        "CloudFront",
        "Amazon CloudFront",
        {
            "out_gb": ("GB", "DataTransfer-Out-Bytes"),
            "requests": ("HTTPS requests", "Requests-Tier2-HTTPS"),
            "functions": ("runs", "Executions-CloudFrontFunctions"),
        },
    ),
    _plain(
        "codepipeline", "CodePipeline", "AWS CodePipeline", {"pipelines": ("", "activePipeline")}
    ),
    _plain(
        "fargate",
        "Fargate",
        "Amazon Elastic Container Service",
        {
            "vcpu_hours": ("vCPU-hours", "Fargate-vCPU-Hours:perCPU"),
            "gb_hours": ("GB-hours", "Fargate-GB-Hours"),
        },
    ),
    _plain(
        "eventbridge",
        "EventBridge",
        "Amazon EventBridge",
        {"events": ("events", "Event-64K-Chunks"), "archived_gb": ("GB", "TimedStorage-ByteHrs")},
    ),
    _plain(
        "transfer",
        "Transfer to the internet",
        "AWS Data Transfer",
        {"out_gb": ("GB", "DataTransfer-Out-Bytes")},
    ),
)
ESTIMATORS: Mapping[str, Estimator] = {each.kind: each for each in _ALL}
