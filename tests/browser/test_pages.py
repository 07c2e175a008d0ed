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
    "collection": ("/collection", ROW, "GetMetricData"),
}


def figures(found: Any) -> list[dict[str, Any]]:
    """Every figure anywhere in an answer."""
    if isinstance(found, dict):
        if isinstance(found.get("layout"), dict) and isinstance(found.get("data"), list):
            return [found]
        found = list(found.values())
    if isinstance(found, list):
        return [figure for each in found for figure in figures(each)]
    return []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", list(PAGES))
def test_a_page_opens_and_shows_data(visit: Visit, name: str, theme: str) -> None:
    path, ready, words = PAGES[name]
    page = visit(path, theme=theme, ready=ready)
    expect(page.locator("main")).to_contain_text(words)
    expect(page.locator(".look-loading")).to_have_count(0)
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == {"light": "rgb(245, 246, 248)", "dark": "rgb(14, 19, 26)"}[theme]


@pytest.mark.parametrize("span", ["3h", "24h"])
@pytest.mark.parametrize("path", ["/", "/services/lambda", f"/resource/{FUNCTION}"])
def test_no_figure_is_larger_than_60_kb(visit: Visit, path: str, span: str) -> None:
    answers: list[Response] = []
    page = visit("/collection", ready=ROW)
    page.wait_for_load_state("networkidle")  # no answer of this page may come after it was left
    page.on("response", lambda r: answers.append(r) if "_dash-update-component" in r.url else None)
    page.goto(page.url.replace("/collection", f"{path}?range={span}"))
    page.locator(CHART).first.wait_for(state="attached")
    found = [f for r in answers if r.status == 200 for f in figures(r.json())]
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
