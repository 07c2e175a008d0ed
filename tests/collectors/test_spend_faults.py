"""Spend where calls fail, lists are cut, or an account lacks what others have."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from app.demo.endpoint import Endpoint
from app.demo.faults import Fault, FaultKind
from app.model.ids import Place
from app.model.readings import Look
from app.model.rounds import Result
from app.model.spend import (
    FactKind,
    SpendDimension,
    Tag,
    to_usd,
)
from app.model.time import Window
from app.read.spend import SpendQuestion, SpendReader
from app.read.spend.listed import listed
from app.read.spend.prices import PriceSource
from collectors.spend_asking import Asking
from collectors.spend_costs import Costs, read_costs
from collectors.spend_cuts import splits
from collectors.spend_purse import Purse
from tests.collectors.spending import (
    AMERICA,
    NOW,
    PROD,
    STAGING,
    day_of,
    paying,
    spending,
)

D = SpendDimension
COMPONENT = Tag("component")


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Endpoint]:
    with paying() as running:
        yield running


def test_throttling_and_faults_cost_nothing_and_are_tried_again(
    endpoint: Endpoint, tmp_path: Path
) -> None:
    with spending(endpoint, tmp_path, read=[], backfill=timedelta(days=60)) as work:
        number = endpoint.faults.add(Fault(FaultKind.DENIED, api="ce"))
        rounds = work.work()
        assert {r.result for r in rounds} <= {Result.DENIED, Result.CIRCUIT_OPEN}
        assert "switched on once in the Billing console" in rounds[0].message
        assert work.requests == 0
        reader = SpendReader(work.store)
        question = SpendQuestion(Window(work.now - timedelta(days=7), work.now))
        assert reader.ask(question, work.now).look is Look.COULD_NOT_ASK
        assert reader.facts(FactKind.BUDGET).look is Look.NOT_COLLECTED
        endpoint.faults.remove(number)
        work.at(NOW + timedelta(hours=6))
        assert work.planned() == []
        assert work.collector._purse.left(work.now) == 10
        work.at(NOW + timedelta(hours=13))
        assert all(r.result is Result.OK for r in work.work())


def test_empty_pages_and_repeated_tokens_lose_nothing(endpoint: Endpoint, tmp_path: Path) -> None:
    endpoint.spend.page_groups = 400
    try:
        with spending(
            endpoint, tmp_path, requests_per_day=200, read=[], backfill=timedelta(days=20)
        ) as work:
            endpoint.faults.add(Fault(FaultKind.EMPTY_PAGES, api="ce", share=0.5))
            work.work()
            assert work.ask(
                "2026-11-04", "2026-11-24", D.SERVICE, D.USAGE_TYPE
            ).total == work.truth("2026-11-04", "2026-11-24")
    finally:
        endpoint.spend.page_groups = 5_000
        endpoint.faults.clear()


def test_a_list_that_is_cut_leaves_out_the_day_that_may_go_on(
    endpoint: Endpoint, tmp_path: Path
) -> None:
    endpoint.spend.page_groups = 150
    try:
        with spending(endpoint, tmp_path) as work:
            asking = Asking(work.aws, Purse(work.store, 9), Place(PROD, AMERICA), work.now)
            window = Window(day_of("2026-10-01"), day_of("2026-10-11"))
            costs = read_costs(asking, splits([])[0], window, 2)
            assert (costs.more, costs.pages) == (True, 2)
            end = costs.window.end
            assert window.start < end < window.end
            told = costs.statement(PROD, work.now).rows["unblended"].sum()
            assert to_usd(told) == work.truth("2026-10-01", f"{end:%Y-%m-%d}")
    finally:
        endpoint.spend.page_groups = 5_000


def test_amounts_that_are_no_dollars_are_told_as_such() -> None:
    window = Window(day_of("2026-10-01"), day_of("2026-10-02"))
    costs = Costs(splits([])[2], window)
    amount = {"Amount": "1.5", "Unit": "CNY"}
    group = {"Keys": ["cn-north-1", "AmazonEC2"], "Metrics": {"UnblendedCost": amount}}
    costs.days[window.start.date()] = [group]
    assert costs.currencies == {"CNY"}


def test_a_member_without_commitments_free_tier_and_hub_is_read_all_the_same(
    endpoint: Endpoint, tmp_path: Path
) -> None:
    with spending(endpoint, tmp_path, payers=[STAGING], backfill=timedelta(days=20)) as work:
        rounds = {r.group: r for r in work.work()}
        assert {r.result for r in rounds.values()} <= {Result.OK, Result.PARTIAL}
        reader = SpendReader(work.store)
        assert reader.facts(FactKind.SAVINGS_PLANS_UTILIZATION).look is Look.NOTHING
        assert reader.facts(FactKind.ACCOUNT_PLAN).value[0].content["type"] == "FREE"
        assert "not switched on" in rounds["spend/recommendations"].message
        assert rounds["spend/free-tier"].result is Result.PARTIAL


def test_rightsizing_is_asked_only_where_it_is_wanted_and_the_hub_is_off(
    endpoint: Endpoint, tmp_path: Path
) -> None:
    more = {"read": ["recommendations"], "rightsizing": True, "backfill": timedelta(days=20)}
    with spending(endpoint, tmp_path, payers=[PROD], **more) as work:
        work.work()
        assert endpoint.counters.units("ce", "GetRightsizingRecommendation") == 0
    with spending(endpoint, tmp_path / "other", payers=[STAGING], **more) as work:
        work.work()
        work.days(2)
        assert endpoint.counters.units("ce", "GetRightsizingRecommendation") == 1
        assert SpendReader(work.store).facts(FactKind.RECOMMENDATION).look is Look.NOTHING


def test_list_prices_beside_the_bill_are_read_once_a_month_for_nothing(
    endpoint: Endpoint, tmp_path: Path
) -> None:
    more = {"read": ["prices"], "backfill": timedelta(days=20)}
    with spending(endpoint, tmp_path, **more) as work:
        rounds = {r.group: r for r in work.work()}
        assert rounds["spend/prices"].result is Result.OK
        assert rounds["spend/prices"].usd == 0
        facts = SpendReader(work.store).facts(FactKind.PRICE).value
        found = {(p.service, p.usage_type, p.region): p for p in listed(facts)}
        nat = found["EC2 - Other", "NatGateway-Bytes", "eu-central-1"]
        assert (nat.usd, nat.source) == (Decimal("0.0520000000"), PriceSource.LISTED)
        asked = endpoint.counters.units("pricing", "GetProducts")
        assert 20 < asked < 60
        for days, due in ((1, False), (28, True)):
            work.at(NOW + timedelta(days=days))
            assert ("spend/prices" in {task.group for task in work.planned()}) is due


def test_a_role_that_may_not_read_list_prices_does_not_make_the_bill_look_unread(
    endpoint: Endpoint, tmp_path: Path
) -> None:
    with spending(endpoint, tmp_path, read=["prices"], backfill=timedelta(days=3)) as work:
        number = endpoint.faults.add(Fault(FaultKind.DENIED, api="pricing"))
        try:
            rounds = {r.group: r for r in work.work()}
        finally:
            endpoint.faults.remove(number)
        assert rounds["spend/prices"].result is Result.PARTIAL
        assert "pricing:GetProducts" in rounds["spend/prices"].message


def test_without_paid_requests_what_is_free_is_still_read(
    endpoint: Endpoint, tmp_path: Path
) -> None:
    with spending(endpoint, tmp_path, requests_per_day=0) as work:
        groups = {r.group for r in work.work()}
        assert groups == {
            "spend/budgets", "spend/free-tier", "spend/recommendations", "spend/estimated-charges",
        }  # fmt: skip
        assert work.requests == 0
