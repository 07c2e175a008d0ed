"""An alarm is written on a page: preview while typing, mistakes, saving with a reason."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

Visit = Callable[..., Page]
START = (
    "/alarms/edit?place=222222222222/eu-central-1&name=old import&namespace=AWS/Lambda"
    "&metric=Errors&dimensions=FunctionName=legacy-import&statistic=Sum&period=60"
    "&operator=GreaterThanThreshold&threshold=0&periods=1&needed=1&missing=notBreaching&range=24h"
)
FIGURES, SAID = ".panel:has-text('In figures')", ".said"


def test_an_alarm_is_written_with_its_rehearsal_beside_it(visit: Visit) -> None:
    page = visit(START, ready=".js-plotly-plot .trace")
    expect(page.locator(FIGURES).last).to_contain_text("a week")
    threshold = page.get_by_label("Threshold")
    threshold.fill("many")
    expect(page.locator(FIGURES).last).to_contain_text("The threshold must be a number.")
    threshold.fill("100000")
    expect(page.locator(FIGURES).last).to_contain_text("Pages0")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(SAID)).to_have_text("Write a reason first.")
    page.get_by_placeholder("Why? It stays on record.").fill("it fails at night")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(SAID)).to_contain_text("Saved; it holds from the next evaluation on.")
    record = page.locator(".panel:has-text('Who changed it')").last
    expect(record).to_contain_text("it fails at night")
