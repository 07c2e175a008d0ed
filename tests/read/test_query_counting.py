"""Queries are counted with what they would have read in CloudWatch."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from app.model.time import Window
from app.read.logs import LogsReader
from app.read.query_counting import would_scan
from app.read.spend.prices import PriceBook
from app.read.spend.query_bill import query_bill
from app.read.spend.seed import seed_prices
from app.store import QueryDay, Store
from tests.read.test_logs import API, FUNCTION, WINDOW, events, filled
from tests.support.shelf import HOME, NOW

ALL = sum(len(message.encode()) for _, _, message in events())
OF_API = sum(len(message.encode()) for group, _, message in events() if group == API)
HALF = Window(NOW - timedelta(hours=1), NOW)


@pytest.fixture(params=["fresh", "merged"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    made = filled(tmp_path, columns=True, merged=request.param == "merged")
    yield made
    made.close()


def test_all_bytes_of_the_groups_in_the_window_count(store: Store) -> None:
    assert would_scan(store, [API, FUNCTION], WINDOW) == pytest.approx(ALL, rel=0.001)
    assert would_scan(store, [API], WINDOW) == pytest.approx(OF_API, rel=0.25)
    assert would_scan(store, [API, FUNCTION], HALF) == pytest.approx(ALL / 2, rel=0.08)
    assert would_scan(store, [], WINDOW) == 0


def test_each_query_counts_once_and_its_bars_do_not(store: Store) -> None:
    reader = LogsReader(store, counting_queries=True)
    for _ in range(2):
        reader.query("stats count(*)", [], WINDOW, [HOME], now=NOW)
    reader.counted("fields @message", [], WINDOW, [HOME], now=NOW)
    later = NOW + timedelta(days=40)
    reader.query("stats count(*)", [], WINDOW, [HOME], now=later)
    scanned = would_scan(store, [API, FUNCTION], WINDOW)
    assert store.queries.days(Window(NOW - timedelta(days=31), later)) == [
        QueryDay(date(2026, 11, 24), 2, 2 * scanned),
        QueryDay(date(2027, 1, 3), 1, scanned),
    ]


def test_a_reader_that_only_rehearses_counts_nothing(store: Store) -> None:
    LogsReader(store).query("stats count(*)", [], WINDOW, [HOME], now=NOW)
    assert store.queries.days(Window(NOW - timedelta(days=31), NOW)) == []


def test_the_month_is_told_at_the_price_of_insights(store: Store) -> None:
    for at, read in ((NOW - timedelta(days=30), 2**40), (NOW, 2**30), (NOW, 3 * 2**30)):
        store.queries.note(at, read)
    bill = query_bill(store, PriceBook(seed_prices()), NOW)
    assert (bill.queries, bill.bytes, bill.usd) == (2, 4 * 2**30, Decimal("0.02"))
    assert bill.price is not None
    assert query_bill(store, PriceBook(()), NOW).usd is None
