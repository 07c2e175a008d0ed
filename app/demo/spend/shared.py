"""What belongs to no single resource: watching, support, names, credits, commitments."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from app.demo.spend.charges import (
    COVERED,
    CREDIT,
    NEGATION,
    RECURRING,
    RESERVATION_FEE,
    RESERVED,
    SUPPORT,
    Charge,
)
from app.demo.spend.days import Days
from app.demo.spend.lines import CLOUDWATCH, LAMBDA, RDS, XRAY, line
from app.demo.spend.machines import RESERVATION, SAVINGS_PLAN
from app.demo.spend.tariff import AMERICA, GLOBAL, PRICES
from app.demo.world.noise import Floats
from app.demo.world.platform import Deployment
from app.model.ids import Place
from app.model.sizes import BYTES_A_GB

COMMITMENT_USD_PER_HOUR = 0.095
CREDIT_USD_PER_DAY = 1.75
_CREDITED_MONTHS, _OF_MONTHS = 2, 6
SAVINGS_PLANS = "Savings Plans for AWS Compute usage"


def watching(deployment: Deployment) -> Iterator[Charge]:
    """Logs, metrics, alarms and traces of one place."""

    def told(key: str, unit: str, quantity: Callable[[Days], Floats], service: str) -> Charge:
        return line(deployment, service, key, unit, quantity, operation=key, tagged=False)

    calls = sum(route.rate for api in deployment.apis for route in api.routes)
    metrics = 6.0 * len(deployment.functions) * max(deployment.scale, 0.3)

    def logged(days: Days) -> Floats:
        """Somebody leaves the debug level on now and then."""
        per_call = 3_200.0 / BYTES_A_GB
        level = days.stepping("logs", 61, 0.8, 2.2)
        gigabytes: Floats = calls * days.busy * per_call * level + 0.05
        return gigabytes

    yield told("DataProcessing-Bytes", "GB", logged, CLOUDWATCH)
    yield told(
        "Logs:TimedStorage-ByteHrs", "GB-Mo",
        lambda days: days.monthly(90.0 * max(days.scale, 0.2)), CLOUDWATCH,
    )  # fmt: skip
    yield told("CW:MetricMonitorUsage", "Metrics", lambda days: days.monthly(metrics), CLOUDWATCH)
    yield told("CW:AlarmMonitorUsage", "Alarms", lambda days: days.monthly(24.0), CLOUDWATCH)
    yield told(
        "CW:GMD-Metrics", "Metrics",
        lambda days: days.wobbling("gmd", 60_000.0 * max(days.scale, 0.1)), CLOUDWATCH,
    )  # fmt: skip
    yield told("XRay-TracesStored", "Traces", lambda days: calls * days.busy * 0.05, XRAY)


def of_account(deployment: Deployment) -> Iterator[Charge]:
    """What an account pays once: keys, secrets, builds, names."""
    for service, key, unit, number in (
        ("AWS Key Management Service", "KMS-Keys", "Keys", 4.0),
        ("AWS Secrets Manager", "AWSSecretsManager-Secrets", "Secrets", 6.0),
    ):
        yield line(deployment, service, key, unit, _monthly(number), operation=key, tagged=False)
    yield line(
        deployment, "CodeBuild", "Build-Min:Linux:g1.small", "Minutes", _builds,
        operation="arm1.small", resource="blog-web",
    )  # fmt: skip


def of_payer(deployment: Deployment) -> Iterator[Charge]:
    """Fees of the paying account on the first of a month, global services, credits."""
    account = deployment.account
    world = Place(account.id, GLOBAL)
    tags = {"environment": account.environment, "component": "web"}

    def flat(service: str, usage: str, unit: str, usd: float, record: str = "Usage") -> Charge:
        return Charge(
            world, service, usage, "", unit, usd, lambda days: days.on_the_first(1.0), record
        )

    yield flat("AWS Support (Developer)", "Dollar", "Dollar", 29.0, SUPPORT)
    yield flat("Amazon Route 53", "HostedZone", "HostedZone", 0.5)
    yield flat("Commento moderation by Example Corp", "MP:monthly", "Units", 49.0)
    yield Charge(
        world, "Amazon Route 53", "DNS-Queries", "A", "Queries", 0.0000004,
        lambda days: 900.0 * days.busy / 100.0,
    )  # fmt: skip
    yield Charge(
        world, "Amazon CloudFront", "EU-DataTransfer-Out-Bytes", "GET", "GB", 0.085,
        lambda days: 34.0 * days.busy / 1440.0, tags=tags, net=0.82,
    )  # fmt: skip
    yield Charge(
        world, "Amazon CloudFront", "EU-Requests-Tier2-HTTPS", "GET", "Requests", 0.0000012,
        lambda days: 640.0 * days.busy, tags=tags, net=0.82,
    )  # fmt: skip
    yield Charge(
        Place(account.id, AMERICA), "AWS Cost Explorer", "USE1-APIRequest", "GetCostAndUsage",
        "Requests", 0.01, lambda days: days.level(10.0),
    )  # fmt: skip
    yield Charge(
        Place(account.id, "eu-central-1"), LAMBDA, "EUC1-Lambda-GB-Second", "Invoke", "",
        -CREDIT_USD_PER_DAY, _credited, CREDIT,
    )  # fmt: skip


def commitments(payer: Deployment, used: Sequence[Charge]) -> Iterator[Charge]:
    """What the savings plan and the reservations that cover ``used`` cost."""
    covered = [charge for charge in used if charge.record_type == COVERED]
    for charge in covered:
        yield Charge(
            charge.place, charge.service, charge.usage_type, charge.operation, "",
            -charge.price, charge.quantity, NEGATION, charge.tags, charge.resource,
            amortized=lambda days: days.level(0.0),
        )  # fmt: skip

    def unused(days: Days) -> Floats:
        paid = committed(days) - committed_use(days, covered)
        return np.maximum(paid, 0.0)

    if covered:
        yield Charge(
            Place(payer.account.id, GLOBAL), SAVINGS_PLANS, "ComputeSP:1yrNoUpfront", "", "Hrs",
            COMMITMENT_USD_PER_HOUR, lambda days: days.level(24.0), RECURRING, amortized=unused,
        )  # fmt: skip
    for charge in used:
        if charge.record_type == RESERVED:
            yield _reservation_fee(charge)


def committed(days: Days) -> Floats:
    """US dollars a day that the savings plan costs."""
    return days.level(24.0 * COMMITMENT_USD_PER_HOUR)


def committed_use(days: Days, covered: Sequence[Charge]) -> Floats:
    """US dollars a day that it pays for."""
    used = sum((c.quantity(days) * c.price for c in covered), days.level(0.0)) * SAVINGS_PLAN
    return np.minimum(used, committed(days))


def _reservation_fee(charge: Charge) -> Charge:
    kind = charge.usage_type.partition("-")[2] or charge.usage_type
    hourly = PRICES[kind][1] * RESERVATION

    def fee(days: Days) -> Floats:
        return days.on_the_first(1.0) * days.calendar.month_lengths * 24.0

    return Charge(
        charge.place, RDS, charge.usage_type.replace("AZUsage", "HeavyUsage"),
        charge.operation, "Hrs", hourly, fee, RESERVATION_FEE, charge.tags, charge.resource,
        amortized=lambda days: days.level(0.0),
    )  # fmt: skip


def _credited(days: Days) -> Floats:
    """A credit lasts two months, and there is another half a year later."""
    return np.where(days.calendar.months % _OF_MONTHS < _CREDITED_MONTHS, 1.0, 0.0)


def _builds(days: Days) -> Floats:
    workday = (days.numbers + 3) % 7 < 5
    return np.where(workday, 30.0 + 20.0 * days.uniform("builds"), 0.0)


def _monthly(number: float) -> Callable[[Days], Floats]:
    return lambda days: days.monthly(number)
