"""Figures that are printed elsewhere, each from the public functions of ``app.read.spend``.

Expected values are written out and were worked out by hand; the letters name the figure.
"""

from __future__ import annotations

import re
import runpy
from decimal import Decimal
from pathlib import Path

import pytest

from app.read.spend import (
    Against,
    PriceBook,
    cheaper_by,
    days_until_used,
    estimate,
    over_allowance,
    read_units,
    seconds_of,
    seed_prices,
    write_units,
)

D = Decimal
BOOK = PriceBook(seed_prices())


def test_a_budget_of_fifty_dollars():
    """G-01: 50.00, used 17.40, forecast 22.46, told at 80 % of the forecast."""
    budget = Against(D("50.00"), D("17.40"), D("22.46"))
    assert (budget.actual_percent, budget.forecast_percent) == (D("34.80"), D("44.92"))
    assert budget.level(D(80)) == D("40.00")
    assert not budget.is_over(D(80), forecasted=True)
    assert Against(D(50), D("17.40"), D("41.00")).is_over(D(80), forecasted=True)


def test_a_level_is_told_in_cents_and_passed_exactly():
    """80 % of 33.33 is 26.664, told as 26.66; numbers of any kind are taken."""
    budget = Against.of("33.33", 26.662, 26.67)
    assert budget.level(80) == D("26.66")
    assert not budget.is_over(80, forecasted=False)
    assert budget.is_over(80.0, forecasted=True)


@pytest.mark.parametrize(
    ("memory_gb", "seconds", "days", "hours"),
    [
        ("0.5", "800000", "9.26", "222.2"),
        ("1", "400000", "4.63", "111.1"),
        ("10", "40000", "0.46", "11.1"),
    ],
)
def test_the_free_gb_seconds_of_a_month(memory_gb, seconds, days, hours):
    """G-03."""
    found = seconds_of(400_000, D(memory_gb))
    assert found == D(seconds)
    assert round(found / 86_400, 2) == D(days)
    assert round(found / 3600, 1) == D(hours)
    assert int(seconds_of(400_000, 1) / 60) == 6666
    used = {"invocations": 1, "average_ms": found * 1000, "memory_mb": D(memory_gb) * 1024}
    assert estimate(BOOK, "lambda", used).total == 0
    used["average_ms"] += 1000
    per_second = D("0.0000166667") * D(memory_gb)
    assert estimate(BOOK, "lambda", used).total == per_second


@pytest.mark.parametrize(
    ("item_kb", "strong", "units"),
    [
        (5, True, "2"), (4, False, "0.5"), (4, True, "1"), (D("4.1"), True, "2"),
        (5, False, "1"), (9, False, "1.5"), (400, True, "100"), (D("0.1"), False, "0.5"),
    ],
)  # fmt: skip
def test_units_of_a_read(item_kb, strong, units):
    """G-10: 5 KB read consistently, 4 KB eventually."""
    assert read_units(item_kb, strong=strong) == D(units)


def test_units_of_writes():
    """G-10: 5 units are five writes of a kilobyte a second."""
    assert 5 * write_units(1) == 5
    assert (write_units("0.2"), write_units("1.5"), write_units(10)) == (1, 2, 10)
    assert (write_units(3, transactional=True), read_units(3, transactional=True)) == (6, 2)
    assert (write_units(0), read_units(0), read_units(0, strong=False)) == (1, 1, D("0.5"))


def test_a_million_requests_to_a_rest_and_an_http_api():
    """G-11: 3.5 and 1.0 USD, which is 71.4 % less."""
    rest, http = (
        estimate(BOOK, kind, {"requests": 1_000_000}) for kind in ("api_rest", "api_http")
    )
    assert (rest.total, http.total) == (D("3.5"), D("1.0"))
    assert cheaper_by(rest, http) == D("71.4")


@pytest.mark.parametrize(
    ("metrics", "usd"),
    [
        (10_000, "3000"), (250_000, "27000"), (1_000_000, "64500"), (1_500_000, "74500"),
        (1, "0.30"), (10_001, "3000.10"), (0, "0"),
    ],
)  # fmt: skip
def test_custom_metrics_by_tiers(metrics, usd):
    """G-20."""
    assert estimate(BOOK, "metrics", {"custom_metrics": metrics}).total == D(usd)


@pytest.mark.parametrize(
    ("kind", "requests", "usd"),
    [
        ("sqs", 5 * 10**6, "1.60"),
        ("sqs_fifo", 5 * 10**6, "2.00"),
        ("sqs", 10**6, "0"),
        ("sqs", 150 * 10**9, "54999.60"),  # 99.999 G at 0.40, 50 G at 0.30 a million
        ("sqs", 300 * 10**9, "93999.60"),  # and 100 G at 0.24
        ("sqs_fifo", 300 * 10**9, "124999.50"),  # at 0.50, 0.40 and 0.35
    ],
)
def test_requests_to_queues_by_tiers(kind, requests, usd):
    """G-21: a million is free and counts for the tiers."""
    assert estimate(BOOK, kind, {"requests": requests}).total == D(usd)


def test_750_free_hours_of_one_and_of_two_machines():
    """G-29: 31 x 24 = 744 hours of one; two use them up in the middle of the month."""
    assert over_allowance(750, 31 * 24) == 0
    assert over_allowance(750, 2 * 31 * 24) == 738
    assert days_until_used(750, 24) == D("31.25")
    assert days_until_used(750, 48) == D("15.625")
    assert days_until_used(750, 0) is None


def test_the_examples_of_the_page_run(tmp_path):
    """Every figure of the page on arithmetic is asserted on it."""
    page = Path(__file__).parents[3] / "docs" / "extending" / "spend.md"
    (example,) = re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    assert example.count("assert ") >= 15
    (tmp_path / "example.py").write_text(example, "utf-8")
    runpy.run_path(str(tmp_path / "example.py"))
