"""Each page opens in both themes, shows data, and keeps its figures small."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Response, expect

Visit = Callable[..., Page]

LARGEST_FIGURE = 60_000
FUNCTION = "arn:aws:lambda:eu-central-1:222222222222:function:legacy-import"
ALARM = "222222222222/eu-central-1/the old import fails"
CHART = ".js-plotly-plot .trace"
ROW = ".ag-center-cols-container .ag-row"
PAGES = {
    "overview": ("/", CHART, "legacy-import: Errors"),
    "services": ("/services", ROW, "API Gateway"),
    "lambda": ("/services/lambda", CHART, "legacy-import"),
    "sqs": ("/services/sqs", CHART, "audio-jobs-dlq"),
    "apigateway": ("/services/apigateway", CHART, "blog-api"),
    "dynamodb": ("/services/dynamodb", CHART, "posts"),
    "ec2": ("/services/ec2", CHART, "build-runner"),
    "rds": ("/services/rds", CHART, "blog-prod"),
    "ecs": ("/services/ecs", CHART, "web"),
    "alb": ("/services/alb", CHART, "blog-web"),
    "resource": (f"/resource/{FUNCTION}", CHART, "Open in the AWS console"),
    "alarms": ("/alarms", ROW, "the old import fails"),
    "alarm": (f"/alarm/{ALARM}", CHART, "Threshold Crossed"),
    "namespaces": ("/explore", ROW, "AWS/Lambda"),
    "metrics": ("/explore?namespace=AWS/Lambda", ROW, "Invocations"),
    "series": ("/explore?namespace=AWS/Lambda&metric=Errors", CHART, "legacy-import"),
    "logs": ("/logs?group=/api", ROW, "requestId"),
    "collection": ("/collection", ROW, "GetMetricData"),
}
LIGHT = ["rgb(245, 246, 248)", "rgb(255, 255, 255)", "rgb(93, 104, 122)"]
DARK = ["rgb(14, 19, 26)", "rgb(22, 28, 37)", "rgb(145, 157, 175)"]
COLOURS = """() => [
    ...["body", ".panel", ".ag-root-wrapper"].flatMap((kind) =>
        [...document.querySelectorAll(kind)].map((each) => getComputedStyle(each).backgroundColor)),
    ...[...document.querySelectorAll(".xtick text")].map((each) => getComputedStyle(each).fill),
]"""
"""Canvas, surface and muted words, as the brief on looks has them."""


def figures(found: Any) -> list[dict[str, Any]]:
    """Every figure anywhere in an answer."""
    if isinstance(found, dict):
        if isinstance(found.get("layout"), dict) and isinstance(found.get("data"), list):
            return [found]
        found = list(found.values())
    if isinstance(found, list):
        return [figure for each in found for figure in figures(each)]
    return []


def surfaces(page: Page) -> set[str]:
    """What lies behind the page, its panels, tables and words in charts, as one set of colours."""
    return set(page.evaluate(COLOURS))


@pytest.mark.parametrize("name", list(PAGES))
def test_a_page_shows_data_and_follows_the_theme(visit: Visit, name: str) -> None:
    path, ready, words = PAGES[name]
    page = visit(path, ready=ready)
    expect(page.locator("main")).to_contain_text(words)
    expect(page.locator(".look-loading")).to_have_count(0)
    assert surfaces(page) <= set(LIGHT)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"seen => ({COLOURS})().every(each => seen.includes(each))", arg=DARK)
    expect(page.locator("main")).to_contain_text(words)


def test_a_page_that_opens_in_the_dark_is_dark_at_once(visit: Visit) -> None:
    page = visit("/alarms", ready=ROW)
    page.emulate_media(color_scheme="dark")
    page.reload(wait_until="commit")
    page.locator("body").wait_for(state="attached")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == DARK[0]
    page.locator(ROW).first.wait_for(state="attached")
    assert surfaces(page) <= set(DARK)


@pytest.mark.parametrize("span", ["3h", "24h"])
@pytest.mark.parametrize("path", ["/", "/services/lambda", f"/resource/{FUNCTION}"])
def test_no_figure_is_larger_than_60_kb(visit: Visit, path: str, span: str) -> None:
    answers: list[Response] = []
    page = visit(f"{path}?range={span}", ready=CHART, answered=answers.append)
    expect(page.locator(".look-loading")).to_have_count(0)
    updates = [r for r in answers if "_dash-update-component" in r.url and r.status == 200]
    found = [figure for each in updates for figure in figures(each.json())]
    assert len(found) >= 3
    assert max(len(json.dumps(f, separators=(",", ":"))) for f in found) < LARGEST_FIGURE


def test_the_overview_leads_to_the_alarm_and_its_resource(visit: Visit) -> None:
    page = visit("/", ready=".attention-row")
    page.locator(".attention-row", has_text="legacy-import: Errors 12, above 0").get_by_text(
        "Open alarm"
    ).click()
    expect(page.locator("main")).to_contain_text("Errors · legacy-import")
    page.locator("main").get_by_role("link", name="legacy-import", exact=True).click()
    expect(page.locator("main")).to_contain_text("Open in the AWS console")
    assert page.url.endswith(FUNCTION)


def test_the_console_link_carries_the_range(visit: Visit) -> None:
    page = visit(f"/resource/{FUNCTION}?range=1h", ready=CHART)
    href = page.get_by_role("link", name="Open in the AWS console").get_attribute("href") or ""
    assert "functions/legacy-import?tab=monitoring" in href
    assert "graph=start%3D1795518000000%26end%3D1795521600000" in href


def test_a_search_finds_a_resource(visit: Visit) -> None:
    page = visit("/alarms", ready=ROW)
    page.keyboard.press("/")
    page.keyboard.type("legacy import")
    page.locator(".found a", has_text="legacy-import").first.click()
    expect(page.locator("main")).to_contain_text("Open in the AWS console")
