"""What rules leave out, as ordinary series: ``Watchdeck/Logs`` by group and reason.

A minute is told once all of it was read, and told anew whenever it is read again;
so nothing is counted twice, and the newest word counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import polars as pl

from app.model.ids import SeriesKey
from app.model.logs import (
    BYTES_LEFT_OUT,
    EVENTS_LEFT_OUT,
    OWN_NAMESPACE,
    POINT_COLUMNS,
    LogGroupKey,
)
from app.model.time import Window, ceil, epoch_ms, floor
from app.store.tables import METRICS
from collectors.log_series import SeriesList

_MINUTE = timedelta(minutes=1)


@dataclass(slots=True)
class LeftOut:
    """Events of some groups that were left out, on their way into a batch."""

    _frames: list[tuple[LogGroupKey, pl.DataFrame]] = field(default_factory=list)
    _counted: list[tuple[LogGroupKey, pl.DataFrame]] = field(default_factory=list)

    def add(self, key: LogGroupKey, left: pl.DataFrame, read: Iterable[Window]) -> None:
        """``left`` has the columns of ``log_shape.LEFT``; ``read`` was read completely."""
        whole = [_whole_minutes(window) for window in read]
        inside = [pl.col("at").is_between(*ends, closed="left") for ends in whole]
        if inside and left.height:
            counted = _by_minute(left.filter(pl.any_horizontal(inside)))
            if counted.height:
                self._frames.append((key, counted))

    def count(self, key: LogGroupKey, left: pl.DataFrame) -> None:
        """The same of events that are read once, in no order of time: it adds up."""
        if left.height:
            self._counted.append((key, left))

    def points(self, series: SeriesList) -> Mapping[str, pl.DataFrame]:
        """Rows for a batch with these series; nothing where nothing was left out."""
        parts = list(_told(self._frames, series))
        return {METRICS.name: pl.concat(parts)} if parts else {}

    def counted(self, series: SeriesList) -> Iterator[pl.DataFrame]:
        """What adds to what was counted before, as points of no event."""
        together: dict[LogGroupKey, list[pl.DataFrame]] = {}
        for key, left in self._counted:
            together.setdefault(key, []).append(left)
        frames = ((key, _by_minute(pl.concat(parts))) for key, parts in together.items())
        for rows in _told(frames, series):
            points = rows.with_columns(pl.lit(None, dtype=pl.UInt64).alias("event"))
            yield points.select(POINT_COLUMNS.names())


def _by_minute(left: pl.DataFrame) -> pl.DataFrame:
    return left.group_by("reason", at=pl.col("at") // 60_000 * 60_000).agg(
        events=pl.len().cast(pl.Float64), bytes=pl.col("bytes").sum().cast(pl.Float64)
    )


def _told(
    frames: Iterable[tuple[LogGroupKey, pl.DataFrame]], series: SeriesList
) -> Iterator[pl.DataFrame]:
    for key, counted in frames:
        for reason in counted["reason"].unique(maintain_order=True).to_list():
            own = counted.filter(pl.col("reason") == reason)
            for metric, column in ((EVENTS_LEFT_OUT, "events"), (BYTES_LEFT_OUT, "bytes")):
                dimensions = {"LogGroupName": key.name, "Reason": reason}
                name = SeriesKey.of(key.place, OWN_NAMESPACE, metric, dimensions)
                yield _rows(own, column, series.position(name))


def _whole_minutes(window: Window) -> tuple[int, int]:
    start, end = ceil(window.start, _MINUTE), floor(window.end, _MINUTE)
    return epoch_ms(start), max(epoch_ms(start), epoch_ms(end))


def _rows(counted: pl.DataFrame, column: str, position: int) -> pl.DataFrame:
    value = pl.col(column)
    return counted.select(
        pl.lit(position, dtype=pl.UInt32).alias("series"),
        pl.lit(60, dtype=pl.Int32).alias("period"),
        pl.col("at").cast(METRICS.schema["at"]),
        value.alias("sum"),
        value.alias("minimum"),
        value.alias("maximum"),
        pl.lit(1.0).alias("sample_count"),
    )
