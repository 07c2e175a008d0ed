from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest

from app.read.spend.anomalies import CauseKind, Detail, causes, find
from app.read.spend.forecast import DailySpend

START = date(2026, 5, 1)
NAT = ("EC2 - Other",)
SPIKE = date(2026, 7, 10)


def bill(days: int = 90, usd=lambda day: 10.0, noise: float = 0.02) -> DailySpend:
    rng = np.random.default_rng(1)
    each = [START + timedelta(days=at) for at in range(days)]
    return DailySpend(START, tuple(float(usd(day) * (1 + rng.normal(0, noise))) for day in each))


def found(spend: DailySpend, start: date = date(2026, 6, 1)):
    return find({NAT: spend}, start, spend.end)


def test_two_dear_days_are_one_anomaly():
    spend = bill(usd=lambda day: 60.0 if day in (SPIKE, SPIKE + timedelta(days=1)) else 10.0)
    (one,) = found(spend)
    assert (one.key, one.day, one.until) == (NAT, SPIKE, date(2026, 7, 12))
    assert one.expected == pytest.approx(Decimal(20), abs=Decimal("0.5"))
    assert one.excess == pytest.approx(Decimal(100), abs=Decimal(4))
    assert one.score > 5


def test_noise_is_no_anomaly():
    assert found(bill(noise=0.1)) == ()


def test_a_fee_of_each_month_is_no_anomaly_but_a_new_one_is():
    monthly = bill(usd=lambda day: 10.0 + 50.0 * (day.day == 1))
    assert found(monthly, date(2026, 7, 1)) == ()
    once = bill(usd=lambda day: 10.0 + 50.0 * (day == date(2026, 7, 1)))
    assert [one.day for one in found(once)] == [date(2026, 7, 1)]


def test_a_dear_weekday_is_usual_where_it_always_was():
    assert found(bill(usd=lambda day: 30.0 if day.weekday() == 0 else 10.0)) == ()


def test_a_level_that_stays_is_an_anomaly_for_about_a_week():
    (one,) = found(bill(usd=lambda day: 20.0 if day >= SPIKE else 10.0))
    assert one.day == SPIKE
    assert 4 <= (one.until - one.day).days <= 12


def test_cents_are_nobodys_concern():
    assert found(bill(usd=lambda day: 0.9 if day == SPIKE else 0.01)) == ()


def test_less_than_two_weeks_tell_nothing():
    spend = bill(13, usd=lambda day: 500.0 if day.day == 13 else 10.0)
    assert found(spend, START) == ()


def test_what_is_known_later_does_not_change_what_was_expected():
    spend = bill(usd=lambda day: 60.0 if day == SPIKE else 10.0)
    until = (SPIKE - START).days + 1
    early = DailySpend(START, spend.usd[:until])
    assert found(early) == found(spend)


def detail(usd, used) -> Detail:
    days = [START + timedelta(days=at) for at in range(90)]
    return Detail(
        DailySpend(START, tuple(usd(day) for day in days)), tuple(used(day) for day in days)
    )


def test_causes_tell_which_part_and_whether_use_or_price_changed():
    parts = {
        ("NatGateway-Bytes",): detail(
            lambda d: 45.0 if d == SPIKE else 5.0, lambda d: 1000.0 if d == SPIKE else 111.0
        ),
        ("NatGateway-Hours",): detail(lambda d: 1.08, lambda d: 24.0),
        ("EBS:VolumeUsage.gp3",): detail(lambda d: 14.0 if d == SPIKE else 4.0, lambda d: 50.0),
        ("New",): detail(lambda d: 10.0 if d == SPIKE else 0.0, lambda d: float(d == SPIKE)),
    }
    told = causes(parts, SPIKE, SPIKE + timedelta(days=1), Decimal(60))
    assert [(c.key[0], c.excess, c.kind) for c in told] == [
        ("NatGateway-Bytes", Decimal("40.00"), CauseKind.VOLUME),
        ("EBS:VolumeUsage.gp3", Decimal("10.00"), CauseKind.PRICE),
        ("New", Decimal("10.00"), CauseKind.NEW),
    ]
    assert told[0].share == pytest.approx(0.6667)
