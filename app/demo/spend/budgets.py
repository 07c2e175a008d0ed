"""The budgets of the paying account, with what is spent and expected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np

from app.demo.refusal import Refused
from app.demo.spend.book import ONE_USD, SpendBook, Statement
from app.demo.spend.charges import CREDIT, Charge
from app.demo.spend.days import day_of
from app.demo.telemetry.fields import Request, items, number, text

Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class Budget:
    """A monthly budget; ``thresholds`` are type, percent and kind of threshold."""

    name: str
    limit: float
    wanted: Callable[[Charge], bool]
    filters: dict[str, list[str]] = field(default_factory=dict)
    thresholds: tuple[tuple[str, float, str], ...] = ()
    kind: str = "COST"
    unit: str = "USD"


def budgets_of(book: SpendBook) -> tuple[Budget, ...]:
    """What the pretend organisation has set itself."""
    staging = [d.account.id for d in book.deployments if d.account.id != book.payer]
    return (
        Budget(
            "blog-monthly", 2100.0, lambda c: c.record_type != CREDIT,
            thresholds=(("ACTUAL", 80.0, "PERCENTAGE"), ("FORECASTED", 100.0, "PERCENTAGE")),
        ),
        Budget(
            "nat-traffic", 45.0, lambda c: c.usage_type.endswith("NatGateway-Bytes"),
            {"UsageType": ["EUC1-NatGateway-Bytes"]}, (("FORECASTED", 80.0, "PERCENTAGE"),),
        ),
        Budget(
            "staging", 520.0, lambda c: c.place.account in staging,
            {"LinkedAccount": staging}, (("ACTUAL", 450.0, "ABSOLUTE_VALUE"),),
        ),
        Budget(
            "lambda-gb-seconds", 9_000_000.0, lambda c: c.usage_type.endswith("Lambda-GB-Second"),
            {"UsageType": ["EUC1-Lambda-GB-Second", "Lambda-GB-Second"]},
            (("ACTUAL", 90.0, "PERCENTAGE"),), kind="USAGE", unit="Lambda-GB-Second",
        ),
    )  # fmt: skip


def describe_budgets(book: SpendBook, account: str, request: Request, now: datetime) -> Json:
    """The budgets of the account that asks; only the paying one has any."""
    _own(account, request)
    found = budgets_of(book) if account == book.payer else ()
    start = int(text(request.get("NextToken")) or 0)
    size = int(number(request.get("MaxResults", 100), "MaxResults"))
    answer: Json = {
        "Budgets": [_described(book, budget, now) for budget in found[start : start + size]]
    }
    if start + size < len(found):
        answer["NextToken"] = str(start + size)
    return answer


def describe_notifications(book: SpendBook, account: str, request: Request, now: datetime) -> Json:
    """The thresholds of one budget, and which are crossed."""
    _own(account, request)
    name = text(request.get("BudgetName"))
    found = [b for b in budgets_of(book) if b.name == name and account == book.payer]
    if not found:
        raise Refused(
            "NotFoundException", f"Unable to get budget: {name} - the budget doesn't exist."
        )
    actual, forecast = _spent(book, found[0], now)
    notifications = []
    for kind, threshold, how in found[0].thresholds:
        reached = actual if kind == "ACTUAL" else forecast
        limit = threshold if how == "ABSOLUTE_VALUE" else found[0].limit * threshold / 100.0
        notifications.append(
            {
                "NotificationType": kind,
                "ComparisonOperator": "GREATER_THAN",
                "Threshold": threshold,
                "ThresholdType": how,
                "NotificationState": "ALARM" if reached > limit else "OK",
            }
        )
    return {"Notifications": notifications}


def _own(account: str, request: Request) -> None:
    asked = text(request.get("AccountId"))
    if asked != account:
        raise Refused("AccessDeniedException", f"Account {account} is not allowed to view {asked}.")
    if any(not isinstance(item, str) for item in items(request.get("AccountId"))):
        raise Refused("InvalidParameterException", "AccountId has 12 digits.")


def _described(book: SpendBook, budget: Budget, now: datetime) -> Json:
    actual, forecast = _spent(book, budget, now)
    month = datetime(now.year, now.month, 1, tzinfo=UTC)
    refreshed = now.replace(hour=now.hour // 8 * 8, minute=0, second=0, microsecond=0)
    described: Json = {
        "BudgetName": budget.name,
        "BudgetLimit": _money(budget.limit, budget.unit),
        "CostFilters": budget.filters,
        "TimeUnit": "MONTHLY",
        "TimePeriod": {"Start": _since(book, now), "End": 3706473600},
        "CalculatedSpend": {
            "ActualSpend": _money(actual, budget.unit),
            "ForecastedSpend": _money(forecast, budget.unit),
        },
        "BudgetType": budget.kind,
        "LastUpdatedTime": max(refreshed, month).timestamp(),
        "HealthStatus": {"Status": "HEALTHY", "LastUpdatedTime": refreshed.timestamp()},
    }
    if budget.kind == "COST":
        described["CostTypes"] = {
            "IncludeCredit": False, "IncludeTax": True, "IncludeSubscription": True,
            "UseBlended": False, "IncludeRefund": False, "IncludeUpfront": True,
            "IncludeRecurring": True, "IncludeOtherSubscription": True, "IncludeSupport": True,
            "IncludeDiscount": True, "UseAmortized": False,
        }  # fmt: skip
    return described


def _spent(book: SpendBook, budget: Budget, now: datetime) -> tuple[float, float]:
    """What is spent this month, and what the whole month should cost."""
    known, whole = book.known(now), book.whole(now)
    first, end, today = _month(known, now)
    actual = _sum(known, budget, slice(first, end))
    rest = _sum(whole, budget, slice(max(today - 1, first), end))
    settled = _sum(known, budget, slice(first, max(today - 1, first)))
    return actual, settled + rest


def _month(statement: Statement, now: datetime) -> tuple[int, int, int]:
    today = statement.column(day_of(now))
    months = statement.calendar.months
    inside = np.flatnonzero(months == months[today])
    return int(inside[0]), int(inside[-1]) + 1, today


def _sum(statement: Statement, budget: Budget, columns: slice) -> float:
    rows = [row for row, charge in enumerate(statement.charges) if budget.wanted(charge)]
    if budget.kind == "USAGE":
        return float(statement.quantity[rows, columns].sum())
    return float(statement.unblended[rows, columns].sum()) / ONE_USD


def _money(value: float, unit: str) -> Json:
    return {"Amount": f"{value:.3f}".rstrip("0").rstrip("."), "Unit": unit}


def _since(book: SpendBook, now: datetime) -> int:
    return book.known(now).first * 86_400
