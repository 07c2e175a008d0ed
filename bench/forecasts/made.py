"""Daily bills made up by a seed, and real daily series that stand in for bills.

A made-up bill is a sum of services, each with a weekday shape, a drift that changes,
noise that lingers, level shifts and spikes, plus fees on their days of the month. It
does not follow the model that is measured: drifts bend, noise is correlated and grows
with the level, shifts need not last.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]

REAL = Path(__file__).with_name("daily.jsonl")
FIRST = date(2025, 1, 1)


@dataclass(frozen=True, slots=True)
class Series:
    """One value a day from ``start``; NaN where there is none."""

    name: str
    start: date
    values: Values

    def at(self, day: date) -> int:
        """The place of a day."""
        return (day - self.start).days


def real(path: Path = REAL) -> list[Series]:
    """Every series of a file of JSON lines: name, source, start, values."""
    lines = (json.loads(line) for line in path.read_text("utf-8").splitlines())
    return [
        Series(line["name"], date.fromisoformat(line["start"]), np.array(line["values"], float))
        for line in lines
    ]


def made(seed: int) -> Series:
    """A bill of 180 to 430 days."""
    rng = np.random.default_rng(seed)
    days = int(rng.integers(180, 430))
    start = FIRST + timedelta(days=int(rng.integers(0, 365)))
    calendar = [start + timedelta(days=d) for d in range(days)]
    usage = sum((_service(rng, calendar) for _ in range(rng.integers(3, 9))), np.zeros(days))
    return Series(f"made {seed}", start, usage + _fees(rng, calendar, usage))


def _service(rng: np.random.Generator, calendar: list[date]) -> Values:
    days = len(calendar)
    level = rng.lognormal(3.0, 1.2) * np.exp(_drift(rng, days) + _shifts(rng, days))
    level = level * _weekdays(rng, calendar) * np.exp(_lingering(rng, days))
    return np.asarray(level * _spikes(rng, days))


def _drift(rng: np.random.Generator, days: int) -> Values:
    """Growth that bends every few weeks, at most some percent a month."""
    bends = np.arange(0, days + 45, 45)
    slopes = rng.normal(0.0005, 0.0015, bends.size)
    return np.cumsum(np.interp(np.arange(days), bends, slopes))


def _shifts(rng: np.random.Generator, days: int) -> Values:
    steps = np.where(rng.random(days) < 1 / 150, rng.normal(0.05, 0.35, days), 0.0)
    return np.cumsum(steps)


def _weekdays(rng: np.random.Generator, calendar: list[date]) -> Values:
    weekend = 1 - rng.choice([0.0, 0.1, 0.3, 0.6]) * rng.uniform(0.7, 1.2)
    shape = np.concatenate([rng.normal(1, 0.03, 5), weekend * rng.normal(1, 0.05, 2)])
    return shape[[day.weekday() for day in calendar]]


def _lingering(rng: np.random.Generator, days: int) -> Values:
    noise = rng.normal(0, rng.choice([0.01, 0.03, 0.08]), days)
    memory = rng.uniform(0.0, 0.8)
    for day in range(1, days):
        noise[day] += memory * noise[day - 1]
    return noise


def _spikes(rng: np.random.Generator, days: int) -> Values:
    found = np.ones(days)
    for at in np.flatnonzero(rng.random(days) < 1 / 90):
        found[at : at + rng.integers(1, 4)] *= rng.uniform(1.5, 4.0)
    return found


def _fees(rng: np.random.Generator, calendar: list[date], usage: Values) -> Values:
    days = np.array([day.day for day in calendar])
    mean, found = float(usage.mean()), np.zeros(len(calendar))
    if rng.random() < 0.5:
        found[days == 1] += mean * rng.uniform(1, 4)
    if rng.random() < 0.3:
        share = rng.uniform(0.03, 0.1)
        month = np.convolve(usage, np.ones(30))[: usage.size]
        found[days == 1] += (share * month)[days == 1]
    if rng.random() < 0.3:
        found[days == rng.integers(2, 28)] += mean * rng.uniform(0.5, 2)
    if rng.random() < 0.2:
        found[days == 3] -= mean * rng.uniform(0.3, 1)
    return found
