"""The explorer: its address tells every choice, and the page shows just what was asked."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import polars as pl
import pytest
from plotly.utils import PlotlyJSONEncoder

from app.model.spend import CostMetric, SpendDimension, SpendSource, Tag
from app.model.time import Window
from app.read import Granularity, SpendFilter
from dashboards.pages import explorer_side, spend_explorer
from dashboards.pages.explorer_found import exported, find
from dashboards.pages.explorer_state import Chosen, months_back, offered
from dashboards.parts import Seen
from tests.dashboards.pages.bill import SERVICES, put_bill
from tests.support.figures import unpacked, valid
from tests.support.shelf import NOW, Shelf
from tests.support.spend import Charge, day, days, fill, statement

D = SpendDimension


@pytest.fixture
def billed(empty: Shelf) -> Shelf:
    put_bill(empty)
    return empty


def said(found: Any) -> str:
    return json.dumps(found, cls=PlotlyJSONEncoder, ensure_ascii=False)


def shown(shelf: Shelf, seen: Seen, **query: str) -> list[Any]:
    return spend_explorer.answer(shelf.reads, Chosen.of(query), shelf.scope(), seen)


FIGURE, ROWS, COLUMNS = 2, 7, 12
NO_HOURS = "Nothing of these days is collected by the hour"


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"by": "TAG:team", "then": "SERVICE", "per": "month", "period": "14m"},
        {"where": "SERVICE=a%3Bb%3Dc,d;REGION!=", "metric": "net_amortized", "shown": "running"},
        {"by": "all", "compare": "year"},
    ],
)
def test_an_address_leads_back_to_the_same_choices(query: dict[str, str]) -> None:
    href = Chosen.of(query).href()
    assert dict(csv_pairs(href)) == query


def csv_pairs(href: str) -> list[tuple[str, str]]:
    return parse_qsl(href.partition("?")[2], keep_blank_values=True)


def test_what_means_nothing_in_an_address_is_not_chosen() -> None:
    odd = {"by": "TEAPOT", "then": "x", "where": "y=1;;z", "metric": "gross", "period": "9y"}
    assert Chosen.of(odd) == Chosen()


def test_a_condition_on_the_same_thing_replaces_the_one_before() -> None:
    first = Chosen().keeping(D.SERVICE, "a").keeping(D.SERVICE, "b")
    assert first.where == (SpendFilter(D.SERVICE, ("b",)),)
    both = Chosen().keeping(D.SERVICE, "a", exclude=True).keeping(D.SERVICE, "b", exclude=True)
    assert [one.values for one in both.where] == [("a",), ("b",)]


@pytest.mark.parametrize(
    ("period", "start", "end", "before"),
    [
        ("", "2026-10-26", "2026-11-25", ("2026-09-26", "2026-10-26")),
        ("month", "2026-11-01", "2026-11-25", ("2026-10-01", "2026-10-25")),
        ("last-month", "2026-10-01", "2026-11-01", ("2026-09-01", "2026-10-01")),
        ("6m", "2026-06-01", "2026-11-25", ("2025-12-01", "2026-06-01")),
    ],
)
def test_a_period_is_whole_days_and_has_one_before_it(
    period: str, start: str, end: str, before: tuple[str, str]
) -> None:
    chosen = Chosen(period=period)
    window = chosen.window(Window(NOW - timedelta(hours=3), NOW), NOW)
    assert window == days(start, end)
    assert chosen.before(window, chosen.granularity(window)) == days(*before)


def test_a_range_of_days_on_the_page_is_taken() -> None:
    page = Window(day("2026-11-03") + timedelta(hours=7), day("2026-11-09"))
    assert Chosen().window(page, NOW) == days("2026-11-03", "2026-11-09")
    assert Chosen(period="month").window(page, NOW).start == day("2026-11-01")


def test_a_month_back_from_its_last_day_is_the_last_day_there() -> None:
    assert months_back(datetime(2026, 3, 31, tzinfo=UTC), 1) == day("2026-02-28")
    assert months_back(day("2026-01-15"), 13) == day("2024-12-15")


def test_rows_are_the_dearest_first_with_share_and_change(billed: Shelf, seen: Seen) -> None:
    rows = shown(billed, seen, period="month")[ROWS]
    assert [row["first"] for row in rows] == ["EC2 instances", "S3", "Lambda"]
    first = rows[0]
    assert first["total"] == pytest.approx(23 * 10)
    assert first["share"] == pytest.approx(100 * 10 / 16)
    assert (first["before"], first["change"]) == (pytest.approx(230), pytest.approx(1))
    assert rows[2]["change"] == pytest.approx(2)  # Lambda cost half as much in October


def test_bars_stack_the_rows_and_compare_with_the_period_before(billed: Shelf, seen: Seen) -> None:
    data = valid(shown(billed, seen, period="month")[FIGURE])["data"]
    assert [trace["name"] for trace in data] == ["EC2 instances", "S3", "Lambda", "period before"]
    assert unpacked(data[-1]["y"])[:2] == [15, 15]
    assert unpacked(data[0]["y"])[-1] is None  # today has no bill yet


def test_a_tag_tells_what_is_untagged(billed: Shelf, seen: Seen) -> None:
    rows = shown(billed, seen, by="TAG:team", compare="no")[ROWS]
    assert {row["first"] for row in rows} == {"web", "(untagged)"}


def test_a_name_leads_deeper_only_where_that_is_collected(billed: Shelf, seen: Seen) -> None:
    rows = shown(billed, seen, period="month")[ROWS]
    assert "by=USAGE_TYPE" in rows[0]["first_href"]
    regions = shown(billed, seen, by="USAGE_TYPE", period="month")[ROWS]
    assert "first_href" not in regions[0]


def test_what_is_not_collected_together_says_why(billed: Shelf, seen: Seen) -> None:
    answer = shown(billed, seen, by="LINKED_ACCOUNT", then="USAGE_TYPE")
    assert "is not collected: Cost Explorer gives two dimensions at a time" in said(answer)
    assert "look-nothing" in said(answer)


def test_hours_are_offered_where_a_bill_has_them_and_else_say_why(empty: Shelf, seen: Seen) -> None:
    window = days("2026-11-17", "2026-11-25")
    told = statement([Charge("2026-11-18", "24")], window, NOW, source=SpendSource.CUR)
    row = told.rows.with_columns(period=pl.lit(3600, pl.Int32))
    by_hour = [row.with_columns(pl.col("at").dt.offset_by(f"{n}h")) for n in range(24)]
    fill(empty.store, empty.lease, [replace(told, rows=pl.concat(by_hour))], NOW)
    assert NO_HOURS not in said(shown(empty, seen, period="7d"))
    answer = shown(empty, seen, period="7d", per="hour")
    meta = valid(answer[FIGURE])["layout"]["meta"]["calendar"]
    assert (meta["grain"], len(meta["starts"])) == ("hour", 7 * 24)
    text = exported(empty.reads, Chosen(period="7d", per="hour"), empty.scope())
    assert text.splitlines()[1].startswith("SERVICE,sum,2026-11-18T00:00Z,2026-11-18T01:00Z")
    assert "choose a shorter range" in said(shown(empty, seen, period="30d"))


def test_hours_that_nothing_tells_are_muted(billed: Shelf, seen: Seen) -> None:
    assert NO_HOURS in said(shown(billed, seen, period="7d"))


def test_without_any_bill_the_page_says_what_to_switch_on(empty: Shelf, seen: Seen) -> None:
    assert "switch on collection.spend" in said(shown(empty, seen))


def test_accounts_and_regions_of_the_header_hold_here_too(billed: Shelf, seen: Seen) -> None:
    view = {"accounts": ["222222222222"]}
    also = spend_explorer.filters(view)
    answer = spend_explorer.answer(billed.reads, Chosen(), billed.scope(), seen, also)
    assert [row["first"] for row in answer[ROWS]] == ["Lambda"]


def test_saved_amounts_are_exact_to_the_last_digit(billed: Shelf) -> None:
    text = exported(billed.reads, Chosen(period="month"), billed.scope())
    head, *lines = text.splitlines()
    assert head.startswith("# Unblended cost in USD per day, 1 Nov to 24 Nov 2026, /spend/explorer")
    rows = list(csv.reader(io.StringIO("\n".join(lines))))
    assert rows[0][:3] == ["SERVICE", "sum", "2026-11-01"]
    assert rows[3][1:3] == ["46.00000000023", "2.00000000001"]
    assert rows[1][-1] == ""  # today


def test_beside_a_row_are_its_numbers_and_the_ways_on(billed: Shelf, seen: Seen) -> None:
    chosen = Chosen(period="month")
    found = find(billed.reads, chosen, billed.scope())
    words = said(explorer_side.beside(billed.reads, chosen, found, (SERVICES["lambda"],)))
    assert "$46.00, 1 Nov to 24 Nov 2026" in words
    assert "/services/lambda" in words
    assert "SERVICE%21%3DAWS%2520Lambda" in words  # all but this
    assert "By account" in words
    assert "By tag team" in words


def test_long_periods_go_by_months(billed: Shelf, seen: Seen) -> None:
    figure = valid(shown(billed, seen, period="6m")[FIGURE])
    assert figure["layout"]["meta"]["calendar"]["grain"] == "month"
    chosen = Chosen.of({"period": "6m", "per": "day"})
    assert chosen.granularity(days("2026-06-01", "2026-11-25")) is Granularity.DAY


def test_another_metric_is_asked_and_named(billed: Shelf, seen: Seen) -> None:
    answer = shown(billed, seen, metric="amortized", period="month")
    assert "amortized by service" in said(answer)
    assert Chosen.of({"metric": "amortized"}).metric is CostMetric.AMORTIZED


def test_tags_come_after_what_every_bill_has(billed: Shelf) -> None:
    assert offered(billed.reads.spend.cuts())[-1] == Tag("team")
