"""What is read about spend, how often, and what of it is due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.model.rounds import Result, Round

DAY, WEEK = timedelta(days=1), timedelta(days=7)
SOON, LATER = timedelta(hours=1), timedelta(hours=12)
"""How long after a failure the same is asked again; later where only a person can help."""

_ANSWERED = frozenset({Result.OK, Result.PARTIAL})
_REFUSED = frozenset({Result.DENIED, Result.NOT_ENABLED, Result.BAD_REQUEST, Result.CIRCUIT_OPEN})


@dataclass(frozen=True, slots=True)
class Habit:
    """One thing that is read regularly; ``paid`` things take a request to Cost Explorer."""

    group: str
    every: timedelta
    paid: bool


def is_due(habit: Habit, last: Round | None, now: datetime, hour_utc: int) -> bool:
    """Whether to read it now.

    What is read daily is read once in each UTC day, from ``hour_utc`` on; the very first
    time it is read at once.
    """
    if last is None:
        return True
    if last.result not in _ANSWERED:
        return now - last.finished >= (LATER if last.result in _REFUSED else SOON)
    if habit.every < DAY:
        return now - last.started >= habit.every
    days = (now.date() - last.started.date()).days
    return days >= habit.every // DAY and now.hour >= hour_utc


def is_due_today(habit: Habit, last: Round | None, now: datetime, hour_utc: int) -> bool:
    """Whether it is due now or will be later in this UTC day."""
    evening = now.replace(hour=23, minute=59, second=59)
    return is_due(habit, last, evening, hour_utc)


def most_wanted(habits: list[Habit], last: Mapping[str, Round]) -> list[Habit]:
    """What waited longest first, so that a small limit starves nothing; else as given.

    What is read weekly comes after what is read daily.
    """

    def rank(habit: Habit) -> tuple[timedelta, int]:
        known = last.get(habit.group)
        day = known.started.toordinal() if known and known.result in _ANSWERED else 0
        return habit.every, day

    return sorted(habits, key=rank)
