"""A browser on the shell: one server for all tests of the folder."""

from __future__ import annotations

import threading

import pytest
import waitress

from tests.support import pages


@pytest.fixture(scope="session")
def address():
    server = waitress.create_server(pages.app().server, host="127.0.0.1", port=0, threads=8)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    thread.join(timeout=5)


USUAL = {
    "viewport": {"width": 1280, "height": 900},
    "timezone_id": "Europe/Berlin",
    "color_scheme": "light",
}


@pytest.fixture(scope="session")
def usual(browser):
    """One context for most tests: what was loaded once stays in its cache."""
    context = browser.new_context(**USUAL)
    yield context
    context.close()


@pytest.fixture
def visit(browser, usual, address):
    """Opens an address and checks at the end that nothing was said or asked outside."""
    opened, heard = [], []

    def open_page(path="/", **options):
        page = (browser.new_context(**{**USUAL, **options}) if options else usual).new_page()
        page.set_default_timeout(15_000)
        page.on("console", lambda message: heard.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: heard.append(f"error: {error}"))
        page.on("request", lambda r: None if _inside(r.url, address) else heard.append(r.url))
        opened.append(page)
        page.goto(address + path)
        page.wait_for_selector("#said")
        return page

    yield open_page
    for page in opened:
        page.evaluate("localStorage.clear()")
        if page.context is usual:
            page.close()
        else:
            page.context.close()
    assert heard == []


def _inside(url, address):
    return url.startswith((address, "data:", "blob:"))
