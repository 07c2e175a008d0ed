"""The work process: collects, decides, tells, tidies; one at a time for each store."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from app.config import Settings
from app.run.clock import utc_now
from app.run.leader import Leadership
from app.run.otlp import receiving
from app.run.schedule import Job, Kind
from app.run.shift import Shift
from app.run.status import write_status
from app.run.wiring import build

log = logging.getLogger(__name__)

STATUS_EVERY = timedelta(seconds=10)


def work(settings: Settings, stop: threading.Event) -> None:
    """Work until ``stop``; stand by while another process of the same store works."""
    parts = build(settings, utc_now)
    try:
        while not stop.is_set():
            with Leadership(parts.store, settings.store.path, utc_now) as leadership:
                if leadership.wait(stop):
                    shift = Shift(parts, leadership, utc_now)
                    shift.schedule.add(_status_job(settings.store.path, shift, utc_now))
                    with receiving(
                        settings.collection.traces.otlp,
                        parts.store,
                        leadership.lease,
                        parts.aws.places(),
                        utc_now,
                    ):
                        shift.run(stop)
    finally:
        parts.store.close()


def _status_job(folder: Path, shift: Shift, now: Callable[[], datetime]) -> Job:
    def note() -> None:
        write_status(folder, now(), shift.counters())

    return Job("status", Kind.UPKEEP, STATUS_EVERY, note)
