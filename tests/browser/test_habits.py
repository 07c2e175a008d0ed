"""What hands expect: Back keeps filters, dragging sets the range, a link shows the same thing."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

Visit = Callable[..., Page]
CHART = ".js-plotly-plot .trace"
ROW = ".ag-center-cols-container .ag-row"
SEARCH = "Search alarms, resources, reasons"


def test_back_keeps_the_filters(visit: Visit) -> None:
    page = visit("/alarms", ready=ROW)
    page.get_by_placeholder(SEARCH).fill("legacy-import errors")
    page.get_by_label("Firing").check()
    expect(page.locator(ROW)).to_have_count(1)
    expect(page).to_have_url(re.compile(r"q=legacy-import%20errors&state=firing"))
    page.locator(ROW).get_by_role("link").first.click()
    expect(page.locator("main")).to_contain_text("Evaluated metric")
    page.go_back()
    expect(page.get_by_placeholder(SEARCH)).to_have_value("legacy-import errors")
    expect(page.get_by_label("Firing")).to_be_checked()
    expect(page.locator(ROW)).to_have_count(1)


def test_a_link_restores_filters_range_and_places(visit: Visit) -> None:
    page = visit("/alarms?q=audio&state=firing&range=24h&account=111111111111", ready=ROW)
    expect(page.get_by_placeholder(SEARCH)).to_have_value("audio")
    expect(page.get_by_label("Firing")).to_be_checked()
    expect(page.locator("header").first).to_contain_text("24 h")
    expect(page.locator(ROW)).to_have_count(1)
    expect(page.locator(ROW)).to_contain_text("blog-prod")


def test_dragging_over_a_chart_sets_the_range_of_the_page(visit: Visit) -> None:
    page = visit("/services/lambda", ready=CHART)
    expect(page.locator(".look-loading")).to_have_count(0)
    box = page.locator(".js-plotly-plot").first.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 0.4 * box["width"], middle)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.6 * box["width"], middle, steps=5)
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"range=2026-11-24T.*\.\."))
    page.go_back()
    expect(page).not_to_have_url(re.compile(r"range="))


def test_the_range_follows_from_page_to_page(visit: Visit) -> None:
    page = visit("/?range=6h", ready=".tile")
    page.locator("a.tile", has_text="Lambda").click()
    expect(page.locator("main")).to_contain_text("Errors and throttles")
    expect(page).to_have_url(re.compile(r"/services/lambda\?range=6h"))


def test_a_row_opens_beside_the_list_and_an_alarm_can_be_silenced_there(visit: Visit) -> None:
    page = visit("/alarms?q=clicks-dlq&state=firing", ready=ROW)
    page.locator(ROW).first.locator("[col-id=condition]").click()
    side = page.locator(".beside")
    expect(side).to_contain_text("clicks-dlq")
    side.get_by_role("button", name="Silence").click()
    expect(side).to_contain_text("Write a reason first.")
    side.get_by_label("4 hours").check()
    side.get_by_placeholder("Why?").fill("the consumer is being repaired")
    side.get_by_role("button", name="Silence").click()
    expect(side).to_contain_text("Silenced until 17:00.")
    expect(page.locator("main")).to_contain_text("the consumer is being repaired")
    expect(page.locator(ROW)).to_have_count(0)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="End now").first.click()
    expect(page.locator(ROW)).to_have_count(1)


def test_charts_keep_their_place_over_a_refresh(visit: Visit) -> None:
    page = visit("/services/lambda", ready=CHART)
    page.evaluate("document.querySelector('.js-plotly-plot').dataset.kept = 'yes'")
    with page.expect_response("**/_dash-update-component*"):
        page.keyboard.press("r")
    expect(page.locator("[data-dash-is-loading=true]")).to_have_count(0)
    assert page.evaluate("document.querySelector('.js-plotly-plot').dataset.kept") == "yes"


def test_a_query_runs_with_ctrl_and_enter_and_stands_in_the_address(visit: Visit) -> None:
    page = visit("/logs?group=/api", ready=ROW)
    page.locator("textarea").fill("stats count(*) by level | sort level")
    page.locator("textarea").press("Control+Enter")
    expect(page.locator(ROW)).to_have_count(2)
    expect(page.locator(ROW).first).to_contain_text("ERROR")
    expect(page).to_have_url(re.compile(r"q=stats%20count"))


def test_a_mistake_in_a_query_is_pointed_at(visit: Visit) -> None:
    page = visit("/logs?q=stats cuont(*)")
    expect(page.locator("main").get_by_role("alert")).to_contain_text("did you mean `count`?")
    expect(page.locator(".query-marks mark")).to_have_text("cuont(*)")


def test_a_mistake_is_underlined_while_it_is_typed(visit: Visit) -> None:
    page = visit("/logs", ready=ROW)
    page.locator("textarea").fill("fields level\n| filter strlenn(level) > 1")
    expect(page.locator(".query-marks mark")).to_have_text("strlenn(level)")
    expect(page.locator(".query-said")).to_have_text(
        "Line 2: unknown function `strlenn`; did you mean `strlen`?"
    )
    page.locator("textarea").fill("fields level")
    expect(page.locator(".query-said")).to_be_hidden()


def test_groups_are_ticked_in_a_list_that_can_be_searched(visit: Visit) -> None:
    page = visit("/logs", ready=ROW)
    page.locator("summary", has_text="Log groups").click()
    page.get_by_placeholder("Search log groups").fill("lambda")
    expect(page.get_by_role("menuitemcheckbox", name="/api", exact=True)).to_be_hidden()
    tick = page.get_by_role("menuitemcheckbox", name="/aws/lambda/f", exact=True)
    tick.click()
    expect(tick).to_have_attribute("aria-checked", "true")
    expect(page).to_have_url(re.compile(r"group=%2Faws%2Flambda%2Ff"))
    expect(page.locator("main")).to_contain_text("480 in this range")


def test_a_click_on_a_value_narrows_the_query_and_runs_it(visit: Visit) -> None:
    page = visit("/logs?group=/api", ready=ROW)
    page.locator(".fields button", has_text="level").click()
    value = page.locator(".value-list > div", has_text="ERROR")
    value.get_by_role("button", name="Keep").click()
    expect(page.locator("textarea")).to_have_value(
        re.compile(r'^filter level = "ERROR"\n\| fields')
    )
    expect(page.locator("main")).to_contain_text("7 rows")
    expect(page.locator("#side-frame")).not_to_have_class(re.compile("open"))


def test_an_event_opens_in_full_and_its_id_is_followed(visit: Visit) -> None:
    page = visit("/logs?group=/api", ready=ROW)
    page.locator(f"{ROW} [col-id='@message']").first.click()
    side = page.locator("#side-frame.open")
    expect(side.locator(".message")).to_contain_text('"requestId": "8286a188-')
    side.get_by_role("button", name="Follow").first.click()
    expect(page.locator("textarea")).to_have_value(re.compile('like "8286a188-'))
    expect(page.locator("main")).to_contain_text("18 rows")
