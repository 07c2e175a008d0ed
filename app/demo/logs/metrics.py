"""What CloudWatch Logs publishes of its groups: AWS/Logs, by the minute of arrival."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.demo.logs.book import MINUTES, STRETCH_MS, LogBook
from app.demo.world.samples import Samples, count
from app.model.ids import Place, SeriesKey

NAMESPACE = "AWS/Logs"
_METRICS = ("IncomingLogEvents", "IncomingBytes")
_DIMENSION = "LogGroupName"


@dataclass(frozen=True, slots=True)
class LogMetrics:
    """A source of samples; a minute in which nothing arrived has none."""

    book: LogBook

    def keys(self, place: Place) -> list[SeriesKey]:
        return [
            SeriesKey.of(place, NAMESPACE, metric, {_DIMENSION: name})
            for name, group in self.book.groups(place).items()
            if group.kind == "STANDARD"
            for metric in _METRICS
        ]

    def samples(self, key: SeriesKey, start_s: int, end_s: int) -> Samples | None:
        if key.namespace != NAMESPACE or key.metric not in _METRICS:
            return None
        name = dict(key.dimensions).get(_DIMENSION, "")
        if name not in self.book.groups(key.place):
            return None
        which = _METRICS.index(key.metric)
        stretches = range(start_s * 1000 // STRETCH_MS, (end_s * 1000 - 1) // STRETCH_MS + 1)
        parts = [self.book.arrivals(key.place, name, number)[which] for number in stretches]
        minutes = [np.arange(n * MINUTES, (n + 1) * MINUTES, dtype=np.int64) for n in stretches]
        if not parts:
            return count(np.zeros(0, dtype=np.int64), np.zeros(0))
        found = count(np.concatenate(minutes), np.concatenate(parts), absent_when_zero=True)
        first, last = np.searchsorted(found.at, (start_s, end_s))
        return found.take(slice(int(first), int(last)))
