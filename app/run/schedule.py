"""When things happen: APScheduler in one process, kept to what it does well.

Its jobs only plan and hand over; the long work is done by ``pool``. Each class
of jobs has its own executor, so a slow collector never delays an alarm. A run
that is late still happens (``misfire_grace_time=None``), but once
(``coalesce``), and never beside itself. What was late or left out is counted.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from apscheduler import events
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from app.model.time import EPOCH

log = logging.getLogger(__name__)


class Kind(StrEnum):
    """Classes of jobs; one cannot use up the threads of another."""

    COLLECT = "collect"
    ALARMS = "alarms"
    DELIVERY = "delivery"
    UPKEEP = "upkeep"
    CHECKS = "checks"


SHORTEST = timedelta(seconds=1)
THREADS = {Kind.COLLECT: 4, Kind.ALARMS: 1, Kind.DELIVERY: 1, Kind.UPKEEP: 1, Kind.CHECKS: 1}


@dataclass(frozen=True, slots=True)
class Job:
    """``action`` every ``every``, ``phase`` after each whole multiple of it; also at once.

    ``after`` puts off what would be done at once: there is more to do at the start.
    """

    name: str
    kind: Kind
    every: timedelta
    action: Callable[[], None]
    phase: timedelta = timedelta()
    at_once: bool = True
    after: timedelta = timedelta()


def phase_of(name: str, every: timedelta) -> timedelta:
    """A fixed point within ``every`` for each name, so that jobs spread and stay spread."""
    digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
    return every * (int.from_bytes(digest, "big") / 2**64)


class Phased(BaseTrigger):  # type: ignore[misc]  # APScheduler ships no types
    """Fires ``phase`` after each whole multiple of ``every``.

    APScheduler's own interval counts on from the last run, so that jobs started
    together, or hurried once, would stay together for good.
    """

    def __init__(self, every: timedelta, phase: timedelta) -> None:
        self._every, self._start = every, EPOCH + phase

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """The next such moment after now and after the last run."""
        after = max(previous_fire_time, now) if previous_fire_time else now
        return self._start + self._every * ((after - self._start) // self._every + 1)


class Schedule:
    """Jobs that run by the clock of this process, and what became of them."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            jobstores={"default": MemoryJobStore()},
            executors={str(kind): ThreadPoolExecutor(size) for kind, size in THREADS.items()},
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
        )
        self._scheduler.add_listener(self._missed, events.EVENT_JOB_MISSED)
        self._scheduler.add_listener(self._overlapped, events.EVENT_JOB_MAX_INSTANCES)
        self._scheduler.add_listener(self._failed, events.EVENT_JOB_ERROR)
        self._scheduler.add_listener(self._ran, events.EVENT_JOB_EXECUTED)

    def add(self, job: Job) -> None:
        """Run the job from now on; a job of the same name is replaced."""
        trigger = Phased(max(job.every, SHORTEST), job.phase)
        first = {"next_run_time": self._now() + job.after} if job.at_once else {}
        self._scheduler.add_job(
            job.action,
            trigger,
            id=job.name,
            executor=str(job.kind),
            replace_existing=True,
            **first,
        )

    def start(self) -> None:
        self._scheduler.start()

    def hurry(self, name: str) -> None:
        """Run a job now, beside its ordinary times."""
        if self._scheduler.running:
            self._scheduler.modify_job(name, next_run_time=self._now())

    def stop(self) -> None:
        """No further run starts; running ones are not waited for."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def counters(self) -> dict[str, int]:
        """Runs by outcome: ``ran``, ``failed``, ``missed`` and ``overlapped``, also per class."""
        with self._lock:
            return dict(sorted(self._counts.items()))

    def _ran(self, event: Any) -> None:
        self._count("ran", event)

    def _missed(self, event: Any) -> None:
        self._count("missed", event)
        log.warning("a run was missed", extra={"job": event.job_id})

    def _overlapped(self, event: Any) -> None:
        self._count("overlapped", event)
        log.warning("a run was left out: the one before still goes on", extra={"job": event.job_id})

    def _failed(self, event: Any) -> None:
        self._count("failed", event)
        failure = (type(event.exception), event.exception, event.exception.__traceback__)
        log.error(
            "a job failed; its schedule goes on", exc_info=failure, extra={"job": event.job_id}
        )

    def _count(self, outcome: str, event: Any) -> None:
        kind = event.job_id.partition(":")[0]
        with self._lock:
            self._counts[outcome] += 1
            self._counts[f"{outcome}:{kind}"] += 1
