"""Questions that take a while, answered on threads of their own while a page goes on.

A job has several parts, answered one after the other; each can be seen as soon
as it is there. A job is given up when it is told to, and when nobody has looked
for its answer for a while: whoever asked has left the page.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

from app.query.insights import Scanned, Watch

Work = Callable[[Watch], Any]

AT_ONCE = 2
"""Jobs that are worked on at the same time; more wait for their turn."""

PATIENCE = 20.0
"""Seconds after which a job that nobody looks at is given up, and an answer forgotten."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is: its answers so far, in the order of its parts, and what was read."""

    done: tuple[Any, ...]
    finished: bool
    seconds: float
    scanned: Scanned


@dataclass(eq=False)
class _Job:
    works: Sequence[Work]
    begun: float
    seen: float
    done: list[Any] = field(default_factory=list)
    scanned: Scanned = field(default_factory=Scanned)
    trouble: Exception | None = None
    finished: bool = False
    cancel: threading.Event = field(default_factory=threading.Event)
    news: threading.Condition = field(default_factory=threading.Condition)

    def work(self, turn: threading.Semaphore) -> None:
        with turn:
            try:
                for work in self.works:
                    found = work(Watch(self._tell, self.cancel))
                    with self.news:
                        self.done.append(found)
                        self.news.notify_all()
            except Exception as error:  # raised where somebody looks for the answer
                self.trouble = error
            with self.news:
                self.finished = True
                self.news.notify_all()

    def _tell(self, scanned: Scanned) -> None:
        self.scanned = replace(scanned)


class Jobs:
    """Starts jobs, tells how far they are, gives them up. Safe to share between threads."""

    def __init__(
        self,
        *,
        at_once: int = AT_ONCE,
        patience: float = PATIENCE,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._turn = threading.BoundedSemaphore(at_once)
        self._patience, self._seconds = patience, seconds
        self._jobs: dict[str, _Job] = {}
        self._lock = threading.Lock()

    def start(self, *works: Work) -> str:
        """Begin to answer; the name by which to look for it, which nobody can guess."""
        name, now = uuid4().hex, self._seconds()
        job = _Job(works, now, now)
        with self._lock:
            self._forget(now)
            self._jobs[name] = job
        threading.Thread(target=job.work, args=(self._turn,), daemon=True, name="query").start()
        return name

    def look(self, name: str, wait: float = 0.0) -> Progress | None:
        """How far a job is, None for one that is forgotten.

        Waits up to ``wait`` seconds for its end. Raises what its work raised.
        """
        with self._lock:
            self._forget(self._seconds())
            job = self._jobs.get(name)
        if job is None:
            return None
        with job.news:
            job.news.wait_for(lambda: job.finished, wait)
            done, finished = tuple(job.done), job.finished
        job.seen = self._seconds()
        if job.trouble is not None:
            raise job.trouble
        return Progress(done, finished, job.seen - job.begun, job.scanned)

    def cancel(self, name: str) -> None:
        """Give a job up; what it has read so far is its answer."""
        job = self._jobs.get(name)
        if job is not None:
            job.cancel.set()

    def _forget(self, now: float) -> None:
        for name, job in list(self._jobs.items()):
            if now - job.seen > self._patience:
                job.cancel.set()
                del self._jobs[name]
