"""What the pretend accounts spend, through real boto3 clients."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from botocore.exceptions import ClientError

from app.demo.faults import Fault, FaultKind
from tests.demo.conftest import NOW, PROD, STAGING

AMERICA = "us-east-1"
OCTOBER = {"Start": "2026-10-01", "End": "2026-11-01"}
UNBLENDED = ["UnblendedCost"]
CUTS = [
    [("DIMENSION", "SERVICE"), ("DIMENSION", "USAGE_TYPE")],
    [("DIMENSION", "LINKED_ACCOUNT"), ("DIMENSION", "SERVICE")],
    [("DIMENSION", "REGION")],
    [("DIMENSION", "RECORD_TYPE")],
    [("TAG", "component"), ("DIMENSION", "SERVICE")],
    [("TAG", "environment")],
    [("TAG", "nobody-uses-this")],
]


def grouped(pairs: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"Type": kind, "Key": key} for kind, key in pairs]


def pages(ce: Any, **request: Any) -> list[dict[str, Any]]:
    got, token = [], {}
    while True:
        got.append(ce.get_cost_and_usage(**request, **token))
        if "NextPageToken" not in got[-1]:
            return got
        token = {"NextPageToken": got[-1]["NextPageToken"]}


def total(answers: list[dict[str, Any]], metric: str = "UnblendedCost") -> Decimal:
    groups = [g for a in answers for r in a["ResultsByTime"] for g in r["Groups"]]
    return sum((Decimal(g["Metrics"][metric]["Amount"]) for g in groups), Decimal(0))


@pytest.fixture
def ce(client):
    return client("ce", AMERICA)


@pytest.mark.parametrize("cut", CUTS, ids=lambda cut: "+".join(key for _, key in cut))
@pytest.mark.parametrize("metric", ["UnblendedCost", "NetAmortizedCost"])
def test_any_grouping_sums_to_the_same_bill(ce, cut, metric):
    asked = {"TimePeriod": OCTOBER, "Granularity": "DAILY", "Metrics": [metric]}
    [whole] = ce.get_cost_and_usage(**asked | {"Granularity": "MONTHLY"})["ResultsByTime"]
    parts = pages(ce, **asked, GroupBy=grouped(cut))
    assert total(parts, metric) == Decimal(whole["Total"][metric]["Amount"])


def test_pages_together_hold_every_group_once(aws, ce):
    asked = {
        "TimePeriod": OCTOBER, "Granularity": "DAILY", "Metrics": UNBLENDED,
        "GroupBy": grouped(CUTS[0]),
    }  # fmt: skip
    [one] = pages(ce, **asked)
    aws.spend.page_groups = 700
    try:
        many = pages(ce, **asked)
    finally:
        aws.spend.page_groups = 5_000
    told = [
        (r["TimePeriod"]["Start"], *g["Keys"])
        for a in many
        for r in a["ResultsByTime"]
        for g in r["Groups"]
    ]
    assert len(many) == 3
    assert len(told) == len(set(told)) == sum(len(r["Groups"]) for r in one["ResultsByTime"])


def test_each_page_counts_as_a_request(aws, ce):
    aws.spend.page_groups = 700
    try:
        asked = pages(
            ce, TimePeriod=OCTOBER, Granularity="DAILY", Metrics=UNBLENDED,
            GroupBy=grouped(CUTS[0]),
        )  # fmt: skip
    finally:
        aws.spend.page_groups = 5_000
    assert aws.counters.units("ce", "GetCostAndUsage") == len(asked)


def test_a_member_account_sees_its_own_spend_only(client):
    asked = {
        "TimePeriod": OCTOBER, "Granularity": "MONTHLY", "Metrics": UNBLENDED,
        "GroupBy": grouped([("DIMENSION", "LINKED_ACCOUNT")]),
    }  # fmt: skip

    def accounts(account: str) -> list[str]:
        [result] = client("ce", AMERICA, account).get_cost_and_usage(**asked)["ResultsByTime"]
        return [group["Keys"][0] for group in result["Groups"]]

    assert accounts(PROD) == [PROD, STAGING]
    assert accounts(STAGING) == [STAGING]


def daily(ce: Any, start: str, end: str) -> dict[str, tuple[Decimal, bool]]:
    answer = ce.get_cost_and_usage(
        TimePeriod={"Start": start, "End": end}, Granularity="DAILY", Metrics=UNBLENDED
    )
    return {
        r["TimePeriod"]["Start"]: (
            Decimal(r["Total"]["UnblendedCost"]["Amount"]), r["Estimated"]
        )
        for r in answer["ResultsByTime"]
    }  # fmt: skip


def test_the_last_days_are_revised_and_a_closed_month_is_not(aws, ce):
    before = daily(ce, "2026-10-20", "2026-11-24")
    aws.clock.set(NOW + timedelta(days=3))
    after = daily(ce, "2026-10-20", "2026-11-24")
    changed = [day for day in before if before[day] != after[day]]
    assert changed == ["2026-11-21", "2026-11-22", "2026-11-23"]
    assert before["2026-10-31"][1] is False
    assert before["2026-11-01"][1] is True


def test_a_month_is_corrected_once_more_when_it_is_closed(aws, ce):
    aws.clock.set(datetime(2026, 11, 7, 12, tzinfo=UTC))
    before = daily(ce, "2026-10-20", "2026-10-21")
    aws.clock.set(datetime(2026, 11, 8, 12, tzinfo=UTC))
    after = daily(ce, "2026-10-20", "2026-10-21")
    assert before["2026-10-20"][1]
    assert not after["2026-10-20"][1]
    assert before["2026-10-20"][0] != after["2026-10-20"][0]


def test_fees_are_on_the_first_and_weekends_are_cheaper(ce):
    days = {
        date.fromisoformat(day): usd
        for day, (usd, _) in daily(ce, "2026-08-01", "2026-09-01").items()
    }
    first = days.pop(date(2026, 8, 1))
    assert first > 60 + max(days.values())
    by_weekday = defaultdict(list)
    for day, usd in days.items():
        by_weekday[day.weekday() == 5].append(usd)
    assert sum(by_weekday[True]) / len(by_weekday[True]) < Decimal("0.97") * sum(
        by_weekday[False]
    ) / len(by_weekday[False])


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"TimePeriod": {"Start": "2025-09-30", "End": "2025-10-02"}}, "too old"),
        ({"TimePeriod": {"Start": "2026-10-02", "End": "2026-10-02"}}, "before end date"),
        ({"Granularity": "HOURLY"}, "Hourly"),
        ({"GroupBy": grouped([("TAG", "a"), ("TAG", "b"), ("TAG", "c")])}, "GroupBy"),
        ({"Metrics": ["Cost"]}, "Metrics"),
    ],
)
def test_cost_explorer_refuses_what_aws_refuses(ce, change, says):
    asked = {"TimePeriod": OCTOBER, "Granularity": "DAILY", "Metrics": UNBLENDED}
    with pytest.raises(ClientError, match=says):
        ce.get_cost_and_usage(**asked | change)


def test_too_many_requests_are_refused_in_cost_explorers_words(aws, ce):
    aws.faults.add(Fault(FaultKind.THROTTLE, api="ce", times=1))
    with pytest.raises(ClientError, match="LimitExceededException"):
        daily(ce, "2026-10-01", "2026-10-02")


def test_the_forecast_begins_today_and_holds_its_mean(ce):
    period = {"Start": "2026-11-24", "End": "2026-12-01"}
    told = ce.get_cost_forecast(
        TimePeriod=period, Metric="UNBLENDED_COST", Granularity="DAILY", PredictionIntervalLevel=95
    )
    days = told["ForecastResultsByTime"]
    assert len(days) == 7
    assert Decimal(told["Total"]["Amount"]) == sum(Decimal(day["MeanValue"]) for day in days)
    for day in days:
        low, high = day["PredictionIntervalLowerBound"], day["PredictionIntervalUpperBound"]
        assert Decimal(low) < Decimal(day["MeanValue"]) < Decimal(high)
    with pytest.raises(ClientError, match="today"):
        ce.get_cost_forecast(
            TimePeriod=period | {"Start": "2026-11-23"},
            Metric="UNBLENDED_COST",
            Granularity="DAILY",
        )


def test_a_flood_through_the_nat_gateway_is_an_anomaly_with_its_cause(ce):
    found = ce.get_anomalies(DateInterval={"StartDate": "2026-09-01", "EndDate": "2026-11-24"})
    assert len(found["Anomalies"]) >= 4
    for anomaly in found["Anomalies"]:
        [cause] = anomaly["RootCauses"]
        assert cause["UsageType"] == "EUC1-NatGateway-Bytes"
        assert anomaly["Impact"]["TotalImpact"] > 0


def test_commitments_are_used_and_cover_a_part(client):
    ce, period = client("ce", AMERICA), {"Start": "2026-11-01", "End": "2026-11-20"}
    plans = ce.get_savings_plans_utilization(TimePeriod=period, Granularity="DAILY")
    assert len(plans["SavingsPlansUtilizationsByTime"]) == 19
    assert 80 < float(plans["Total"]["Utilization"]["UtilizationPercentage"]) <= 100
    covered = ce.get_savings_plans_coverage(TimePeriod=period, Granularity="DAILY")
    assert 0 < float(covered["SavingsPlansCoverages"][0]["Coverage"]["CoveragePercentage"]) < 50
    hours = ce.get_reservation_coverage(TimePeriod=period, Granularity="DAILY")
    assert hours["CoveragesByTime"][0]["Total"]["CoverageHours"]["ReservedHours"] == "24"
    used = ce.get_reservation_utilization(TimePeriod=period, Granularity="DAILY")
    assert used["UtilizationsByTime"][0]["Total"]["UtilizationPercentage"] == "100"
    with pytest.raises(ClientError, match="DataUnavailable"):
        client("ce", AMERICA, STAGING).get_reservation_coverage(TimePeriod=period)


def test_budgets_tell_what_is_spent_and_expected(client):
    budgets = client("budgets", AMERICA)
    found = budgets.describe_budgets(AccountId=PROD)["Budgets"]
    assert [b["BudgetName"] for b in found] == [
        "blog-monthly", "nat-traffic", "staging", "lambda-gb-seconds",
    ]  # fmt: skip
    spend = found[0]["CalculatedSpend"]
    assert 0 < Decimal(spend["ActualSpend"]["Amount"]) < Decimal(spend["ForecastedSpend"]["Amount"])
    told = budgets.describe_notifications_for_budget(AccountId=PROD, BudgetName="blog-monthly")
    assert {n["NotificationType"]: n["NotificationState"] for n in told["Notifications"]} == {
        "ACTUAL": "ALARM", "FORECASTED": "ALARM",
    }  # fmt: skip


def test_the_paying_account_reads_its_free_tier_and_plan(client):
    free = client("freetier", AMERICA)
    used = {u["usageType"]: u for u in free.get_free_tier_usage()["freeTierUsages"]}
    lambdas = used["Global-Lambda-GB-Second"]
    assert lambdas["limit"] == 400_000
    assert lambdas["actualUsageAmount"] <= lambdas["forecastedUsageAmount"]
    assert free.get_account_plan_state()["accountPlanType"] == "PAID"
    staging = client("freetier", AMERICA, STAGING)
    assert staging.get_account_plan_state()["accountPlanType"] == "FREE"
    with pytest.raises(ClientError, match="AccessDenied"):
        staging.get_free_tier_usage()


def test_the_hub_recommends_to_accounts_that_are_enrolled(client):
    hub = client("cost-optimization-hub", AMERICA)
    assert hub.list_enrollment_statuses()["items"][0]["status"] == "Active"
    items = [
        item
        for page in hub.get_paginator("list_recommendations").paginate(maxResults=2)
        for item in page["items"]
    ]
    assert {item["actionType"] for item in items} == {
        "MigrateToGraviton", "Rightsize", "Upgrade", "PurchaseSavingsPlans",
    }  # fmt: skip
    savings = [item["estimatedMonthlySavings"] for item in items]
    assert savings == sorted(savings, reverse=True)
    other = client("cost-optimization-hub", AMERICA, STAGING)
    assert other.list_enrollment_statuses()["items"][0]["status"] == "Inactive"


def test_rightsizing_names_the_machine_and_what_it_saves(ce):
    found = ce.get_rightsizing_recommendation(Service="AmazonEC2")["RightsizingRecommendations"]
    assert [each["CurrentInstance"]["InstanceName"] for each in found] == [
        "bastion", "build-runner",
    ]  # fmt: skip
