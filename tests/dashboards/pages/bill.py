"""A bill of two months for the pages about money: three services, two accounts, one tag."""

from __future__ import annotations

from datetime import timedelta

from app.model.spend import SpendDimension, Tag
from tests.support.shelf import AWAY, NOW, Shelf
from tests.support.spend import CUTS, days, fill, statements, steady

SERVICES = {
    "ec2": "Amazon Elastic Compute Cloud - Compute",
    "s3": "Amazon Simple Storage Service",
    "lambda": "AWS Lambda",
}


def put_bill(shelf: Shelf, burst: tuple[str, str, str] | None = None) -> None:
    """EC2 10, S3 4 and Lambda 2 (in October 1) USD a day up to yesterday, 23 November.

    ``burst`` are a first day, an end, and so many USD a day more of EC2.
    """
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
        more = steady(days(start, end), {SERVICES["ec2"]: usd}, quantity=0.0)
        charges += more
    cuts = [*CUTS, (SpendDimension.SERVICE, Tag("team"))]
    told = statements(charges, window, NOW - timedelta(hours=5), cuts)
    fill(shelf.store, shelf.lease, told, NOW)
