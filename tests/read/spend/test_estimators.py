from __future__ import annotations

from decimal import Decimal

import pytest

from app.read.spend.against import Against
from app.read.spend.capacity import gb_seconds, read_units, seconds_of, write_units
from app.read.spend.estimators import ESTIMATORS, estimate
from app.read.spend.prices import PriceBook
from app.read.spend.seed import seed_prices

BOOK = PriceBook(seed_prices())


@pytest.mark.parametrize(
    ("memory_gb", "seconds", "days"),
    [("0.5", "800000", "9.26"), ("1", "400000", "4.63"), ("10", "40000", "0.46")],
)
def test_the_free_gb_seconds_of_lambda_last_by_memory(memory_gb, seconds, days):
    found = seconds_of(400_000, Decimal(memory_gb))
    assert found == Decimal(seconds)
    assert round(found / 86_400, 2) == Decimal(days)


def test_lambda_is_billed_by_memory_times_time_after_the_free_part():
    assert gb_seconds(10_000_000, 200, 512) == Decimal("1000000")
    found = estimate(
        BOOK, "lambda", {"invocations": 10_000_000, "average_ms": 200, "memory_mb": 512}
    )
    assert [line.free for line in found.lines] == [Decimal(1_000_000), Decimal(400_000)]
    assert found.total == Decimal("11.80002")  # 9 M x 0.2 a M + 600,000 x 0.0000166667


def test_more_memory_that_shortens_the_run_can_cost_less():
    def run(average_ms: int, memory_mb: int) -> Decimal:
        given = {"invocations": 10**7, "average_ms": average_ms, "memory_mb": memory_mb}
        return estimate(BOOK, "lambda", given, with_free=False).total

    assert run(400, 1024) < run(1000, 512)


@pytest.mark.parametrize(("kind", "usd"), [("sqs", "1.6"), ("sqs_fifo", "2")])
def test_five_million_requests_to_a_queue(kind, usd):
    assert estimate(BOOK, kind, {"requests": 5_000_000}).total == Decimal(usd)


def test_http_apis_are_71_4_percent_cheaper_than_rest_apis():
    rest = estimate(BOOK, "api_rest", {"requests": 1_000_000}).total
    http = estimate(BOOK, "api_http", {"requests": 1_000_000}).total
    assert (rest, http) == (Decimal("3.5"), Decimal("1"))
    assert round((1 - http / rest) * 100, 1) == Decimal("71.4")


@pytest.mark.parametrize(
    ("item_kb", "strong", "units"),
    [(5, True, "2"), (4, False, "0.5"), (4, True, "1"), (9, False, "1.5")],
)
def test_read_units_by_size_and_consistency(item_kb, strong, units):
    assert read_units(item_kb, strong=strong) == Decimal(units)


def test_five_write_units_are_five_writes_of_a_kilobyte():
    assert 5 * write_units(1) == 5
    assert write_units("1.5") == 2


@pytest.mark.parametrize(
    ("kind", "given", "usd"),
    [
        ("s3", {"stored_gb": 100, "puts": 1000, "gets": 10_000}, "2.309"),
        ("sns", {"requests": 3_000_000, "http": 200_000, "emails": 101_000}, "3.06"),
        ("api_websocket", {"messages": 1_000_000, "minutes": 1_000_000}, "1.25"),
        ("route53", {"zones": 30, "queries": 1_000_000, "health_checks": 1}, "13.90"),
        ("cloudfront", {"out_gb": 2048, "requests": 11_000_000}, "88.04"),
        ("codepipeline", {"pipelines": 3}, "2"),
        ("nat", {"hours": 730, "gb": 1000}, "77.85"),
        ("logs", {"ingested_gb": 105, "stored_gb": 105, "scanned_gb": 1000}, "58"),
        ("eventbridge", {"events": 2_000_000}, "2"),
        ("metrics", {"alarms": 7, "dashboards": 5}, "6.7"),
    ],
)
def test_a_month_costs(kind, given, usd):
    assert estimate(BOOK, kind, given).total == Decimal(usd)


def test_every_part_of_every_estimator_has_a_shipped_price():
    for each in ESTIMATORS.values():
        found = estimate(BOOK, each.kind, dict.fromkeys(each.takes, 10**10))
        assert found.unpriced == ()
        assert len(found.lines) == len(each.parts)


def test_what_has_no_price_is_named_and_not_counted_as_nothing():
    found = estimate(PriceBook(), "nat", {"hours": 730})
    assert (found.unpriced, found.lines) == (("NatGateway-Hours",), ())


def test_unknown_quantities_are_refused_with_those_that_there_are():
    with pytest.raises(ValueError, match="sqs has no quantity messages; it takes requests"):
        estimate(BOOK, "sqs", {"messages": 1})
    with pytest.raises(ValueError, match="there is no estimator teleport"):
        estimate(BOOK, "teleport", {})


def test_a_budget_of_fifty_dollars():
    budget = Against(Decimal("50.00"), Decimal("17.40"), Decimal("22.46"))
    assert (budget.actual_percent, budget.forecast_percent) == (Decimal("34.80"), Decimal("44.92"))
    assert budget.level(Decimal(80)) == Decimal("40.00")
    assert not budget.is_over(Decimal(80), forecasted=True)
    assert Against(Decimal(50), Decimal("17.40"), Decimal("41.00")).is_over(
        Decimal(80), forecasted=True
    )


def test_a_budget_without_a_forecast_passes_no_forecast_threshold():
    budget = Against(Decimal(50), Decimal(60), None)
    assert budget.forecast_percent is None
    assert not budget.is_over(Decimal(80), forecasted=True)
    assert budget.is_over(Decimal(80), forecasted=False)
