"""The schemas of every table that lies in segments.

Frames are built with these schemas, so a type never depends on the first row.
``seq`` is the fetch sequence: of two rows with the same key the higher one
wins, so a correction is a plain append.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from app.model.spend import SPEND_ROWS

UTC_MS = pl.Datetime("ms", "UTC")


@dataclass(frozen=True, slots=True)
class Table:
    """Name, columns, the key that makes a row unique, and the order inside sealed segments.

    ``time`` is the column that windows and retention go by, ``lead`` the UInt32 column
    by which large merges are cut and single things are found, and ``at_once`` how many
    rows are held in memory while merging, about the size of a sealed segment. With ``whole``
    the rows that agree in those columns are replaced together: only the newest writing counts.
    """

    name: str
    schema: pl.Schema
    key: tuple[str, ...]
    time: str = "at"
    lead: str = "series"
    at_once: int = 1_000_000
    whole: tuple[str, ...] = ()

    def empty(self) -> pl.DataFrame:
        return pl.DataFrame(schema=self.schema)


METRICS = Table(
    "metrics",
    pl.Schema(
        {
            "series": pl.UInt32(),
            "period": pl.Int32(),
            "at": UTC_MS,
            "sum": pl.Float64(),
            "minimum": pl.Float64(),
            "maximum": pl.Float64(),
            "sample_count": pl.Float64(),
            "seq": pl.UInt64(),
        }
    ),
    key=("series", "period", "at"),
)
"""One row per series, period (seconds) and slot start. Average is sum / sample_count."""

METRIC_STATS = Table(
    "metric_stats",
    pl.Schema(
        {
            "series": pl.UInt32(),
            "statistic": pl.String(),
            "period": pl.Int32(),
            "at": UTC_MS,
            "value": pl.Float64(),
            "seq": pl.UInt64(),
        }
    ),
    key=("series", "statistic", "period", "at"),
)
"""Percentiles and other extended statistics as AWS gave them, keyed by statistic (``p99``)."""

SPEND = Table(
    "spend",
    pl.Schema({"part": pl.UInt32(), **SPEND_ROWS}),
    key=("part",),
)
"""Charges, each in a part of a statement; what holds is decided by statements, not by rows."""

TABLES: dict[str, Table] = {t.name: t for t in (METRICS, METRIC_STATS)}
"""The tables of series; log events and spend have ways of their own."""
