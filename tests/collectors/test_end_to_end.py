"""Metrics of the pretend AWS, from ListMetrics to the store and back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import boto3
import pytest

from app.aws import Aws, Meter
from app.catalogue import load_catalogue
from app.config import AccountSettings, CollectionSettings, MetricsSettings, Secret, StoreSettings
from app.demo.clock import Clock
from app.demo.endpoint import Endpoint, start
from app.demo.faults import Fault, FaultKind
from app.model.errors import StoreFull
from app.model.ids import Place
from app.model.rounds import Batch, Result, Round
from app.model.time import Window
from app.store import Lease, Store, open_store
from collectors.base import Task
from collectors.metrics import MetricsCollector
from collectors.round import run

NOW = datetime(2026, 3, 10, 12, 7, 30, tzinfo=UTC)
PLACE = Place("111111111111", "eu-central-1")
NAMESPACE = "AWS/SQS"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Endpoint]:
    with start(clock=Clock(lambda: NOW), wait=False) as found:
        yield found


@dataclass
class Work:
    """A work process in small: everything that a round needs, with a driven clock."""

    endpoint: Endpoint
    store: Store
    lease: Lease
    now: datetime = NOW

    def __post_init__(self) -> None:
        keys = next(c for c in self.endpoint.credentials if c.account == PLACE.account)
        account = AccountSettings(
            id=PLACE.account,
            regions=[PLACE.region],
            access_key_id=keys.access_key,
            secret_access_key=Secret(keys.secret),
            endpoint=self.endpoint.url,
        )
        self.meter = Meter(Decimal(50), now=self.time)
        aws = Aws([account], meter=self.meter, now=self.time, sleep=lambda _: None)
        settings = CollectionSettings(
            services=["sqs"], metrics=MetricsSettings(backfill=timedelta(hours=24))
        )
        self.collector = MetricsCollector(aws, self.store, load_catalogue(), settings, lambda: ())

    def time(self) -> datetime:
        return self.now

    def round(self, task: Task) -> Round:
        return run(
            self.collector,
            task,
            store=self.store,
            lease=self.lease,
            meter=self.meter,
            now=self.time,
        )

    def rounds(self) -> list[Round]:
        """Plans and works until nothing is left to do."""
        done: list[Round] = []
        while tasks := self.collector.plan(PLACE, self.now):
            done += [self.round(task) for task in tasks]
            assert done[-1].result is Result.OK, done[-1].message
        return done

    def points(self, length: timedelta = timedelta(days=2)) -> list[tuple[object, ...]]:
        ids = self.store.series.find(places=[PLACE])["series"]
        window = Window(self.now - length, self.now)
        return self.store.points(ids, window).collect().rows()


@pytest.fixture
def work(endpoint: Endpoint, tmp_path: Path) -> Iterator[Work]:
    endpoint.faults.clear()
    endpoint.clock.set(NOW)
    store = open_store(StoreSettings(path=tmp_path), NOW)
    lease = store.acquire("test", NOW, timedelta(days=1))
    assert lease is not None
    yield Work(endpoint, store, lease)
    store.close()


def later(work: Work, **length: float) -> None:
    work.now += timedelta(**length)
    work.endpoint.clock.set(work.now)


def test_a_day_is_read_once_and_then_only_the_overlap(work: Work):
    first = work.rounds()
    assert [r.group for r in first] == ["series/AWS/SQS", "history/AWS/SQS/60"]
    points = work.points()
    assert len(points) > 1440
    assert len({row[:3] for row in points}) == len(points)
    later(work, minutes=5)
    (again,) = work.rounds()
    assert again.group == "metrics/AWS/SQS/60"
    assert again.window is not None
    assert again.window.end == NOW.replace(minute=10, second=0)
    assert again.window.length <= timedelta(hours=3)
    after = work.points()
    assert len({row[:3] for row in after}) == len(after)
    assert set(points) <= set(after)


def test_values_are_those_that_plain_calls_give(work: Work):
    work.rounds()
    key = work.store.series.keys(work.store.series.find(metric="NumberOfMessagesSent")["series"])[0]
    keys = next(c for c in work.endpoint.credentials if c.account == PLACE.account)
    answer = boto3.client(
        "cloudwatch",
        region_name=PLACE.region,
        endpoint_url=work.endpoint.url,
        aws_access_key_id=keys.access_key,
        aws_secret_access_key=keys.secret,
    ).get_metric_statistics(
        Namespace=NAMESPACE,
        MetricName=key.metric,
        Dimensions=[{"Name": n, "Value": v} for n, v in key.dimensions],
        StartTime=NOW - timedelta(hours=5),
        EndTime=NOW - timedelta(hours=1),
        Period=60,
        Statistics=["Sum", "SampleCount"],
    )
    plain = {p["Timestamp"]: (p["Sum"], p["SampleCount"]) for p in answer["Datapoints"]}
    found = work.store.points(work.store.series.ids([key]), Window(min(plain), NOW)).collect()
    ours = {
        row["at"]: (row["sum"], row["sample_count"])
        for row in found.iter_rows(named=True)
        if row["at"] in plain
    }
    assert len(plain) > 60
    assert ours == plain


def test_the_meter_counts_what_the_far_side_bills(work: Work):
    work.endpoint.counters.clear()
    work.rounds()
    counted = sum(e.units for e in work.store.meter.month(NOW) if e.operation == "GetMetricData")
    assert counted == work.endpoint.counters.units("cloudwatch", "GetMetricData") > 0


def test_a_throttled_half_of_all_calls_loses_nothing(work: Work):
    work.endpoint.faults.add(Fault(FaultKind.THROTTLE, api="cloudwatch", share=0.5))
    work.rounds()
    assert len(work.points()) > 1440


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (FaultKind.DENIED, Result.DENIED),
        (FaultKind.EXPIRED, Result.EXPIRED),
        (FaultKind.SERVER_ERROR, Result.UNREACHABLE),
        (FaultKind.THROTTLE, Result.THROTTLED),
    ],
)
def test_a_failed_round_says_why_and_the_next_one_makes_good(
    work: Work, kind: FaultKind, expected: Result
):
    work.endpoint.faults.add(Fault(kind, api="cloudwatch"))
    (task,) = work.collector.plan(PLACE, NOW)
    failed = work.round(task)
    assert (failed.result, failed.rows) == (expected, 0)
    assert "cloudwatch ListMetrics" in failed.message
    assert failed.action == "cloudwatch:ListMetrics"
    work.endpoint.faults.clear()
    later(work, minutes=30)
    work.rounds()
    assert len(work.points()) > 1440


def test_a_full_disk_is_an_outcome_and_the_bill_is_kept(work: Work):
    class Full:
        """The store, with no room for data."""

        def commit(self, batch: Batch, **_: object) -> None:
            raise StoreFull("no space left in the store's folder")

        note = work.store.note

    (task,) = work.collector.plan(PLACE, NOW)
    done = run(
        work.collector,
        task,
        store=Full(),  # type: ignore[arg-type]
        lease=work.lease,
        meter=work.meter,
        now=work.time,
    )
    assert done.result is Result.FAILED
    assert done.message == "no space left in the store's folder"
    assert sum(e.calls for e in work.store.meter.month(NOW)) == 1
