"""The tile about spend on the overview."""

from __future__ import annotations

from app.model.rounds import Result
from app.model.spend import SpendDimension
from app.read import SpendFilter
from dashboards.pages import overview
from dashboards.pages.spend_glance import glance
from dashboards.parts import Seen
from tests.dashboards.pages.bill import put_money
from tests.support.components import text
from tests.support.shelf import AWAY, Shelf


def test_it_tells_the_month_so_far_where_it_ends_and_the_month_before(
    shelf: Shelf, seen: Seen
) -> None:
    found = glance(shelf.reads, seen)
    assert found.href == "/spend"
    assert text(found) == (
        "Spend this month, unblended$368.00$479.42 expected+7\u00a0% vs October by then"
    )
    assert found.title.startswith("$368.00 unblended up to 23 Nov; by its end 80 %: $479.42")
    assert "edge" not in found.className


def test_a_budget_of_everything_is_what_the_forecast_is_held_against(
    empty: Shelf, seen: Seen
) -> None:
    put_money(empty.store, empty.lease)
    found = glance(empty.reads, seen)
    assert "$479.42 expected of $400.00" in text(found)
    assert "edge" in found.className


def test_without_a_bill_it_says_how_to_switch_it_on_and_no_sum(empty: Shelf, seen: Seen) -> None:
    words = text(glance(empty.reads, seen))
    assert "not collected;collection.spend in config.yaml switches it on" in words
    assert "$" not in words


def test_what_could_not_be_asked_is_not_what_was_never_asked(empty: Shelf, seen: Seen) -> None:
    empty.round("spend", "spend/costs/service", Result.DENIED, action="ce:GetCostAndUsage")
    words = text(glance(empty.reads, seen))
    assert words == "Spend this month, unblended–could not be asked for"


def test_only_what_the_header_chooses_counts(shelf: Shelf, seen: Seen) -> None:
    where = (SpendFilter(SpendDimension.LINKED_ACCOUNT, (AWAY.account,)),)
    assert "$46.00" in text(glance(shelf.reads, seen, where))
    both = (*where, SpendFilter(SpendDimension.REGION, ("us-east-1",)))
    assert "not told for what is chosen" in text(glance(shelf.reads, seen, both))


def test_what_watchdeck_costs_itself_stands_below(shelf: Shelf, seen: Seen) -> None:
    words = text(overview.answer(shelf.reads, shelf.scope(), seen)[-1])
    assert words == "Watchdeck's own calls $1.50 this month, $21.00 by its end, of $50.00."
