"""What costs nothing to ask: budgets, free tier, the account's plan."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from app.aws import Aws
from app.model.errors import AwsError, Denied, NotEnabled
from app.model.ids import Place
from app.model.rounds import Batch
from app.model.spend import FactKind, SpendFacts
from collectors.asking import is_refused
from collectors.spend_asking import COLLECTOR

FREE_TIER_KEY = ("service", "usage_type", "region", "operation", "kind")

Content = dict[str, Any]


def budgets(aws: Aws, place: Place, now: datetime) -> Batch:
    """All budgets with their thresholds; one whose thresholds may not be read says so."""
    params = {"AccountId": place.account, "MaxResults": 100}
    pages = aws.pages(place, "budgets", "DescribeBudgets", params, collector=COLLECTOR)
    found = {
        str(each["BudgetName"]): _budget(place.account, each)
        for page in pages
        for each in page.get("Budgets") or ()
    }
    notes: dict[str, None] = {}
    for name, content in found.items():
        try:
            content["notifications"] = _notifications(aws, place, name)
        except AwsError as error:
            if not is_refused(error):
                raise
            notes[error.message] = None
    return facts(FactKind.BUDGET, place, now, found, pages.cut, *notes)


def free_tier(aws: Aws, place: Place, now: datetime) -> Batch:
    """How much of each free allowance is used, and the account's plan.

    A member of an organisation may not ask for the first; that is no failure.
    """
    plan, told = _plan(aws, place, now)
    params = {"maxResults": 1_000}
    try:
        pages = aws.pages(place, "freetier", "GetFreeTierUsage", params, collector=COLLECTOR)
        found = {
            "|".join(content[name] for name in FREE_TIER_KEY): content
            for page in pages
            for content in map(_allowance, page.get("freeTierUsages") or ())
        }
    except Denied as error:
        if plan is None:
            raise
        return Batch(spend_facts=[plan], notes=[error.message])
    usage = SpendFacts(FactKind.FREE_TIER, place.account, now, found)
    sets = [each for each in (usage if not pages.cut else None, plan) if each is not None]
    return Batch(spend_facts=sets, notes=[note for note in (pages.cut, told) if note])


def facts(
    kind: FactKind, place: Place, now: datetime, found: Mapping[str, Content], cut: str, *more: str
) -> Batch:
    """A list that was cut says nothing about what it leaves out, so the older one stays."""
    sets = [] if cut else [SpendFacts(kind, place.account, now, found)]
    return Batch(spend_facts=sets, notes=[note for note in (cut, *more) if note])


def _notifications(aws: Aws, place: Place, budget: str) -> list[Content]:
    params = {"AccountId": place.account, "BudgetName": budget}
    operation = "DescribeNotificationsForBudget"
    return [
        {
            "type": str(each.get("NotificationType")),
            "comparison": str(each.get("ComparisonOperator")),
            "threshold": float(each.get("Threshold") or 0.0),
            "threshold_type": str(each.get("ThresholdType") or "PERCENTAGE"),
            "state": str(each.get("NotificationState") or "OK"),
        }
        for page in aws.pages(place, "budgets", operation, params, collector=COLLECTOR)
        for each in page.get("Notifications") or ()
    ]


def _budget(account: str, each: Mapping[str, Any]) -> Content:
    spend, limit = each.get("CalculatedSpend") or {}, each.get("BudgetLimit") or {}
    period = each.get("TimePeriod") or {}
    return {
        "name": str(each["BudgetName"]),
        "account": account,
        "type": str(each.get("BudgetType") or ""),
        "time_unit": str(each.get("TimeUnit") or ""),
        "unit": str(limit.get("Unit") or (spend.get("ActualSpend") or {}).get("Unit") or ""),
        "limit": _amount(limit),
        "planned": {
            _planned_day(start): _amount(planned)
            for start, planned in (each.get("PlannedBudgetLimits") or {}).items()
        },
        "start": moment(period.get("Start")),
        "end": moment(period.get("End")),
        "actual": _amount(spend.get("ActualSpend")),
        "forecast": _amount(spend.get("ForecastedSpend")),
        "filters": dict(each.get("CostFilters") or {}),
        "filter_expression": each.get("FilterExpression"),
        "cost_types": dict(each.get("CostTypes") or {}),
        "metrics": list(each.get("Metrics") or ()),
        "updated": moment(each.get("LastUpdatedTime")),
        "health": str((each.get("HealthStatus") or {}).get("Status") or ""),
        "notifications": None,
    }


def _planned_day(start: str) -> str:
    """Planned limits are keyed by epoch seconds as text."""
    return f"{datetime.fromtimestamp(float(start), UTC):%Y-%m-%d}"


def _plan(aws: Aws, place: Place, now: datetime) -> tuple[SpendFacts | None, str]:
    try:
        told = aws.call(place, "freetier", "GetAccountPlanState", {}, collector=COLLECTOR)
    except AwsError as error:
        if not (is_refused(error) or error.code == "ResourceNotFoundException"):
            raise
        return None, error.message if isinstance(error, Denied | NotEnabled) else ""
    credits_left = (told.get("accountPlanRemainingCredits") or {}).get("amount")
    account = str(told.get("accountId") or place.account)
    content = {
        "account": account,
        "type": str(told.get("accountPlanType") or ""),
        "status": str(told.get("accountPlanStatus") or ""),
        "credits": None if credits_left is None else str(credits_left),
        "expires": moment(told.get("accountPlanExpirationDate")),
    }
    return SpendFacts(FactKind.ACCOUNT_PLAN, place.account, now, {account: content}), ""


def _allowance(each: Mapping[str, Any]) -> Content:
    forecast = each.get("forecastedUsageAmount")
    return {
        "service": str(each.get("service") or ""),
        "operation": str(each.get("operation") or ""),
        "usage_type": str(each.get("usageType") or ""),
        "region": str(each.get("region") or ""),
        "actual": float(each.get("actualUsageAmount") or 0.0),
        "forecast": None if forecast is None else float(forecast),
        "limit": float(each.get("limit") or 0.0),
        "unit": str(each.get("unit") or ""),
        "description": str(each.get("description") or ""),
        "kind": str(each.get("freeTierType") or ""),
    }


def _amount(told: Mapping[str, Any] | None) -> str | None:
    return str(told["Amount"]) if told and told.get("Amount") is not None else None


def moment(value: Any) -> str | None:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else None
