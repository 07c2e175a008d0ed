"""A store whose segments lie in a bucket: moto's S3, spoken to over HTTP."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.config import Secret, StoreSettings
from app.model.errors import StoreError, StoreUnreachable
from app.model.time import epoch_ms
from app.store import Store, keys_inside, open_store
from app.store.bucket import open_bucket
from tests.store.conftest import Opener
from tests.store.log_samples import API, ID, START, rows, write
from tests.store.samples import GROUP, MINUTE, NOW, PROD, Writing, batch, hold, stored, window
from tests.store.samples import at as when
from tests.store.test_commit import (
    test_a_later_fetch_wins,
    test_another_process_sees_a_commit_after_refresh,
    test_data_coverage_round_and_calls_are_kept_together,
    test_no_file_stays_when_the_catalog_refuses,
    test_percentiles_are_kept_by_their_name,
    test_points_come_back_by_series_and_time,
    test_what_was_committed_is_there_after_opening_again,
)
from tests.store.test_compaction import (
    test_a_correction_after_merging_still_wins,
    test_a_past_day_is_sealed,
    test_a_reader_that_began_before_ends_well,
    test_fresh_segments_of_a_day_become_one,
)
from tests.store.test_head import test_a_head_built_at_start_equals_one_that_followed
from tests.store.test_logs import (
    test_after_merging_an_event_is_still_known,
    test_an_event_is_kept_once_however_often_it_is_read,
    test_an_id_leads_to_the_segments_that_hold_it,
)
from tests.store.test_upkeep import test_a_whole_store_verifies
from tests.support.moto_aws import REGION, MotoAws, moto_server

__all__ = [  # the same facts hold in a bucket
    "test_a_correction_after_merging_still_wins",
    "test_a_head_built_at_start_equals_one_that_followed",
    "test_a_later_fetch_wins",
    "test_a_past_day_is_sealed",
    "test_a_reader_that_began_before_ends_well",
    "test_a_whole_store_verifies",
    "test_after_merging_an_event_is_still_known",
    "test_an_event_is_kept_once_however_often_it_is_read",
    "test_an_id_leads_to_the_segments_that_hold_it",
    "test_another_process_sees_a_commit_after_refresh",
    "test_data_coverage_round_and_calls_are_kept_together",
    "test_fresh_segments_of_a_day_become_one",
    "test_no_file_stays_when_the_catalog_refuses",
    "test_percentiles_are_kept_by_their_name",
    "test_points_come_back_by_series_and_time",
    "test_what_was_committed_is_there_after_opening_again",
]
DAY = window("11:00", "12:00")
HEX = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.fixture(scope="module")
def moto() -> Iterator[MotoAws]:
    with moto_server() as server:
        yield server


@pytest.fixture
def s3(moto: MotoAws) -> Any:
    return moto.client("s3")


@pytest.fixture
def bucket(s3: Any) -> str:
    name = f"segments-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    return name


@pytest.fixture
def settings(moto: MotoAws, bucket: str, tmp_path: Path) -> StoreSettings:
    return at_endpoint(moto.url, bucket, tmp_path / "store")


def at_endpoint(url: str, bucket: str, folder: Path, **more: Any) -> StoreSettings:
    return StoreSettings(
        path=folder,
        bucket=f"s3://{bucket}/watch/deck",
        bucket_region=REGION,
        bucket_endpoint=url,
        bucket_access_key_id="AKIDEXAMPLE",
        bucket_secret_access_key=Secret("made-up"),
        **more,
    )


def objects(s3: Any, bucket: str) -> list[str]:
    return [found["Key"] for found in s3.list_objects_v2(Bucket=bucket).get("Contents", ())]


def one_commit(opener: Opener) -> Store:
    store = opener()
    hold(store).commit(batch([(0, when("11:00"), 1.0)]))
    return store


def copies(settings: StoreSettings) -> list[Path]:
    return sorted((settings.path / "segments").rglob("*.parquet"))


def test_a_segment_lies_below_the_prefix_in_a_layout_that_others_can_read(
    opener: Opener, s3: Any, bucket: str
) -> None:
    one_commit(opener)
    mark, segment = sorted(objects(s3, bucket), reverse=True)
    assert mark == "watch/deck/store.id"
    assert segment.startswith("watch/deck/segments/metrics/day=2026-11-24/fresh-")
    content = s3.get_object(Bucket=bucket, Key=segment)["Body"].read()
    assert (content[:4], content[-4:]) == (b"PAR1", b"PAR1")


def test_copies_that_are_lost_are_fetched_again(opener: Opener, settings: StoreSettings) -> None:
    one_commit(opener).close()
    for path in copies(settings):
        path.unlink()
    assert stored(opener(writer=False), [0, 1], DAY) == [(1, when("11:00"), 1.0)]
    assert len(copies(settings)) == 1


def test_an_id_is_looked_for_without_fetching_segments(
    opener: Opener, settings: StoreSettings
) -> None:
    writing = hold(opener())
    for minute, found in enumerate((ID, HEX, ID)):
        write(writing, rows({API: [(minute, f"START RequestId: {found} Version: 1")]}))
    for path in copies(settings):
        path.unlink()
    logs = writing.store.logs
    segments = logs.segments(0, epoch_ms(NOW))
    assert [s.first_ms for s in logs.holding(segments, keys_inside(HEX))] == [
        epoch_ms(START + MINUTE)
    ]
    assert copies(settings) == []


def test_another_machine_reads_the_same(
    opener: Opener, settings: StoreSettings, tmp_path: Path
) -> None:
    one_commit(opener).close()
    there = tmp_path / "other"
    there.mkdir()
    for name in ("catalog.sqlite", "catalog.sqlite-wal"):
        if (settings.path / name).exists():
            (there / name).write_bytes((settings.path / name).read_bytes())
    other = open_store(settings.model_copy(update={"path": there}), NOW, writer=False)
    assert stored(other, [0, 1], DAY) == [(1, when("11:00"), 1.0)]
    other.close()


def test_an_object_that_no_commit_listed_is_removed(opener: Opener, s3: Any, bucket: str) -> None:
    one_commit(opener).close()
    orphan = "watch/deck/segments/metrics/day=2026-11-24/fresh-lost.parquet"
    s3.put_object(Bucket=bucket, Key=orphan, Body=b"PAR1PAR1")
    assert opener().opened.orphans == 1
    assert orphan not in objects(s3, bucket)


def test_an_object_that_is_gone_reopens_its_coverage(opener: Opener, s3: Any, bucket: str) -> None:
    one_commit(opener).close()
    for name in objects(s3, bucket):
        if name.endswith(".parquet"):
            s3.delete_object(Bucket=bucket, Key=name)
    store = opener()
    assert [damage.problem for damage in store.opened.quarantined] == ["the file is missing"]
    assert not store.coverage(PROD, GROUP).answered


def test_a_damaged_object_is_found_by_verify_and_kept_for_a_person_to_look_at(
    opener: Opener, s3: Any, bucket: str
) -> None:
    store = one_commit(opener)
    name = next(n for n in objects(s3, bucket) if n.endswith(".parquet"))
    content = bytearray(s3.get_object(Bucket=bucket, Key=name)["Body"].read())
    content[20] ^= 1
    s3.put_object(Bucket=bucket, Key=name, Body=bytes(content))
    assert not store.upkeep.verify(NOW).ok
    assert name.replace("/segments/", "/quarantine/") in objects(s3, bucket)
    assert name not in objects(s3, bucket)


def test_a_bucket_that_cannot_be_reached_is_not_an_empty_one(
    opener: Opener, settings: StoreSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = one_commit(opener)
    store.close()
    monkeypatch.setattr("app.store.bucket.RETRIES", {"max_retries": 0})
    away = settings.model_copy(update={"bucket_endpoint": "http://127.0.0.1:9"})
    with pytest.raises(StoreError, match="cannot be reached"):
        open_store(away, NOW)
    again = opener()
    assert again.opened.quarantined == ()
    assert again.coverage(PROD, GROUP).answered


def test_what_has_a_copy_is_read_while_the_bucket_is_away(
    opener: Opener, settings: StoreSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_commit(opener).close()
    monkeypatch.setattr("app.store.bucket.RETRIES", {"max_retries": 0})
    files = open_bucket(settings.model_copy(update={"bucket_endpoint": "http://127.0.0.1:9"}))
    [copy] = copies(settings)
    name = copy.relative_to(settings.path / "segments").as_posix()
    assert files.locations([name]) == [str(copy)]
    with pytest.raises(StoreError, match="cannot be reached"):
        files.locations(["metrics/day=2026-11-24/other.parquet"])


def test_a_reader_that_starts_while_the_bucket_is_away_reads_the_copies(
    opener: Opener, settings: StoreSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_commit(opener).close()
    monkeypatch.setattr("app.store.bucket.RETRIES", {"max_retries": 0})
    away = settings.model_copy(update={"bucket_endpoint": "http://127.0.0.1:9"})
    reader = open_store(away, NOW, writer=False)
    assert stored(reader, [0, 1], DAY) == [(1, when("11:00"), 1.0)]
    assert reader.upkeep.stats().tables[0].rows == 1
    with pytest.raises(StoreUnreachable, match=r"s3://.*cannot be reached"):
        reader.upkeep.verify(NOW)
    copies(settings)[0].unlink()
    with pytest.raises(StoreUnreachable, match=r"s3://.*cannot be reached"):
        stored(reader, [0, 1], DAY)
    reader.close()
    assert opener().opened.quarantined == ()


def test_a_bucket_that_is_not_there_is_named(moto: MotoAws, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"s3://nowhere-at-all/watch/deck.*store\.bucket"):
        open_store(at_endpoint(moto.url, "nowhere-at-all", tmp_path), NOW)


def test_the_bucket_of_another_store_is_refused(
    opener: Opener, settings: StoreSettings, tmp_path: Path
) -> None:
    one_commit(opener).close()
    with pytest.raises(StoreError, match="holds segments, but the catalog is new"):
        open_store(settings.model_copy(update={"path": tmp_path / "new"}), NOW)


def test_what_another_process_has_written_since_the_list_is_not_missing(
    settings: StoreSettings,
) -> None:
    mine, theirs = open_bucket(settings), open_bucket(settings)
    assert list(mine.names()) == []
    theirs.put("t/a.parquet", b"PAR1PAR1")
    assert mine.glance("t/a.parquet", 8) == ""
    assert mine.glance("t/a.parquet", 9) == "it has 8 bytes, the catalog says 9"
    assert mine.glance("t/b.parquet", 8) == "the file is missing"
    theirs.close()


def test_of_two_stores_that_take_a_bucket_at_once_the_first_has_it(settings: StoreSettings) -> None:
    first, second = open_bucket(settings), open_bucket(settings)
    first.set_mark("one")
    second.set_mark("two")
    assert (first.mark(), second.mark()) == ("one", "one")


def test_a_commit_that_fails_tells_why_and_not_that_it_could_not_clear_up(
    opener: Opener, s3: Any, bucket: str
) -> None:
    writing = hold(opener())
    for name in objects(s3, bucket):
        s3.delete_object(Bucket=bucket, Key=name)
    s3.delete_bucket(Bucket=bucket)
    with pytest.raises(StoreError, match=r"could not write metrics/.*: the bucket of s3://"):
        writing.commit(batch([(0, when("11:00"), 1.0)]))


def test_the_head_lays_later_what_it_could_not_read_at_once(
    opener: Opener, s3: Any, bucket: str, settings: StoreSettings, tmp_path: Path
) -> None:
    writing = hold(opener())
    writing.commit(batch([(0, when("11:00"), 1.0)]))
    reader = opener(writer=False)
    reader.head()
    writing.commit(batch([(0, when("11:01"), 2.0)]))
    reader.refresh()
    # No copy, and none can be made: the folder for them is in the way of a file.
    day = copies(settings)[0].parent
    day.rename(tmp_path / "aside")
    day.write_text("")
    with pytest.raises(StoreError):
        reader.head()
    day.unlink()
    assert reader.head().grid([1], window("11:00", "11:02"), 60).sum.tolist() == [[1.0, 2.0]]


def test_writing_goes_on_after_opening_again(opener: Opener) -> None:
    one_commit(opener).close()
    writing: Writing = hold(opener())
    writing.commit(batch([(0, when("11:01"), 2.0)]))
    assert stored(writing.store, [0, 1], DAY) == [
        (1, when("11:00"), 1.0),
        (1, when("11:01"), 2.0),
    ]
