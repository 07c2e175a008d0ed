"""Every callback of every page on the demo, as the server sees it.

A store is filled by the real collectors from the pretend AWS. Then each page is
opened as a browser opens it (layout first, then every callback that its
components start), through Flask's test client, so the figures hold all that the
server does: reading, drawing, writing JSON. Collecting goes on minute by minute, and
before each question there is a commit, after which nothing that was read before
counts any more. The peer is the same question asked at once again.
"""

from __future__ import annotations

import json
import os
import statistics
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter, process_time

from app.catalogue import load_catalogue
from app.config import WebSettings
from app.demo.clock import Clock
from app.demo.endpoint import start
from app.model.time import Window
from app.read import Reads, Scope
from app.run.findings import look
from app.run.memory import settle
from app.store import open_store
from bench.timing import compare, percentile, report, scratch
from dashboards.mount import create_app
from tests.support.demo_store import NOW, fill, working
from tests.support.visitor import Visitor

LIMIT_MS = 100.0
ROUNDS = 7
FUNCTION = "arn:aws:lambda:eu-central-1:222222222222:function:legacy-import"
PAGES = (
    "/",
    "/services",
    "/services/lambda",
    "/services/alb",
    "/services/apigateway",
    "/services/dynamodb",
    "/services/ec2",
    "/services/ecs",
    "/services/rds",
    "/services/sqs",
    f"/resource/{FUNCTION}",
    "/alarms",
    "/alarm/222222222222/eu-central-1/the old import fails",
    "/explore",
    "/explore?namespace=AWS/Lambda",
    "/explore?namespace=AWS/Lambda&metric=Errors",
    "/logs",
    "/map",
    "/traces",
    "/trace/",
    "/spend",
    "/spend/explorer",
    "/spend/explorer?by=LINKED_ACCOUNT&then=SERVICE&period=14m",
    "/spend/explorer?where=SERVICE%3DAWS%2520Lambda&by=USAGE_TYPE&period=90d",
    "/spend/budgets",
    "/spend/savings",
    "/spend/free-tier",
    "/spend/unit-cost",
    "/spend/observability",
    "/collection",
)
FURTHER = ("spend", "traces")
"""What is collected besides inventory and metrics, as the work process does by itself."""


@dataclass(slots=True)
class Taken:
    """Milliseconds of the callbacks of one page: after a commit, and asked again."""

    anew: list[float] = field(default_factory=list)
    again: list[float] = field(default_factory=list)
    working: list[float] = field(default_factory=list)
    """Milliseconds of processor time, which a busy machine lengthens less."""
    largest: int = 0


def _measured(visitor: Visitor, committed: Callable[[], None], address: str, taken: Taken) -> None:
    for _, payload in visitor.open(address):
        committed()
        working = process_time()
        for into in (taken.anew, taken.again):
            started = perf_counter()
            answer = visitor.ask(payload)
            into.append((perf_counter() - started) * 1000)
            if into is taken.anew:
                taken.working.append((process_time() - working) * 1000)
        taken.largest = max(taken.largest, len(json.dumps(answer)))


def _served(folder: Path) -> dict[str, Taken]:
    """Every page, each minute anew, while the work process goes on."""
    clock = Clock()
    clock.set(NOW)
    with ExitStack() as stack:
        endpoint = stack.enter_context(start(clock=clock))
        settings = fill(folder, endpoint)
        worker = stack.enter_context(working(settings, endpoint))
        worker.collect(*FURTHER)
        look(worker.parts.store, load_catalogue(), settings, clock.now())
        store = open_store(settings.store, NOW, writer=False)
        stack.callback(store.close)
        reads = Reads(store, load_catalogue(), settings)
        visitor = Visitor(create_app(reads, settings=WebSettings(), now=clock.now).server)

        def committed() -> None:
            """One more commit, which the web process has followed."""
            worker.parts.store.note(lease=worker.leadership.lease(), now=clock.now())
            store.keep_up()

        # As the web process does; the pretend AWS, which runs here too, is frozen along.
        settle()
        pages = {_address(address, reads, clock.now()): Taken() for address in PAGES}
        for address in pages:  # the very first view builds the head, which stays
            _measured(visitor, committed, address, Taken())
        for _ in range(ROUNDS):
            worker.minute()
            for address, taken in pages.items():
                _measured(visitor, committed, address, taken)
    return pages


def _address(page: str, reads: Reads, now: datetime) -> str:
    """Of a page that is about one trace, with the slowest of the last hours."""
    if page != "/trace/":
        return page
    scope = Scope(Window(now - timedelta(hours=3), now), reads.places, now)
    return page + reads.traces.found(scope, "", 1, slowest=True).traces[0]["trace_id"]


def main() -> None:
    """Print each page's median and p95, and the p95 over all."""
    with scratch() as folder:
        pages = _served(folder)
    for address, taken in pages.items():
        count = len(taken.anew) // ROUNDS
        assert count, f"{address} starts no callback"
        print(
            f"{address}: {count} callbacks, median {statistics.median(taken.anew):.1f} ms, "
            f"p95 {percentile(taken.anew, 0.95):.1f} ms, "
            f"again {statistics.median(taken.again):.1f} ms, "
            f"largest answer {taken.largest / 1000:.0f} kB"
        )
    anew = [ms for taken in pages.values() for ms in taken.anew]
    again = [ms for taken in pages.values() for ms in taken.again]
    print(f"load of the machine: {', '.join(f'{each:.1f}' for each in os.getloadavg())}")
    compare(
        "page callback, median",
        statistics.median(anew),
        statistics.median(again),
        peer_name="asked again",
    )
    working = [ms for taken in pages.values() for ms in taken.working]
    report("page callback, processor time, p95", percentile(working, 0.95), "ms")
    report("page callback asked again, p95", percentile(again, 0.95), "ms", limit=LIMIT_MS)
    report("page callback on the demo, p95", percentile(anew, 0.95), "ms", limit=LIMIT_MS)


if __name__ == "__main__":
    main()
