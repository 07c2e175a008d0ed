"""Metrics of the pretend AWS, from ListMetrics to the store and back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import boto3
import pytest

from app.demo.clock import Clock
from app.demo.endpoint import Endpoint, start
from app.demo.faults import Fault, FaultKind
from app.model.errors import StoreFull
from app.model.rounds import Batch, Result
from app.model.time import Window
from collectors.round import run
from tests.collectors.working import NOW, PLACE, Work, working

NAMESPACE = "AWS/SQS"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Endpoint]:
    with start(clock=Clock(lambda: NOW), wait=False) as found:
        yield found


@pytest.fixture
def work(endpoint: Endpoint, tmp_path: Path) -> Iterator[Work]:
    with working(endpoint, tmp_path) as made:
        yield made


def test_a_day_is_read_once_and_then_only_the_overlap(work: Work):
    first = work.rounds()
    assert [r.group for r in first] == ["series/AWS/SQS", "history/AWS/SQS/60"]
    points = work.points()
    assert len(points) > 1440
    assert len({row[:3] for row in points}) == len(points)
    work.later(minutes=5)
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
    work.later(minutes=30)
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
        store=Full(),
        lease=work.lease,
        meter=work.meter,
        now=work.time,
    )
    assert done.result is Result.FAILED
    assert done.message == "no space left in the store's folder"
    assert sum(e.calls for e in work.store.meter.month(NOW)) == 1
