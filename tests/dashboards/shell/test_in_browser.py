"""The shell in a real browser. Every test also holds: no console message, no request outside."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

ROWS = ".ag-center-cols-container .ag-row"
FROZEN = re.compile(r"range=[\d:TZ-]+\.\.[\d:TZ-]+")
PLOTS = ".panel.look-data .js-plotly-plot .main-svg"


def ready(page):
    page.wait_for_selector(ROWS)
    page.wait_for_selector(PLOTS)
    return page


def label(page):
    return page.inner_text("#range-label")


def query(page):
    return page.evaluate("location.search")


def drag(page, share_from, share_to):
    """Drags over the first chart between two shares of its width."""
    box = page.locator(".js-plotly-plot").first.bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * share_from, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * share_to, y, steps=4)
    page.mouse.up()


def test_a_link_restores_range_zone_filter_and_refresh(visit):
    page = ready(visit("/?range=6h&tz=UTC&account=111111111111&region=us-east-1&refresh=300"))
    assert label(page) == "Last 6 hours"
    assert page.inner_text("#range-zone") == "UTC"
    assert page.inner_text("#scope-label") == "blog-prod · us-east-1"
    assert page.inner_text("#refresh-label").replace("\u00a0", " ") == "5 min"


def test_the_zone_is_the_browsers_until_chosen(visit):
    page = ready(visit("/"))
    assert page.inner_text("#range-zone") == "UTC+1"


def test_dragging_sets_the_range_and_back_takes_it_away(visit):
    page = ready(visit("/?range=6h"))
    drag(page, 0.4, 0.7)
    expect(page).to_have_url(FROZEN)
    assert " to " in label(page)
    page.go_back()
    expect(page.locator("#range-label")).to_have_text("Last 6 hours")
    assert query(page) == "?range=6h"
    page.go_forward()
    expect(page).to_have_url(FROZEN)
    assert " to " in label(page)


def test_a_click_on_a_chart_changes_nothing(visit):
    page = ready(visit("/?range=6h"))
    drag(page, 0.5, 0.505)
    assert query(page) == "?range=6h"


def test_a_double_click_goes_back_to_the_range_before(visit):
    page = ready(visit("/?range=6h"))
    drag(page, 0.4, 0.7)
    expect(page).to_have_url(FROZEN)
    page.locator(".js-plotly-plot").first.dblclick()
    expect(page).to_have_url(re.compile(r"\?range=6h$"))


def test_a_relative_range_stays_relative_over_a_refresh(visit):
    page = ready(visit("/?range=now/d"))
    with page.expect_response(lambda r: "_dash-update-component" in r.url):
        page.keyboard.press("r")
    assert (query(page), label(page)) == ("?range=now/d", "Today")


def test_a_refresh_keeps_the_chart_that_is_there(visit):
    page = ready(visit("/"))
    page.evaluate("document.querySelector('.js-plotly-plot').kept = 1")
    with page.expect_response(lambda r: "_dash-update-component" in r.url):
        page.keyboard.press("r")
    expect(page.locator("[data-dash-is-loading=true]")).to_have_count(0)
    assert page.evaluate("document.querySelector('.js-plotly-plot').kept") == 1


def test_a_typed_range_is_taken_and_a_wrong_one_explained(visit):
    page = ready(visit("/"))
    page.click("#range > summary")
    page.fill("#range-text", "whenever")
    page.keyboard.press("Enter")
    assert "is not a range" in page.inner_text(".picker .hint")
    page.fill("#range-text", "90 min")
    page.keyboard.press("Enter")
    assert query(page) == "?range=90m"
    assert page.locator("#range[open]").count() == 0


def test_ranges_that_were_looked_at_are_offered_again(visit):
    page = ready(visit("/"))
    drag(page, 0.4, 0.7)
    expect(page).to_have_url(FROZEN)
    first = label(page)
    page.click("#range > summary")
    page.click("[role=menuitemradio]:text('Last 1 hour')")
    page.click("#range > summary")
    assert page.locator(".recent button").first.inner_text() == first


def test_the_filter_follows_to_the_next_page_and_back_keeps_it(visit):
    page = ready(visit("/"))
    page.click("#scope > summary")
    page.click("[data-filter=accounts][data-value='222222222222']")
    page.keyboard.press("Escape")
    page.click("#nav a[href='/alarms']")
    page.wait_for_selector("h1:text('Alarms')")
    assert query(page) == "?account=222222222222"
    page.go_back()
    ready(page)
    assert page.inner_text("#scope-label").startswith("blog-staging")


def test_search_finds_a_resource_and_enter_opens_it(visit):
    page = ready(visit("/?range=6h"))
    page.keyboard.press("/")
    page.keyboard.type("orders")
    page.wait_for_selector("#search-results a:first-child[href*='orders']")
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:text('Resource')")
    assert page.evaluate("location.pathname").endswith(":111111111111:orders")
    assert query(page) == "?range=6h"


def test_keys_lead_to_pages_and_help(visit):
    page = ready(visit("/"))
    page.keyboard.press("g")
    page.keyboard.press("a")
    page.wait_for_selector("h1:text('Alarms')")
    page.keyboard.press("?")
    assert "Go to Alarms" in page.inner_text("dialog[open]")
    page.keyboard.press("Escape")
    assert page.locator("dialog[open]").count() == 0


def test_time_keys_move_the_range(visit):
    page = ready(visit("/?range=1h"))
    page.keyboard.press("t")
    page.keyboard.press("ArrowLeft")
    expect(page).to_have_url(FROZEN)
    page.keyboard.press("z")
    expect(page).to_have_url(re.compile(r"\?range=1h$"))


def test_one_crosshair_stands_on_all_charts_and_the_legends_follow(visit):
    page = ready(visit("/?range=1h"))
    box = page.locator(".js-plotly-plot").first.bounding_box()
    before = page.locator(".legend b").first.inner_text()
    page.mouse.move(box["x"] + box["width"] * 0.45, box["y"] + 60)
    page.wait_for_selector(".crosshair:not([hidden])")
    assert page.locator(".crosshair:not([hidden])").count() >= 2
    assert page.locator(".chart-tip:not([hidden]) .tip-row").count() == 2
    assert page.locator(".legend b").first.inner_text() != before
    page.mouse.move(5, 5)
    page.wait_for_selector(".crosshair", state="hidden")
    assert page.locator(".legend b").first.inner_text() == before


def test_the_legend_hides_a_line(visit):
    page = ready(visit("/"))
    lines = ".js-plotly-plot >> nth=0 >> .scatterlayer .trace"
    assert page.locator(lines).count() == 2
    page.locator(".legend .entry").first.click()
    page.wait_for_selector(".entry.hidden-line")
    assert page.locator(lines).count() == 1


def test_the_theme_is_there_at_once_and_the_charts_follow_a_switch(visit):
    page = ready(visit("/", color_scheme="dark"))
    colour = "() => document.querySelector('.scatterlayer .js-line').style.stroke"
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    dark = page.evaluate(colour)
    page.click("#theme")  # system -> light
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    assert page.evaluate(colour) != dark
    page.reload()
    ready(page)
    assert page.evaluate("document.documentElement.dataset.theme") == "light"


def test_only_our_cartesian_bundle_is_loaded(visit):
    page = ready(visit("/"))
    loaded = page.evaluate("performance.getEntriesByType('resource').map(e => e.name)")
    assert any("00-plotly-cartesian" in name for name in loaded)
    assert not any("package_data/plotly" in name for name in loaded)
    assert page.evaluate("Plotly.version").startswith("4.1.")


def test_the_four_looks_differ(visit):
    page = ready(visit("/"))
    panels = page.locator(".row .panel")
    classes = [panels.nth(n).get_attribute("class").split()[1] for n in range(4)]
    assert classes == ["look-data", "look-stale", "look-nothing", "look-could-not-ask"]
    assert panels.nth(2).locator(".state-line").inner_text() == "No data in this range."
    assert "Not allowed to read" in panels.nth(3).locator(".state-line").inner_text()
    assert not panels.nth(2).locator(".js-plotly-plot").is_visible()


def test_panels_of_a_row_are_level_whatever_they_show(visit):
    page = ready(visit("/"))
    boxes = [page.locator(".row .panel").nth(n).bounding_box() for n in range(4)]
    assert len({(box["y"], box["height"]) for box in boxes}) == 1


def test_rows_stand_in_the_order_of_trouble(visit):
    page = ready(visit("/"))
    texts = page.locator(f"{ROWS} .badge").all_inner_texts()
    assert texts == ["Critical", "Warning", "Could not ask", "No data", "Silenced", "OK"]


def test_numbers_in_cells_are_formatted_and_none_is_a_dash(visit):
    page = ready(visit("/"))
    cells = page.locator(f"{ROWS} [col-id=errors]").all_inner_texts()
    assert cells[0] == "4.2\u00a0%"
    assert cells[3] == "–"


def test_a_chart_can_be_read_as_a_table_and_saved(visit):
    page = ready(visit("/?range=15m"))
    page.locator(".panel-menu > summary").first.click()
    page.locator(".panel-menu[open] [data-do=table]").click()
    assert page.locator("dialog tbody tr").count() > 10
    page.keyboard.press("Escape")
    page.locator(".panel-menu > summary").first.click()
    with page.expect_download() as saved:
        page.locator(".panel-menu[open] [data-do=csv]").click()
    text = saved.value.path().read_text(encoding="utf-8")
    assert text.splitlines()[1] == "time,checkout (percent),auth (percent)"


def test_a_chart_says_in_words_what_it_shows(visit):
    page = ready(visit("/?range=1h"))
    said = page.locator(".js-plotly-plot").first.get_attribute("aria-label")
    assert re.search(r"^Data, .*checkout: latest [\d.]+\s%, highest 4\.8\s%; auth: ", said)


def test_an_unknown_page_leads_back(visit, address):
    page = ready(visit("/"))
    page.goto(f"{address}/nowhere")
    page.wait_for_selector("h1:text('Not found')")
    page.click("text=To the overview")
    ready(page)


def test_a_page_gets_its_own_parameters_only(visit):
    page = visit("/alarms?state=alarm&range=6h")
    assert page.inner_text("#said") == "Alarms [('state', 'alarm')]"


def test_on_a_phone_nothing_sticks_out_and_the_menu_is_a_drawer(visit):
    page = ready(visit("/", viewport={"width": 390, "height": 844}))
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert not page.locator("#nav").is_visible()
    page.click("#burger")
    assert page.locator("#nav").is_visible()
    page.click("#nav a[href='/alarms']")
    page.wait_for_selector("h1:text('Alarms')")
    assert not page.locator("#nav").is_visible()


def test_everything_that_can_be_used_has_a_name(visit):
    page = ready(visit("/"))
    nameless = page.evaluate(
        """() => [...document.querySelectorAll('button, a[href], summary, input')]
          .filter(e => e.checkVisibility() && !(e.textContent.trim() || e.title
            || e.ariaLabel || e.placeholder)).map(e => e.outerHTML)"""
    )
    assert nameless == []
