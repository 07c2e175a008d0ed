"""Counters of the work process, left in a small file for the web process."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

STATUS_FILE = "work.json"
NAMES = {
    "jobs_run_total": "ran",
    "jobs_failed_total": "failed",
    "jobs_missed_total": "missed",
    "jobs_overlapping_total": "overlapped",
    "rounds_done_total": "tasks:done",
    "rounds_failed_total": "tasks:failed",
    "rounds_waiting": "tasks:waiting",
    "rounds_running": "tasks:running",
}
"""What /metrics calls each counter of the work process."""


def write_status(folder: Path, at: datetime, counters: Mapping[str, int]) -> None:
    """Leave the counters of this process where the web process finds them."""
    draft = folder / f"{STATUS_FILE}.draft"
    status = {"at": at.isoformat(), "counters": dict(counters)}
    draft.write_text(json.dumps(status), encoding="utf-8")
    draft.replace(folder / STATUS_FILE)


def read_status(folder: Path, now: datetime) -> dict[str, float]:
    """The counters of the work process and their age, by the names that /metrics gives them.

    Empty until a work process of this folder has run.
    """
    try:
        status = json.loads((folder / STATUS_FILE).read_text(encoding="utf-8"))
        at = datetime.fromisoformat(status["at"])
        found = {name: float(status["counters"].get(key, 0)) for name, key in NAMES.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
    return {**found, "work_status_age_seconds": (now - at).total_seconds()}
