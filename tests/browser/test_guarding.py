"""Switching recommended alarms from the coverage matrix, and choosing several alarms at once."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

Visit = Callable[..., Page]
CELL = ".ag-cell[col-id='in-flight'] .badge"


def test_a_recommended_alarm_is_switched_off_from_the_matrix(visit: Visit) -> None:
    page = visit("/alarms/coverage/sqs", ready=CELL)
    page.locator(CELL).first.click()
    page.get_by_placeholder("Why? It stays on record.").fill("known")
    page.get_by_role("button", name="Switch off").click()
    expect(page.locator(".switch-form .said")).to_contain_text("Switched off.")
    expect(page.locator(CELL).first).to_contain_text("Leaving")


def test_chosen_alarms_are_counted_and_nothing_is_done_without_a_reason(visit: Visit) -> None:
    page = visit("/alarms?state=ok", ready=".ag-row .ag-checkbox-input")
    boxes = page.locator(".ag-row .ag-checkbox-input")
    boxes.nth(0).click()
    boxes.nth(1).click()
    expect(page.locator(".bulk")).to_contain_text("2 chosen")
    page.locator(".bulk").get_by_role("button", name="Silence", exact=True).click()
    expect(page.locator(".bulk .said")).to_have_text("Write a reason first.")
