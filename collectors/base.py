"""What a collector is.

A collector turns one place and one window into batches. It writes nothing,
schedules nothing and reads no clock; ``collectors.round`` does all three and
records the outcome.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from app.model.ids import Place
from app.model.rounds import Batch
from app.model.time import Window


@dataclass(frozen=True, slots=True)
class Task:
    """One piece of work: ask for ``window`` of ``group`` in ``place``.

    ``window`` is None for collectors that read the present (inventory).
    """

    place: Place
    group: str
    window: Window | None = None


class Collector(Protocol):
    """Reads one kind of fact from AWS."""

    @property
    def name(self) -> str: ...

    @property
    def every(self) -> timedelta:
        """How often :meth:`plan` is asked for work in each place."""
        ...

    def plan(self, place: Place, now: datetime) -> list[Task]:
        """What is worth asking now, the most wanted first; no AWS calls."""
        ...

    def collect(self, task: Task, now: datetime) -> Iterator[Batch]:
        """Ask AWS. Each batch is committed before the next one is drawn.

        Raises AwsError when AWS gave no answer; batches already drawn stay.
        """
        ...
