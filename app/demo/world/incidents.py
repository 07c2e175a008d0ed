"""What goes wrong, when and where.

Each day of a place is cut into as many stretches as there are kinds of
trouble in it; each kind gets one stretch, in an order that chance chooses anew
each day, and begins and ends inside it. So over a day each kind happens and
ends; a quiet place has each kind every other day. More trouble can be made at
any moment with :meth:`Schedule.provoke`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from app.demo.world.noise import Floats, Minutes, Noise
from app.model.ids import Place

_DAY = 1440
_RISE, _FALL = 3, 5
LONGEST = 240


class Kind(StrEnum):
    """A kind of trouble; the value is its name in the incident switch."""

    DLQ = "dlq"
    BACKLOG = "queue-backlog"
    ERRORS = "lambda-errors"
    THROTTLES = "lambda-throttles"
    TABLE = "dynamodb-slow"
    STORAGE = "rds-storage"
    BALANCER = "alb-5xx"
    TASKS = "ecs-tasks"
    CPU = "ec2-cpu"


@dataclass(frozen=True, slots=True)
class Incident:
    """Trouble of one kind in one place from minute ``start`` (inside) to ``end`` (outside)."""

    kind: Kind
    place: Place
    start: int
    end: int
    provoked: bool = False


class Schedule:
    """All trouble of one world."""

    def __init__(
        self, noise: Noise, kinds: Mapping[Place, tuple[Kind, ...]], quiet: frozenset[Place]
    ) -> None:
        self._noise = noise
        self._kinds = kinds
        self._quiet = quiet
        self._provoked: tuple[Incident, ...] = ()
        self._days: dict[tuple[Place, int], list[Incident]] = {}
        self.version = 0

    def provoke(self, kind: Kind, place: Place, start: int, minutes: int) -> Incident:
        """Make trouble from ``start`` on; the past stays as it was."""
        if kind not in self._kinds.get(place, ()):
            raise ValueError(f"there is nothing in {place} that `{kind}` could happen to")
        if not 1 <= minutes <= LONGEST:
            raise ValueError(f"an incident lasts 1 to {LONGEST} minutes, not {minutes}")
        incident = Incident(kind, place, start, start + minutes, provoked=True)
        self._provoked = (*self._provoked, incident)
        self.version += 1
        return incident

    def between(self, place: Place, start: int, end: int) -> list[Incident]:
        """Every incident of a place that touches [start, end), oldest first."""
        days = range(start // _DAY, (end - 1) // _DAY + 1)
        found = [i for day in days for i in self._of(place, day)]
        found += [i for i in self._provoked if i.place == place]
        touching = [i for i in found if i.start < end and start < i.end]
        return sorted(touching, key=lambda i: (i.start, i.kind))

    def strength(self, kind: Kind, place: Place, minutes: Minutes) -> Floats:
        """How bad it is in each minute, 0 to 1: rises quickly, holds, falls."""
        worst = np.zeros(len(minutes))
        for incident in self.between(place, int(minutes[0]), int(minutes[-1]) + 1):
            if incident.kind is kind:
                np.maximum(worst, _trapeze(incident, minutes), out=worst)
        return worst

    def progress(self, kind: Kind, place: Place, minutes: Minutes) -> Floats:
        """How far an incident has come, 0 at its start to 1 at its end; 0 outside."""
        far = np.zeros(len(minutes))
        for incident in self.between(place, int(minutes[0]), int(minutes[-1]) + 1):
            if incident.kind is kind:
                inside = (minutes >= incident.start) & (minutes < incident.end)
                part = (minutes - incident.start + 1) / (incident.end - incident.start)
                np.maximum(far, np.where(inside, part, 0.0), out=far)
        return far

    def _of(self, place: Place, day: int) -> list[Incident]:
        known = self._days.get((place, day))
        if known is None:
            known = self._days[place, day] = self._drawn(place, day)
        return known

    def _drawn(self, place: Place, day: int) -> list[Incident]:
        kinds = self._kinds[place]
        draws = self._noise.uniform(
            f"{place}/incidents", np.arange(3 * len(kinds), dtype=np.int64) + day * 64
        )
        order = np.argsort(draws[: len(kinds)], kind="stable")
        stretch = _DAY // len(kinds)
        incidents = []
        for slot, number in enumerate(order):
            if place in self._quiet and (day + int(number)) % 2:
                continue
            begin = int(draws[len(kinds) + slot] * 0.4 * stretch)
            length = 25 + int(draws[2 * len(kinds) + slot] * 45)
            start = day * _DAY + slot * stretch + begin
            incidents.append(Incident(kinds[int(number)], place, start, start + length))
        return incidents


def _trapeze(incident: Incident, minutes: Minutes) -> Floats:
    rise = (minutes - incident.start + 1) / _RISE
    fall = (incident.end - minutes) / _FALL
    shape: Floats = np.clip(np.minimum(rise, fall), 0.0, 1.0)
    return shape
