"""The four looks of a panel never look alike: loading, data, nothing there, could not ask."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

Visit = Callable[..., Page]
CHART = ".js-plotly-plot .trace"


def test_a_panel_is_loading_until_its_answer_is_there(visit: Visit) -> None:
    page = visit("/collection", ready=".look-data")
    held: list[Route] = []
    holding = True

    def hold(route: Route) -> None:
        """Only the question for the page itself passes; those of its panels wait."""
        if holding and "..content.children" not in (route.request.post_data or ""):
            held.append(route)
        else:
            route.continue_()

    page.route("**/_dash-update-component*", hold)
    page.get_by_role("link", name="Alarms").click()
    expect(page.locator(".look-loading").first).to_be_visible()
    holding = False
    while held:
        held.pop().continue_()
    expect(page.locator(".look-loading")).to_have_count(0)


def test_data_has_its_age(visit: Visit) -> None:
    page = visit("/services/lambda", ready=CHART)
    expect(page.locator(".look-data .age").first).to_contain_text("old")


def test_a_range_before_the_first_data_has_nothing_there(visit: Visit) -> None:
    page = visit("/services/lambda?range=2026-10-01T00:00..2026-10-02T00:00")
    expect(page.locator(".look-nothing").first).to_be_visible()
    expect(page.locator("main")).to_contain_text("No data in this range.")
    expect(page.locator(".js-plotly-plot").first).to_be_hidden()


def test_what_could_not_be_asked_says_what_is_missing(visit: Visit) -> None:
    page = visit("/services/rds?account=222222222222&region=us-east-1", ready=".could-not-ask")
    said = page.locator(".could-not-ask").first
    expect(said).to_contain_text("Not allowed to read metrics in blog-staging us-east-1.")
    expect(said).to_contain_text("Missing: cloudwatch:GetMetricData.")
    expect(said.get_by_role("button", name="Copy policy")).to_be_visible()


def test_old_data_stays_paled_while_asking_fails(visit: Visit) -> None:
    page = visit("/services/rds", ready=CHART)
    expect(page.locator(".look-stale").first).to_be_visible()
    assert page.locator(".could-not-ask").count() == 1


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/services/teapot", "The catalogue has no service “teapot”."),
        ("/resource/arn:aws:lambda:none", "The inventory does not know this resource"),
        ("/alarm/111111111111/eu-central-1/teapot", "No alarm is defined under"),
        ("/alarms?state=purple", "There is no state “purple”; all alarms are shown."),
        ("/explore?namespace=Teapot", "No metric was found here."),
        ("/teapot", "There is no such page"),
    ],
)
def test_an_address_that_means_nothing_says_so(visit: Visit, path: str, words: str) -> None:
    expect(visit(path).locator("main")).to_contain_text(words)


def test_a_range_that_means_nothing_falls_back_to_the_usual_one(visit: Visit) -> None:
    page = visit("/?range=teapot", ready=CHART)
    expect(page.locator("main")).to_contain_text("Needs attention")
