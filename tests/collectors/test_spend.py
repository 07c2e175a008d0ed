"""Spend as the collector reads it, from the pretend Cost Explorer to a reader's answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.demo.clock import Clock
from app.demo.endpoint import Endpoint, start
from app.demo.spend.book import SpendBook
from app.demo.world.world import World
from app.model.readings import Look
from app.model.rounds import Result
from app.model.spend import (
    CostCategory,
    CostMetric,
    Dimension,
    FactKind,
    SpendDimension,
    Tag,
)
from app.model.time import Window
from app.read.spend import SpendReader
from tests.collectors.spending import (
    NOW,
    PROD,
    STAGING,
    Spending,
    paying,
    spending,
    twenty_accounts,
)

D = SpendDimension
COMPONENT = Tag("component")
GROUPINGS = [
    (D.SERVICE, D.USAGE_TYPE),
    (D.LINKED_ACCOUNT,),
    (D.REGION,),
    (D.RECORD_TYPE,),
    (COMPONENT,),
    (CostCategory("Stage"),),
    (D.INSTANCE_TYPE,),
    (D.SERVICE, D.INSTANCE_TYPE),
]


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Endpoint]:
    with paying() as running:
        yield running


@pytest.fixture(scope="module")
def read(endpoint: Endpoint, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Spending]:
    """A first morning with requests enough for everything."""
    folder = tmp_path_factory.mktemp("spend")
    with spending(endpoint, folder, requests_per_day=100, categories=["Stage"]) as work:
        work.work()
        work.sent = work.requests
        yield work


@pytest.mark.parametrize("group", GROUPINGS, ids=str)
def test_any_grouping_of_fourteen_months_is_the_bill_to_the_last_digit(
    read: Spending, group: tuple[Dimension, ...]
) -> None:
    answer = read.ask("2025-10-01", "2026-11-24", *group)
    assert answer.total == read.truth("2025-10-01", "2026-11-24") > 25_000
    assert not answer.missing


def test_all_four_amounts_are_told_apart(read: Spending) -> None:
    totals = {
        m: read.ask("2026-08-01", "2026-08-20", D.SERVICE, metric=m).total for m in CostMetric
    }
    assert len(set(totals.values())) == 4
    assert totals[CostMetric.NET_UNBLENDED] < totals[CostMetric.UNBLENDED]


def test_tags_hold_their_value_only_and_what_has_none_is_untagged(read: Spending) -> None:
    keys = {row.key[0] for row in read.ask("2026-10-01", "2026-11-01", COMPONENT).rows}
    assert {"", "api", "search", "audio"} <= keys
    assert not any("$" in str(key) for key in keys)


def test_cost_categories_hold_their_value_only(read: Spending) -> None:
    rows = read.ask("2026-10-01", "2026-11-01", CostCategory("Stage")).rows
    assert {row.key[0] for row in rows} == {"", "production", "staging"}


def test_quantities_come_with_usage_types_and_their_unit(read: Spending) -> None:
    answer = read.ask("2026-10-01", "2026-11-01", D.USAGE_TYPE, quantities=True)
    hours = next(r for r in answer.rows if r.key == ("EUC1-NatGateway-Hours",))
    gateways = 3  # one of production, two of staging
    assert (hours.quantity, hours.unit) == (pytest.approx(gateways * 31 * 24), "Hrs")


def test_what_may_still_change_is_told_as_an_estimate(read: Spending) -> None:
    answer = read.ask("2026-10-01", "2026-11-24", D.SERVICE)
    assert answer.estimated_from == datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        (FactKind.FORECAST, 38),
        (FactKind.BUDGET, 4),
        (FactKind.FREE_TIER, 12),
        (FactKind.ACCOUNT_PLAN, 1),
        (FactKind.SAVINGS_PLANS_COVERAGE, 60),
        (FactKind.SAVINGS_PLANS_UTILIZATION, 60),
        (FactKind.RESERVATION_COVERAGE, 60),
        (FactKind.RESERVATION_UTILIZATION, 60),
        (FactKind.RECOMMENDATION, 6),
    ],
)
def test_facts_beside_the_bill_are_read(read: Spending, kind: FactKind, number: int) -> None:
    facts = SpendReader(read.store).facts(kind)
    assert (facts.look, len(facts.value)) == (Look.DATA, number)


def test_an_anomaly_tells_its_cause(read: Spending) -> None:
    facts = SpendReader(read.store).facts(FactKind.ANOMALY)
    assert facts.value
    [cause] = facts.value[0].content["causes"]
    assert cause["usage_type"] == "EUC1-NatGateway-Bytes"
    assert cause["account"] in (PROD, STAGING)


def test_a_budget_tells_its_thresholds(read: Spending) -> None:
    facts = SpendReader(read.store).facts(FactKind.BUDGET)
    budget = next(f for f in facts.value if f.key == "blog-monthly").content
    assert (budget["limit"], budget["time_unit"], budget["type"]) == ("2100", "MONTHLY", "COST")
    assert [(n["type"], n["state"]) for n in budget["notifications"]] == [
        ("ACTUAL", "ALARM"), ("FORECASTED", "ALARM"),
    ]  # fmt: skip


def test_the_month_so_far_is_kept_as_a_metric(read: Spending) -> None:
    found = read.store.series.find(namespace="AWS/Billing", metric="EstimatedCharges")
    assert len(found) == 11
    total = next(s for s in found.iter_rows(named=True) if len(s["dimensions"]) == 1)
    points = read.store.points([total["series"]], Window(NOW - timedelta(days=30), NOW), 21_600)
    by_time = dict(points.select("at", "maximum").collect().iter_rows())
    month = read.truth("2026-11-01", "2026-11-24")
    # It lags ten hours, so half a day of 62 USD is missing of the month.
    assert by_time[datetime(2026, 11, 24, tzinfo=UTC)] == pytest.approx(float(month) - 26, abs=8)
    assert max(v for at, v in by_time.items() if at.month == 11) > 1_500
    assert by_time[datetime(2026, 11, 1, 12, tzinfo=UTC)] < 250


def test_an_account_without_billing_alerts_says_so(endpoint: Endpoint, tmp_path: Path) -> None:
    with spending(endpoint, tmp_path, payers=[STAGING], read=["estimated_charges"]) as work:
        rounds = {r.group: r for r in work.work()}
        told = rounds["spend/estimated-charges"]
        assert (told.result, told.rows) == (Result.PARTIAL, 0)
        assert "billing alerts" in told.message


def test_the_meter_counts_what_the_endpoint_counts(read: Spending) -> None:
    days = read.store.meter.days(_today(read))
    assert days.filter(days["service"] == "ce")["units"].sum() == read.sent == 34


def test_nothing_is_asked_while_no_account_pays(endpoint: Endpoint, tmp_path: Path) -> None:
    with spending(endpoint, tmp_path, payers=[]) as work:
        assert work.planned() == []


def test_nothing_is_asked_twice_in_a_day(endpoint: Endpoint, tmp_path: Path) -> None:
    with spending(endpoint, tmp_path, requests_per_day=100, backfill=timedelta(days=40)) as work:
        work.work()
        before = work.requests
        work.at(NOW + timedelta(hours=7))
        work.restart()
        work.work()
        assert work.requests == before
        work.at(NOW + timedelta(hours=22))  # six in the morning: AWS is not done with the day
        work.work()
        assert work.requests == before
        work.at(NOW + timedelta(hours=24))
        work.work()
        assert work.requests > before


def test_the_limit_holds_across_restarts_while_history_fills(
    endpoint: Endpoint, tmp_path: Path
) -> None:
    with spending(endpoint, tmp_path) as work:
        for day in range(1, 4):
            work.days(1, looks=[0])
            work.restart()
            work.at(work.now + timedelta(hours=9))
            work.work()
            assert work.requests <= 10 * day
        assert not any(r.result is Result.OVER_BUDGET for r in work.done)
        read = {r.group for r in work.done if r.started.date() == work.now.date()}
        assert {"spend/costs/SERVICE+USAGE_TYPE", "spend/forecast", "spend/anomalies"} <= read


def test_a_small_limit_starves_nothing(endpoint: Endpoint, tmp_path: Path) -> None:
    with spending(endpoint, tmp_path, requests_per_day=3, read=[]) as work:
        work.days(4)
        assert work.requests <= 12
        counts = Counter(r.group for r in work.done if "/costs/" in r.group)
        assert len(counts) == 5


def test_twenty_accounts_take_ten_requests_a_day(tmp_path: Path) -> None:
    """From the paying account, with more groups in the open days than fit on a page."""
    clock = Clock()
    clock.set(NOW)
    with start(clock=clock, wait=False) as endpoint:
        endpoint.spend.book = SpendBook(World(1, twenty_accounts(endpoint.world)))
        endpoint.spend.page_groups = 2_000
        with spending(endpoint, tmp_path) as work:
            for day in range(1, 5):
                work.days(1, looks=[0, 9])
                assert work.requests <= 10 * day
            assert work.requests >= 36
            answer = work.ask("2026-11-20", "2026-11-24", D.LINKED_ACCOUNT)
            assert len(answer.rows) == 20
            assert answer.total == work.truth("2026-11-20", "2026-11-24")


def test_revisions_replace_and_what_was_believed_stays(endpoint: Endpoint, tmp_path: Path) -> None:
    with spending(
        endpoint, tmp_path, requests_per_day=100, backfill=timedelta(days=8), read=[]
    ) as work:
        work.work()
        first = work.ask("2026-11-20", "2026-11-24", D.SERVICE).total
        assert first == work.truth("2026-11-20", "2026-11-24")
        work.days(5)
        now = work.ask("2026-11-20", "2026-11-24", D.SERVICE).total
        assert now == work.truth("2026-11-20", "2026-11-24") != first
        then = work.ask("2026-11-20", "2026-11-24", D.SERVICE, as_of=NOW + timedelta(hours=1))
        assert then.total == first


def test_a_month_is_read_until_it_is_closed_and_then_left_alone(
    endpoint: Endpoint, tmp_path: Path
) -> None:
    start_ = datetime(2026, 11, 29, 8, 5, tzinfo=UTC)
    with spending(endpoint, tmp_path, now=start_, backfill=timedelta(days=60), read=[]) as work:
        work.work()
        work.at(start_ + timedelta(days=10))
        work.days(3, looks=[0])
        assert work.ask("2026-11-01", "2026-12-01", D.REGION).total == work.truth(
            "2026-11-01", "2026-12-01"
        )
        starts = {
            r.started.day: r.window.start.month
            for r in work.done
            if r.group == "spend/costs/REGION+SERVICE" and r.window and r.started.month == 12
        }
        assert starts[10] == 11
        assert starts[11] == 12


def _today(work: Spending) -> Window:
    midnight = work.now.replace(hour=0, minute=0)
    return Window(midnight, midnight + timedelta(days=1))
