"""Metric data that callers put themselves (PutMetricData), kept in memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from threading import Lock

import numpy as np

from app.demo.world.samples import Samples, Shape
from app.model.ids import Place, SeriesKey


@dataclass(frozen=True, slots=True)
class Datum:
    """Samples of one moment: how many, their sum, the least and the greatest."""

    at: int
    number: float
    total: float
    low: float
    high: float


class Written:
    """Every datum that was put, by series."""

    def __init__(self) -> None:
        self._data: dict[SeriesKey, list[Datum]] = defaultdict(list)
        self._lock = Lock()

    def put(self, key: SeriesKey, data: Iterable[Datum]) -> None:
        with self._lock:
            self._data[key].extend(data)

    def keys(self, place: Place) -> list[SeriesKey]:
        with self._lock:
            return sorted(key for key in self._data if key.place == place)

    def samples(self, key: SeriesKey, start_s: int, end_s: int) -> Samples | None:
        """The data of a series from ``start_s`` to ``end_s``; None if nothing was ever put."""
        with self._lock:
            data = list(self._data.get(key, ()))
        if not data:
            return None
        inside = sorted((d for d in data if start_s <= d.at < end_s), key=lambda d: d.at)
        return Samples(
            np.array([d.at for d in inside], dtype=np.int64),
            np.array([d.number for d in inside], dtype=np.float64),
            np.array([d.total for d in inside], dtype=np.float64),
            np.array([d.low for d in inside], dtype=np.float64),
            np.array([d.high for d in inside], dtype=np.float64),
            Shape.SAME,
            step=0,
        )
