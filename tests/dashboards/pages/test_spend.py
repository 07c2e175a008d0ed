"""The first page about money: the month so far against the same days before it."""

from __future__ import annotations

from datetime import UTC, timedelta
from decimal import Decimal

import pytest

from app.model.readings import Look, Reading
from app.model.spend import FactKind, SpendDimension, SpendFacts
from app.model.time import Intervals
from app.read import SpendAnswer, SpendFilter, SpendQuestion
from dashboards.pages import spend
from dashboards.pages.money_table import bill_banner
from dashboards.pages.spend_month import last_known, question, so_far, whole_until
from dashboards.pages.spend_shown import cents, spark_of, unsettled_from
from dashboards.parts import Seen
from tests.dashboards.pages.bill import SERVICES, put_bill
from tests.dashboards.pages.test_budgets import put_budget
from tests.support.components import text, with_class
from tests.support.figures import unpacked, valid
from tests.support.shelf import AWAY, NOW, Shelf
from tests.support.spend import PAYER, day, days, fill, statements, steady

TILES, AHEAD, SERVICES_ROWS = 1, 2, 12
MOVERS, UNUSUAL, IDLE, TAGS = 0, 5, 10, 15
"""Places among the reasons."""
TODAY_ROWS = -5


def test_a_month_is_compared_with_the_days_that_are_known_of_it(shelf: Shelf) -> None:
    told = shelf.reads.spend.ask(question(NOW), NOW).value
    month = so_far(told, told.totals, NOW)
    assert month.spent == 23 * (Decimal("14") + Decimal("2.00000000001"))
    assert month.before == 23 * 15
    assert last_known(told) == day("2026-11-23")


@pytest.mark.parametrize(
    ("whole", "expected"),
    [("2026-11-19", "2026-11-19"), ("2026-11-21", "2026-11-20"), (None, "2026-11-20")],
)
def test_days_that_were_still_filling_are_not_whole(whole: str | None, expected: str) -> None:
    """A bill that is written at 05:00 of the 20th has the 19th and the 20th, neither whole."""
    window = days("2026-11-01", "2026-11-25")
    slots = tuple(window.start + timedelta(days=n) for n in range(24))
    totals = tuple(Decimal(1) if slot < day("2026-11-21") else None for slot in slots)
    filling = Intervals.of([days(whole, "2026-11-21")] if whole else [])
    answer = SpendAnswer(SpendQuestion(window), slots, totals=totals, filling=filling)
    assert whole_until(answer, NOW) == day(expected)


def test_on_the_first_of_a_month_nothing_is_compared_yet(shelf: Shelf) -> None:
    first = day("2026-11-01") + timedelta(hours=3)
    told = shelf.reads.spend.ask(question(first), first).value
    assert so_far(told, [None] * len(told.totals), first).before is None


def test_services_lead_to_their_usage_types(shelf: Shelf, seen: Seen) -> None:
    rows = spend.answer(shelf.reads, seen)[SERVICES_ROWS]
    assert [row["name"] for row in rows] == ["EC2 instances", "S3", "Lambda"]
    assert rows[2]["name_href"].startswith("/spend/explorer?by=USAGE_TYPE&where=SERVICE%3DAWS")
    assert rows[0]["share"] == pytest.approx(100 * 10 / 16)


def test_tiles_say_what_is_meant_and_how_sure_it_is(shelf: Shelf, seen: Seen) -> None:
    put_budget(shelf, "368.00", "480.00")
    tiles = spend.answer(shelf.reads, seen)[TILES]
    assert [text(tile) for tile in with_class(tiles, "tile")] == [
        "Month to date$368.00unblended, up to 23 Nov",
        "By the month's end$479.4280 %: $479.42 to $479.42",
        "Budgetnoneof everything, a month",
        "Against the month before+7\u00a0%$345.00 by then in October",
        "Today so far, estimated$7.00usually $7.00 by now",
    ]


def test_the_fan_goes_on_from_the_last_whole_day(shelf: Shelf, seen: Seen) -> None:
    figure = valid(spend.answer(shelf.reads, seen)[AHEAD])
    lines = {trace["name"]: unpacked(trace["y"]) for trace in figure["data"]}
    spent, ahead = lines["spent"], lines["forecast"]
    known = [n for n, value in enumerate(spent) if value is not None]
    assert ahead[known[-1]] == spent[known[-1]] == pytest.approx(16 * len(known))
    assert ahead[: known[-1]] == [None] * known[-1]
    assert ahead[-1] == pytest.approx(480, rel=0.01)
    assert len(ahead) == 30


def test_what_moved_is_told_with_what_it_is_mostly_by(empty: Shelf, seen: Seen) -> None:
    put_bill(empty, burst=("2026-11-18", "2026-11-20", "40"))
    first = spend.reasons(empty.reads, seen)[MOVERS][0]
    assert (first["name"], first["more"]) == ("EC2 instances", pytest.approx(80))
    assert first["mostly"] == "price"  # one hour a day, at another rate


def test_a_week_without_a_bill_is_not_compared_and_says_so(empty: Shelf, seen: Seen) -> None:
    window = days("2026-11-12", "2026-11-24")
    fill(empty.store, empty.lease, statements(steady(window, {"S3": "10"}), window, NOW), NOW)
    answer = spend.reasons(empty.reads, seen)[MOVERS:UNUSUAL]
    assert not answer[0]
    assert "no bill for 2026-11-09 to 2026-11-11" in text(answer)
    assert "Nothing moved" not in text(answer)


