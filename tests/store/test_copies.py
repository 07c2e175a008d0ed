"""Local copies of a bucket's segments: bounded, whole, and never taken away from a reader."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from app.model.errors import StoreFull
from app.store.copies import Copies, Held
from tests.store.test_full_disk import files_of_at_most

SIZE = 1000


@pytest.fixture
def copies(tmp_path: Path) -> Iterator[Copies]:
    """Room for two and a half copies."""
    copies = Copies(tmp_path, 2 * SIZE + SIZE // 2)
    yield copies
    copies.close()


def kept(copies: Copies, name: str, age: timedelta = timedelta(0)) -> Path:
    copies.keep(name, bytes(SIZE))
    [path] = copies.locations([name])
    used = Path(path).stat().st_mtime - age.total_seconds()
    os.utime(path, (used, used))
    return Path(path)


def test_the_copies_that_were_not_asked_for_longest_make_room(copies: Copies) -> None:
    old = kept(copies, "t/a.parquet", timedelta(hours=2))
    older = kept(copies, "t/b.parquet", timedelta(hours=3))
    newest = kept(copies, "t/c.parquet")
    copies.make_room()
    assert [path.exists() for path in (old, older, newest)] == [True, False, True]


def test_a_copy_that_is_asked_for_again_stays(copies: Copies) -> None:
    asked = kept(copies, "t/a.parquet", timedelta(hours=3))
    other = kept(copies, "t/b.parquet", timedelta(hours=2))
    assert copies.missing(["t/a.parquet", "t/none.parquet"]) == ["t/none.parquet"]
    kept(copies, "t/c.parquet")
    copies.make_room()
    assert [path.exists() for path in (asked, other)] == [True, False]


def test_a_copy_in_use_stays_however_little_room_there_is(tmp_path: Path) -> None:
    copies = Copies(tmp_path, 1)
    path = kept(copies, "t/a.parquet", timedelta(minutes=14))
    kept(copies, "t/b.parquet")
    copies.make_room()
    assert path.exists()
    copies.close()


def test_a_copy_that_was_asked_for_since_it_was_counted_stays(copies: Copies) -> None:
    path = kept(copies, "t/a.parquet", timedelta(hours=2))
    counted = Held(path.stat().st_mtime, SIZE, path)
    copies.missing(["t/a.parquet"])
    assert not copies._dropped(counted)
    assert path.exists()


def test_what_a_killed_reader_left_unfinished_goes(copies: Copies, tmp_path: Path) -> None:
    dead = tmp_path / "tmp" / "dead"
    dead.mkdir(parents=True)
    (dead / "t_half.parquet").write_bytes(bytes(SIZE))
    kept(copies, "t/a.parquet")
    assert not dead.exists()


def test_a_copy_that_does_not_fit_is_not_there_at_all(copies: Copies, tmp_path: Path) -> None:
    with (
        files_of_at_most(SIZE // 2),
        pytest.raises(StoreFull, match=r"store\.bucket_cache_gb"),
    ):
        copies.keep("t/a.parquet", bytes(SIZE))
    assert copies.missing(["t/a.parquet"]) == ["t/a.parquet"]
    assert list(tmp_path.rglob("*.parquet")) == []


def test_copies_that_nobody_uses_go_when_the_disk_is_full(copies: Copies) -> None:
    unused = kept(copies, "t/a.parquet", timedelta(hours=2))
    kept(copies, "t/b.parquet")
    with files_of_at_most(SIZE // 2), pytest.raises(StoreFull):
        copies.keep("t/c.parquet", bytes(SIZE))
    assert not unused.exists()
