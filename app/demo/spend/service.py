"""The operations about spend of one endpoint; none of them goes to moto."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from app.demo.answer import Answer
from app.demo.call import Call, Wire
from app.demo.faults import Fault, FaultKind
from app.demo.hollow import HollowPages, without_mark
from app.demo.refusal import Refused
from app.demo.spend import advice, budgets, coverage, explorer, free_tier, outlook, price_list
from app.demo.spend.book import SpendBook
from app.demo.telemetry.fields import Request, mapping, text

Make = Callable[[SpendBook, str, Request, datetime], dict[str, Any]]

_OPERATIONS: Mapping[tuple[str, str], Make] = {
    ("ce", "GetCostForecast"): outlook.cost_forecast,
    ("ce", "GetAnomalies"): outlook.anomalies,
    ("ce", "GetSavingsPlansCoverage"): coverage.savings_plans_coverage,
    ("ce", "GetSavingsPlansUtilization"): coverage.savings_plans_utilization,
    ("ce", "GetReservationCoverage"): coverage.reservation_coverage,
    ("ce", "GetReservationUtilization"): coverage.reservation_utilization,
    ("ce", "GetRightsizingRecommendation"): advice.rightsizing,
    ("budgets", "DescribeBudgets"): budgets.describe_budgets,
    ("budgets", "DescribeNotificationsForBudget"): budgets.describe_notifications,
    ("freetier", "GetFreeTierUsage"): free_tier.free_tier_usage,
    ("freetier", "GetAccountPlanState"): free_tier.account_plan,
    ("pricing", "GetProducts"): price_list.get_products,
    ("cost-optimization-hub", "ListEnrollmentStatuses"): advice.enrollment_statuses,
    ("cost-optimization-hub", "ListRecommendations"): advice.recommendations,
}
_COSTS = ("ce", "GetCostAndUsage")


class Spend:
    """Answers from one book; ``page_groups`` is how many groups Cost Explorer tells on a page."""

    def __init__(self, book: SpendBook) -> None:
        self.book = book
        self.page_groups = explorer.PAGE_GROUPS
        self._hollow = HollowPages()

    def answers(self, call: Call) -> bool:
        """Whether this call is answered here and not by moto."""
        operation = (call.api, call.operation)
        return call.wire is Wire.JSON and (operation in _OPERATIONS or operation == _COSTS)

    def answer(self, call: Call, now: datetime, faults: Sequence[Fault] = ()) -> Answer:
        """The answer; Refused if AWS would refuse."""
        request = _read(call.body)
        if (call.api, call.operation) == _COSTS:
            return _written(self._costs(call, request, now, faults))
        make = _OPERATIONS[call.api, call.operation]
        return _written(make(self.book, call.account, request, now))

    def _costs(
        self, call: Call, request: Request, now: datetime, faults: Sequence[Fault]
    ) -> dict[str, Any]:
        kinds: dict[FaultKind, Fault] = {fault.kind: fault for fault in faults}
        token = text(request.get("NextPageToken"))
        hollow = self._hollow.token_of(call, token, kinds)
        if hollow:
            return {"ResultsByTime": [], "NextPageToken": hollow}
        plain = {name: value for name, value in request.items() if name != "NextPageToken"}
        if without_mark(token):
            plain["NextPageToken"] = without_mark(token)
        return explorer.cost_and_usage(self.book, call.account, plain, now, self.page_groups)


def _read(body: bytes) -> Request:
    try:
        return mapping(orjson.loads(body or b"{}"))
    except orjson.JSONDecodeError as error:
        raise Refused("SerializationException", f"The request is not JSON: {error}") from error


def _written(answer: Mapping[str, object]) -> Answer:
    headers = {"x-amzn-requestid": "00000000-0000-4000-8000-000000000000"}
    return Answer(200, "application/x-amz-json-1.1", orjson.dumps(answer), headers)
