"""What AWS would change: Cost Optimization Hub and rightsizing recommendations."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from app.demo.spend.book import SpendBook
from app.demo.spend.tariff import price
from app.demo.telemetry.fields import Request, number, text
from app.demo.world.platform import Database, Deployment, Machine

Json = dict[str, object]

HOURS = 730.0
_GRAVITON = {"t3.large": ("t4g.large", 0.80), "t3.micro": ("t4g.nano", 0.40)}


def enrollment_statuses(book: SpendBook, account: str, _request: Request, now: datetime) -> Json:
    """The paying account is enrolled, the others are not."""
    status = "Active" if account == book.payer else "Inactive"
    item = {
        "accountId": account,
        "status": status,
        "lastUpdatedTimestamp": now.replace(hour=0, minute=0, second=0).timestamp(),
        "createdTimestamp": 1_760_000_000.0,
    }
    return {"items": [item], "includeMemberAccounts": account == book.payer}


def recommendations(book: SpendBook, account: str, request: Request, now: datetime) -> Json:
    """One page of recommendations, the greatest saving first."""
    found = sorted(
        (each for d in book.deployments for each in _of(d, now)),
        key=lambda item: (-float(str(item["estimatedMonthlySavings"])), str(item["resourceId"])),
    )
    found = [r for r in found if account in (book.payer, r["accountId"])]
    start = int(text(request.get("nextToken")) or 0)
    size = int(number(request.get("maxResults", 100), "maxResults")) or 100
    answer: Json = {"items": found[start : start + size]}
    if start + size < len(found):
        answer["nextToken"] = str(start + size)
    return answer


def rightsizing(book: SpendBook, account: str, _request: Request, now: datetime) -> Json:
    """Machines that do little."""
    found = [
        _rightsized(deployment, machine)
        for deployment in book.deployments
        for machine in deployment.machines
        if machine.type in _GRAVITON and account in (book.payer, deployment.account.id)
    ]
    return {
        "Metadata": {
            "RecommendationId": "pretend",
            "GenerationTimestamp": now.date().isoformat(),
            "LookbackPeriodInDays": "FOURTEEN_DAYS",
        },
        "Summary": {"TotalRecommendationCount": str(len(found)), "SavingsCurrencyCode": "USD"},
        "RightsizingRecommendations": found,
        "Configuration": {
            "RecommendationTarget": "SAME_INSTANCE_FAMILY",
            "BenefitsConsidered": False,
        },
    }


def _of(deployment: Deployment, now: datetime) -> Iterator[Json]:
    for machine in deployment.machines:
        if machine.type in _GRAVITON:
            yield _smaller_machine(deployment, machine, now)
    if deployment.balancers:
        gigabytes = 200.0
        cost = gigabytes * price("EBS:VolumeUsage.gp2", deployment.place.region)
        yield _item(
            deployment, now, action="Upgrade", kind="EbsVolume", id_="vol-0b10c9a7e1d2f3a45",
            cost=cost, share=0.2, effort="VeryLow",
            current="gp2 200 GiB", recommended="gp3 200 GiB",
        )  # fmt: skip
    for database in deployment.databases:
        if database.replica_of:
            yield _database(deployment, database, now)
    if deployment.account.environment == "production" and deployment.machines[1:]:
        yield _item(
            deployment, now, action="PurchaseSavingsPlans", kind="ComputeSavingsPlans",
            id_="", cost=420.0, share=0.24, effort="VeryLow",
            current="on demand", recommended="1 year, no upfront, $0.42/hour",
            source="CostExplorer",
        )  # fmt: skip


def _smaller_machine(deployment: Deployment, machine: Machine, now: datetime) -> Json:
    to, factor = _GRAVITON[machine.type]
    cost = HOURS * price(f"BoxUsage:{machine.type}", deployment.place.region)
    action = "MigrateToGraviton" if to.endswith("large") else "Rightsize"
    return _item(
        deployment, now, action=action, kind="Ec2Instance", id_=machine.id, cost=cost,
        share=1.0 - factor, effort="Medium", current=machine.type, recommended=to, restart=True,
        tags=deployment.tags,
    )  # fmt: skip


def _database(deployment: Deployment, database: Database, now: datetime) -> Json:
    cost = HOURS * price(f"InstanceUsage:{database.size}", deployment.place.region)
    return _item(
        deployment, now, action="Rightsize", kind="RdsDbInstance", id_=database.name, cost=cost,
        share=0.5, effort="Medium", current=database.size, recommended="db.t4g.medium",
        restart=True, tags=deployment.tags,
    )  # fmt: skip


def _item(deployment: Deployment, now: datetime, **told: Any) -> Json:
    name = f"{deployment.place}/{told['kind']}/{told['id_']}/{now.date()}"
    service = {"Ec2Instance": "ec2", "EbsVolume": "ec2", "RdsDbInstance": "rds"}.get(told["kind"])
    path = {"Ec2Instance": "instance/", "EbsVolume": "volume/", "RdsDbInstance": "db:"}
    arn = deployment.arn(service, path[told["kind"]] + told["id_"]) if service else ""
    item: Json = {
        "recommendationId": hashlib.sha256(name.encode()).hexdigest()[:32],
        "accountId": deployment.account.id,
        "region": deployment.place.region,
        "resourceId": told["id_"],
        "currentResourceType": told["kind"],
        "recommendedResourceType": told["kind"],
        "estimatedMonthlySavings": round(told["cost"] * told["share"], 2),
        "estimatedSavingsPercentage": round(100.0 * told["share"], 2),
        "estimatedMonthlyCost": round(told["cost"], 2),
        "currencyCode": "USD",
        "implementationEffort": told["effort"],
        "restartNeeded": told.get("restart", False),
        "actionType": told["action"],
        "rollbackPossible": told["action"] != "PurchaseSavingsPlans",
        "currentResourceSummary": told["current"],
        "recommendedResourceSummary": told["recommended"],
        "lastRefreshTimestamp": now.replace(hour=0, minute=0, second=0).timestamp(),
        "recommendationLookbackPeriodInDays": 14,
        "source": told.get("source", "ComputeOptimizer"),
        "tags": [{"key": k, "value": v} for k, v in told.get("tags", {}).items()],
    }
    return item | ({"resourceArn": arn} if arn else {})


def _rightsized(deployment: Deployment, machine: Machine) -> Json:
    to, factor = _GRAVITON[machine.type]
    cost = HOURS * price(f"BoxUsage:{machine.type}", deployment.place.region)
    target = {
        "EstimatedMonthlyCost": f"{cost * factor:.2f}",
        "EstimatedMonthlySavings": f"{cost * (1.0 - factor):.2f}",
        "CurrencyCode": "USD",
        "DefaultTargetInstance": True,
        "ResourceDetails": {"EC2ResourceDetails": {"InstanceType": to}},
    }
    return {
        "AccountId": deployment.account.id,
        "CurrentInstance": {
            "ResourceId": machine.id,
            "InstanceName": machine.name,
            "ResourceDetails": {
                "EC2ResourceDetails": {
                    "InstanceType": machine.type,
                    "Region": deployment.place.region,
                }
            },
            "MonthlyCost": f"{cost:.2f}",
            "CurrencyCode": "USD",
        },
        "RightsizingType": "MODIFY",
        "ModifyRecommendationDetail": {"TargetInstances": [target]},
    }
