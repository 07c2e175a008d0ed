"""Who writes: one work process for each store.

Two guards. A lock on a file of the store's folder, which the system drops
when a process dies, so that a restart on the same machine goes on at once. And
the lease in the catalog, for machines that share one: it is renewed here, and
whoever loses it must stop writing.
"""

from __future__ import annotations

import fcntl
import logging
import os
import socket
import threading
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from io import TextIOWrapper
from pathlib import Path
from types import TracebackType

from app.model.errors import LeaseLost, StoreError
from app.store import Lease, Store

log = logging.getLogger(__name__)

TTL = timedelta(seconds=30)
RENEW_EVERY = 8.0
ASK_EVERY = 1.0


def holder_of(folder: Path) -> str:
    """A name for this machine and folder that stays the same over restarts."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "holder-id"
    if not path.exists():
        draft = path.with_suffix(f".{os.getpid()}")
        draft.write_text(uuid.uuid4().hex[:12], encoding="ascii")
        draft.replace(path)
    return f"{socket.gethostname()}/{path.read_text(encoding='ascii').strip()}"


class FolderLock:
    """A lock that ends with the process that holds it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: TextIOWrapper | None = None

    def take(self) -> bool:
        """True when this process holds the lock now."""
        if self._file is not None:
            return True
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = self._path.open("a", encoding="ascii")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        self._file = file
        return True

    def drop(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


class Leadership:
    """The right to write, from :meth:`wait` or :meth:`try_take` on; ``lost`` tells when it went."""

    def __init__(self, store: Store, folder: Path, now: Callable[[], datetime]) -> None:
        self._store, self._now = store, now
        self._holder = holder_of(folder)
        self._lock = FolderLock(folder / "work.lock")
        self._lease: Lease | None = None
        self._keeper: threading.Thread | None = None
        self._done = threading.Event()
        self.lost = threading.Event()

    @property
    def holder(self) -> str:
        return self._holder

    def lease(self) -> Lease:
        """The newest lease; raises LeaseLost when there is none any more."""
        if self._lease is None or self.lost.is_set():
            raise LeaseLost("this process does not hold the right to write")
        return self._lease

    def try_take(self) -> bool:
        """Ask once for the right to write."""
        if not self._lock.take():
            return False
        self._lease = self._store.acquire(self._holder, self._now(), TTL)
        if self._lease is None:
            self._lock.drop()
            return False
        self.lost.clear()
        self._done.clear()
        self._keeper = threading.Thread(target=self._keep, name="lease", daemon=True)
        self._keeper.start()
        return True

    def wait(self, stop: threading.Event) -> bool:
        """Stand by until this process may write; False when told to stop before that."""
        told = False
        while not stop.is_set():
            if self.try_take():
                log.info("this process writes now", extra={"holder": self._holder})
                return True
            if not told:
                log.info("another process writes; standing by")
                told = True
            stop.wait(ASK_EVERY)
        return False

    def release(self) -> None:
        """Let others write at once."""
        self._done.set()
        if self._keeper is not None and self._keeper is not threading.current_thread():
            self._keeper.join(RENEW_EVERY)
        if self._lease is not None and not self.lost.is_set():
            self._store.release(self._lease)
        self._lease = None
        self._lock.drop()

    def _keep(self) -> None:
        while not self._done.wait(RENEW_EVERY):
            lease = self._lease
            if lease is None:
                return
            try:
                self._lease = self._store.renew(lease, self._now())
            except LeaseLost:
                log.error("another process took over the right to write")
                self.lost.set()
                return
            except StoreError as error:
                log.warning("the lease could not be renewed", extra={"error": error})
                if self._now() >= lease.expires:
                    self.lost.set()
                    return

    def __enter__(self) -> Leadership:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()
