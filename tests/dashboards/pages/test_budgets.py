"""Budgets on their page: the golden example of the budget table, and what is told of thresholds."""

from __future__ import annotations

import json
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from plotly.utils import PlotlyJSONEncoder

from app.model.budgets import Budget, BudgetStanding, Of, Source, Threshold, ThresholdStanding
from app.model.readings import Look, Reading
from app.model.spend import FactKind, SpendFacts
from app.model.states import Health
from dashboards.pages import budgets
from dashboards.parts import Seen
from tests.support.shelf import HOME, NOW, Shelf
from tests.support.spend import PAYER, fill

ROWS = 2


def put_budget(shelf: Shelf, actual: str, forecast: str) -> None:
    """A budget of 50 USD that AWS tells, with its alert at 80 % of the forecast."""
    told = {
        "name": "monthly",
        "type": "COST",
        "time_unit": "MONTHLY",
        "unit": "USD",
        "limit": "50.00",
        "actual": actual,
        "forecast": forecast,
        "filters": {"LinkedAccount": [PAYER], "UsageType": ["BoxUsage:t3.micro"]},
        "notifications": [
            {"type": "FORECASTED", "threshold": 80.0, "threshold_type": "PERCENTAGE"}
        ],
    }
    facts = [SpendFacts(FactKind.BUDGET, PAYER, NOW, {"monthly": told})]
    fill(shelf.store, shelf.lease, [], NOW, facts)


def said(found: Any) -> str:
    return json.dumps(found, cls=PlotlyJSONEncoder, ensure_ascii=False)


def test_the_budget_of_the_book_stands_as_it_does_there(empty: Shelf, seen: Seen) -> None:
    put_budget(empty, "17.40", "22.46")
    (row,) = budgets.answer(empty.reads, seen)[ROWS]
    assert (row["share"], row["ahead"]) == (pytest.approx(34.80), pytest.approx(44.92))
    assert (row["state"], row["actual"]) == ("ok", "$17.40 of $50.00")
    assert row["scope"] == "account prod · usage type BoxUsage:t3.micro"
    assert row["period"] == "month"
    beside = said(budgets.beside(empty.reads, "aws/monthly", seen))
    assert "80 % expected" in beside
    assert "$40.00 · not crossed" in beside


def test_a_forecast_over_the_threshold_is_told(empty: Shelf, seen: Seen) -> None:
    put_budget(empty, "17.40", "41.00")
    (row,) = budgets.answer(empty.reads, seen)[ROWS]
    assert (row["state"], row["told"]) == ("warning", "80 % expected")
    assert row["meter_forecast"] == pytest.approx(82.0)


def test_without_a_budget_the_page_says_how_to_set_one(empty: Shelf, seen: Seen) -> None:
    fill(empty.store, empty.lease, [], NOW, [SpendFacts(FactKind.BUDGET, PAYER, NOW, {})])
    assert "budgets in config.yaml sets one" in said(budgets.answer(empty.reads, seen))


def test_usage_is_told_in_its_unit_and_a_crossing_with_its_time(seen: Seen) -> None:
    budget = Budget("gb", Source.OWN, Decimal(400_000), unit="GB-Second")
    threshold = ThresholdStanding(
        Threshold(Of.ACTUAL, 50), Decimal(200_000), is_crossed=True, crossed_at=NOW
    )
    standing = BudgetStanding(
        budget, NOW.date(), NOW.date(), Decimal(300_000), None, (threshold,), Health.WARNING, "so"
    )
    reads = SimpleNamespace(
        accounts=(),
        budgets=SimpleNamespace(
            standing=lambda _: Reading((standing,), Look.DATA, NOW), place=HOME
        ),
    )
    (row,) = budgets.answer(reads, seen)[ROWS]
    assert row["actual"] == "300\u00a0k of 400\u00a0k GB-seconds"
    assert row["told"] == "50 % spent, 12:00"
