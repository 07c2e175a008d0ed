"""Shaped events of several groups on their way into one batch: rows, fields, metrics, coverage."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from app.model.ids import SeriesKey
from app.model.logs import EVENT_COLUMNS, POINT_COLUMNS, LogGroupKey, LogRows
from app.model.rounds import Batch, Covered, TakenObject
from app.model.time import Window
from app.query.insights.shred import shred
from collectors.log_left import LeftOut
from collectors.log_metrics import LogMetrics
from collectors.log_series import SeriesList
from collectors.log_shape import Shaped

BATCH_EVENTS, BATCH_BYTES, BATCH_GROUPS = 100_000, 50_000_000, 50
"""A batch is handed over when it holds so much."""


@dataclass(slots=True)
class Gathering:
    """What goes into the next batch."""

    metrics: LogMetrics
    covered: list[Covered] = field(default_factory=list)
    objects: list[TakenObject] = field(default_factory=list)
    notes: dict[str, None] = field(default_factory=dict)
    asked: int = 0
    """Groups or files that were asked for, with or without events."""

    _groups: dict[LogGroupKey, int] = field(default_factory=dict)
    _frames: list[pl.DataFrame] = field(default_factory=list)
    _points: list[pl.DataFrame] = field(default_factory=list)
    _series: SeriesList = field(default_factory=SeriesList)
    _left: LeftOut = field(default_factory=LeftOut)
    _count: int = 0
    _bytes: int = 0

    @property
    def is_full(self) -> bool:
        return (
            self._count >= BATCH_EVENTS or self._bytes >= BATCH_BYTES or self.asked >= BATCH_GROUPS
        )

    @property
    def is_empty(self) -> bool:
        return not (self.asked or self._frames or self.covered or self.objects or self.notes)

    def add(self, shaped: Shaped) -> None:
        """Events that are kept, and what they add to metrics."""
        if shaped.note:
            self.notes[shaped.note] = None
        events = shaped.events
        if events.is_empty():
            return
        number = self._groups.setdefault(shaped.key, len(self._groups))
        self._frames.append(events.with_columns(group=pl.lit(number, dtype=pl.UInt32)))
        self._points.append(self.metrics.points(shaped.key, events, self._series))
        self._count += events.height
        self._bytes += int(events["message"].str.len_bytes().sum())

    def leave_out(
        self, key: LogGroupKey, left: Sequence[pl.DataFrame], read: Iterable[Window]
    ) -> None:
        """What was left out of time that was read completely."""
        self._left.add(key, pl.concat(left), read)

    def finish(
        self, left: Iterable[tuple[LogGroupKey, pl.DataFrame]], taken: TakenObject | None
    ) -> None:
        """A file was read to its end; what was left out of it counts now."""
        for key, events in left:
            self._left.count(key, events)
        if taken is not None:
            self.objects.append(taken)
        self.asked += 1

    def count(self, name: SeriesKey, at: datetime) -> None:
        """One more of something, whatever the events are."""
        row = (None, self._series.position(name), 60, at, 1.0, 1.0, 1.0, 1.0)
        self._points.append(pl.DataFrame([row], schema=POINT_COLUMNS, orient="row"))

    def batch(self) -> Batch:
        """All of it; nothing may be added afterwards."""
        frames, logs = self._left.points(self._series), self._rows()
        return Batch(
            frames=frames,
            series=self._series.keys(),
            logs=logs,
            covered=(*self.covered, *self._series.covered()),
            objects=tuple(self.objects),
            notes=tuple(self.notes | self._series.notes),
        )

    def _rows(self) -> LogRows | None:
        counted = self._left.counted(self._series)
        points = pl.concat([pl.DataFrame(schema=POINT_COLUMNS), *self._points, *counted])
        if not self._frames:
            empty = pl.DataFrame(schema=EVENT_COLUMNS)
            return None if points.is_empty() else LogRows((), empty, points=points)
        events = pl.concat(self._frames)
        names = pl.Series([key.name for key in self._groups]).gather(events["group"])
        found = shred(events["message"], names.to_list())
        moment = EVENT_COLUMNS["at"]
        frame = events.select(
            pl.col(name).cast(moment) if dtype == moment else pl.col(name)
            for name, dtype in EVENT_COLUMNS.items()
        )
        return LogRows(
            tuple(self._groups),
            frame.with_columns(found.columns),
            found.fields,
            found.more_fields,
            points,
        )
