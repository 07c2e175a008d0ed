"""What tests of several folders share: their order, and one Chromium for all of a process.

Playwright's way of waiting allows only one at a time in a process.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache

import pytest
from botocore.loaders import JSONFileLoader
from hypothesis import settings
from playwright.sync_api import Browser, expect, sync_playwright
from xdist.remote import Producer

from tests.support import chromium
from tests.support.order import ByFile, longest_first

PATIENCE = 60_000
"""Milliseconds; a machine may be busy with much else, and waiting costs only those who fail."""

# How long one example takes says nothing on a machine that is busy with other tests.
# A gate asks the same examples each time; by hand they are others each time.
settings.register_profile("watchdeck", deadline=None, derandomize="WATCHDECK_GATE" in os.environ)
settings.load_profile("watchdeck")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items[:] = longest_first(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile:
    config.option.loadscopereorder = False  # the order of the tests is the order of the work
    return ByFile(config, log)


@pytest.fixture(scope="session", autouse=True)
def models_are_read_once() -> Iterator[None]:
    """The SDK reads megabytes of JSON for each session of its own, and tests make hundreds.

    Its clients of S3 change the model that they were given, so that one is read each time.
    """
    read = JSONFileLoader().load_file
    kept = cache(read)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            JSONFileLoader, "load_file", lambda _, at: read(at) if "/data/s3" in at else kept(at)
        )
        yield


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
