"""Our own calls against the bill."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from app.config import StoreSettings
from app.model.ids import Place
from app.model.readings import Look
from app.model.rounds import MeterEntry
from app.model.spend import SpendDimension
from app.model.time import Window
from app.read.spend import SpendReader
from app.read.spend.own_bill import OwnBill, own_bill
from app.store import Lease, Store, open_store
from tests.support.spend import Charge, day, days, fill, statement

NOW = day("2026-11-24") + timedelta(hours=9)
PLACE = Place("111111111111", "us-east-1")
D = SpendDimension
CLOUDWATCH, COSTS = "AmazonCloudWatch", "AWS Cost Explorer"


@pytest.fixture
def till(tmp_path: Path) -> Iterator[tuple[Store, Lease]]:
    store = open_store(StoreSettings(path=tmp_path), NOW)
    lease = store.acquire("test", NOW, timedelta(days=90))
    assert lease is not None
    yield store, lease
    store.close()


def counted(store: Store, lease: Lease, first: str, end: str) -> None:
    """A hundred metrics, ten other requests and ten to Cost Explorer a day."""
    at = day(first)
    while at < day(end):
        told = (
            ("cloudwatch", "GetMetricData", 100, "0.001"),
            ("cloudwatch", "ListMetrics", 10, "0.0001"),
            ("ce", "GetCostAndUsage", 10, "0.1"),
            ("logs", "FilterLogEvents", 999, "0"),
        )
        entries = [
            MeterEntry(at, PLACE, api, operation, "any", units, units, Decimal(usd))
            for api, operation, units, usd in told
        ]
        store.note(lease=lease, now=at, meter=entries)
        at += timedelta(days=1)


def billed(store: Store, lease: Lease, window: Window, metrics: float = 400.0) -> None:
    charges = []
    at = window.start
    while at < window.end:
        text = at.date().isoformat()
        charges += [
            Charge(text, "0.003", CLOUDWATCH, "EUC1-CW:GMD-Metrics", quantity=metrics * 0.75),
            Charge(text, "0.001", CLOUDWATCH, "CW:GMD-Metrics", quantity=metrics * 0.25),
            Charge(text, "0", CLOUDWATCH, "EUC1-CW:Requests", quantity=50.0),
            Charge(text, "5", CLOUDWATCH, "EUC1-DataProcessing-Bytes", quantity=10.0),
            Charge(text, "0.10", COSTS, "USE1-APIRequest", quantity=10.0),
        ]
        at += timedelta(days=1)
    fill(store, lease, [statement(charges, window, NOW, D.SERVICE, D.USAGE_TYPE)], NOW)


def compared(store: Store) -> OwnBill:
    return own_bill(store, SpendReader(store), NOW).value


def test_whole_days_that_both_sides_know_are_compared(till: tuple[Store, Lease]) -> None:
    store, lease = till
    counted(store, lease, "2026-11-10", "2026-11-24")
    billed(store, lease, days("2026-10-01", "2026-11-24"))
    found = compared(store)
    assert found.window == days("2026-11-11", "2026-11-21")
    metrics, requests, costs = found.lines
    assert (metrics.counted, metrics.billed) == (1_000, 4_000)
    assert (metrics.share, metrics.of_others) == (Decimal("0.25"), Decimal(3_000))
    assert (requests.counted, requests.billed, requests.billed_usd) == (100, 500, 0)
    assert (costs.counted, costs.billed, costs.share) == (100, 100, 1)
    assert not any(line.is_unexplained for line in found.lines)
    assert (found.counted_usd, found.billed_usd) == (Decimal("1.011"), Decimal("1.04"))


def test_a_meter_beyond_the_bill_is_told(till: tuple[Store, Lease]) -> None:
    store, lease = till
    counted(store, lease, "2026-11-10", "2026-11-24")
    billed(store, lease, days("2026-10-01", "2026-11-24"), metrics=97.0)
    assert compared(store).lines[0].is_unexplained


def test_nothing_is_compared_before_a_day_was_counted_and_billed(
    till: tuple[Store, Lease],
) -> None:
    store, lease = till
    assert own_bill(store, SpendReader(store), NOW).look is Look.NOT_COLLECTED
    billed(store, lease, days("2026-10-01", "2026-11-24"))
    counted(store, lease, "2026-11-21", "2026-11-24")
    reading = own_bill(store, SpendReader(store), NOW)
    assert (reading.look, reading.value.lines) == (Look.NOTHING, ())


def test_days_without_a_bill_are_not_compared(till: tuple[Store, Lease]) -> None:
    store, lease = till
    counted(store, lease, "2026-11-01", "2026-11-24")
    billed(store, lease, days("2026-11-10", "2026-11-24"))
    assert compared(store).lines == ()
