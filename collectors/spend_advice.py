"""What AWS recommends: Cost Optimization Hub, or rightsizing where that is not switched on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws import Aws
from app.model.ids import Place
from app.model.rounds import Batch
from app.model.spend import FactKind
from collectors.spend_asking import COLLECTOR, Asking
from collectors.spend_free import Content, facts, moment

HUB = "cost-optimization-hub"


def recommendations(aws: Aws, place: Place, now: datetime, rightsizing: Asking | None) -> Batch:
    """What Cost Optimization Hub recommends, or else Cost Explorer, if it may be asked."""
    enrolled = aws.call(place, HUB, "ListEnrollmentStatuses", {}, collector=COLLECTOR)
    statuses = [str(item.get("status")) for item in enrolled.get("items") or ()]
    if "Active" in statuses:
        params = {"maxResults": 1_000}
        pages = aws.pages(place, HUB, "ListRecommendations", params, collector=COLLECTOR)
        found = {
            str(each["recommendationId"]): _recommendation(each)
            for page in pages
            for each in page.get("items") or ()
        }
        return facts(FactKind.RECOMMENDATION, place, now, found, pages.cut)
    if rightsizing is not None:
        return _rightsizing(rightsizing)
    note = (
        f"Cost Optimization Hub is not switched on for account {place.account}, so there are "
        "no recommendations of AWS. Switch it on in the Billing console; it is free of charge."
    )
    return Batch(notes=[note])


def _recommendation(each: Mapping[str, Any]) -> Content:
    cost = each.get("estimatedMonthlyCost")
    return {
        "source": "optimization_hub",
        "account": str(each.get("accountId") or ""),
        "region": str(each.get("region") or ""),
        "resource_id": str(each.get("resourceId") or ""),
        "resource_arn": str(each.get("resourceArn") or ""),
        "resource_type": str(each.get("currentResourceType") or ""),
        "action": str(each.get("actionType") or ""),
        "savings": str(each.get("estimatedMonthlySavings") or 0),
        "cost": None if cost is None else str(cost),
        "savings_percent": each.get("estimatedSavingsPercentage"),
        "effort": str(each.get("implementationEffort") or ""),
        "restart_needed": each.get("restartNeeded"),
        "rollback_possible": each.get("rollbackPossible"),
        "current": str(each.get("currentResourceSummary") or ""),
        "recommended": str(each.get("recommendedResourceSummary") or ""),
        "lookback_days": each.get("recommendationLookbackPeriodInDays"),
        "refreshed": moment(each.get("lastRefreshTimestamp")),
        "tags": {str(tag.get("key")): str(tag.get("value")) for tag in each.get("tags") or ()},
    }


def _rightsizing(asking: Asking) -> Batch:
    pages, more = asking.pages("GetRightsizingRecommendation", {"Service": "AmazonEC2"}, most=2)
    each = [r for page in pages for r in page.get("RightsizingRecommendations") or ()]
    contents = map(_rightsized, each)
    found = {f"rightsizing/{c['account']}/{c['resource_id']}": c for c in contents}
    cut = "there are more rightsizing recommendations than requests for them" if more else ""
    return facts(FactKind.RECOMMENDATION, asking.place, asking.now, found, cut)


def _rightsized(each: Mapping[str, Any]) -> Content:
    machine = each.get("CurrentInstance") or {}
    details = (machine.get("ResourceDetails") or {}).get("EC2ResourceDetails") or {}
    targets = (each.get("ModifyRecommendationDetail") or {}).get("TargetInstances") or ()
    target: Mapping[str, Any] = targets[0] if targets else {}
    wanted = (target.get("ResourceDetails") or {}).get("EC2ResourceDetails") or {}
    ends = each.get("TerminateRecommendationDetail") or {}
    stops = each.get("RightsizingType") == "TERMINATE"
    saved = (ends if stops else target).get("EstimatedMonthlySavings")
    return {
        "source": "rightsizing",
        "account": str(each.get("AccountId") or ""),
        "region": str(details.get("Region") or ""),
        "resource_id": str(machine.get("ResourceId") or ""),
        "resource_arn": "",
        "resource_type": "Ec2Instance",
        "action": "Stop" if stops else "Rightsize",
        "savings": str(saved or 0),
        "cost": str(machine["MonthlyCost"]) if machine.get("MonthlyCost") else None,
        "savings_percent": None,
        "effort": "",
        "restart_needed": True,
        "rollback_possible": not stops,
        "current": str(details.get("InstanceType") or ""),
        "recommended": str(wanted.get("InstanceType") or ""),
        "lookback_days": None,
        "refreshed": None,
        "tags": {},
    }
