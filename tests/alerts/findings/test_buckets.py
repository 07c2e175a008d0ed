"""Buckets that keep everything, keep it dearly, or hold what nobody sees."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from alerts.findings.buckets import RULES
from app.model.findings import FindingStatus
from app.model.ids import Resource, SeriesKey
from app.model.time import floor
from tests.alerts.findings.yard import alarms, covered, judged, resource, rule_of
from tests.support.shelf import Shelf

PRICES = {
    "TimedStorage-ByteHrs": "0.0245", "TimedStorage-SIA-ByteHrs": "0.0135",
    "DataTransfer-Out-Bytes": "0.09",
}  # fmt: skip
GB, DAY = 2**30, timedelta(days=1)
ABORTS = {"Status": "Enabled", "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}}
EXPIRES = {"Status": "Enabled", "Expiration": {"Days": 90}}
FORGETS = {"Status": "Enabled", "NoncurrentVersionExpiration": {"NoncurrentDays": 30}}
OFF = {"Status": "Disabled", "Expiration": {"Days": 90}}
BEGUN = {"UnfinishedSince": ["2026-03-01T00:00:00+00:00", "2026-11-20T00:00:00+00:00"]}


def bucket(name: str = "b", *rules: dict[str, Any], **known: Any) -> Resource:
    kept = {"LifecycleRules": list(rules), **known} if rules else known
    return resource("s3", "bucket", name, kept, dimensions={"BucketName": name})


def holds(shelf: Shelf, name: str, **gigabytes: float) -> None:
    """The size of two days ago, by class; CloudWatch is always late."""
    for kind, size in gigabytes.items():
        dimensions = {"BucketName": name, "StorageType": kind}
        key = SeriesKey.of(bucket().place, "AWS/S3", "BucketSizeBytes", dimensions)
        shelf.put(key, str(size * GB), period=86_400, end=floor(shelf.now, DAY) - DAY)


def says(shelf: Shelf, check: str, *buckets: Resource) -> list[tuple[str, str | None]]:
    shelf.resources(*buckets)
    covered(shelf, "AWS/S3")
    run, found = judged(shelf, rule_of(RULES, check), PRICES)
    assert run.message == ""
    return alarms(found)


def test_a_bucket_without_a_rule_costs_what_it_stores(shelf: Shelf) -> None:
    for name in ("bare", "off", "kept"):
        holds(shelf, name, StandardStorage=1000, StandardIAStorage=100)
    holds(shelf, "tiny", StandardStorage=0.5)
    buckets = (bucket("bare"), bucket("off", OFF), bucket("kept", EXPIRES), bucket("tiny"))
    assert says(shelf, "S3-03", *buckets) == [("bare", "25.85"), ("off", "25.85")]


def test_a_bucket_of_unknown_size_has_no_amount_and_says_why(shelf: Shelf) -> None:
    assert says(shelf, "S3-03", bucket("new")) == [("new", None)]
    _, (found,) = judged(shelf, rule_of(RULES, "S3-03"), PRICES)
    assert found.evidence["no amount, because"] == "CloudWatch has told no size of it in 7 days"


@pytest.mark.parametrize("check", ["S3-03", "S3-13", "S3-16"])
def test_a_life_cycle_that_may_not_be_read_is_not_none(shelf: Shelf, check: str) -> None:
    lacking = {"_missing": ["s3:GetLifecycleConfiguration"], "Versioning": "Enabled", **BEGUN}
    assert says(shelf, check, bucket("b", **lacking)) == []
    _, (found,) = judged(shelf, rule_of(RULES, check), PRICES)
    assert found.status is FindingStatus.ERROR
    assert "allow s3:GetLifecycleConfiguration in account 111111111111" in found.reason


@pytest.mark.parametrize("check", ["S3-13", "S3-16"])
def test_a_life_cycle_matters_only_where_there_is_something_to_remove(
    shelf: Shelf, check: str
) -> None:
    says(shelf, check, bucket("b", _missing=["s3:GetLifecycleConfiguration"]))
    run, _ = judged(shelf, rule_of(RULES, check), PRICES)
    assert (run.ok, run.error) == (1, 0)


def test_a_terabyte_in_the_standard_class_saves_the_difference(shelf: Shelf) -> None:
    holds(shelf, "all", StandardStorage=1025)
    holds(shelf, "some", StandardStorage=1024)
    holds(shelf, "mixed", StandardStorage=2000, StandardIAStorage=21)
    buckets = [bucket(name) for name in ("all", "some", "mixed")]
    assert says(shelf, "S3-06", *buckets) == [("all", "11.27")]


def test_downloads_are_told_only_where_there_are_request_metrics(shelf: Shelf) -> None:
    for name, size in (("much", 100.1), ("little", 99.9)):
        for metric, value in (("BytesDownloaded", size / 24 * GB), ("AllRequests", 1)):
            dimensions = {"BucketName": name, "FilterId": "EntireBucket"}
            key = SeriesKey.of(bucket().place, "AWS/S3", metric, dimensions)
            shelf.put(key, f"{value}x168", period=3600)
    buckets = [bucket(name) for name in ("much", "little", "unmetered")]
    assert says(shelf, "S3-10", *buckets) == [("much", "270.27")]
    run, _ = judged(shelf, rule_of(RULES, "S3-10"), PRICES)
    assert (run.ok, run.skip) == (1, 1)


@pytest.mark.parametrize(
    ("known", "rules", "expected"),
    [
        pytest.param(BEGUN, (), [("b", None)], id="nobody removes them"),
        pytest.param(BEGUN, (ABORTS,), [], id="a rule removes them"),
        pytest.param({"UnfinishedSince": ["2026-11-20T00:00:00+00:00"]}, (), [], id="still new"),
        pytest.param({}, (), [], id="none"),
    ],
)
def test_uploads_that_never_ended(
    shelf: Shelf, known: dict[str, Any], rules: tuple[dict[str, Any], ...], expected: object
) -> None:
    assert says(shelf, "S3-13", bucket("b", *rules, **known)) == expected


def test_old_versions_are_kept_unless_a_rule_removes_them(shelf: Shelf) -> None:
    buckets = (
        bucket("kept", EXPIRES, Versioning="Enabled"),
        bucket("was on", Versioning="Suspended"),
        bucket("tidy", FORGETS, Versioning="Enabled"),
        bucket("never"),
    )
    assert says(shelf, "S3-16", *buckets) == [("kept", None), ("was on", None)]
