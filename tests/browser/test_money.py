"""The pages about money in both themes and widths; the explorer by links, a waiver by hand."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_pages import CHART, COLOURS, DARK, LIGHT, ROW, surfaces

Visit = Callable[..., Page]

PAGES = {
    "spend": ("/spend", CHART, "Against the month before"),
    "explorer": ("/spend/explorer?period=month", CHART, "EC2 instances"),
    "budgets": ("/spend/budgets", ROW, "$368.00 of $400.00"),
    "savings": ("/spend/savings", ROW, "Idle instance"),
    "free tier": ("/spend/free-tier", ROW, "400,000 GB-seconds"),
    "unit cost": ("/spend/unit-cost", ".panel", "No whole day in this period has both a bill"),
    "observability": ("/spend/observability", ".tile", "Watching costs"),
    "service": ("/services/lambda", CHART, "Could cost less"),
}
WIDE = ".ag-header-cell[col-id=told], .ag-header-cell[col-id=source], .ag-header-cell[col-id=price]"
"""Columns that there is only room for on a wide screen."""
TOO_WIDE = "document.documentElement.scrollWidth - innerWidth"


@pytest.mark.parametrize("name", list(PAGES))
def test_a_page_about_money_holds_in_both_themes_and_widths(visit: Visit, name: str) -> None:
    path, ready, words = PAGES[name]
    page = visit(path, ready=ready)
    expect(page.locator("main")).to_contain_text(words)
    expect(page.locator(".look-loading")).to_have_count(0)
    assert surfaces(page) <= set(LIGHT)
    assert page.evaluate(TOO_WIDE) <= 0
    expect(page.locator(WIDE)).to_have_count(0)
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 1920, "height": 1000})
    page.wait_for_function(f"seen => ({COLOURS})().every(each => seen.includes(each))", arg=DARK)
    assert page.evaluate(TOO_WIDE) <= 0


def test_the_explorer_goes_deeper_by_links_and_back_undoes_it(visit: Visit) -> None:
    page = visit("/spend/explorer?period=month", ready=ROW)
    page.locator(ROW).get_by_role("link", name="Lambda", exact=True).click()
    expect(page.locator(".condition")).to_contain_text("ServiceisLambda")
    expect(page.locator(ROW).first).to_contain_text("Lambda-GB-Second")
    assert "by=USAGE_TYPE" in page.url
    page.go_back()
    expect(page.locator(".condition")).to_have_count(0)
    expect(page.locator(ROW).first).to_contain_text("EC2 instances")
    grain = page.locator(".choosers summary", has_text=re.compile("^per "))
    grain.click()
    page.locator(".choosers details[open]").get_by_role("link", name="month").click()
    expect(grain).to_contain_text("month")
    expect(page.locator(".choosers details[open]")).to_have_count(0)


def test_a_row_of_the_explorer_opens_beside_it(visit: Visit) -> None:
    page = visit("/spend/explorer?period=month", ready=ROW)
    page.locator(ROW).first.locator("[col-id=total]").click()
    side = page.locator("#side-frame.open")
    expect(side).to_contain_text("$230.00, 1 Nov to 24 Nov 2026")
    side.get_by_role("link", name="All but this").click()
    expect(page.locator(".condition")).to_contain_text("is not")
    expect(page.locator(ROW).first).to_contain_text("S3")


def test_dragging_on_a_chart_of_money_asks_for_whole_days(visit: Visit) -> None:
    page = visit("/spend/explorer?tz=America/Los_Angeles", ready=CHART)
    box = page.locator(".js-plotly-plot").first.bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.5, y)
    expect(page.locator(".tip-time")).to_have_text(re.compile(r"^\w{3} \d+ (Oct|Nov)$"))
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.8, y, steps=4)
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"range=2026-11-\d\dT00:00Z\.\.2026-11-\d\dT00:00Z"))


def test_a_waived_finding_moves_with_its_reason(visit: Visit) -> None:
    page = visit("/spend/savings", ready=ROW)
    page.locator(ROW, has_text="i-small").locator("[col-id=why]").click()
    side = page.locator("#side-frame.open")
    expect(side).to_contain_text("$7.50")
    side.get_by_role("button", name="Waive").click()
    expect(side).to_contain_text("Say why: a waiver needs a reason.")
    side.get_by_placeholder("Why is it right as it is?").fill("for the demo")
    side.get_by_role("button", name="Waive").click()
    expect(side).to_contain_text("Waived until 2027-02-22")
    waived = page.locator(".panel", has=page.get_by_role("heading", name="Waived", exact=True))
    expect(waived).to_contain_text("i-small")
