"""What tests of several folders share: one Chromium for all of a process.

Playwright's way of waiting allows only one at a time in a process.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, expect, sync_playwright

from tests.support import chromium

PATIENCE = 60_000
"""Milliseconds; a machine may be busy with much else, and waiting costs only those who fail."""

# How long one example takes says nothing on a machine that is busy with other tests.
# A gate asks the same examples each time; by hand they are others each time.
settings.register_profile("watchdeck", deadline=None, derandomize="WATCHDECK_GATE" in os.environ)
settings.load_profile("watchdeck")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    found = chromium.find()
    if found is None:
        pytest.fail(chromium.NONE_FOUND)
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=str(found), args=list(chromium.FLAGS))
        yield launched
        launched.close()
