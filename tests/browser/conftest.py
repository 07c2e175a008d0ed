"""Every page in a real Chromium, over a store that the real collectors filled.

The store is filled once a run, also with several workers; each worker has its
own copy and web process, so a silence in one is no silence in another.
"""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Request,
    Response,
)

from app.demo.clock import Clock
from app.demo.endpoint import start
from app.model.groups import metrics_group
from app.model.ids import Place
from app.model.logs import LogGroupKey
from app.model.plans import PlannedRead
from app.model.rounds import Batch, Result, Round
from app.store import open_store
from tests.conftest import PATIENCE
from tests.dashboards.pages.bill import put_money
from tests.read.test_logs import events, rows_of
from tests.store.log_samples import START as LOG_START
from tests.store.log_samples import rows
from tests.support.demo_store import NOW, fill, settings_for
from tests.support.traces import START, Documents, blog_request, branching, handed_over, trace_id
from tests.support.web_process import serving

PAUSED, LARGE, EARLIER, LINES = 900, 901, timedelta(hours=8), (20, 30, 40, 50)
DENIED = Place("222222222222", "us-east-1")
"""Where the last round of RDS was refused, and where there is no database anyway."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of this folder drives a browser, on one store and one server."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The folder of the store, filled by whichever worker comes first."""
    alone = worker_id == "master"
    base = tmp_path_factory.getbasetemp() if alone else tmp_path_factory.getbasetemp().parent
    folder, done = base / "browser-store", base / "browser-store.done"
    with (base / "browser-store.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            clock = Clock()
            clock.set(NOW)
            with start(clock=clock) as endpoint:
                fill(folder, endpoint, minutes=2)
            _add(folder)
            done.touch()
    own = tmp_path_factory.mktemp("store")
    shutil.copytree(folder, own, dirs_exist_ok=True)
    return own


def _add(folder: Path) -> None:
    """What the collecting did not leave behind: log events, traces, a group that was refused."""
    store = open_store(settings_for("http://127.0.0.1:9", folder).store, NOW)
    lease = store.acquire("tests", NOW + timedelta(hours=1), timedelta(minutes=1))
    assert lease is not None
    requests = [
        blog_request(n, 500 if n % 10 == 0 else 200, 9 if n % 10 == 7 else 1) for n in range(40)
    ]
    traces = [handed_over(*each) for each in requests]
    store.commit(Batch(logs=rows_of(events(), columns=True), traces=traces), lease=lease, now=NOW)
    store.commit(earlier(), lease=lease, now=NOW)
    group, pace = metrics_group("AWS/RDS", 60), timedelta(minutes=5)
    plan = store.meter.plan()
    assert plan is not None
    refused = PlannedRead(DENIED, "metrics", group, Decimal("0.01"), pace, pace)
    store.note_plan(replace(plan, reads=(*plan.reads, refused)), lease)
    done = Round(
        "metrics",
        DENIED,
        group,
        NOW - timedelta(seconds=3),
        NOW,
        Result.DENIED,
        message="not authorized to perform cloudwatch:GetMetricData",
        action="cloudwatch:GetMetricData",
    )
    store.note(lease=lease, now=NOW + timedelta(hours=1), round=done)
    put_money(store, lease)
    store.release(lease)
    store.close()


def earlier() -> Batch:
    """Hours before: a trace with a gap and log lines, and one of 5,000 segments."""
    start = START - EARLIER
    make = Documents(trace_id(PAUSED), start)
    handler = make.subsegment("handler", 10, 80)
    asked = make.segment("web", 0, 100, subsegments=[handler], aws={"request_id": "r" * 20})
    taken = make.segment("worker", 400, 50)
    at = (start - LOG_START) / timedelta(minutes=1)
    lines = [(at + n / 6e4, f"{'ERROR' if n == 20 else 'INFO'} step {n} {'r' * 20}") for n in LINES]
    named = [(at, f"trace {trace_id(PAUSED)} of {'r' * 20}")]
    group = LogGroupKey(Place("111111111111", "eu-central-1"), "/ecs/web")
    large = branching(5000, trace_id(LARGE), start)
    given = [handed_over(asked, taken), handed_over(*large, whole=True)]
    return Batch(traces=given, logs=rows({group: [*named, *lines]}))


@pytest.fixture(scope="session")
def address(filled: Path) -> Iterator[str]:
    with serving(filled, NOW) as url:
        yield url


@dataclass
class Heard:
    """What a page said and asked while it was open."""

    address: str
    said: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    figures: list[int] = field(default_factory=list)

    def listen(self, page: Page) -> None:
        page.on("console", lambda m: self.said.append(f"{m.type}: {m.text}"))
        page.on("pageerror", lambda error: self.said.append(f"error: {error}"))
        page.on("request", self._asked)
        page.on("response", self._answered)

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.outside.append(request.url)

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.said.append(f"{response.status}: {response.url}")


@pytest.fixture(scope="session")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """One for all tests: what was loaded once stays in its cache."""
    made = browser.new_context(
        viewport={"width": 1280, "height": 900},
        timezone_id="Europe/Berlin",
        color_scheme="light",
        reduced_motion="reduce",
    )
    made.set_default_timeout(PATIENCE)
    made.clock.set_fixed_time(NOW)
    yield made
    made.close()


Visit = Callable[..., Page]
Answered = Callable[[Response], object]


@pytest.fixture
def visit(context: BrowserContext, address: str) -> Iterator[Visit]:
    """Opens a path; at the end the page must not have complained or asked anybody else."""
    heard = Heard(address)
    opened: list[Page] = []

    def open_path(path: str, *, ready: str = "", answered: Answered | None = None) -> Page:
        page = context.new_page()
        opened.append(page)
        heard.listen(page)
        if answered is not None:
            page.on("response", lambda response: answered(response))
        page.goto(address + path)
        if ready:
            page.locator(ready).first.wait_for(state="attached")
        return page

    yield open_path
    for page in opened:
        page.close()
    assert heard.said == []
    assert heard.outside == []


@pytest.fixture
def now() -> datetime:
    return NOW
