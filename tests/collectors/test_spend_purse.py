"""The day's requests to Cost Explorer, counted over processes and refusals."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from app.config import StoreSettings
from app.model.errors import OverBudget
from app.model.ids import Place
from app.model.rounds import MeterEntry
from app.store import Store, open_store
from collectors.spend_purse import Purse

NOW = datetime(2026, 11, 24, 8, 5, tzinfo=UTC)
PLACE = Place("111111111111", "us-east-1")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = open_store(StoreSettings(path=tmp_path), NOW)
    yield made
    made.close()


def test_no_more_than_the_limit_is_given_out(store: Store) -> None:
    purse = Purse(store, 2)
    for left in (2, 1):
        assert purse.left(NOW) == left
        purse.take(PLACE, NOW)
    with pytest.raises(OverBudget, match="2 requests of today"):
        purse.take(PLACE, NOW)
    assert purse.left(NOW) == 0


@pytest.mark.parametrize(("sent", "left"), [(0, 3), (1, 2), (3, 0)])
def test_a_request_counts_as_often_as_it_was_sent(store: Store, sent: int, left: int) -> None:
    purse = Purse(store, 3)
    purse.take(PLACE, NOW)
    purse.settle(sent)
    assert purse.left(NOW) == left


def test_a_new_day_begins_at_midnight_utc(store: Store) -> None:
    purse = Purse(store, 1)
    purse.take(PLACE, NOW.replace(hour=23, minute=59))
    assert purse.left(NOW.replace(hour=0) + timedelta(days=1)) == 1


def test_what_an_earlier_process_sent_counts(store: Store) -> None:
    lease = store.acquire("test", NOW, timedelta(hours=1))
    assert lease is not None
    entries = [
        MeterEntry(at, PLACE, api, "GetCostAndUsage", "spend", 3, 3, Decimal("0.03"))
        for at, api in ((NOW - timedelta(days=1), "ce"), (NOW, "ce"), (NOW, "budgets"))
    ]
    store.note(lease=lease, now=NOW, meter=entries)
    assert Purse(store, 10).left(NOW) == 7
