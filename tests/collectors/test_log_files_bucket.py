"""Files of log events in a bucket: each object once, and no more listed than need be."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from app.demo.endpoint import Endpoint
from app.demo.faults import Fault, FaultKind
from app.model.rounds import Result
from tests.collectors.log_taking import Make, of_files, record, taking
from tests.collectors.log_working import PLACE


@pytest.fixture
def make(endpoint: Endpoint, tmp_path: Path) -> Iterator[Make]:
    with taking(endpoint, tmp_path, "s3://logs/fh/") as made:
        yield made


@pytest.fixture
def bucket(endpoint: Endpoint) -> Iterator[Any]:
    keys = next(c for c in endpoint.credentials if c.account == PLACE.account)
    client = boto3.client(
        "s3",
        region_name=PLACE.region,
        endpoint_url=endpoint.url,
        aws_access_key_id=keys.access_key,
        aws_secret_access_key=keys.secret,
    )
    client.create_bucket(
        Bucket="logs", CreateBucketConfiguration={"LocationConstraint": PLACE.region}
    )
    yield client
    for each in client.list_objects_v2(Bucket="logs").get("Contents", ()):
        client.delete_object(Bucket="logs", Key=each["Key"])
    client.delete_bucket(Bucket="logs")


def test_events_of_a_bucket_are_kept_and_every_page_is_listed(make: Make, bucket: Any):
    for number in range(3):
        bucket.put_object(
            Bucket="logs", Key=f"fh/2026/11/24/10/f-{number}.gz",
            Body=gzip.compress(record(f"m{number}")),
        )  # fmt: skip
    bucket.put_object(Bucket="logs", Key="other/x", Body=record("other"))
    work = make()
    done = of_files(work.rounds())
    assert (done.result, done.rows) == (Result.OK, 3)
    assert work.messages() == ["m0", "m1", "m2"]


def test_only_new_objects_are_fetched_and_old_ones_are_not_even_listed(make: Make, bucket: Any):
    def write(day: int, text: str) -> None:
        key = f"fh/2026/11/{day}/10/f.gz"
        bucket.put_object(Bucket="logs", Key=key, Body=gzip.compress(record(text)))

    write(23, "a")
    work = make(at="s3://logs/fh")
    work.rounds()
    work.later(hours=23)
    work.rounds()
    work.later(hours=4)
    work.rounds()
    write(25, "b")
    write(21, "before what is listed")
    work.endpoint.counters.clear()
    work.later(minutes=6)
    work.rounds()
    assert work.messages() == ["a", "b"]
    assert work.endpoint.counters.units("s3", "GetObject") == 1
    work.later(days=1)
    work.rounds()
    assert work.messages() == ["a", "b", "before what is listed"]


def test_a_bucket_that_may_not_be_read_is_an_outcome(make: Make, bucket: Any, endpoint: Endpoint):
    bucket.put_object(Bucket="logs", Key="fh/a", Body=record("a"))
    work = make()
    fault = endpoint.faults.add(Fault(FaultKind.DENIED, api="s3", operation="GetObject"))
    assert of_files(work.rounds()).result is Result.DENIED
    endpoint.faults.remove(fault)
    work.later(minutes=1)
    work.later(hours=7)
    work.rounds()
    assert work.messages() == ["a"]
