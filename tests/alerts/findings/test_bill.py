"""What stands out in the bill, in budgets and in free tiers; how often each rule is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from alerts.findings import RULES, Facts, Scope, chosen, run_checks
from alerts.findings.run import asked_in, look
from app.config import MoneySettings
from app.model.alarms import AlarmDefinition, DeliveryState, Transition
from app.model.findings import FindingStatus
from app.model.ids import Place
from app.model.spend import FactKind, SpendDimension, SpendFacts, Tag
from app.model.states import AlarmState
from app.model.time import Window
from app.read.books import Books
from app.read.budgets import BudgetsReader
from tests.alerts.findings.yard import alarms, judged, rule_of
from tests.support.shelf import AWAY, HOME, NOW, Shelf
from tests.support.spend import CUTS, PAYER, Charge, day, days, fill, statements, steady

BILL = days("2026-10-20", "2026-11-24")


def billed(shelf: Shelf, charges: Sequence[Charge]) -> None:
    cuts = (*CUTS, (SpendDimension.SERVICE, Tag("team")))
    fill(shelf.store, shelf.lease, statements(charges, BILL, NOW, cuts), NOW)


def facts(shelf: Shelf, kind: FactKind, contents: Mapping[str, Mapping[str, Any]]) -> None:
    fill(shelf.store, shelf.lease, [], NOW, [SpendFacts(kind, PAYER, NOW, contents)])


def says(shelf: Shelf, check: str) -> list[tuple[str, str | None]]:
    run, found = judged(shelf, rule_of(RULES, check))
    assert run.message == ""
    return alarms(found)


def test_a_bill_that_is_not_read_is_no_clean_bill(shelf: Shelf) -> None:
    run, _ = judged(shelf, rule_of(RULES, "ACC-09"))
    assert run.message != ""


def test_a_service_that_costs_a_third_more_is_found(shelf: Shelf) -> None:
    """The newest day that counts is the 22nd: what comes after is not complete."""
    before = steady(days("2026-10-20", "2026-11-16"), {"AmazonS3": "3", "AmazonEC2": "3"})
    after = steady(days("2026-11-16", "2026-11-23"), {"AmazonS3": "4", "AmazonEC2": "3.9"})
    newest = steady(days("2026-11-23", "2026-11-24"), {"AmazonEC2": "900"})
    billed(shelf, [*before, *after, *newest])
    assert says(shelf, "ACC-09") == [("AmazonS3", "30.42")]


FEE = "AWS Support (Business)"


def jumps(shelf: Shelf, charges: Sequence[Charge], start: str = "2026-08-20") -> Any:
    """What ACC-09 says on 5 November, when 28 October to 3 November is the last week."""
    shelf.now = day("2026-11-05") + timedelta(hours=12)
    read = days(start, "2026-11-05")
    fill(shelf.store, shelf.lease, statements(charges, read, shelf.now, CUTS), shelf.now)
    run, found = judged(shelf, rule_of(RULES, "ACC-09"))
    assert run.message == ""
    return alarms(found), run.skip


def firsts(*usd: str) -> list[Charge]:
    """The same fee on the first of September, October and November."""
    at = ("2026-09-01", "2026-10-01", "2026-11-01")
    return [Charge(*each, FEE) for each in zip(at, usd, strict=True) if each[1] != "0"]


@pytest.mark.parametrize(
    ("fees", "expected"),
    [
        pytest.param(("100", "100", "100"), [], id="the same each month"),
        pytest.param(("0", "100", "129"), [], id="a little more"),
        pytest.param(("100", "0", "100"), [], id="left out once"),
        pytest.param(("100", "100", "200"), [(FEE, "100.00")], id="twice as much: the rise, once"),
        pytest.param(("0", "0", "100"), [(FEE, "100.00")], id="new: the charge, once"),
    ],
)
def test_what_comes_each_month_is_no_jump(
    shelf: Shelf, fees: tuple[str, ...], expected: list[tuple[str, str]]
) -> None:
    usage = steady(days("2026-08-20", "2026-11-05"), {"AmazonEC2": "7"})
    assert jumps(shelf, [*firsts(*fees), *usage]) == (expected, 0)


def test_a_fee_hides_no_jump_and_is_no_part_of_one(shelf: Shelf) -> None:
    """3 USD a day became 4 on 28 October; the fee is of the same service."""
    usage = [
        *steady(days("2026-08-20", "2026-10-28"), {FEE: "3"}),
        *steady(days("2026-10-28", "2026-11-05"), {FEE: "4"}),
    ]
    assert jumps(shelf, [*firsts("100", "100", "100"), *usage]) == ([(FEE, "30.42")], 0)


def test_a_first_of_the_month_without_one_before_is_not_judged(shelf: Shelf) -> None:
    assert jumps(shelf, firsts("0", "0", "100"), "2026-10-05") == ([], 1)


def test_what_rose_on_working_days_is_not_taken_for_all_days(shelf: Shelf) -> None:
    """10 USD more on five of seven days are 50 a week."""
    usage = steady(days("2026-10-28", "2026-10-31"), {"AmazonEC2": "10"})
    usage += steady(days("2026-11-02", "2026-11-04"), {"AmazonEC2": "10"})
    assert jumps(shelf, usage) == ([("AmazonEC2", "217.26")], 0)


def test_a_credit_of_the_week_before_is_no_jump(shelf: Shelf) -> None:
    usage = steady(days("2026-08-20", "2026-11-05"), {"AmazonEC2": "3"})
    assert jumps(shelf, [*usage, Charge("2026-10-24", "-90")]) == ([], 0)


@pytest.mark.parametrize(
    ("read", "message", "expected"),
    [
        ("2026-11-23T05:00Z", "", [("AmazonS3", "30.42")]),
        ("2026-11-22T05:00Z", "the bill of the last 14 days is not complete yet", []),
    ],
)
def test_a_day_that_was_still_filling_is_not_taken_for_a_cheap_one(
    shelf: Shelf, read: str, message: str, expected: list[tuple[str, str]]
) -> None:
    """3 USD a day, 4 from the 15th on; of the day before the reading next to nothing is told."""
    at = datetime.fromisoformat(read)
    filling = days(f"{at - timedelta(days=1):%Y-%m-%d}", f"{at:%Y-%m-%d}")
    charges = [
        *steady(days("2026-10-20", "2026-11-15"), {"AmazonS3": "3"}),
        *steady(Window(day("2026-11-15"), filling.start), {"AmazonS3": "4"}),
        *steady(filling, {"AmazonS3": "0.1"}),
    ]
    window = Window(BILL.start, filling.end)
    fill(shelf.store, shelf.lease, statements(charges, window, at), NOW)
    run, found = judged(shelf, rule_of(RULES, "ACC-09"))
    assert (message in run.message, bool(run.message)) == (True, bool(message))
    assert alarms(found) == expected


def test_untagged_spend_counts_for_each_tag_alone(shelf: Shelf) -> None:
    billed(shelf, [
        *steady(BILL, {"AmazonS3": "3"}, tags={"team": "blog"}),
        *steady(BILL, {"AmazonEC2": "1"}),
    ])  # fmt: skip
    assert says(shelf, "ACC-11") == [("tag team", None)]


@pytest.mark.parametrize(
    ("check", "usage", "usd", "expected"),
    [
        ("BILL-01", "EUC1-NatGateway-Bytes", "5.01", [("NAT gateways", "150.30")]),
        ("BILL-01", "EUC1-NatGateway-Bytes", "5.00", []),
        ("CW-09", "EUC1-CW:MetricMonitorUsage", "0.34", [("custom metrics", "10.20")]),
        ("CW-09", "EUC1-CW:MetricMonitorUsage", "0.33", []),
        ("S3-05", "EUC1-DataEventsRecorded", "0.20", [("CloudTrail data events", "6.00")]),
        ("CW-11", "DashboardsUsageHour", "0.10", [("dashboards", "3.00")]),
        ("BILL-02", "EUC1-NatGateway-Hours", "1.15", [("NAT in eu-central-1", "34.50")]),
        ("BILL-02", "EUC1-NatGateway-Bytes", "1.15", []),
    ],
)
def test_what_some_usage_types_cost_in_a_month(
    shelf: Shelf, check: str, usage: str, usd: str, expected: list[tuple[str, str]]
) -> None:
    billed(shelf, steady(BILL, {"AmazonEC2": usd}, usage_type=usage))
    assert says(shelf, check) == expected


S3 = "Amazon Simple Storage Service"


@pytest.mark.parametrize(
    ("check", "charges", "expected"),
    [
        ("BILL-04", {("DataTransfer-Out-Bytes", S3): "9.01"}, [("downloads from S3", "270.30")]),
        ("BILL-04", {("DataTransfer-Out-Bytes", "AmazonEC2"): "9.01"}, []),
        (
            "CIC-09",
            {("Build-Min:Linux:g1.small", "CodeBuild"): "1.67"},
            [("build minutes", "50.10")],
        ),
        ("BILL-03", {("EUC1-TimedStorage-ByteHrs", S3): "0.78"}, [("S3 storage", None)]),
        ("BILL-03", {("EUC1-TimedStorage-ByteHrs", S3): "0.76"}, []),
        (
            "BILL-03",
            {
                ("EUC1-TimedStorage-ByteHrs", S3): "0.78",
                ("EUC1-TimedStorage-INT-FA-ByteHrs", S3): "0.01",
            },
            [],
        ),
    ],
)
def test_what_one_service_costs_in_a_month(
    shelf: Shelf,
    check: str,
    charges: Mapping[tuple[str, str], str],
    expected: list[tuple[str, str | None]],
) -> None:
    told = [
        each
        for (usage, service), usd in charges.items()
        for each in steady(BILL, {service: usd}, usage_type=usage)
    ]
    billed(shelf, told)
    assert says(shelf, check) == expected


BUDGET = {
    "name": "blog", "type": "COST", "limit": "50.00", "forecast": "50.01",
    "notifications": [{"type": "ACTUAL", "threshold": 80.0, "threshold_type": "PERCENTAGE"}],
}  # fmt: skip


def test_budgets_that_are_mute_without_a_forecast_or_broken(shelf: Shelf) -> None:
    facts(shelf, FactKind.BUDGET, {
        "blog": BUDGET,
        "mute": {**BUDGET, "name": "mute", "forecast": "50.00", "notifications": []},
        "dark": {**BUDGET, "name": "dark", "forecast": None, "notifications": None},
    })  # fmt: skip
    assert says(shelf, "ACC-05") == []
    assert says(shelf, "ACC-06") == [("mute", None)]
    assert says(shelf, "ACC-07") == [("blog", None)]
    assert says(shelf, "ACC-08") == [("blog", None)]


@pytest.mark.parametrize(
    ("expected", "kind", "threshold", "found"),
    [
        pytest.param("40.01", "FORECASTED", 80.0, [("blog", None)], id="above the threshold"),
        pytest.param("40.00", "FORECASTED", 80.0, [], id="at the threshold"),
        pytest.param("40.01", "ACTUAL", 80.0, [], id="that one is of what was spent"),
        pytest.param("50.01", "FORECASTED", 120.0, [("blog", None)], id="the limit counts too"),
    ],
)
def test_a_forecast_is_held_against_its_threshold(
    shelf: Shelf, expected: str, kind: str, threshold: float, found: list[tuple[str, None]]
) -> None:
    told = {"type": kind, "threshold": threshold, "threshold_type": "PERCENTAGE"}
    budget = {**BUDGET, "forecast": expected, "notifications": [told]}
    facts(shelf, FactKind.BUDGET, {"blog": budget})
    assert says(shelf, "ACC-08") == found


@pytest.mark.parametrize(("usd", "found"), [(80, ["mine"]), (200, [])])
def test_the_forecast_of_a_budget_of_ones_own_is_looked_at(
    shelf: Shelf, usd: int, found: list[str]
) -> None:
    """3 USD a day are 90 in November; what AWS has set could not be read."""
    billed(shelf, steady(BILL, {"AmazonEC2": "3"}))
    money = MoneySettings.model_validate({"budgets": [{"name": "mine", "usd": usd}]})
    books = Books(shelf.store, shelf.catalogue)
    reader = BudgetsReader(books, money, {}, HOME)
    _, told = look(rule_of(RULES, "ACC-08"), Facts(books, HOME, NOW, budgets=reader))
    assert [each.name for each in told] == [*found, "budgets of AWS"]
    assert [each.status for each in told][-1] is FindingStatus.ERROR


def test_no_budget_at_all(shelf: Shelf) -> None:
    facts(shelf, FactKind.BUDGET, {})
    assert says(shelf, "ACC-05") == [(HOME.account, None)]


@pytest.mark.parametrize("metric", ["BudgetActualPercent", "BudgetForecastPercent"])
def test_a_budget_of_ones_own_is_one(shelf: Shelf, metric: str) -> None:
    facts(shelf, FactKind.BUDGET, {})
    put = {"AlarmName": "b", "Namespace": "Watchdeck/Spend", "MetricName": metric}
    shelf.store.ledger.define([AlarmDefinition(HOME, put)], NOW)
    assert says(shelf, "ACC-05") == []


def test_an_allowance_that_is_nearly_used(shelf: Shelf) -> None:
    facts(shelf, FactKind.FREE_TIER, {
        "a": {"description": "requests", "actual": 800.0, "limit": 1000.0, "unit": "Requests"},
        "b": {"description": "storage", "actual": 3.9, "limit": 5.0, "unit": "GB"},
    })  # fmt: skip
    assert says(shelf, "ACC-10") == [("requests", None)]


def test_a_digest_that_was_delivered_is_looked_at_for_a_fortnight(shelf: Shelf) -> None:
    assert says(shelf, "ACC-12") == [(HOME.account, None)]
    at = NOW - timedelta(days=13)
    sent = Transition(
        "111111111111/us-east-1/digest/weekly/2026-11-09", at, *[AlarmState.OK] * 2, "", {}
    )
    ledger = shelf.store.ledger
    ledger.record([], [(sent, ["console"])], at)
    assert says(shelf, "ACC-12") == [(HOME.account, None)]
    (owed,) = ledger.due(at)
    ledger.settle(replace(owed, state=DeliveryState.SENT, finished=at))
    assert says(shelf, "ACC-12") == []


def test_a_digest_is_remembered_after_a_thousand_other_messages(shelf: Shelf) -> None:
    at, ledger = NOW - timedelta(days=6), shelf.store.ledger
    states = [AlarmState.OK] * 2
    digest = Transition("111111111111/us-east-1/digest/weekly/2026-11-16", at, *states, "", {})
    ledger.record([], [(digest, ["console"])], at)
    (owed,) = ledger.due(at)
    ledger.settle(replace(owed, state=DeliveryState.SENT, finished=at))
    busy = Transition("111111111111/us-east-1/busy", NOW, *states, "", {})
    ledger.record([], [(busy, [f"channel-{n}" for n in range(1_001)])], NOW)
    assert says(shelf, "ACC-12") == []


OTHER = Place(HOME.account, "us-east-1")


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        (Scope.PLACE, [HOME, OTHER, AWAY]),
        (Scope.ACCOUNT, [HOME, AWAY]),
        (Scope.BILL, [HOME]),
    ],
)
def test_where_a_rule_is_asked(scope: Scope, expected: list[Place]) -> None:
    assert sorted(asked_in(scope, [HOME, OTHER, AWAY])) == sorted(expected)


def test_checks_that_are_off_are_not_made(shelf: Shelf) -> None:
    books, rules = Books(shelf.store, shelf.catalogue), chosen(RULES, ["ACC-*", "EC2-12"])
    runs, _ = run_checks(Facts(books, HOME, NOW), rules, [HOME, AWAY])
    ids = {run.check.id for run in runs}
    assert {"EC2-01", "EC2-02", "BILL-01"} <= ids
    assert not ids & {"ACC-05", "ACC-09", "EC2-12"}
    assert sum(run.check.id == "EC2-01" for run in runs) == 2
    assert sum(run.check.id == "BILL-01" for run in runs) == 1


def test_of_services_that_are_not_collected_nothing_is_said() -> None:
    ids = {rule.check.id for rule in chosen(RULES, (), ["sqs"])}
    assert {"SQS-06", "CW-01", "ACC-05"} <= ids
    assert not ids & {"EC2-01", "LAM-12", "RDS-08"}


def test_a_rule_that_fails_does_not_stop_the_others(
    shelf: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    broken = {"blog": {**BUDGET, "limit": "fifty"}}
    facts(shelf, FactKind.BUDGET, broken)
    books = Books(shelf.store, shelf.catalogue)
    runs, found = run_checks(Facts(books, HOME, NOW), RULES, [HOME])
    by_id = {run.check.id: run for run in runs}
    assert by_id["ACC-08"].message == "the check itself failed (InvalidOperation)"
    assert [each.name for each in found if each.check == "ACC-07"] == ["blog"]
    assert "a check failed" in caplog.text
