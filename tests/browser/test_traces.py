"""Service map, traces and a trace in a browser: both themes, two widths, and what hands do there.

Every test also holds that the page said nothing to the console and asked nobody outside.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import LARGE, PAUSED, Visit
from tests.support.traces import trace_id

SLOW = trace_id(7)
ROWS = ".span-row"
POINTS = ".panel.look-data .js-plotly-plot .points path"
NODE = """label => {
  const box = document.getElementById("map:graph");
  const inner = box._cyreg ? box : [...box.querySelectorAll("*")].find((one) => one._cyreg);
  const cy = inner._cyreg.cy;
  const node = cy.nodes().filter((one) => one.data("label").startsWith(label))[0];
  const at = node.renderedPosition(), frame = box.getBoundingClientRect();
  return { x: frame.left + at.x, y: frame.top + at.y, picture: node.data("image") };
}"""
DRAWN = """() => {
  const box = document.getElementById("map:graph");
  const inner = box && (box._cyreg ? box : [...box.querySelectorAll("*")].find((o) => o._cyreg));
  return Boolean(inner && inner._cyreg.cy.nodes("[image]").length);
}"""


def wide(page: Page) -> bool:
    """Whether anything stands out of the window at the right."""
    found = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    return bool(found)


@pytest.mark.parametrize(
    ("path", "ready"),
    [("/traces", POINTS), ("/map", ".service-map canvas"), (f"/trace/{SLOW}", ROWS)],
    ids=["traces", "map", "trace"],
)
def test_a_page_stands_in_both_themes_and_widths(visit: Visit, path: str, ready: str) -> None:
    page = visit(path, ready=ready)
    for theme, width in (("light", 1280), ("dark", 1280), ("dark", 1920), ("light", 1920)):
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size({"width": width, "height": 900})
        expect(page.locator(".panel.look-loading")).to_have_count(0)
        assert not wide(page), width


def test_a_box_over_points_chooses_them_and_a_click_opens_one(visit: Visit) -> None:
    page = visit("/traces", ready=POINTS)
    expect(page.locator(".tile-value").first).to_have_text("40")
    box = page.locator(".js-plotly-plot").first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 60, box["y"] + 12)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 12, box["y"] + box["height"] * 0.5, steps=3)
    page.mouse.up()
    expect(page.locator(".chosen-words")).to_contain_text("Chosen:")
    expect(page.locator(".ag-center-cols-container .ag-row")).to_have_count(4)
    page.get_by_role("button", name="Show all").click()
    expect(page.locator(".chosen-words:not(.none)")).to_have_count(0)
    page.locator(".ag-center-cols-container .ag-row a").first.click()
    expect(page).to_have_url(re.compile(r"/trace/1-"))
    page.locator(ROWS).first.wait_for()


def test_the_filter_completes_marks_and_runs(visit: Visit) -> None:
    page = visit("/traces", ready=POINTS)
    text = page.locator('[id="traces:text"]')
    text.press_sequentially("servi")
    page.get_by_role("option").first.wait_for()
    text.press("Tab")
    text.press_sequentially("pos")
    page.get_by_role("option", name="posts").first.wait_for()
    text.press("Tab")
    expect(text).to_have_value(re.compile(r'service\("(blog-)?posts"\)'))
    text.fill("http.method ")
    text.press_sequentially("= ")
    page.get_by_role("option", name='"GET"').first.wait_for()
    text.press("Tab")
    expect(text).to_have_value('http.method = "GET"')
    text.fill("fault")
    text.press("Escape")
    text.press("Control+Enter")
    expect(page).to_have_url(re.compile(r"q=fault"))
    expect(page.locator(".tile-value").first).to_have_text("4")
    text.fill("fautl")
    expect(page.locator(".mistake-line")).to_contain_text("did you mean")


def test_a_waterfall_folds_searches_zooms_and_opens_a_span(visit: Visit) -> None:
    page = visit(f"/trace/{SLOW}", ready=ROWS)
    rows = page.locator(ROWS)
    expect(rows).to_have_count(7)
    page.locator(f"{ROWS} [data-fold]").nth(1).click()
    expect(rows).to_have_count(2)
    page.locator("#waterfall-rows").focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowRight")
    expect(rows).to_have_count(7)
    page.locator("#waterfall-search").fill("DynamoDB")
    expect(rows).to_have_count(6)
    page.locator("#waterfall-search").fill("")
    ticks = page.locator("#waterfall-ticks")
    box = ticks.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + 20, steps=3)
    page.mouse.up()
    expect(page.locator("#waterfall.zoomed")).to_have_count(1)
    page.get_by_role("button", name="Whole trace").click()
    expect(page.locator("#waterfall.zoomed")).to_have_count(0)
    page.locator(ROWS, has_text="GetItem").locator(".row-name").click()
    expect(page.locator("#side-frame")).to_contain_text("GetItem")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Others of its kind").click()
    expect(page.locator(".tile-value").first).to_have_text("40")


def test_log_lines_and_gaps_are_rows_that_open_and_can_be_hidden(visit: Visit) -> None:
    page = visit(f"/trace/{trace_id(PAUSED)}", ready=ROWS)
    rows = page.locator(ROWS)
    expect(rows).to_have_count(6)  # web, its line, handler, four lines in one, the gap, worker
    gap = page.locator(".gap-row")
    expect(gap).to_contain_text("Nothing ran")
    expect(gap.locator(".nothing-ran")).to_be_visible()
    several = page.locator(".lines-row")
    expect(several).to_contain_text("4 log lines")
    page.locator("#waterfall-rows").focus()
    for _ in range(5):
        page.keyboard.press("ArrowDown")
        if "lines-row" in (page.locator(".span-row.active").get_attribute("class") or ""):
            break
    page.keyboard.press("Enter")
    expect(page.locator(".line-row.error .level")).to_have_text("error")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#side-frame")).to_contain_text("ERROR step 20")
    page.keyboard.press("Escape")
    page.locator("#waterfall-rows").focus()
    page.keyboard.press("l")
    expect(page.locator(".line-row, .lines-row")).to_have_count(0)
    expect(page.locator("#waterfall-lines")).to_have_attribute("aria-pressed", "false")
    page.locator("#waterfall-lines").click()
    expect(several).to_have_count(1)


def test_a_trace_of_5000_segments_is_drawn_at_once_and_scrolls(visit: Visit) -> None:
    page = visit(f"/trace/{trace_id(LARGE)}", ready=ROWS)
    assert (
        page.evaluate("document.getElementById('waterfall').getElementsByTagName('*').length")
        < 2000
    )
    list_ = "document.getElementById('waterfall-rows')"
    took = page.evaluate(
        f"""() => new Promise((done) => {{
          const list = {list_};
          const began = performance.now();
          let left = 20;
          const step = () => {{
            list.scrollTop += 4000;
            left -= 1;
            if (left) requestAnimationFrame(step);
            else requestAnimationFrame(() => done(performance.now() - began));
          }};
          step();
        }})"""
    )
    assert took < 20 * 250
    last = page.locator(ROWS).last
    page.evaluate(f"{list_}.scrollTop = {list_}.scrollHeight")
    expect(last).to_have_id("span-row-9998")
    page.locator("#waterfall-search").fill("service-49")
    expect(page.locator("#waterfall-told")).to_contain_text("of 9999 rows")


def opened(page: Page, label: str) -> dict[str, Any]:
    """Click a node until it opens, as people do: the map moves while the page around it fills."""
    for _ in range(8):
        at: dict[str, Any] = page.evaluate(NODE, label)
        page.mouse.click(at["x"], at["y"])
        try:
            expect(page.locator("#side-frame h2")).to_have_text(label, timeout=5000)
        except AssertionError:
            continue
        return at
    raise AssertionError(f"{label} does not open")


def test_a_node_of_the_map_opens_and_the_theme_repaints_it(visit: Visit) -> None:
    page = visit("/map", ready=".service-map canvas")
    page.wait_for_function(DRAWN)
    before = opened(page, "posts")
    page.keyboard.press("Escape")
    page.locator("#theme").click()
    page.locator("#theme").click()
    page.wait_for_function(
        f"([label, was]) => ({NODE})(label).picture !== was", arg=["posts", before["picture"]]
    )
