"""What AWS bills for a call: units and list price.

List prices of us-east-1 in US dollars, as of 2026-04. Free parts that an
account shares with its other users are not taken off, so the meter errs on the
dear side. Operations that are not listed are free of charge.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

STATISTICS_PER_UNIT = 5
"""Up to five statistics of one metric in one request are one billed metric."""

SCANNED_AT_ONCE = 1_000
"""Traces that one page of GetTraceSummaries may scan; AWS tells how many only afterwards."""


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for one unit, and the AWS page that says so."""

    usd: Decimal
    unit: str
    source: str


_CLOUDWATCH = "Amazon CloudWatch pricing"
_CLOUDWATCH_REQUEST = Price(Decimal("0.00001"), "request", _CLOUDWATCH)
_COST_EXPLORER = Price(Decimal("0.01"), "request", "AWS Cost Explorer pricing")
_XRAY = Price(Decimal("0.0000005"), "trace", "AWS X-Ray pricing")

PRICES: Mapping[tuple[str, str], Price] = {
    ("cloudwatch", "GetMetricData"): Price(Decimal("0.00001"), "metric", _CLOUDWATCH),
    ("cloudwatch", "GetMetricWidgetImage"): Price(Decimal("0.00002"), "metric", _CLOUDWATCH),
    ("cloudwatch", "*"): _CLOUDWATCH_REQUEST,
    ("ce", "*"): _COST_EXPLORER,
    ("pi", "*"): Price(Decimal("0.00001"), "request", "Amazon RDS Performance Insights pricing"),
    ("sns", "Publish"): Price(Decimal("0.0000005"), "request", "Amazon SNS pricing"),
    ("sqs", "*"): Price(Decimal("0.0000004"), "request", "Amazon SQS pricing"),
    ("s3", "ListBuckets"): Price(Decimal("0.000005"), "request", "Amazon S3 pricing"),
    ("s3", "ListMultipartUploads"): Price(Decimal("0.000005"), "request", "Amazon S3 pricing"),
    ("s3", "ListObjectsV2"): Price(Decimal("0.000005"), "request", "Amazon S3 pricing"),
    ("s3", "*"): Price(Decimal("0.0000004"), "request", "Amazon S3 pricing"),
    ("xray", "GetTraceSummaries"): _XRAY,
    ("xray", "BatchGetTraces"): _XRAY,
}
"""Price of an operation, or of the rest of an API under ``*``."""


def price_of(
    api: str, operation: str, prices: Mapping[tuple[str, str], Price] = PRICES
) -> Price | None:
    """The price of one unit of a call, None where calls are free."""
    return prices.get((api, operation)) or prices.get((api, "*"))


def metric_units(statistics_of: Iterable[object]) -> int:
    """Billed metrics of one GetMetricData request.

    Takes one key a query: equal keys are statistics of the same metric and period.
    """
    counts = Counter(statistics_of)
    return sum(-(-n // STATISTICS_PER_UNIT) for n in counts.values())


def units(api: str, operation: str, params: Mapping[str, Any]) -> int:
    """How many units AWS bills for a call with these parameters, as far as they tell."""
    if (api, operation) == ("xray", "BatchGetTraces"):
        return len(params.get("TraceIds", ()))
    if (api, operation) != ("cloudwatch", "GetMetricData"):
        return 1
    queries = [q for q in params.get("MetricDataQueries", ()) if "MetricStat" in q]
    return metric_units(_metric_key(q) for q in queries)


def scanned_ahead(api: str, operation: str) -> int | None:
    """About how many units one answer may turn out to be, where only the answer tells."""
    return SCANNED_AT_ONCE if (api, operation) == ("xray", "GetTraceSummaries") else None


def units_answered(api: str, operation: str, answer: Mapping[str, Any]) -> int | None:
    """How many units AWS bills after all, where only the answer tells."""
    if (api, operation) != ("xray", "GetTraceSummaries"):
        return None
    return int(answer.get("TracesProcessedCount") or 0)


def _metric_key(query: Mapping[str, Any]) -> tuple[object, ...]:
    stat = query["MetricStat"]
    metric = stat["Metric"]
    dimensions = sorted((d["Name"], d["Value"]) for d in metric.get("Dimensions", ()))
    return (
        query.get("AccountId"),
        metric["Namespace"],
        metric["MetricName"],
        tuple(dimensions),
        stat["Period"],
    )