def test_a_day_that_costs_more_is_named_with_its_cause(empty: Shelf, seen: Seen) -> None:
    put_bill(empty, burst=("2026-11-18", "2026-11-20", "40"))
    first = spend.reasons(empty.reads, seen)[UNUSUAL][0]
    assert (first["day"], first["name"]) == ("18 to 19 Nov", "EC2 instances")
    assert first["over"] == pytest.approx(80, rel=0.05)
    assert "BoxUsage:t3.micro 100\u00a0% by price" in first["why"]


def test_what_aws_found_too_stands_once(empty: Shelf, seen: Seen) -> None:
    put_bill(empty, burst=("2026-11-18", "2026-11-20", "40"))
    told = {"start": "2026-11-19", "end": None, "dimension": SERVICES["ec2"], "impact": 40.0}
    other = {"start": "2026-11-12", "end": "2026-11-13", "dimension": "AWS X-Ray", "impact": 3.0}
    facts = [SpendFacts(FactKind.ANOMALY, PAYER, NOW, {"a": told, "b": other})]
    fill(empty.store, empty.lease, [], NOW, facts)
    rows = spend.reasons(empty.reads, seen)[UNUSUAL]
    assert [(row["name"], row["by"]) for row in rows[:2]] == [
        ("EC2 instances", "both"),
        ("X-Ray", "AWS"),
    ]


def test_tags_are_told_one_by_one_with_what_has_none(shelf: Shelf, seen: Seen) -> None:
    words = text(spend.reasons(shelf.reads, seen)[TAGS])
    assert words.startswith("team87\u00a0% tagged")
    assert "untagged: Lambda $44.00" in words


def test_where_an_account_is_chosen_no_panel_shows_the_whole_bill(shelf: Shelf, seen: Seen) -> None:
    where = (SpendFilter(SpendDimension.LINKED_ACCOUNT, (AWAY.account,)),)
    shown, why = spend.answer(shelf.reads, seen, where), spend.reasons(shelf.reads, seen, where)
    assert [row["name"] for row in shown[SERVICES_ROWS]] == ["Lambda"]
    for place in (TODAY_ROWS, IDLE):
        answer = shown if place == TODAY_ROWS else why
        assert answer[place] == []
        assert "usage type and account together is not collected" in text(answer[place + 3])
    assert "tag `team` and account together is not collected" in text(why[TAGS + 2])


def test_what_stands_on_regions_by_usage_type_says_so(shelf: Shelf, seen: Seen) -> None:
    where = (SpendFilter(SpendDimension.REGION, ("us-east-1",)),)
    why = spend.reasons(shelf.reads, seen, where)
    assert "Regions are those that usage types name" in text(why[IDLE + 3])
    assert why[IDLE + 2] == "panel look-data"


def test_an_anomaly_that_aws_found_is_shown_where_its_cause_is(empty: Shelf, seen: Seen) -> None:
    put_bill(empty)
    cause = {"account": AWAY.account, "region": "us-east-1", "usage_type": "Traces"}
    told = {"start": "2026-11-12", "dimension": "AWS X-Ray", "impact": 3.0, "causes": [cause]}
    fill(empty.store, empty.lease, [], NOW, [SpendFacts(FactKind.ANOMALY, PAYER, NOW, {"a": told})])
    for account, expected in ((AWAY.account, ["AWS"]), (PAYER, [])):
        where = (SpendFilter(SpendDimension.LINKED_ACCOUNT, (account,)),)
        rows = spend.reasons(empty.reads, seen, where)[UNUSUAL]
        assert [row["by"] for row in rows if row["by"] != "Watchdeck"] == expected


def test_what_costs_when_idle_is_a_month_of_it(shelf: Shelf, seen: Seen) -> None:
    first = spend.reasons(shelf.reads, seen)[IDLE][0]
    assert (first["name"], first["why"]) == ("EC2 instances", "runs by the hour, used or not")
    assert first["usd"] == pytest.approx(14 * 365 / 12, rel=0.01)


@pytest.mark.parametrize(
    ("count", "line"),
    [
        pytest.param(3, "1 1 1", id="a point a day"),
        pytest.param(125, " ".join(["3"] * 41), id="stretches of three whole days"),
    ],
)
def test_a_sparkline_of_money_stays_short(count: int, line: str) -> None:
    assert spark_of([Decimal(1)] * count) == line


def test_a_day_without_a_bill_is_a_gap_in_a_sparkline() -> None:
    assert spark_of([Decimal("1.2345"), None, Decimal(0)]) == "1.23 - 0"


@pytest.mark.parametrize(("amount", "shown"), [("-0.004", 0), ("-0.008", -0.01), ("2.345", 2.34)])
def test_a_difference_is_told_to_the_cent(amount: str, shown: float) -> None:
    assert cents(Decimal(amount)) == shown


def test_what_a_bill_tells_twice_is_said_above_and_what_fills_up_is_paler() -> None:
    window = days("2026-11-01", "2026-11-25")
    filling = Intervals.of([days("2026-11-24", "2026-11-25")])
    answer = SpendAnswer(
        SpendQuestion(window), read_at=NOW, estimated_from=window.start, filling=filling,
        warnings=("Account 1 is told twice.",),
    )  # fmt: skip
    reading = Reading(answer, Look.DATA, NOW)
    assert [text(part) for part in bill_banner(reading, Seen(NOW, UTC))] == [
        "Account 1 is told twice."
    ]
    assert unsettled_from(answer) == day("2026-11-24")
