"""A bucket that refuses, is elsewhere or is silent: named, and never taken for an empty one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.config import Secret, StoreSettings
from app.model.errors import SegmentGone, StoreError
from app.store.bucket import BucketFiles, open_bucket
from tests.support.stub_s3 import StubS3, stub_s3

SEGMENT = "t/a.parquet"
ABSENT = r"the bucket of s3://segments/deck is not there; create it"
ELSEWHERE = r"s3://segments/deck lies in another Region .*; correct store\.bucket_region"
STRANGER = r"s3://segments/deck does not accept the credentials .*store\.bucket_access_key_id"
DENIED = r"not allowed to .* in s3://segments/deck; .*s3:ListBucket"
SILENT = r"s3://segments/deck cannot be reached .*store\.bucket_endpoint"


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[StubS3]:
    monkeypatch.setattr("app.store.bucket.RETRIES", {"max_retries": 0})
    with stub_s3() as stub:
        yield stub


@pytest.fixture
def settings(stub: StubS3, tmp_path: Path) -> StoreSettings:
    return StoreSettings(
        path=tmp_path,
        bucket="s3://segments/deck",
        bucket_endpoint=stub.url,
        bucket_access_key_id="AKIDEXAMPLE",
        bucket_secret_access_key=Secret("made-up"),
    )


@pytest.fixture
def files(settings: StoreSettings) -> Iterator[BucketFiles]:
    files = open_bucket(settings)
    yield files
    files.close()


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        pytest.param(404, "NoSuchBucket", ABSENT, id="absent"),
        pytest.param(301, "PermanentRedirect", ELSEWHERE, id="redirect"),
        pytest.param(400, "AuthorizationHeaderMalformed", ELSEWHERE, id="signed for elsewhere"),
        pytest.param(403, "InvalidAccessKeyId", STRANGER, id="unknown key"),
        pytest.param(403, "SignatureDoesNotMatch", STRANGER, id="wrong secret"),
        pytest.param(400, "ExpiredToken", STRANGER, id="expired"),
        pytest.param(403, "AccessDenied", DENIED, id="denied"),
        pytest.param(503, "SlowDown", SILENT, id="overloaded"),
    ],
)
def test_a_refusal_names_the_bucket_and_a_remedy_whatever_was_asked(
    stub: StubS3, files: BucketFiles, status: int, code: str, message: str
) -> None:
    stub.status, stub.code = status, code
    asked = {
        "mark": files.mark,
        "names": lambda: list(files.names()),
        "read": lambda: files.read(SEGMENT),
        "put": lambda: files.put(SEGMENT, b"PAR1PAR1"),
        "set_mark": lambda: files.set_mark("mine"),
        "delete": lambda: files.delete(SEGMENT),
        "quarantine": lambda: files.quarantine(SEGMENT),
        "locations": lambda: files.locations([SEGMENT]),
    }
    for name, ask in asked.items():
        with pytest.raises(StoreError, match=message) as raised:
            ask()
        assert not isinstance(raised.value, SegmentGone), name
        assert "made-up" not in str(raised.value)


def test_an_object_that_is_gone_is_told_from_a_bucket_that_is_gone(
    stub: StubS3, files: BucketFiles
) -> None:
    stub.status, stub.code = 404, "NoSuchKey"
    with pytest.raises(SegmentGone, match="the object is not there"):
        files.read(SEGMENT)
    assert files.mark() is None


def test_no_credentials_at_all_are_named(
    settings: StoreSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    keyless = {"bucket_access_key_id": None, "bucket_secret_access_key": None}
    with pytest.raises(StoreError, match=STRANGER):
        open_bucket(settings.model_copy(update=keyless)).mark()


def test_the_usual_search_finds_what_the_environment_holds(
    settings: StoreSettings, stub: StubS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDOFENV")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token-of-env")
    monkeypatch.setenv("AWS_REGION", "ap-south-1")
    keyless = {"bucket_access_key_id": None, "bucket_secret_access_key": None}
    open_bucket(settings.model_copy(update=keyless)).set_mark("mine")
    [got] = stub.got
    assert "Credential=AKIDOFENV/" in got.headers["authorization"]
    assert "/us-east-1/s3/" in got.headers["authorization"]
    assert got.headers["x-amz-security-token"] == "token-of-env"


def test_a_static_key_is_sent_without_a_token_of_the_environment(
    settings: StoreSettings, stub: StubS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token-of-env")
    open_bucket(settings).set_mark("mine")
    [got] = stub.got
    assert "x-amz-security-token" not in got.headers


def test_a_large_segment_is_one_request_so_that_no_part_is_left_behind(
    stub: StubS3, files: BucketFiles
) -> None:
    files.put(SEGMENT, bytes(12_000_000))
    assert [(got.method, got.path, got.size) for got in stub.got] == [
        ("PUT", "/segments/deck/segments/t/a.parquet", 12_000_000)
    ]
