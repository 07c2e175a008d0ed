"""NAT gateways: what each costs, and those that nothing goes through."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

import numpy as np

from alerts.findings.base import Outcome, Rule, cost_check, fine, found, skipped
from alerts.findings.facts import HOURS_A_MONTH, Facts
from app.model.ids import Resource
from app.model.sizes import billed_gb

_DEAR_A_DAY, _RISEN, _LEAST = Decimal(5), Decimal("1.5"), Decimal(1)
_IDLE_GB = Decimal(1) / 1024
_WEEK = timedelta(days=7)
_DAY_H = 24


def _traffic(facts: Facts) -> Iterator[Outcome]:
    """More than 5 USD a day, or half as much again as on the days before."""
    gateways = facts.listed("nat", "gateway")
    for gateway, hours in zip(gateways, _gigabytes(facts, gateways), strict=True):
        day = sum(hours[-_DAY_H:], Decimal(0))
        before = sum(hours[:-_DAY_H], Decimal(0)) / 6
        cost = facts.cost("NatGateway-Bytes", day * 30, "GB through a NAT gateway")
        a_day = None if cost.usd is None else cost.usd / 30
        if a_day is None:
            yield skipped(gateway, "there is no price of a GB through it")
        elif a_day > _DEAR_A_DAY or (a_day > _LEAST and before and day > before * _RISEN):
            more = f", {day / before:.1f} times the days before" if before else ""
            evidence = {
                "GB in the last 24 hours": round(float(day), 2),
                "until": f"{facts.last(1).end:%Y-%m-%d %H:%M} UTC",
                "GB a day in the 6 days before": round(float(before), 2),
                "the amount is for": "a month of days like the last one",
            }
            reason = f"{day:.1f} GB went through it in 24 hours, {a_day:.2f} USD a day{more}"
            yield found(gateway, reason, evidence, cost)
        else:
            yield fine(gateway)


def _idle(facts: Facts) -> Iterator[Outcome]:
    """A gateway is billed by the hour; less than a megabyte a day is nobody."""
    gateways = facts.listed("nat", "gateway")
    for gateway, hours in zip(gateways, _gigabytes(facts, gateways), strict=True):
        made = str(gateway.configuration.get("CreateTime") or "")
        total = sum(hours, Decimal(0))
        if made and facts.now - datetime.fromisoformat(made) < _WEEK:
            yield skipped(gateway, "it is younger than 7 days")
        elif total / 7 >= _IDLE_GB:
            yield fine(gateway)
        else:
            window = facts.last(7)
            evidence = {
                "MB in 7 days": round(float(total * 1024), 3),
                "from": window.start.date().isoformat(),
                "until": window.end.date().isoformat(),
            }
            cost = facts.cost("NatGateway-Hours", HOURS_A_MONTH, "NAT gateway by the hour")
            yield found(gateway, "next to nothing went through it for 7 days", evidence, cost)


def _gigabytes(facts: Facts, gateways: tuple[Resource, ...]) -> list[list[Decimal]]:
    """What went through each gateway by the hour of 7 days, both ways, as it is billed."""
    out = facts.use(gateways, "BytesOutToDestination").values
    back = facts.use(gateways, "BytesInFromDestination").values
    return [
        [billed_gb(float(each)) for each in (np.nan_to_num(o) + np.nan_to_num(b))]
        for o, b in zip(out, back, strict=True)
    ]


RULES = (
    Rule(
        cost_check(
            "VPC-02",
            "NAT traffic is dear",
            "high",
            "Give S3 and DynamoDB gateway endpoints, and see who sends so much.",
            "nat",
        ),
        _traffic,
    ),
    Rule(
        cost_check(
            "VPC-03",
            "Idle NAT gateway",
            "medium",
            "Delete it if nothing behind it has to get out.",
            "nat",
        ),
        _idle,
    ),
)
