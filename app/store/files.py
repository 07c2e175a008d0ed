"""Where segment files lie. A file is complete under its own name or not there at all.

Every process writes into a folder of its own below ``tmp`` and holds a lock on
it; a folder whose lock is free belongs to a dead process and can go.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import threading
import uuid
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Protocol

from app.model.errors import StoreError, StoreFull
from app.store.catalog import FULL

MAGIC = b"PAR1"
MISSING = "the file is missing"

Part = tuple[str, int, int]
"""The name of a file, the first byte wanted of it, and how many."""


def flaw(found: int, length: int, ending: bytes = MAGIC) -> str:
    """What is wrong with a file of ``found`` bytes that should have ``length``."""
    if found != length:
        return f"it has {found:,} bytes, the catalog says {length:,}"
    return "" if ending == MAGIC else "it does not end like a Parquet file"


class SegmentFiles(Protocol):
    """A place for immutable files, named by a relative path."""

    def put(self, name: str, content: bytes) -> None:
        """Keep ``content`` under ``name`` so that it survives a power cut, or raise."""
        ...

    def stage(self, name: str, content: bytes) -> None:
        """Write ``content`` safely without giving it its name yet."""
        ...

    def publish(self, names: list[str]) -> None:
        """Give staged files their names, safely."""
        ...

    def read(self, name: str) -> bytes:
        """All of a file, from where it is kept for good."""
        ...

    def parts(self, wanted: Sequence[Part]) -> list[bytes]:
        """Some bytes of files, in the order asked for."""
        ...

    def glance(self, name: str, length: int) -> str:
        """What is wrong with a file at first sight, empty if nothing is; ``length`` in bytes."""
        ...

    def delete(self, name: str) -> None:
        """Remove the file; one that is not there is no error."""
        ...

    def quarantine(self, name: str) -> None:
        """Move a damaged file out of the readers' way, keeping it for a person to look at."""
        ...

    def names(self) -> Iterator[str]:
        """Every file that has a name, listed or not."""
        ...

    def locations(self, names: Sequence[str]) -> list[str]:
        """What polars scans, one path a name."""
        ...

    def mark(self) -> str | None:
        """The id of the store that these files belong to, if they have been given one."""
        ...

    def set_mark(self, mark: str) -> None:
        """Say which store these files belong to."""
        ...

    def sweep(self) -> int:
        """Remove what dead processes left unfinished; how many files that were."""
        ...

    def close(self) -> None: ...


class LocalFiles:
    """Segments in a folder of a local disk, below ``segments``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._root = folder / "segments"
        self._damaged = folder / "quarantine"
        self._works = folder / "tmp"
        self._work = self._works / uuid.uuid4().hex
        self._lock: int | None = None
        self._claiming = threading.Lock()
        self._known: set[Path] = set()

    def put(self, name: str, content: bytes) -> None:
        self.stage(name, content)
        self.publish([name])

    def stage(self, name: str, content: bytes) -> None:
        self._claim()
        path = self.staged(name)
        try:
            _write(path, content)
        except OSError as error:
            path.unlink(missing_ok=True)
            if error.errno in FULL:
                raise StoreFull(
                    f"no space left for {len(content):,} bytes in {self._root}; nothing of this "
                    "commit was kept. Free space there, or shorten store.retention"
                ) from error
            raise StoreError(f"cannot write a segment in {self._root}: {error}") from error

    def publish(self, names: list[str]) -> None:
        folders = {(self._root / name).parent for name in names}
        for folder in folders - self._known:
            self._make(folder)
        for name in names:
            self.staged(name).rename(self._root / name)
        for folder in folders:
            _sync(folder)

    def read(self, name: str) -> bytes:
        return (self._root / name).read_bytes()

    def parts(self, wanted: Sequence[Part]) -> list[bytes]:
        found: dict[int, bytes] = {}
        # One file after the other, so that each is opened once.
        order = sorted(range(len(wanted)), key=lambda at: wanted[at])
        for name, some in groupby(order, key=lambda at: wanted[at][0]):
            with (self._root / name).open("rb", buffering=0) as file:
                for at in some:
                    _, start, length = wanted[at]
                    found[at] = os.pread(file.fileno(), length, start)
        return [found[at] for at in range(len(wanted))]

    def glance(self, name: str, length: int) -> str:
        try:
            with (self._root / name).open("rb") as file:
                found = file.seek(0, os.SEEK_END)
                file.seek(max(0, found - len(MAGIC)))
                return flaw(found, length, file.read(len(MAGIC)))
        except FileNotFoundError:
            return MISSING

    def delete(self, name: str) -> None:
        self.staged(name).unlink(missing_ok=True)
        (self._root / name).unlink(missing_ok=True)

    def quarantine(self, name: str) -> None:
        source, target = self._root / name, self._damaged / name
        if source.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            source.rename(target)

    def names(self) -> Iterator[str]:
        for path in self._root.rglob("*"):
            if path.is_file():
                yield path.relative_to(self._root).as_posix()

    def locations(self, names: Sequence[str]) -> list[str]:
        return [str(self._root / name) for name in names]

    def path(self, name: str) -> Path:
        """Where a file of this name lies, or would lie."""
        return self._root / name

    def staged(self, name: str) -> Path:
        """Where the content lies that has no name yet."""
        return self._work / name.replace("/", "_")

    def mark(self) -> str | None:
        path = self._folder / "store.id"
        return path.read_text().strip() if path.exists() else None

    def set_mark(self, mark: str) -> None:
        (self._folder / "store.id").write_text(mark + "\n")

    def sweep(self) -> int:
        self._works.mkdir(parents=True, exist_ok=True)
        dead = [folder for folder in self._works.iterdir() if _is_dead(folder)]
        return sum(_remove(folder) for folder in dead if folder != self._work)

    def close(self) -> None:
        """Give up the work folder."""
        if self._lock is not None:
            shutil.rmtree(self._work, ignore_errors=True)
            os.close(self._lock)
            self._lock = None

    def _claim(self) -> None:
        """Make and lock our work folder; only who writes needs one."""
        with self._claiming:
            if self._lock is None:
                self._lock = self._claimed()

    def _claimed(self) -> int:
        # Locked under a name that no sweep looks at, then shown.
        hidden = self._works / f".{self._work.name}"
        hidden.mkdir(parents=True, exist_ok=True)
        lock = os.open(hidden / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC)
        fcntl.flock(lock, fcntl.LOCK_EX)
        hidden.rename(self._work)
        return lock

    def _make(self, folder: Path) -> None:
        missing = [f for f in (folder, *folder.parents) if not f.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        for made in missing:
            _sync(made.parent)
        self._known.add(folder)


def _write(path: Path, content: bytes) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
    try:
        left = memoryview(content)
        while left:
            left = left[os.write(file, left) :]
        os.fsync(file)
    finally:
        os.close(file)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _is_dead(folder: Path) -> bool:
    """Whether nobody holds the lock of a work folder."""
    if folder.name.startswith("."):
        return False
    try:
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return True
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        return True
    finally:
        os.close(lock)


def _remove(folder: Path) -> int:
    left = sum(1 for path in folder.iterdir() if path.name != "lock")
    shutil.rmtree(folder, ignore_errors=True)
    return left
