"""The first page about money: the month so far against the same days before it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from dashboards.pages import spend
from dashboards.pages.spend_month import last_known, question, so_far
from dashboards.parts import Seen
from tests.support.components import text, with_class
from tests.support.shelf import NOW, Shelf
from tests.support.spend import day

TILES, SERVICES_ROWS = 1, 7


def test_a_month_is_compared_with_the_days_that_are_known_of_it(shelf: Shelf) -> None:
    told = shelf.reads.spend.ask(question(NOW), NOW).value
    month = so_far(told, told.totals, NOW)
    assert month.spent == 23 * (Decimal("14") + Decimal("2.00000000001"))
    assert month.before == 23 * 15
    assert last_known(told) == day("2026-11-23")


def test_on_the_first_of_a_month_nothing_is_compared_yet(shelf: Shelf) -> None:
    first = day("2026-11-01") + timedelta(hours=3)
    told = shelf.reads.spend.ask(question(first), first).value
    assert so_far(told, [None] * len(told.totals), first).before is None


def test_services_lead_to_their_usage_types(shelf: Shelf, seen: Seen) -> None:
    rows = spend.answer(shelf.reads, seen)[SERVICES_ROWS]
    assert [row["name"] for row in rows] == ["EC2 instances", "S3", "Lambda"]
    assert rows[2]["name_href"].startswith("/spend/explorer?by=USAGE_TYPE&where=SERVICE%3DAWS")
    assert rows[0]["share"] == pytest.approx(100 * 10 / 16)


def test_tiles_say_which_cost_is_meant_and_up_to_when(shelf: Shelf, seen: Seen) -> None:
    tiles = spend.answer(shelf.reads, seen)[TILES]
    first = with_class(tiles, "tile")[0]
    assert text(first) == "Month to date$368.00unblended, up to 23 Nov"
