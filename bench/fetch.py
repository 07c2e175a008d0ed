"""Metrics fetched to committed, a second: collector, signed HTTP, JSON, frames, store.

What is counted is a MetricDataQuery: one statistic of one metric, with five new
points. Ours asks for four statistics of each metric together, because AWS bills
them as one; that many metrics a second is the figure told second.

A small HTTP server in its own process answers GetMetricData with points made
beforehand. Ours goes the whole way of a round: plan from coverage, packed and
signed requests, answers read, rows committed with fsync, coverage and meter. Two
minutes pass between rounds, so AWS's quota of points is never in the way. The
peer is boto3's own get_metric_data on the same requests, parsing only, nothing
stored.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median

import botocore.session
from botocore.config import Config

from app.aws import MAX_LINES, Aws, Meter
from app.catalogue import load_catalogue
from app.config import AccountSettings, CollectionSettings, MetricsSettings, Secret, StoreSettings
from app.model.groups import metrics_group
from app.model.ids import Place, SeriesKey
from app.model.rounds import Batch, Covered, Result, Settledness
from app.model.time import Window, epoch_ms
from app.store import open_store
from bench.timing import compare, report, scratch
from collectors.base import Task
from collectors.metric_frames import BASIC
from collectors.metrics import MetricsCollector
from collectors.round import run

START = datetime(2026, 3, 1, 12, 12, tzinfo=UTC)
NAMESPACE, METRICS = "AWS/Lambda", ("Invocations", "Errors", "Throttles")
ACCOUNTS, FUNCTIONS, POINTS = 8, 850, 5
ROUNDS, PEER_QUERIES = 7, 2_500
STATISTICS, LIMIT = len(BASIC), 20_000


class _Canned(BaseHTTPRequestHandler):
    """Answers any number of queries, called q0, q1 and so on, with the same points each."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        end = int(body.partition(b'"EndTime":')[2].lstrip()[:10])
        answer = _answer(body.count(b'"Id"'), end)
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\n"
        self.wfile.write(head + b"Content-Length: %d\r\n\r\n%b" % (len(answer), answer))

    def log_message(self, *args: object) -> None:
        """Stay silent."""


@lru_cache(maxsize=16)
def _answer(queries: int, end: int) -> bytes:
    times = b",".join(b"%d.0" % (end - 60 * slot) for slot in range(POINTS, 0, -1))
    values = b",".join(b"%.2f" % (17.25 * slot) for slot in range(1, POINTS + 1))
    results = b",".join(
        b'{"Id":"q%d","Label":"-","Timestamps":[%b],"Values":[%b],"StatusCode":"Complete"}'
        % (number, times, values)
        for number in range(queries)
    )
    return b'{"Messages":[],"MetricDataResults":[%b]}' % results


def _serve(told: Connection) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Canned)
    told.send(server.server_address[1])
    server.serve_forever()


class _Ours:
    """A work process that has been running for a while: all series are known and read."""

    def __init__(self, folder: Path, url: str) -> None:
        self.now = START
        self.meter = Meter(Decimal(1_000_000), now=self.time)
        self.waited = 0.0
        self.aws = Aws(
            [_account(n, url) for n in range(ACCOUNTS)],
            meter=self.meter,
            now=self.time,
            monotonic=self.passed,
            sleep=self.wait,
        )
        self.store = open_store(StoreSettings(path=folder), START)
        self.lease = self.store.acquire("bench", START, timedelta(days=1))
        # Three minutes of overlap and two new ones: five points a read.
        metrics = MetricsSettings(
            every=timedelta(minutes=2), overlap=timedelta(0), backfill=timedelta(hours=1)
        )
        settings = CollectionSettings(services=["lambda"], metrics=metrics, parallel=2)
        self.collector = MetricsCollector(
            self.aws, self.store, load_catalogue(), settings, lambda: ()
        )
        for place in self.aws.places():
            self._know(place)

    def time(self) -> datetime:
        return self.now

    def passed(self) -> float:
        """Seconds, those between the rounds included."""
        return time.perf_counter() + (self.now - START).total_seconds() + self.waited

    def wait(self, seconds: float) -> None:
        """Where AWS's quota of points would make us wait: when hours are read again."""
        self.waited += seconds

    def turn(self) -> float:
        """Seconds for one round of every account, two minutes later: plan, fetch, commit."""
        self.now += timedelta(minutes=2)
        started = time.perf_counter()
        for place in self.aws.places():
            for task in self.collector.plan(place, self.now):
                if task.group == metrics_group(NAMESPACE):
                    self._run(task)
        return time.perf_counter() - started

    def _run(self, task: Task) -> None:
        assert self.lease is not None
        done = run(
            self.collector,
            task,
            store=self.store,
            lease=self.lease,
            meter=self.meter,
            now=self.time,
        )
        assert done.result is Result.OK, done.message
        assert done.rows == FUNCTIONS * len(METRICS) * POINTS, done.rows

    def _know(self, place: Place) -> None:
        keys = [
            SeriesKey.of(place, NAMESPACE, metric, {"FunctionName": f"function-{number}"})
            for number in range(FUNCTIONS)
            for metric in METRICS
        ]
        assert self.lease is not None
        found = START - timedelta(days=1)
        self.store.commit(Batch(listed_series=keys), lease=self.lease, now=found)
        cohort = f"{metrics_group(NAMESPACE)}/{epoch_ms(found)}"
        end = START - timedelta(minutes=2)
        settled = Window(START - timedelta(hours=4), end - timedelta(minutes=3))
        read = [
            Covered(place, cohort, settled, Settledness.SETTLED),
            Covered(place, cohort, Window(settled.end, end), Settledness.PROVISIONAL),
        ]
        self.store.commit(Batch(covered=read), lease=self.lease, now=START)


