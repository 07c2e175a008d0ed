"""Runs one task with all that it needs; shared by the schedule and by ``collect once``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from app.model.rounds import Result, Round
from app.run.wiring import Parts
from app.store import Lease
from collectors import round as rounds
from collectors.base import Collector, Task

WELL = frozenset({Result.OK, Result.PARTIAL})
"""Outcomes after which more may be asked; any other is tried again by the schedule only."""


def run_round(
    parts: Parts, collector: Collector, task: Task, lease: Lease, now: Callable[[], datetime]
) -> Round:
    """Ask, commit, and record how it went."""
    return rounds.run(collector, task, store=parts.store, lease=lease, meter=parts.meter, now=now)
