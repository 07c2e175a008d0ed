"""Days in one place: how busy they were, and chance for each of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TypeVar, cast

import numpy as np

from app.demo.world.network import flooded
from app.demo.world.noise import Floats, Minutes, Noise
from app.demo.world.rhythm import activity

T = TypeVar("T")

MINUTES = 1440
_PROBES = 48
_EPOCH = date(1970, 1, 1)


def day_of(at: datetime) -> int:
    """The number of a day since 1970, in UTC."""
    return int(at.timestamp()) // 86_400


def number_of(day: date) -> int:
    return (day - _EPOCH).days


def date_of(number: int) -> date:
    return datetime.fromtimestamp(number * 86_400, UTC).date()


@dataclass(frozen=True, slots=True)
class Calendar:
    """Some days in a row, by number, with what their dates say."""

    numbers: Minutes

    @classmethod
    def between(cls, first: int, end: int) -> Calendar:
        return cls(np.arange(first, end, dtype=np.int64))

    @property
    def months(self) -> Minutes:
        """Months since 1970, one for each day."""
        stamps = self.numbers.astype("datetime64[D]").astype("datetime64[M]")
        months: Minutes = stamps.astype(np.int64)
        return months

    @property
    def first_of_month(self) -> Minutes:
        """The number of the first day of each day's month."""
        firsts = self.months.astype("datetime64[M]").astype("datetime64[D]")
        numbers: Minutes = firsts.astype(np.int64)
        return numbers

    @property
    def in_month(self) -> Minutes:
        """0 on the first of a month."""
        return self.numbers - self.first_of_month

    @property
    def month_lengths(self) -> Minutes:
        following = (self.months + 1).astype("datetime64[M]").astype("datetime64[D]")
        lengths: Minutes = following.astype(np.int64) - self.first_of_month
        return lengths


class Days:
    """The days of a calendar in one place; ``scale`` is its size against production."""

    def __init__(
        self, calendar: Calendar, noise: Noise, name: str, *, ahead: int, scale: float
    ) -> None:
        self.calendar, self.scale, self.name = calendar, scale, name
        self._noise, self._ahead = noise, ahead
        self._known: dict[object, object] = {}

    @property
    def numbers(self) -> Minutes:
        return self.calendar.numbers

    @property
    def busy(self) -> Floats:
        """Minutes at usual demand that a day amounts to: what a rate a minute is multiplied by.

        The same rhythm as that of the metrics, so that costs follow them.
        """

        def compute() -> Floats:
            step = MINUTES // _PROBES
            probes = self.numbers[:, None] * MINUTES + np.arange(_PROBES) * step + step // 2
            levels = activity(self._noise, "people", probes.ravel().astype(np.int64), self._ahead)
            daily: Floats = levels.reshape(probes.shape).mean(axis=1) * MINUTES * self.scale
            return daily

        return self._once("busy", compute)

    def level(self, value: float) -> Floats:
        """The same on every day."""
        return np.full(len(self.numbers), value)

    def wobbling(self, name: str, value: float, share: float = 0.02) -> Floats:
        """About the same on every day."""
        wobble: Floats = value * (1.0 + share * self.normal(name))
        return wobble

    def monthly(self, value: float) -> Floats:
        """A monthly amount, spread over the days of each month."""
        spread: Floats = value / self.calendar.month_lengths
        return spread

    def on_the_first(self, value: float) -> Floats:
        """A fee on the first day of each month."""
        return np.where(self.calendar.in_month == 0, value, 0.0)

    def since(self, first: date, values: Floats) -> Floats:
        """Nothing before a day."""
        return np.where(self.numbers >= number_of(first), values, 0.0)

    def stepping(self, name: str, every: int, low: float, high: float) -> Floats:
        """A level that holds for ``every`` days and then jumps to another."""
        drawn = self._noise.uniform(f"{self.name}/{name}", self.numbers // every)
        level: Floats = low + (high - low) * drawn
        return level

    def uniform(self, name: str) -> Floats:
        return self._noise.uniform(f"{self.name}/{name}", self.numbers)

    def normal(self, name: str) -> Floats:
        return self._noise.normal(f"{self.name}/{name}", self.numbers)

    def spikes(self, name: str) -> Floats:
        """1 on two days in a row of each month, 0 on all others."""
        drawn = self._noise.uniform(f"{self.name}/{name}", self.calendar.months)
        return flooded(drawn, self.calendar.in_month)

    def _once(self, key: object, compute: Callable[[], T]) -> T:
        if key not in self._known:
            self._known[key] = compute()
        return cast("T", self._known[key])
