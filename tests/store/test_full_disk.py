"""A full disk: the commit is refused, nothing of it is kept, and the store goes on."""

from __future__ import annotations

import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from app.config import StoreSettings
from app.model.errors import StoreFull
from app.model.rounds import Batch
from app.model.time import Intervals
from app.store import open_store
from tests.store.samples import (
    GROUP,
    HOUR,
    MINUTE,
    NOW,
    PROD,
    Writing,
    batch,
    hold,
    key,
    stored,
    window,
)

TODAY = window("00:00", "23:59")


def large(series: int = 2_000, first: int = 100) -> Batch:
    """Points that do not compress: about 60 bytes a series."""
    noise = np.random.default_rng(first).random(series)
    keys = [key(first + number) for number in range(series)]
    return batch([(n, NOW - HOUR, float(noise[n])) for n in range(series)], keys=keys)


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """The operating system refuses to let any file grow beyond ``size``."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_nothing_is_kept_of_a_commit_that_does_not_fit(
    writing: Writing, settings: StoreSettings
) -> None:
    writing.sums({"11:30": 1.0})
    before = writing.store.upkeep.stats()
    with files_of_at_most(20_000), pytest.raises(StoreFull, match="nothing of this commit"):
        writing.commit(large())
    assert writing.store.upkeep.stats() == before
    assert len(list(settings.path.rglob("*.parquet"))) == 1
    assert writing.store.coverage(PROD, GROUP).answered == Intervals((window("11:30", "11:31"),))
    assert list(writing.store.series.ids([key(100)])) == [0]


def test_the_store_goes_on_once_there_is_space(writing: Writing) -> None:
    with files_of_at_most(20_000), pytest.raises(StoreFull):
        writing.commit(large())
    assert writing.commit(large()).rows == 2_000
    writing.sums({"11:30": 1.0})
    ids = writing.store.series.ids([key(0)])
    assert len(stored(writing.store, ids, TODAY)) == 1


def test_a_merge_that_does_not_fit_leaves_the_segments_as_they_were(
    writing: Writing, settings: StoreSettings
) -> None:
    for part in range(4):
        writing.commit(large(500, first=1000 * part))
    before = writing.store.upkeep.stats()
    with files_of_at_most(40_000), pytest.raises(StoreFull):
        writing.store.upkeep.compact(writing.lease, NOW)
    assert writing.store.upkeep.stats() == before
    assert len(list(settings.path.rglob("*.parquet"))) == 4
    assert writing.store.upkeep.compact(writing.lease, NOW).segments_after == 1


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 3 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(disk)]
    if subprocess.run(mounting, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a small disk")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_disk_that_fills_up_refuses_commits_until_space_is_freed(small_disk: Path) -> None:
    """Whether the segment or the catalog meets the end of the disk first."""
    store = open_store(StoreSettings(path=small_disk), NOW)
    writing = hold(store)
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"x" * 1_500_000)
    kept = refused = 0
    while refused < 3:
        try:
            writing.commit(large(200, first=1000 * (kept + 1)), now=NOW + kept * MINUTE)
            kept += 1
        except StoreFull:
            refused += 1
        assert kept < 200
    ballast.unlink()
    listed = store.upkeep.stats()
    assert (listed.rows, listed.tables[0].fresh) == (200 * kept, kept)
    assert len(list(small_disk.rglob("*.parquet"))) == kept
    writing.sums({"11:30": 1.0})
    store.close()
    again = open_store(StoreSettings(path=small_disk), NOW)
    assert again.opened.quarantined == ()
    assert again.upkeep.stats().rows == 200 * kept + 1
    assert again.upkeep.verify().ok
    again.close()


def test_a_catalog_without_space_refuses_and_goes_on(small_disk: Path) -> None:
    store = open_store(StoreSettings(path=small_disk), NOW)
    writing = hold(store)
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"x" * 1_500_000)
    many = Batch(listed_series=[key(number) for number in range(20_000)])
    with pytest.raises(StoreFull, match="the catalog has no space left"):
        writing.commit(many)
    assert list(store.series.ids([key(0)])) == [0]
    ballast.unlink()
    few = Batch(listed_series=[key(number) for number in range(100)])
    writing.commit(few)
    assert list(store.series.ids([key(0), key(99), key(100)])) == [1, 100, 0]
    store.close()
