"""A day of a million traces: filter expressions, the service map, and a trace of 5,000 segments.

DuckDB answers the same from the same Parquet files where SQL can say it. With a folder as
argument it draws the map of the store there, and prints what memory that took.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from time import perf_counter

import duckdb
import polars as pl

from app.catalogue import load_catalogue
from app.config import AccountSettings, Settings, StoreSettings, WebSettings
from app.model.rounds import Batch
from app.model.time import Window
from app.read import Reads, Scope
from app.store import Lease, Store, open_store
from bench.store_peers import asked, connected
from bench.timing import compare, in_turns, median_ms, peak_rss_mb, report, scratch
from bench.traces_data import DAY, PLACE, SEGMENTS_EACH, days, wide, write
from dashboards.mount import create_app
from tests.support.traces import blog_request, handed_over
from tests.support.visitor import Visitor

TRACES, WITH_SPANS, AT_ONCE = 1_000_000, 200_000, 20_000
SEGMENTS = 5_000
FILTER_MS, MAP_MS, OPEN_MS = 500, 2_000, 1_000
MAP_MB = 1_000
NOW = DAY + timedelta(days=1, hours=4)
SCOPE = Scope(Window(DAY, DAY + timedelta(days=1)), (PLACE,), NOW)

FILTERS = {
    "fault": "fault",
    'annotation.tenant = "t7" AND responsetime > 0.2': (
        "list_bool_or(list_transform(annotations, lambda a: a.key = 'tenant' AND a.text = 't7')) "
        "AND response_time > 200000"
    ),
    'http.url CONTAINS "/search/" fault': "contains(url, '/search/') AND fault",
    'service("blog-login") !ok': (
        "list_bool_or(list_transform(services, lambda s: s.name = 'blog-login')) "
        "AND (fault OR error OR throttle)"
    ),
    'user = "u-77" OR user ENDSWITH "-1234"': (
        "list_bool_or(list_transform(users, lambda u: u = 'u-77' OR suffix(u, '-1234')))"
    ),
}
"""Expressions, and the same as a condition of SQL."""

DEEP = (
    'service("blog-login") { fault AND responsetime > 0.1 }',
    'edge("blog-search", "search") { responsetime > 0.05 }',
)
"""Expressions that are read from the spans."""


def main() -> None:
    with scratch() as folder:
        store, lease = _opened(folder)
        _load(store, lease, folder)
        reads = _reads(store, folder)
        duck = connected()
        _filters(reads, duck, folder)
        _map(reads, folder)
        _open(store, lease, reads)
        report("most memory", peak_rss_mb(), "MB")
        store.close()


def _opened(folder: Path) -> tuple[Store, Lease]:
    store = open_store(StoreSettings(path=folder / "store"), NOW)
    lease = store.acquire("bench", NOW, timedelta(days=1))
    assert lease is not None
    return store, lease


def _load(store: Store, lease: Lease, folder: Path) -> None:
    path = folder / "store"
    for frames in days(WITH_SPANS, AT_ONCE, spans=True):
        write(path, frames, NOW)
    for frames in days(TRACES - WITH_SPANS, 4 * AT_ONCE, spans=False):
        write(path, frames, NOW)
    store.refresh()
    store.upkeep.compact(lease, NOW)


def _reads(store: Store, folder: Path) -> Reads:
    accounts = [AccountSettings(id=PLACE.account, name="bench", regions=[PLACE.region])]
    settings = Settings(accounts=accounts, store=StoreSettings(path=folder / "store"))
    return Reads(store, load_catalogue(), settings)


def _filters(reads: Reads, duck: duckdb.DuckDBPyConnection, folder: Path) -> None:
    files = folder / "store" / "segments" / "traces" / "*" / "sealed-*.parquet"
    duck.execute(f"CREATE VIEW traces AS FROM read_parquet('{files}', hive_partitioning = false)")

    def found(text: str) -> pl.DataFrame:
        rows = reads.traces.matching(SCOPE, text, ["trace_id", "at", "response_time"])
        return rows.collect(engine="streaming")

    for text, condition in FILTERS.items():
        query = f'SELECT trace_id, "at", response_time FROM traces WHERE {condition}'
        ours, peer = in_turns(lambda t=text: found(t), lambda q=query: asked(duck, q), repeat=5)
        assert found(text).height == asked(duck, query).height > 0
        report(text, ours.median, "ms", limit=FILTER_MS)
        compare(text, ours.median, peer.median, peer_name="DuckDB")
    for text in DEEP:
        assert found(text).height > 0
        report(text, median_ms(lambda t=text: found(t), repeat=5), "ms", limit=FILTER_MS)


def _map(reads: Reads, folder: Path) -> None:
    whole = reads.traces.service_map(SCOPE)
    print(f"a map of {sum(node.counts.total for node in whole.nodes):,} segments")
    assert sum(node.counts.total for node in whole.nodes) == SEGMENTS_EACH * WITH_SPANS
    took = median_ms(lambda: reads.traces.service_map(SCOPE), repeat=5)
    report("the map of all", took, "ms", limit=MAP_MS)
    took = median_ms(lambda: reads.traces.service_map(SCOPE, "fault"), repeat=5)
    report("the map of what failed", took, "ms", limit=MAP_MS)
    alone = [sys.executable, "-m", "bench.traces", str(folder)]
    ran = subprocess.run(alone, capture_output=True, text=True, check=True)
    report("memory of a process that draws the map of all", float(ran.stdout), "MB", limit=MAP_MB)


def _drawn(folder: Path) -> None:
    """Draw the map, and print the most memory that this process has held."""
    store = open_store(StoreSettings(path=folder / "store"), NOW)
    assert _reads(store, folder).traces.service_map(SCOPE).nodes
    print(peak_rss_mb())
    store.close()


def _open(store: Store, lease: Lease, reads: Reads) -> None:
    large = wide(SEGMENTS)
    store.commit(Batch(traces=[large]), lease=lease, now=NOW)
    store.upkeep.compact(lease, NOW)
    trace = reads.traces.trace(large.trace_id, (PLACE,))
    assert trace is not None
    assert sum(1 for one in trace.segments if one.kind == "segment") == SEGMENTS
    took = median_ms(lambda: reads.traces.trace(large.trace_id, (PLACE,)), repeat=5)
    report(f"a trace of {SEGMENTS:,} segments", took, "ms", limit=OPEN_MS)
    page, again, largest = _page(store, lease, reads, large.trace_id)
    print(f"its page: {largest / 1e6:.1f} MB is the largest answer")
    compare("all callbacks of its page, anew", page, again, peer_name="asked again")
    compare("all callbacks of its page, anew", page, took, peer_name="the reader alone")
    report(f"the page of a trace of {SEGMENTS:,} segments", page, "ms", limit=OPEN_MS)


def _page(
    store: Store, lease: Lease, reads: Reads, trace_id: str, rounds: int = 5
) -> tuple[float, float, int]:
    """Opening the page as a browser does, through Flask's test client.

    Median milliseconds of all its callbacks together, after a commit (nothing that was
    read before counts any more) and asked again; and the bytes of the largest answer.
    """
    server = create_app(reads, settings=WebSettings(), now=lambda: NOW).server
    browser = Visitor(server)
    anew, again, largest = [], [], 0
    for number in range(rounds + 1):
        payloads = [payload for _, payload in browser.open(f"/trace/{trace_id}")]
        assert len(payloads) >= 2
        other = handed_over(*blog_request(number), place=PLACE)
        store.commit(Batch(traces=[other]), lease=lease, now=NOW)
        for into in (anew, again):
            began = perf_counter()
            answers = [browser.ask(payload) for payload in payloads]
            into.append((perf_counter() - began) * 1000)
            largest = max(largest, *(len(json.dumps(answer)) for answer in answers))
    return statistics.median(anew[1:]), statistics.median(again[1:]), largest


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _drawn(Path(sys.argv[1]))
    else:
        main()
