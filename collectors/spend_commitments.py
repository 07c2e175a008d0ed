"""Savings plans and reservations: what they cover and how much of them is used.

An account without any gets DataUnavailableException, which means none and not an error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.model.errors import NotEnabled
from app.model.rounds import Batch
from app.model.spend import FactKind, SpendFacts
from app.model.time import floor
from collectors.spend_asking import Asking

DAY = timedelta(days=1)
LENGTH = timedelta(days=60)

Content = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Commitment:
    """One operation that tells a figure a day."""

    name: str
    operation: str
    kind: FactKind
    results: str
    token: str
    content: Callable[[Mapping[str, Any]], Content]


def commitment(asking: Asking, what: Commitment, most: int) -> Batch:
    """The last 60 days as facts, none where there is no commitment."""
    end = floor(asking.now, DAY)
    period = {"Start": f"{end - LENGTH:%Y-%m-%d}", "End": f"{end:%Y-%m-%d}"}
    pages: Sequence[Mapping[str, Any]] = ()
    more = False
    try:
        params = {"TimePeriod": period, "Granularity": "DAILY"}
        pages, more = asking.pages(what.operation, params, most, what.token)
    except NotEnabled as error:
        if error.code != "DataUnavailableException":
            raise
    if more:
        return Batch(notes=[f"{what.operation} has more pages than requests left today"])
    days = [each for page in pages for each in page.get(what.results) or ()]
    found = {_day(each): {"day": _day(each), **what.content(each)} for each in days}
    return Batch(spend_facts=[SpendFacts(what.kind, asking.place.account, asking.now, found)])


def _day(each: Mapping[str, Any]) -> str:
    return str(each["TimePeriod"]["Start"])[:10]


def _plans_coverage(each: Mapping[str, Any]) -> Content:
    told = each.get("Coverage") or {}
    return {
        "covered": _text(told.get("SpendCoveredBySavingsPlans")),
        "on_demand": _text(told.get("OnDemandCost")),
        "total": _text(told.get("TotalCost")),
        "percent": _number(told.get("CoveragePercentage")),
    }


def _plans_utilization(each: Mapping[str, Any]) -> Content:
    used, savings = each.get("Utilization") or {}, each.get("Savings") or {}
    amortized = each.get("AmortizedCommitment") or {}
    return {
        "committed": _text(used.get("TotalCommitment")),
        "used": _text(used.get("UsedCommitment")),
        "unused": _text(used.get("UnusedCommitment")),
        "percent": _number(used.get("UtilizationPercentage")),
        "net_savings": _text(savings.get("NetSavings")),
        "on_demand_equivalent": _text(savings.get("OnDemandCostEquivalent")),
        "amortized": _text(amortized.get("TotalAmortizedCommitment")),
    }


def _reservation_coverage(each: Mapping[str, Any]) -> Content:
    told = each.get("Total") or {}
    hours, cost = told.get("CoverageHours") or {}, told.get("CoverageCost") or {}
    return {
        "on_demand_hours": _number(hours.get("OnDemandHours")),
        "reserved_hours": _number(hours.get("ReservedHours")),
        "total_hours": _number(hours.get("TotalRunningHours")),
        "percent": _number(hours.get("CoverageHoursPercentage")),
        "on_demand_cost": _text(cost.get("OnDemandCost")),
    }


def _reservation_utilization(each: Mapping[str, Any]) -> Content:
    told = each.get("Total") or {}
    return {
        "purchased_hours": _number(told.get("PurchasedHours")),
        "used_hours": _number(told.get("TotalActualHours")),
        "unused_hours": _number(told.get("UnusedHours")),
        "percent": _number(told.get("UtilizationPercentage")),
        "on_demand_equivalent": _text(told.get("OnDemandCostOfRIHoursUsed")),
        "net_savings": _text(told.get("NetRISavings")),
        "amortized": _text(told.get("TotalAmortizedFee")),
        "unused_cost": _text(told.get("RICostForUnusedHours")),
    }


def _text(value: Any) -> str:
    return str(value or "0")


def _number(value: Any) -> float:
    return float(value or 0.0)


COMMITMENTS = (
    Commitment(
        "savings-plans-utilization",
        "GetSavingsPlansUtilization",
        FactKind.SAVINGS_PLANS_UTILIZATION,
        "SavingsPlansUtilizationsByTime",
        "NextToken",
        _plans_utilization,
    ),
    Commitment(
        "savings-plans-coverage",
        "GetSavingsPlansCoverage",
        FactKind.SAVINGS_PLANS_COVERAGE,
        "SavingsPlansCoverages",
        "NextToken",
        _plans_coverage,
    ),
    Commitment(
        "reservation-utilization",
        "GetReservationUtilization",
        FactKind.RESERVATION_UTILIZATION,
        "UtilizationsByTime",
        "NextPageToken",
        _reservation_utilization,
    ),
    Commitment(
        "reservation-coverage",
        "GetReservationCoverage",
        FactKind.RESERVATION_COVERAGE,
        "CoveragesByTime",
        "NextPageToken",
        _reservation_coverage,
    ),
)
