"""Copies of a bucket's segments on the local disk: bounded, the least used go first.

Several processes share the folder. Each touches what it is about to scan under
a shared lock, and looks again under an exclusive one before it removes anything,
so that a copy which somebody was just told of is never taken away.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from app.model.errors import StoreError, StoreFull
from app.store.files import LocalFiles, Part

IN_USE = timedelta(minutes=15)
"""A copy that was asked for within this time may still be scanned and stays."""

UNCOUNTED = 16
"""All copies are counted again when this part of the room may have been filled."""


@dataclass(frozen=True, slots=True)
class Held:
    """A local copy: when it was last asked for (seconds since 1970) and its bytes."""

    used: float
    size: int
    path: Path


class Copies:
    """Copies below ``folder``, of about ``most`` bytes."""

    def __init__(self, folder: Path, most: int) -> None:
        self._local = LocalFiles(folder)
        self._folder, self._most = folder, most
        self._added = most
        self._lock = threading.Lock()
        self._swept = False

    def stage(self, name: str, content: bytes) -> None:
        """Write a copy without giving it its name; old copies go if the disk is full."""
        try:
            self._local.stage(name, content)
        except StoreFull:
            self._trim(0)
            try:
                self._local.stage(name, content)
            except StoreFull as error:
                raise StoreFull(
                    f"no space left for a copy of {len(content):,} bytes in {self._folder}; "
                    "nothing of this was kept. Free space there, or lower store.bucket_cache_gb"
                ) from error

    def staged(self, name: str) -> Path:
        """Where a staged copy lies."""
        return self._local.staged(name)

    def publish(self, names: list[str]) -> None:
        """Give staged copies their names."""
        size = sum(self._local.staged(name).stat().st_size for name in names)
        self._local.publish(names)
        self._note(size)

    def keep(self, name: str, content: bytes) -> None:
        """A copy of what was fetched, whole or not at all; one thread a name."""
        if not self._swept:
            # Where no writer runs, nobody else clears up after killed readers.
            self._local.sweep()
            self._swept = True
        with self._named():
            self._local.staged(name).unlink(missing_ok=True)
            self.stage(name, content)
            self._local.publish([name])
        self._note(len(content))

    def missing(self, names: Sequence[str]) -> list[str]:
        """Those that have no copy; the copies of the others stay for a while."""
        with self._named(), self._guarded(fcntl.LOCK_SH):
            return [name for name in names if not self._touched(name)]

    def locations(self, names: Sequence[str]) -> list[str]:
        return self._local.locations(names)

    def part(self, wanted: Part) -> bytes:
        """Some bytes of a copy, which is not kept for that; FileNotFoundError without one."""
        return self._local.parts([wanted])[0]

    def delete(self, name: str) -> None:
        self._local.delete(name)

    def sweep(self) -> int:
        return self._local.sweep()

    def close(self) -> None:
        self._local.close()

    def make_room(self) -> None:
        """Remove the copies that were not asked for longest, until the rest fits."""
        with self._lock:
            if self._added * UNCOUNTED < self._most:
                return
            self._added = 0
        self._trim(self._most)

    def _note(self, size: int) -> None:
        with self._lock:
            self._added += size

    def _touched(self, name: str) -> bool:
        try:
            os.utime(self._local.path(name))
        except FileNotFoundError:
            return False
        return True

    def _trim(self, most: int) -> None:
        held = sorted(self._held(), key=lambda copy: copy.used)
        size = sum(copy.size for copy in held)
        # The newest copy has just been written or asked for, so it tells what time it is.
        in_use = held[-1].used - IN_USE.total_seconds() if held else 0.0
        for copy in held:
            if size <= most or copy.used > in_use:
                return
            if self._dropped(copy):
                size -= copy.size

    def _dropped(self, copy: Held) -> bool:
        with self._guarded(fcntl.LOCK_EX):
            try:
                if copy.path.stat().st_mtime != copy.used:
                    return False
            except FileNotFoundError:
                return True
            copy.path.unlink(missing_ok=True)
            return True

    def _held(self) -> Iterator[Held]:
        for path in self._local.path("").rglob("*.parquet"):
            try:
                found = path.stat()
            except FileNotFoundError:
                continue
            yield Held(found.st_mtime, found.st_size, path)

    @contextmanager
    def _named(self) -> Iterator[None]:
        """What the disk refuses, as an error with a place."""
        try:
            yield
        except OSError as error:
            raise StoreError(
                f"cannot keep copies in {self._folder} (store.path): {error.strerror}; make it "
                "a folder that this user can write to"
            ) from error

    @contextmanager
    def _guarded(self, kind: int) -> Iterator[None]:
        lock = os.open(self._folder / "copies.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(lock, kind)
            yield
        finally:
            os.close(lock)
