"""Embedded Metric Format: lines that carry metrics become points of those metrics."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from app.model.ids import SeriesKey
from app.model.logs import OWN_NAMESPACE, LogGroupKey
from app.query.emf import parse, worth_parsing

OLDEST_MS, NEWEST_MS = 14 * 86_400_000, 2 * 3_600_000
"""How far from its arrival a metric may be dated (Embedded metric format, Timestamp)."""

INVALID = "EMFValidationErrors"


@dataclass(frozen=True, slots=True)
class Embedded:
    """Values of one line for one metric."""

    event: int
    series: SeriesKey
    at: int
    values: list[int | float]
    fine: bool = False
    """Whether it was asked to be stored to the second (``StorageResolution``)."""


def embedded(key: LogGroupKey, events: pl.DataFrame) -> Iterator[Embedded]:
    """What lines give; of a line that was meant so and gives nothing, that it is invalid.

    ``events`` have ``event``, ``at`` and ``ingested`` in ms, and ``message``.
    """
    meant = events.filter(worth_parsing(pl.col("message")))
    lines = meant.select("event", "at", "ingested", "message")
    for event, at, ingested, text in lines.iter_rows():
        found = parse(text, default_timestamp=at)
        if found.kind == "invalid":
            name = SeriesKey.of(key.place, OWN_NAMESPACE, INVALID, {"LogGroupName": key.name})
            yield Embedded(event, name, at, [1])
        for metric in found.metrics:
            is_timely = ingested - OLDEST_MS <= metric.timestamp <= ingested + NEWEST_MS
            if is_timely and not metric.namespace.startswith("AWS/"):
                series = SeriesKey.of(key.place, metric.namespace, metric.name, metric.dimensions)
                fine = metric.storage_resolution == 1
                yield Embedded(event, series, metric.timestamp, metric.values, fine)
