"""What watching costs: CloudWatch and X-Ray by kind, logs by group, custom metrics by namespace.

The bill tells kinds; which log group or namespace they are for is worked out here, from
bytes that arrived and metrics that are known, at the rates of the bill. What of log ingestion
that does not explain stays *unexplained*: groups that are not collected, or other accounts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.model.logs import LogGroup, LogGroupKey
from app.model.sizes import billed_gb
from app.read.spend.prices import Price, PriceBook
from app.read.spend.question import SpendAnswer
from app.read.spend.usage_types import HOME, split

CLOUDWATCH, XRAY = "AmazonCloudWatch", "AWS X-Ray"
EVENT_BYTES = 26
"""What AWS bills for each log event beside its message (Amazon CloudWatch pricing)."""

KINDS: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (("DataProcessing", "VendedLog"), "ingestion", "Log ingestion"),
    (("TimedStorage",), "storage", "Log storage"),
    (("DataScanned",), "queries", "Logs Insights queries"),
    (("Logs-LiveTail",), "live_tail", "Live Tail"),
    (("CW:MetricMonitorUsage",), "custom_metrics", "Custom metrics"),
    (("CW:GMD", "CW:Requests"), "requests", "Requests for metrics"),
    (("CW:MetricStream", "CW:MetricUpdate"), "streams", "Metric streams"),
    (("CW:Alarm", "CW:HighRes", "CW:Composite"), "alarms", "Alarms"),
    (("Dashboards",), "dashboards", "Dashboards"),
    (("CW:Canary",), "canaries", "Canaries"),
    (("XRay",), "traces", "Traces"),
)
OTHER = ("other", "Other")
_INGESTED, _STORED, _METRICS = (
    "DataProcessing-Bytes",
    "TimedStorage-ByteHrs",
    "CW:MetricMonitorUsage",
)
_INFREQUENT = {"INFREQUENT_ACCESS": "DataProcessingIA-Bytes"}
"""Usage types of what arrives in groups of another class than the standard one."""

_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class ObservabilityKind:
    """One kind of use, with its part of the window's bill."""

    kind: str
    title: str
    usd: Decimal


@dataclass(frozen=True, slots=True)
class GroupCost:
    """A log group: what arrived in the window and its cost, what lies there and its cost a month.

    ``share`` is of all log ingestion on the bill.
    """

    key: LogGroupKey
    bytes: float
    usd: Decimal
    share: float
    stored_bytes: int
    stored_usd_per_month: Decimal
    retention_days: int | None


@dataclass(frozen=True, slots=True)
class NamespaceCost:
    """Custom metrics of a namespace, at the average price of all of them."""

    namespace: str
    metrics: int
    usd_per_month: Decimal


@dataclass(frozen=True, slots=True)
class Observability:
    """The window's bill for watching. ``bytes_from`` says who counted the bytes of log groups."""

    total: Decimal = Decimal(0)
    kinds: tuple[ObservabilityKind, ...] = ()
    log_groups: tuple[GroupCost, ...] = ()
    namespaces: tuple[NamespaceCost, ...] = ()
    unexplained: Decimal = Decimal(0)
    share_of_bill: float = 0.0
    bytes_from: str = ""
    price_said: str = ""


@dataclass(frozen=True, slots=True)
class Arrived:
    """Bytes as AWS bills them by log group, and who counted them."""

    bytes: Mapping[LogGroupKey, float]
    said: str


def observability(
    answer: SpendAnswer,
    arrived: Arrived,
    groups: Sequence[LogGroup],
    custom: Mapping[str, int],
    book: PriceBook,
) -> Observability:
    """Everything about the bill of one window by service and usage type."""
    kinds = _kinds(answer)
    total = sum((kind.usd for kind in kinds), Decimal(0))
    ingestion = next((kind.usd for kind in kinds if kind.kind == "ingestion"), Decimal(0))
    by_group = _groups(arrived, groups, ingestion, book)
    explained = sum((group.usd for group in by_group), Decimal(0))
    price = book.price(_INGESTED, _region(arrived), CLOUDWATCH)
    return Observability(
        total,
        kinds,
        by_group,
        _namespaces(custom, book),
        max(ingestion - explained, Decimal(0)),
        float(total / answer.total) if answer.total > 0 else 0.0,
        arrived.said,
        price.said if price else "",
    )


def kind_of(usage_type: str) -> tuple[str, str]:
    """Name and title of the kind of a usage type of CloudWatch or X-Ray."""
    _, bare = split(usage_type)
    return next((kind[1:] for kind in KINDS if bare.startswith(kind[0])), OTHER)


def _kinds(answer: SpendAnswer) -> tuple[ObservabilityKind, ...]:
    sums: dict[tuple[str, str], Decimal] = {}
    for row in answer.rows:
        if row.key[0] in (CLOUDWATCH, XRAY):
            kind = kind_of(row.key[1])
            sums[kind] = sums.get(kind, Decimal(0)) + row.total
    found = (ObservabilityKind(name, title, usd) for (name, title), usd in sums.items())
    return tuple(sorted(found, key=lambda one: (-one.usd, one.kind)))


def _groups(
    arrived: Arrived, groups: Sequence[LogGroup], ingestion: Decimal, book: PriceBook
) -> tuple[GroupCost, ...]:
    known = {group.key: group for group in groups}
    found = []
    for key in {*arrived.bytes, *(k for k, group in known.items() if group.stored_bytes)}:
        region, group = key.place.region, known.get(key)
        size = arrived.bytes.get(key, 0.0)
        stored = group.stored_bytes if group and group.gone is None else 0
        usage_type = _INFREQUENT.get(group.log_class, _INGESTED) if group else _INGESTED
        usd = _cost(book.price(usage_type, region, CLOUDWATCH), size)
        found.append(
            GroupCost(
                key,
                size,
                usd,
                float(usd / ingestion) if ingestion > 0 else 0.0,
                stored,
                _cost(book.price(_STORED, region, CLOUDWATCH), stored).quantize(_CENT),
                group.retention_days if group else None,
            )
        )
    return tuple(sorted(found, key=lambda one: (-one.usd, -one.stored_bytes, one.key.name)))


def _cost(price: Price | None, size: float) -> Decimal:
    return price.cost(billed_gb(size)) if price else Decimal(0)


def _namespaces(custom: Mapping[str, int], book: PriceBook) -> tuple[NamespaceCost, ...]:
    price = book.price(_METRICS, HOME, CLOUDWATCH)
    count = sum(custom.values())
    if price is None or not count:
        return ()
    each = price.cost(count) / count
    found = (NamespaceCost(n, many, (each * many).quantize(_CENT)) for n, many in custom.items())
    return tuple(sorted(found, key=lambda one: (-one.metrics, one.namespace)))


def _region(arrived: Arrived) -> str:
    regions = {key.place.region for key in arrived.bytes}
    return next(iter(sorted(regions)), "")


def custom_namespaces(series: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Namespaces that are billed as custom metrics, with how many metrics each has.

    What is made here is not in CloudWatch.
    """
    free = ("AWS/", "Watchdeck/")
    return {name: count for name, count in series if not name.startswith(free)}
