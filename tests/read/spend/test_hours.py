"""Spend by the hour: where bills tell hours, for up to two weeks, and why not elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.config import StoreSettings
from app.model.spend import (
    LINE_ITEMS,
    MONTH_S,
    SpendDimension,
    SpendSource,
    SpendStatement,
    spend_rows,
)
from app.model.time import Window
from app.read.spend import Granularity, SpendAnswer, SpendQuestion, SpendReader
from app.store import Lease, Store, open_store
from tests.support.spend import day, days, fill, statements, steady

NOW = day("2026-11-20")
READ = day("2026-11-19")
HOUR = timedelta(hours=1)
TWO = days("2026-11-01", "2026-11-03")
D = SpendDimension


class Till:
    def __init__(self, store: Store, lease: Lease) -> None:
        self.store, self.lease = store, lease

    def bill(self, rows: Sequence[dict[str, Any]], window: Window) -> None:
        told = {"account": "1", "service": "S", "tags": "{}", "usage_type": "U"}
        frame = spend_rows({**told, **row} for row in rows)
        source = SpendSource.CUR
        statement = SpendStatement(source, "1", LINE_ITEMS, window, READ, frame)
        fill(self.store, self.lease, [statement], NOW)

    def ask(self, window: Window, *group: D, **more: Any) -> SpendAnswer:
        question = SpendQuestion(window, group=group, granularity=Granularity.HOUR, **more)
        return SpendReader(self.store).ask(question, NOW).value

    def why_not(self, window: Window, *group: D) -> str:
        return SpendReader(self.store).hours_why_not(SpendQuestion(window, group=group))


@pytest.fixture
def till(tmp_path: Path) -> Iterator[Till]:
    store = open_store(StoreSettings(path=tmp_path), NOW)
    lease = store.acquire("test", NOW, HOUR)
    assert lease is not None
    yield Till(store, lease)
    store.close()


def hours(window: Window, usd: str = "0.5") -> list[dict[str, Any]]:
    count = window.length // HOUR
    return [{"at": window.start + HOUR * n, "period": 3600, "unblended": usd} for n in range(count)]


def test_hours_of_a_bill_are_slots_and_longer_charges_stand_where_they_begin(till: Till) -> None:
    fee = {"at": TWO.start + 5 * HOUR, "period": MONTH_S, "unblended": "7", "service": "Support"}
    till.bill([*hours(TWO), fee], TWO)
    answer = till.ask(TWO, D.SERVICE)
    assert (len(answer.slots), answer.slots[1] - answer.slots[0]) == (48, HOUR)
    assert answer.totals[4:7] == (Decimal("0.5"), Decimal("7.5"), Decimal("0.5"))
    assert [(r.key[0], r.total) for r in answer.rows] == [
        ("S", Decimal(24)),
        ("Support", Decimal(7)),
    ]
    (said,) = answer.warnings
    assert said == (
        "7.00 USD of this is charged for a day or longer, as fees and storage are; it stands in "
        "the hour in which it begins."
    )
    assert till.why_not(TWO, D.RESOURCE) == ""


def test_hours_after_the_last_line_of_a_day_that_fills_are_not_told(till: Till) -> None:
    window = days("2026-11-17", "2026-11-19")
    till.bill(hours(Window(window.start, window.start + 30 * HOUR)), window)
    answer = till.ask(window)  # read at the start of the 19th, so the 18th was still filling
    assert answer.totals[29:31] == (Decimal("0.5"), None)
    assert answer.missing.windows == (Window(window.start + 30 * HOUR, window.end),)


def test_cost_explorer_tells_no_hours_and_says_so(till: Till) -> None:
    told = statements(steady(TWO, {"AmazonS3": "1"}), TWO, READ, payer="1")
    fill(till.store, till.lease, told, NOW)
    assert till.ask(TWO).why_not.startswith("nothing of these days is collected by the hour: Cost")
    assert till.why_not(TWO).startswith("Nothing of these days is collected by the hour")


@pytest.mark.parametrize(("number", "told"), [(14, True), (15, False)])
def test_hours_are_told_for_two_weeks_at_once(till: Till, number: int, told: bool) -> None:
    till.bill(hours(days("2026-11-01", "2026-11-17")), days("2026-11-01", "2026-11-17"))
    window = Window(TWO.start, TWO.start + timedelta(days=number))
    assert bool(till.ask(window).slots) is told
    assert till.why_not(window) == (
        "" if told else ("Hours are told for up to 14 days at once; choose a shorter range.")
    )


def test_hours_that_cover_a_part_are_told_but_not_offered(till: Till) -> None:
    window = days("2026-11-01", "2026-11-04")
    told = statements(steady(window, {"AmazonS3": "1"}), window, READ, payer="1")
    fill(till.store, till.lease, told, NOW)
    till.bill(hours(TWO), TWO)
    assert till.ask(window).missing.windows == (days("2026-11-03", "2026-11-04"),)
    assert till.why_not(window) == "1 of 3 days are not told by the hour."


def test_a_daily_bill_with_a_single_short_charge_is_not_one_by_the_hour(till: Till) -> None:
    daily = [
        {"at": TWO.start, "period": 86400, "unblended": "1", "service": str(n)} for n in range(3)
    ]
    till.bill([*daily, {"at": TWO.start + HOUR, "period": 3600, "unblended": "1"}], TWO)
    assert till.ask(TWO).slots == ()


def test_a_bill_of_nothing_but_a_monthly_fee_is_answered(till: Till) -> None:
    till.bill([{"at": TWO.start, "period": MONTH_S, "unblended": "9"}], TWO)
    answer = SpendReader(till.store).ask(SpendQuestion(TWO), NOW).value
    assert answer.totals == (Decimal(9), Decimal(0))
