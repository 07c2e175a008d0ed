"""One place over one stretch of minutes, with everything computed for it so far.

Whoever needs the calls of a route, or how bad an incident is, asks the sheet;
the first to ask computes, the others share. Stretches begin and end at whole
hours, so five-minute and hourly sums never depend on who asked for what.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

import numpy as np

from app.demo.world.incidents import Kind, Schedule
from app.demo.world.noise import Floats, Hashes, Minutes, Noise, hashes
from app.demo.world.platform import Deployment
from app.demo.world.rhythm import activity

T = TypeVar("T")

HOUR = 60
# Queues remember: their history is computed from a fixed grid at least a day back.
_GRID, _LEAD = 720, 1440


class Sheet:
    """The minutes [start, end) of one deployment."""

    def __init__(
        self, deployment: Deployment, noise: Noise, schedule: Schedule, start: int, end: int
    ) -> None:
        self.deployment = deployment
        self.start, self.end = start // HOUR * HOUR, -(-end // HOUR) * HOUR
        self.minutes = np.arange(self.start, self.end, dtype=np.int64)
        self._noise, self._schedule = noise, schedule
        self._known: dict[object, object] = {}

    def once(self, key: object, compute: Callable[[], T]) -> T:
        """The value of ``compute``, computed at most once for this sheet."""
        if key not in self._known:
            self._known[key] = compute()
        return cast("T", self._known[key])

    def remembering(self) -> Sheet:
        """The same stretch with a long run-up, for things that add up over time."""

        def widen() -> Sheet:
            start = self.start // _GRID * _GRID - _LEAD
            return Sheet(self.deployment, self._noise, self._schedule, start, self.end)

        return self.once("remembering", widen)

    def newest(self, values: Floats) -> Floats:
        """The part of a longer sheet's values that belongs to this one."""
        return values[len(values) - len(self.minutes) :]

    @property
    def demand(self) -> Floats:
        """How busy the people are, around 1 in production."""

        def compute() -> Floats:
            busy = activity(self._noise, "people", self.minutes, self.deployment.ahead)
            return busy * self.deployment.scale

        return self.once("demand", compute)

    def strength(self, kind: Kind) -> Floats:
        """How bad trouble of one kind is in each minute."""
        return self.once(
            kind, lambda: self._schedule.strength(kind, self.deployment.place, self.minutes)
        )

    def progress(self, kind: Kind) -> Floats:
        """How far trouble of one kind has come, 0 to 1."""
        return self._schedule.progress(kind, self.deployment.place, self.minutes)

    def uniform(self, name: str) -> Floats:
        return self._noise.uniform(self._named(name), self.minutes)

    def normal(self, name: str) -> Floats:
        return self._noise.normal(self._named(name), self.minutes)

    def smooth(self, name: str, every: int) -> Floats:
        return self._noise.smooth(self._named(name), self.minutes, every)

    def count(self, name: str, rate: Floats) -> Floats:
        return self._noise.count(self._named(name), rate, self.minutes)

    def thin(self, name: str, whole: Floats, share: Floats | float) -> Floats:
        return self._noise.thin(self._named(name), whole, share, self.minutes)

    def draws(self, name: str, numbers: Minutes) -> Hashes:
        """Chance for things smaller than a minute: a mixed number for each of ``numbers``."""
        return hashes(self._noise.stream(self._named(name)), numbers)

    def drawn(self, name: str, numbers: Minutes) -> Floats:
        """A number from 0 to 1 for each of ``numbers``, such as those of months."""
        return self._noise.uniform(self._named(name), numbers)

    def level(self, value: float) -> Floats:
        """The same value in every minute."""
        return np.full(len(self.minutes), value)

    def _named(self, name: str) -> str:
        return f"{self.deployment.place}/{name}"
