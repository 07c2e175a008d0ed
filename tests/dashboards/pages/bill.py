"""A bill of two months for the pages about money: three services, two accounts, one tag."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from app.model.findings import Check, CheckRun, Finding, FindingKind, FindingSeverity
from app.model.spend import FactKind, SpendDimension, SpendFacts, Tag
from app.store import Lease, Store
from tests.support.shelf import AWAY, HOME, NOW, Shelf
from tests.support.spend import CUTS, PAYER, days, fill, statements, steady

SERVICES = {
    "ec2": "Amazon Elastic Compute Cloud - Compute",
    "s3": "Amazon Simple Storage Service",
    "lambda": "AWS Lambda",
}


IDLE = Check("EC2-01", "Idle instance", FindingKind.COST, FindingSeverity.MEDIUM, "Stop it.", "ec2")


def put_money(store: Store, lease: Lease) -> None:
    """A bill with a budget, an allowance and a finding, for pages in a browser."""
    _fill(store, lease, None, _facts())
    arn = "arn:aws:ec2:eu-central-1:111111111111:instance/i-small"
    severity, usd = FindingSeverity.MEDIUM, Decimal("7.50")
    found = Finding(IDLE.id, HOME, arn, "i-small", "CPU under 2 %", severity, usd=usd)
    store.findings.replace([CheckRun(IDLE, HOME, NOW, alarm=1)], [found], NOW)


def put_bill(shelf: Shelf, burst: tuple[str, str, str] | None = None) -> None:
    """EC2 10, S3 4 and Lambda 2 (in October 1) USD a day up to yesterday, 23 November.

    ``burst`` are a first day, an end, and so many USD a day more of EC2.
    """
    _fill(shelf.store, shelf.lease, burst)


def _fill(
    store: Store,
    lease: Lease,
    burst: tuple[str, str, str] | None,
    facts: Sequence[SpendFacts] = (),
) -> None:
    window = days("2026-09-01", "2026-11-24")
    charges = [
        *steady(window, {SERVICES["ec2"]: "10", SERVICES["s3"]: "4"}, tags={"team": "web"}),
        *steady(days("2026-09-01", "2026-11-01"), {SERVICES["lambda"]: "1"}, account=AWAY.account),
        *steady(
            days("2026-11-01", "2026-11-24"),
            {SERVICES["lambda"]: "2.00000000001"},
            account=AWAY.account,
            usage_type="Lambda-GB-Second",
            estimated=True,
        ),
    ]
    if burst is not None:
        start, end, usd = burst
        charges += steady(days(start, end), {SERVICES["ec2"]: usd}, quantity=0.0)
    cuts = [*CUTS, (SpendDimension.SERVICE, Tag("team"))]
    told = statements(charges, window, NOW - timedelta(hours=5), cuts)
    fill(store, lease, told, NOW, facts)


def _facts() -> list[SpendFacts]:
    budget = {
        "name": "monthly",
        "type": "COST",
        "time_unit": "MONTHLY",
        "unit": "USD",
        "limit": "400.00",
        "actual": "368.00",
        "forecast": "480.00",
        "filters": {},
        "notifications": [
            {"type": "FORECASTED", "threshold": 100.0, "threshold_type": "PERCENTAGE"}
        ],
    }
    allowance = {
        "service": SERVICES["lambda"],
        "usage_type": "Lambda-GB-Second",
        "region": "global",
        "actual": 360_000,
        "forecast": 470_000,
        "limit": 400_000,
        "unit": "GB-seconds",
        "description": "400,000 GB-seconds a month are free.",
        "kind": "Always Free",
    }
    read = NOW - timedelta(hours=5)
    return [
        SpendFacts(FactKind.BUDGET, PAYER, read, {"monthly": budget}),
        SpendFacts(FactKind.FREE_TIER, PAYER, read, {"gb": allowance}),
    ]
