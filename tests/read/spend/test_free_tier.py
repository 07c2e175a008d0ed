from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from app.model.spend import FactKind, SpendFact
from app.model.states import Health
from app.read.spend.free_tier import Allowance, allowance_of, meter
from app.read.spend.prices import PriceBook
from app.read.spend.seed import seed_prices


def at(day: int, hour: int = 0, month: int = 7) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def hours(used: float, forecast: float | None = None) -> Allowance:
    return Allowance(
        "Amazon Elastic Compute Cloud - Compute",
        "EUC1-BoxUsage:t3.micro",
        "eu-central-1",
        "750 hours of a micro instance",
        "12 Months Free",
        "Hrs",
        750.0,
        used,
        forecast,
    )


def test_one_micro_instance_runs_all_month_for_nothing():
    found = meter(hours(24.0 * 15), at(16), at(16))  # 31 x 24 = 744 hours
    assert found.forecast == pytest.approx(744)
    assert (found.exhausted_at, found.days_left) == (None, None)
    assert found.share == pytest.approx(0.48)
    assert found.health is Health.OK


def test_two_micro_instances_exceed_in_the_middle_of_the_month():
    found = meter(hours(2 * 24.0 * 10), at(11), at(11))
    assert found.exhausted_at == at(16, 15)  # after 375 hours of both
    assert found.days_left == pytest.approx(5.625)
    assert found.health is Health.WARNING


def test_what_is_used_up_says_when_and_has_no_days_left():
    found = meter(hours(900.0, forecast=1000.0), at(21), at(25))
    assert found.exhausted_at == at(17, 16)
    assert (found.days_left, found.health) == (0.0, Health.CRITICAL)


def test_the_forecast_of_aws_goes_before_our_own():
    found = meter(hours(100.0, forecast=800.0), at(16), at(16))
    assert found.forecast == 800.0
    assert found.exhausted_at is not None
    assert at(30) < found.exhausted_at < at(31, 12)


def test_the_first_hours_of_a_month_tell_nothing_about_the_rest():
    assert meter(hours(2.0), at(1, 6), at(1, 7)).forecast is None


def test_what_goes_beyond_has_a_price_and_its_source():
    found = meter(hours(2 * 24.0 * 10), at(11), at(11), PriceBook(seed_prices()))
    assert found.cost_over == Decimal("7.6752")  # 738 hours at 0.0104
    assert "2026-04-01" in found.price_said


def test_four_fifths_of_an_allowance_are_nearly_all():
    assert meter(hours(600.0, forecast=620.0), at(25), at(25)).health is Health.WARNING


def test_a_collected_fact_is_an_allowance():
    content = {
        "service": "AWS Lambda",
        "usage_type": "Lambda-GB-Second",
        "region": "global",
        "operation": "",
        "actual": 1234.5,
        "forecast": None,
        "limit": 400000.0,
        "unit": "Second",
        "description": "400,000 seconds of compute time",
        "kind": "Always Free",
    }
    fact = SpendFact(FactKind.FREE_TIER, "111111111111", "key", at(3), content)
    assert allowance_of(fact) == Allowance(
        "AWS Lambda",
        "Lambda-GB-Second",
        "global",
        "400,000 seconds of compute time",
        "Always Free",
        "Second",
        400000.0,
        1234.5,
    )
