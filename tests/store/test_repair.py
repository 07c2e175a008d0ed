"""Opening after harm: damaged, missing, orphaned and foreign files."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.config import Secret, StoreSettings
from app.model.errors import StoreError
from app.model.rounds import Batch
from app.model.time import Intervals
from app.store import open_store
from tests.store.conftest import Opener
from tests.store.samples import (
    DAY,
    GROUP,
    KEYS,
    NOW,
    PROD,
    Writing,
    at,
    batch,
    covered,
    hold,
    percentiles,
    stored,
    window,
)

TODAY = window("00:00", "23:59")


def only(settings: StoreSettings, pattern: str = "*.parquet") -> Path:
    (path,) = (settings.path / "segments").rglob(pattern)
    return path


def cut(path: Path, keep: int) -> None:
    path.write_bytes(path.read_bytes()[:keep])


@pytest.fixture
def two(opener: Opener, settings: StoreSettings) -> tuple[Writing, Path]:
    """Two commits of neighbouring windows, and the file of the first."""
    writing = hold(opener())
    writing.sums({"11:00": 1.0, "11:04": 1.0})
    first = only(settings)
    writing.sums({"11:05": 2.0, "11:09": 2.0})
    return writing, first


@pytest.mark.parametrize(
    "keep", [0, 7, 200, -1], ids=["empty", "7 bytes", "200 bytes", "all but one"]
)
def test_a_truncated_segment_is_set_aside_and_asked_for_again(
    two: tuple[Writing, Path], opener: Opener, settings: StoreSettings, keep: int
) -> None:
    _, first = two
    size = first.stat().st_size
    cut(first, keep if keep >= 0 else size + keep)
    again = opener()
    (damage,) = again.opened.quarantined
    assert damage.rows == 2
    assert "the catalog says" in damage.problem
    assert stored(again, [1], TODAY) == [(1, at("11:05"), 2.0), (1, at("11:09"), 2.0)]
    found = again.coverage(PROD, GROUP)
    assert found.answered == found.settled == Intervals((window("11:05", "11:10"),))
    assert not first.exists()
    kept = settings.path / "quarantine" / first.relative_to(settings.path / "segments")
    assert kept.exists()


def test_what_was_set_aside_can_be_collected_again(
    two: tuple[Writing, Path], opener: Opener
) -> None:
    cut(two[1], 100)
    again = hold(opener())
    again.sums({"11:00": 1.0, "11:04": 1.0})
    assert len(stored(again.store, [1], TODAY)) == 4
    assert again.store.coverage(PROD, GROUP).answered == Intervals((window("11:00", "11:10"),))


def test_a_missing_segment_reopens_its_coverage(two: tuple[Writing, Path], opener: Opener) -> None:
    two[1].unlink()
    again = opener()
    assert [d.problem for d in again.opened.quarantined] == ["the file is missing"]
    assert again.coverage(PROD, GROUP).answered == Intervals((window("11:05", "11:10"),))


def test_opening_again_finds_nothing_more(two: tuple[Writing, Path], opener: Opener) -> None:
    cut(two[1], 100)
    opener()
    assert opener().opened.quarantined == ()


def test_a_reader_repairs_nothing(two: tuple[Writing, Path], opener: Opener) -> None:
    cut(two[1], 100)
    assert opener(writer=False).opened.quarantined == ()
    assert two[1].exists()


def test_a_flipped_byte_is_found_by_verify(two: tuple[Writing, Path]) -> None:
    writing, first = two
    content = bytearray(first.read_bytes())
    content[len(content) // 2] ^= 1
    first.write_bytes(content)
    upkeep = writing.store.upkeep
    looked = upkeep.verify()
    assert (looked.ok, looked.segments, looked.set_aside) == (False, 2, False)
    assert [d.problem for d in looked.damaged] == ["its checksum is not the one of the catalog"]
    assert len(stored(writing.store, [1], window("11:05", "11:10"))) == 2
    assert upkeep.verify(NOW).set_aside
    assert upkeep.verify().ok
    assert stored(writing.store, [1], TODAY) == [(1, at("11:05"), 2.0), (1, at("11:09"), 2.0)]
    assert writing.store.coverage(PROD, GROUP).answered == Intervals((window("11:05", "11:10"),))


def test_damage_does_not_spread_when_merging(two: tuple[Writing, Path]) -> None:
    writing, first = two
    content = bytearray(first.read_bytes())
    content[len(content) // 2] ^= 1
    first.write_bytes(content)
    done = writing.store.upkeep.compact(writing.lease, NOW)
    assert [d.problem for d in done.quarantined] == ["its checksum is not the one of the catalog"]
    assert stored(writing.store, [1], TODAY) == [(1, at("11:05"), 2.0), (1, at("11:09"), 2.0)]
    assert writing.store.upkeep.stats().quarantined_segments == 1


def test_a_lost_merged_segment_reopens_what_it_was_made_of(
    opener: Opener, settings: StoreSettings
) -> None:
    writing = hold(opener())
    writing.commit(batch([(0, NOW - DAY, 1.0), (0, at("11:00"), 1.0)]))
    writing.commit(Batch(covered=[covered(at("11:30"), at("11:40"))]))
    writing.store.upkeep.compact(writing.lease, NOW)
    only(settings, "sealed-*").unlink()
    again = opener()
    # Of the two days that the commit covered, yesterday is lost and today is not.
    assert again.coverage(PROD, GROUP).answered == Intervals(
        (window("00:00", "11:01"), window("11:30", "11:40"))
    )


def test_the_other_table_keeps_its_rows(opener: Opener, settings: StoreSettings) -> None:
    writing = hold(opener())
    frames = batch([(0, at("11:00"), 1.0)]).frames
    stats = percentiles([(0, at("11:00"), 9.0)])
    writing.commit(
        Batch(
            frames={**frames, "metric_stats": stats},
            series=KEYS,
            covered=[covered(at("11:00"), at("11:01"))],
        )
    )
    (path,) = (settings.path / "segments" / "metric_stats").rglob("*.parquet")
    path.unlink()
    again = opener()
    assert len(stored(again, [1], TODAY)) == 1
    assert not again.coverage(PROD, GROUP).answered


def test_files_that_no_commit_listed_are_removed(opener: Opener, settings: StoreSettings) -> None:
    writing = hold(opener())
    writing.sums({"11:00": 1.0})
    listed = only(settings)
    orphan = listed.with_name("fresh-of-a-crash.parquet")
    orphan.write_bytes(listed.read_bytes())
    unfinished = settings.path / "tmp" / "dead"
    unfinished.mkdir()
    (unfinished / "half.parquet").write_bytes(b"PAR1")
    again = opener()
    assert (again.opened.orphans, again.opened.unfinished) == (1, 1)
    assert only(settings) == listed
    assert not unfinished.exists()


def test_unfinished_files_of_a_living_process_are_left_alone(
    opener: Opener, settings: StoreSettings
) -> None:
    writing = hold(opener())
    writing.sums({"11:00": 1.0})
    (work,) = (settings.path / "tmp").iterdir()
    (work / "being-merged.parquet").write_bytes(b"PAR1")
    assert opener().opened.unfinished == 0
    assert (work / "being-merged.parquet").exists()


def test_a_folder_of_another_store_is_refused(settings: StoreSettings, tmp_path: Path) -> None:
    first = open_store(settings, NOW)
    hold(first).sums({"11:00": 1.0})
    first.close()
    catalog = settings.catalog or Secret(f"sqlite:///{settings.path}/catalog.sqlite")
    wrong = settings.model_copy(update={"path": tmp_path / "elsewhere", "catalog": catalog})
    with pytest.raises(StoreError, match="describes other segments"):
        open_store(wrong, NOW)
    right = open_store(settings, NOW)
    assert right.opened.quarantined == ()
    right.close()


def test_a_lost_catalog_removes_no_segments(tmp_path: Path) -> None:
    settings = StoreSettings(path=tmp_path)
    first = open_store(settings, NOW)
    hold(first).sums({"11:00": 1.0})
    first.close()
    (tmp_path / "catalog.sqlite").unlink()
    for _ in range(2):
        with pytest.raises(StoreError, match="the catalog is new"):
            open_store(settings, NOW)
    assert only(settings).exists()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"store\.path"):
        open_store(StoreSettings(path=tmp_path / "file" / "store"), NOW)
