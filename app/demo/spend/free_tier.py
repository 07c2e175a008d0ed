"""Free allowances and how much of them is used, and the plan of an account."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from app.demo.refusal import Refused
from app.demo.spend.book import SpendBook, Statement
from app.demo.spend.days import day_of
from app.demo.telemetry.fields import Request

Json = dict[str, object]

ALWAYS, FIRST_YEAR = "Always Free", "12 Months Free"
_KB = 1_000_000.0


@dataclass(frozen=True, slots=True)
class _Allowance:
    service: str
    ending: str
    limit: float
    unit: str
    description: str
    kind: str = ALWAYS
    global_: bool = True


_ALLOWANCES = (
    _Allowance(
        "AWS Lambda", "Lambda-GB-Second", 400_000.0, "Lambda-GB-Second",
        "400,000 GB-seconds of compute time per month are always free.",
    ),
    _Allowance(
        "AWS Lambda", "Request", _KB, "Request",
        "1,000,000 free requests per month for AWS Lambda.",
    ),
    _Allowance(
        "Amazon Simple Queue Service", "Requests-RBP", _KB, "Requests",
        "1,000,000 Amazon SQS requests per month are free.",
    ),
    _Allowance(
        "Amazon Simple Notification Service", "Requests-Tier1", _KB, "Requests",
        "1,000,000 Amazon SNS requests per month are free.",
    ),
    _Allowance(
        "AmazonCloudWatch", "DataProcessing-Bytes", 5.0, "GB",
        "5 GB of log data ingestion per month are free.",
    ),
    _Allowance(
        "AmazonCloudWatch", "CW:AlarmMonitorUsage", 10.0, "Alarms",
        "10 alarm metrics per month are free.",
    ),
    _Allowance(
        "Amazon DynamoDB", "TimedStorage-ByteHrs", 25.0, "GB-Mo",
        "25 GB-month of storage is always free for Amazon DynamoDB.", global_=False,
    ),
    _Allowance(
        "AWS X-Ray", "XRay-TracesStored", 100_000.0, "Traces",
        "The first 100,000 traces recorded each month are free.",
    ),
    _Allowance(
        "AWS Key Management Service", "KMS-Requests", 20_000.0, "Requests",
        "20,000 free requests per month for AWS Key Management Service.",
    ),
    _Allowance(
        "Amazon CloudFront", "DataTransfer-Out-Bytes", 1024.0, "GB",
        "1 TB of data transfer out per month is always free for Amazon CloudFront.",
    ),
    _Allowance(
        "CodeBuild", "Build-Min:Linux:g1.small", 100.0, "Minutes",
        "100 free build minutes per month of build.general1.small.",
    ),
)  # fmt: skip


def free_tier_usage(book: SpendBook, account: str, _request: Request, now: datetime) -> Json:
    """All allowances; only the paying account may ask."""
    if account != book.payer:
        raise Refused(
            "AccessDeniedException",
            "Free Tier usage can be read by the management account or a standalone account only.",
        )
    return {"freeTierUsages": list(_usages(book, now))}


def account_plan(book: SpendBook, account: str, _request: Request, now: datetime) -> Json:
    """The paying account has left the free plan; the others are new and have credits left."""
    if account == book.payer:
        return {
            "accountId": account,
            "accountPlanType": "PAID",
            "accountPlanStatus": "ACTIVE",
            "accountPlanRemainingCredits": {"amount": 63.75, "unit": "USD"},
        }
    ends = datetime(now.year, now.month, 1, tzinfo=UTC) + timedelta(days=96)
    left = 100.0 - 2.0 * now.day
    return {
        "accountId": account,
        "accountPlanType": "FREE",
        "accountPlanStatus": "ACTIVE",
        "accountPlanRemainingCredits": {"amount": left, "unit": "USD"},
        "accountPlanExpirationDate": ends.timestamp(),
    }


def _usages(book: SpendBook, now: datetime) -> Iterator[Json]:
    known, whole = book.known(now), book.whole(now)
    for allowance in _ALLOWANCES:
        regions = ("",) if allowance.global_ else _regions(known, allowance)
        for region in regions:
            used = _used(known, allowance, region, now)
            expected = max(_used(whole, allowance, region, now), used)
            yield {
                "service": allowance.service,
                "operation": "",
                "usageType": f"Global-{allowance.ending}" if not region else allowance.ending,
                "region": region or "global",
                "actualUsageAmount": round(used, 4),
                "forecastedUsageAmount": round(expected, 4),
                "limit": allowance.limit,
                "unit": allowance.unit,
                "description": allowance.description,
                "freeTierType": allowance.kind,
            }


def _regions(statement: Statement, allowance: _Allowance) -> tuple[str, ...]:
    found = {
        charge.place.region
        for charge in statement.charges
        if charge.service == allowance.service and charge.usage_type.endswith(allowance.ending)
    }
    return tuple(sorted(found))


def _used(statement: Statement, allowance: _Allowance, region: str, now: datetime) -> float:
    rows = [
        row
        for row, charge in enumerate(statement.charges)
        if charge.service == allowance.service
        and charge.usage_type.endswith(allowance.ending)
        and charge.price > 0
        and region in ("", charge.place.region)
    ]
    months = statement.calendar.months
    inside = np.flatnonzero(months == months[statement.column(day_of(now))])
    return float(statement.quantity[rows, inside[0] : inside[-1] + 1].sum())