def _account(number: int, url: str) -> AccountSettings:
    return AccountSettings(
        id=f"{number:012d}",
        regions=["eu-central-1"],
        access_key_id="AKIAEXAMPLE",
        secret_access_key=Secret("not-a-real-secret"),
        endpoint=url,
    )


def _peer(url: str, queries: int) -> float:
    """Seconds that boto3 takes for the answers to so many queries, 500 a call."""
    session = botocore.session.Session()
    session.set_credentials("AKIAEXAMPLE", "not-a-real-secret")
    client = session.create_client(
        "cloudwatch",
        region_name="eu-central-1",
        endpoint_url=url,
        config=Config(retries={"total_max_attempts": 1}),
    )
    metric = {
        "Namespace": NAMESPACE,
        "MetricName": METRICS[0],
        "Dimensions": [{"Name": "FunctionName", "Value": "function-1"}],
    }
    asked = [
        {"Id": f"q{n}", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}}
        for n in range(MAX_LINES)
    ]
    started = time.perf_counter()
    for _ in range(queries // MAX_LINES):
        client.get_metric_data(
            MetricDataQueries=asked, StartTime=START - timedelta(minutes=5), EndTime=START
        )
    return time.perf_counter() - started


def _worked(turn: Callable[[], float]) -> tuple[float, float]:
    """Seconds of a turn, and of processor time, which a busy machine lengthens less."""
    before = time.process_time()
    seconds = turn()
    return seconds, time.process_time() - before


def main() -> None:
    """Print queries and metrics a second, and the ratio to boto3."""
    context = multiprocessing.get_context("spawn")
    told, tells = context.Pipe(duplex=False)
    server = context.Process(target=_serve, args=(tells,), daemon=True)
    server.start()
    url = f"http://127.0.0.1:{told.recv()}"
    try:
        with scratch() as folder:
            ours = _Ours(folder, url)
            ours.turn()
            turns = [(*_worked(ours.turn), _peer(url, PEER_QUERIES)) for _ in range(ROUNDS)]
    finally:
        server.terminate()
        server.join()
    seconds, worked, peer_seconds = (median(column) for column in zip(*turns, strict=True))
    metrics = ACCOUNTS * FUNCTIONS * len(METRICS) / seconds
    queries, peer = STATISTICS * metrics, PEER_QUERIES / peer_seconds
    print(f"load of the machine: {', '.join(f'{each:.1f}' for each in os.getloadavg())}")
    label = f"fetch to commit, {POINTS} points each"
    report(label, queries, "queries/s", limit=LIMIT, better="more")
    label = f"  the same as metrics of {STATISTICS} statistics"
    report(label, metrics, "metrics/s", limit=LIMIT, better="more")
    report("  in a second of processor time", metrics * seconds / worked, "metrics")
    compare(
        "fetch (boto3 parses only and stores nothing)",
        queries,
        peer,
        peer_name="boto3",
        unit="queries/s",
    )


if __name__ == "__main__":
    main()
