"""Free tier, unit cost, observability cost, and spend on the pages of services and resources."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from plotly.utils import PlotlyJSONEncoder

from app.model.logs import LogGroupKey
from app.model.readings import Look, Reading
from app.model.spend import FactKind, SpendFacts
from app.read import (
    GroupCost,
    NamespaceCost,
    Observability,
    ObservabilityKind,
    UnitCost,
)
from app.read.spend.units import UnitDay
from dashboards.mount import all_pages
from dashboards.pages import free_tier, observability, spend, spend_of, unit_cost
from dashboards.pages.spend_frame import TABS
from dashboards.parts import Seen
from dashboards.routes import Routes
from tests.dashboards.pages.bill import SERVICES
from tests.support.components import of_type, text, with_class
from tests.support.figures import unpacked, valid
from tests.support.shelf import HOME, NOW, Shelf, function
from tests.support.spend import PAYER, days, fill, statements, steady


def said(found: Any) -> str:
    return json.dumps(found, cls=PlotlyJSONEncoder, ensure_ascii=False)


def allowance(usage_type: str, actual: float, limit: float, **more: Any) -> dict[str, Any]:
    return {
        "service": SERVICES["lambda"],
        "usage_type": usage_type,
        "region": "global",
        "actual": actual,
        "forecast": None,
        "limit": limit,
        "unit": "Request",
        "description": f"{usage_type} is free",
        "kind": "Always Free",
        **more,
    }


@pytest.fixture
def allowed(empty: Shelf) -> Shelf:
    told = {
        "gone": allowance("Request", 2_000_000, 1_000_000),
        "near": allowance("Lambda-GB-Second", 360_000, 400_000),
        "lasts": allowance("Other", 10, 1_000),
    }
    plan = {PAYER: {"account": PAYER, "type": "PAID", "credits": "63.75", "expires": None}}
    facts = [
        SpendFacts(FactKind.FREE_TIER, PAYER, NOW, told),
        SpendFacts(FactKind.ACCOUNT_PLAN, PAYER, NOW, plan),
    ]
    fill(empty.store, empty.lease, [], NOW, facts)
    return empty


def test_an_allowance_tells_how_long_it_lasts_the_nearest_first(allowed: Shelf, seen: Seen) -> None:
    rows = free_tier.answer(allowed.reads, seen)[2]
    assert [(row["state"], row["ends"]) for row in rows] == [
        ("critical", "12 Nov"),
        ("warning", "27 Nov, in 3\u00a0d"),
        ("ok", "lasts"),
    ]
    assert (rows[1]["share"], rows[1]["used"]) == (90, "360\u00a0k of 400\u00a0k requests")


def test_tiles_of_the_free_tier_name_the_next_to_end_and_the_plan(
    allowed: Shelf, seen: Seen
) -> None:
    tiles = [text(t) for t in with_class(free_tier.answer(allowed.reads, seen)[1], "tile")]
    assert tiles[:3] == [
        "Used up1of 3 allowances",
        "Nearly used180 %, or gone this month",
        "Next to end3\u00a0dLambda, requests",
    ]
    assert tiles[4] == "Account planpaidprod · $63.75 credits left"


UNIT = UnitCost(
    "apigateway",
    "API Gateway",
    "requests",
    1000,
    Decimal("7.00"),
    2_000_000.0,
    Decimal("0.0035"),
    (
        UnitDay(date(2026, 11, 20), Decimal("3.50"), 1_000_000.0, Decimal("0.0035")),
        UnitDay(date(2026, 11, 22), Decimal("3.50"), 1_000_000.0, Decimal("0.0035")),
    ),
)


def reads_with(**costs: Any) -> Any:
    """Readers that answer just this."""
    answers = {name: lambda *_, value=value: value for name, value in costs.items()}
    return SimpleNamespace(
        accounts=(), costs=SimpleNamespace(**answers), place_words=lambda place: str(place)
    )


def test_a_unit_costs_what_it_does_to_three_digits_and_a_day_without_is_a_gap(
    shelf: Shelf, seen: Seen
) -> None:
    reads = reads_with(unit_costs=Reading((UNIT,), Look.DATA, NOW))
    answer = unit_cost.answer(reads, "apigateway/requests", shelf.scope(), seen)
    line = unpacked(valid(answer[0])["data"][0]["y"])
    assert line[25:29] == pytest.approx([0.0035, None, 0.0035, None])
    assert answer[4] == "1,000 requests of API Gateway"
    (row,) = answer[10]
    assert (row["per"], row["unit"], row["name_href"]) == (
        0.0035,
        "1,000 requests",
        "/spend/unit-cost?of=apigateway%2Frequests",
    )


def test_no_unit_is_no_data_with_the_reason(shelf: Shelf, seen: Seen) -> None:
    reads = reads_with(unit_costs=Reading((), Look.DATA, NOW))
    words = said(unit_cost.answer(reads, "", shelf.scope(), seen))
    assert "No whole day in this period has both a bill and metrics" in words
    assert words.count("look-nothing") == 3


def test_what_watching_costs_is_told_by_kind_group_and_namespace(shelf: Shelf, seen: Seen) -> None:
    group = GroupCost(
        LogGroupKey(HOME, "/aws/lambda/a"), 5e9, Decimal("2.50"), 0.5, 0, Decimal("0.10"), None
    )
    told = Observability(
        Decimal("10"),
        (ObservabilityKind("ingestion", "Log ingestion", Decimal("5")),),
        (group,),
        (NamespaceCost("Blog", 100, Decimal("30")),),
        unexplained=Decimal("2.50"),
        share_of_bill=0.1,
        bytes_from="events stored here",
    )
    reads = reads_with(observability=Reading(told, Look.DATA, NOW))
    answer = observability.answer(reads, shelf.scope(), seen)
    kinds, spaces, groups = answer[2], answer[7], answer[12]
    assert (kinds[0]["name"], kinds[0]["share"]) == ("Log ingestion", 50)
    assert (spaces[0]["metrics"], spaces[0]["usd"]) == (100, 30)
    assert [(row["name"], row["usd"]) for row in groups] == [
        ("/aws/lambda/a", 2.5),
        ("not explained", 2.5),
    ]
    assert (groups[0]["kept"], groups[0]["name_href"]) == (
        "never expires",
        "/logs?group=%2Faws%2Flambda%2Fa",
    )


def test_a_service_shows_its_days_by_usage_type(shelf: Shelf, seen: Seen) -> None:
    answer = spend_of.of_service(shelf.reads, "lambda", shelf.scope(), seen)
    assert [trace["name"] for trace in valid(answer[0])["data"]] == [
        "Lambda-GB-Second",
        "BoxUsage:t3.micro",
    ]
    assert text(answer[4]).startswith("$52.00 unblended, 26 Oct to 24 Nov 2026")


def test_a_resource_says_that_the_bill_does_not_tell_resources(shelf: Shelf, seen: Seen) -> None:
    arn = function("failing").arn
    words = said(spend_of.of_resource(shelf.reads, arn, shelf.scope(), seen))
    assert "Spend by resource is not collected" in words
    assert "import a Cost and Usage Report" in words


def test_a_bill_of_resources_shows_them(shelf: Shelf, seen: Seen) -> None:
    arn = function("failing").arn
    window = days("2026-11-01", "2026-11-24")
    charges = steady(window, {SERVICES["lambda"]: "0.25"}, resource=arn)
    told = statements(charges, window, NOW - timedelta(hours=3), [()])
    fill(shelf.store, shelf.lease, told, NOW)
    answer = spend_of.of_resource(shelf.reads, arn, shelf.scope(), seen)
    assert text(answer[4]).startswith("$5.75 unblended")


def test_a_service_has_its_spend_among_its_tiles(shelf: Shelf, seen: Seen) -> None:
    found = spend_of.spend_tile(shelf.reads, [SERVICES["lambda"]], seen)
    assert text(found) == "Spend a day$2.00±0\u00a0% vs the week before"
    assert spend_of.spend_tile(shelf.reads, [], seen) is None


@pytest.mark.parametrize("page", ["spend", "free tier", "unit cost", "observability"])
def test_where_spend_is_off_no_page_promises_a_first_round(
    empty: Shelf, seen: Seen, page: str
) -> None:
    answers = {
        "spend": lambda: [*spend.answer(empty.reads, seen), *spend.reasons(empty.reads, seen)],
        "free tier": lambda: free_tier.answer(empty.reads, seen),
        "unit cost": lambda: unit_cost.answer(empty.reads, "", empty.scope(), seen),
        "observability": lambda: observability.answer(empty.reads, empty.scope(), seen),
    }
    words = said(answers[page]())
    assert "collection.spend" in words
    assert "first round is on its way" not in words


@pytest.mark.parametrize("path", [path for _, path in TABS])
def test_every_page_about_money_says_that_it_only_watches(empty: Shelf, path: str) -> None:
    content, _ = Routes(all_pages(), empty.reads).open(path)
    assert "it cannot stop AWS from charging." in text(content)
    assert [part.href for part in of_type(content, "Link")] == [path for _, path in TABS]
