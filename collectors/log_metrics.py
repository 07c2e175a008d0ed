"""Metrics made of log events: which series, and what each event adds to them.

Whether an event counts is decided by the commit that keeps it; see
``app.store.log_points``. Nothing here remembers what was counted.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import cast

import polars as pl

from app.config import LogMetricsSettings
from app.model.ids import Place, SeriesKey
from app.model.logs import POINT_COLUMNS, LogGroup, LogGroupKey
from app.store import Store
from collectors.log_embedded import Embedded, embedded
from collectors.log_filters import Filters, Lossy, MetricFilter, fed_by, filters_of
from collectors.log_series import SeriesList
from collectors.log_sources import Sources, group_of

MOST_SERIES = 2_000
"""Series of one metric in one place; each id of a user as a dimension would make one."""

MOST_FINE = 200
"""Series of high resolution in one place; they take six times the memory of others."""

MINUTE, FINE = 60, 10
"""Seconds of the slots that are stored, and of those beside them for a high resolution:
the shortest that an alarm can look at."""

_Metric = tuple[Place, str, str]
_KEYS = ("event", "series", "period", "at")
_VALUES = pl.Schema(
    {
        "event": pl.UInt64(),
        "series": pl.UInt32(),
        "period": pl.Int32(),
        "at": pl.Int64(),
        "value": pl.Float64(),
    }
)


class LogMetrics:
    """Works out points of events; thread-safe."""

    def __init__(self, settings: LogMetricsSettings, store: Store, sources: Sources) -> None:
        self._settings, self._store, self._sources = settings, store, sources
        self._groups: dict[LogGroupKey, LogGroup] = {}
        self._lossy: dict[Place, Lossy] = {}
        self._filters: dict[LogGroupKey, tuple[object, Filters]] = {}
        self._series: dict[_Metric, set[SeriesKey]] = {}
        self._fine: dict[Place, set[SeriesKey]] = {}
        self._left: frozenset[SeriesKey] = frozenset()
        self._lock = threading.RLock()

    def know(self, place: Place, groups: Iterable[LogGroup], lossy: Iterable[LogGroup]) -> None:
        """Take notice of the groups of a place that are read, with their metric filters.

        Of ``lossy`` groups not every event is kept.
        """
        with self._lock:
            self._lossy[place] = fed_by(lossy)
            for group in groups:
                self._groups[group.key] = group
                for each in self.filters(group.key).usable:
                    self._sources.feeds(group.key.place, each.group, group.key.name)

    def leave(self, watched: frozenset[SeriesKey]) -> None:
        """Leave what alarms watch to CloudWatch, where only files would make it: they come late."""
        self._left = watched

    def filters(self, key: LogGroupKey) -> Filters:
        """The filters on a group."""
        with self._lock:
            group = self._groups.get(key)
            lossy = self._lossy.get(key.place, {}) if self._settings.imported else {}
            told = (group.metric_filters if group is not None else (), lossy)
            known = self._filters.get(key)
            if known is None or known[0] != told:
                settings = self._settings
                made = filters_of(
                    key, group, settings.filters, imported=settings.imported, lossy=lossy
                )
                known = self._filters[key] = (told, made)
            return known[1]

    def said_of(self, groups: Iterable[LogGroup]) -> list[str]:
        """Which metric filters of these groups cannot be worked out here, and why."""
        return [note for group in groups for note in self.filters(group.key).notes]

    def points(self, key: LogGroupKey, events: pl.DataFrame, series: SeriesList) -> pl.DataFrame:
        """What events of one group add to metrics, as the store takes it."""
        parts = [
            part
            for each in self.filters(key).usable
            for part in self._of_filter(key, each, events, series)
        ]
        if self._settings.emf:
            parts += self._of_lines(key, events, series)
        if not parts:
            return pl.DataFrame(schema=POINT_COLUMNS)
        value = pl.col("value")
        rows = (
            pl.concat(parts)
            .group_by(_KEYS, maintain_order=True)
            .agg(
                value.sum().alias("sum"),
                value.min().alias("minimum"),
                value.max().alias("maximum"),
                pl.len().cast(pl.Float64).alias("sample_count"),
            )
        )
        return rows.with_columns(pl.col("at").cast(POINT_COLUMNS["at"])).select(
            POINT_COLUMNS.names()
        )

    def _of_filter(
        self, key: LogGroupKey, each: MetricFilter, events: pl.DataFrame, series: SeriesList
    ) -> Iterator[pl.DataFrame]:
        found = each.points(events)
        if found.is_empty():
            return
        at = cast("int", found["at"].max())
        names = [column for column in found.columns if column.startswith("d.")]
        values = found.select(names).unique(maintain_order=True) if names else None
        made = [
            self._of_values(key, each, zip(names, row, strict=True), at, series)
            for row in ([()] if values is None else values.iter_rows())
        ]
        positions = pl.Series("series", made, dtype=pl.UInt32)
        if values is None:
            rows = found.with_columns(pl.lit(made[0], dtype=pl.UInt32).alias("series"))
        else:
            rows = found.join(values.with_columns(positions), on=names, maintain_order="left")
        yield _rows(rows.drop_nulls("series"))

    def _of_values(
        self,
        key: LogGroupKey,
        each: MetricFilter,
        values: Iterable[tuple[str, str]],
        at: int,
        series: SeriesList,
    ) -> int | None:
        """Where the series of these dimensions is in the batch, None if it is not made here."""
        dimensions = {column.removeprefix("d."): value for column, value in values}
        name = SeriesKey.of(key.place, each.namespace, each.metric, dimensions)
        if not self._admits(key, name, series):
            return None
        self._sources.mark(key, name, at, series, line=False)
        return series.position(name)

    def _of_lines(
        self, key: LogGroupKey, events: pl.DataFrame, series: SeriesList
    ) -> Sequence[pl.DataFrame]:
        columns: dict[str, list[int | float]] = {name: [] for name in _VALUES}
        positions: dict[SeriesKey, int | None] = {}
        for line in embedded(key, events):
            if line.series not in positions:
                positions[line.series] = self._position(key, line, series)
            position, count = positions[line.series], len(line.values)
            if position is None:
                continue
            for period in self._periods(line, series):
                columns["event"] += [line.event] * count
                columns["series"] += [position] * count
                columns["period"] += [period] * count
                columns["at"] += [line.at // (period * 1000) * (period * 1000)] * count
                columns["value"] += [float(value) for value in line.values]
        return [pl.DataFrame(columns, schema=_VALUES)] if columns["event"] else []

    def _position(self, key: LogGroupKey, line: Embedded, series: SeriesList) -> int | None:
        """Where the series of a line is in the batch, None if it is not made here."""
        name = line.series
        if not self._admits(key, name, series):
            return None
        is_polled = key in self._groups
        if is_polled:
            self._sources.feeds(key.place, group_of(name), key.name)
        self._sources.mark(key, name, line.at, series, line=is_polled)
        return series.position(name)

    def _periods(self, line: Embedded, series: SeriesList) -> tuple[int, ...]:
        """The slots that values count in: a minute, and shorter ones if there is room for them."""
        if not line.fine:
            return (MINUTE,)
        name = line.series
        with self._lock:
            known = self._fine.setdefault(name.place, set())
            if name in known or len(known) < MOST_FINE:
                known.add(name)
                return (MINUTE, FINE)
        series.notes[
            f"more than {MOST_FINE} series of high resolution are made of log events; of others, "
            f"{name.namespace} {name.metric} among them, minutes are kept"
        ] = None
        return (MINUTE,)

    def _admits(self, key: LogGroupKey, name: SeriesKey, series: SeriesList) -> bool:
        """Whether a series is ours, and is known already or there is room for another one."""
        if not self._sources.makes(name) or (name in self._left and key not in self._groups):
            return False
        metric = (name.place, name.namespace, name.metric)
        with self._lock:
            known = self._series.get(metric)
            if known is None:
                known = self._series[metric] = self._stored(metric)
            if name in known:
                return True
            if len(known) < MOST_SERIES:
                known.add(name)
                return True
        series.notes[
            f"{name.namespace} {name.metric} has more than {MOST_SERIES:,} series made of log "
            "events; further ones are left out. Use dimensions with fewer values."
        ] = None
        return False

    def _stored(self, metric: _Metric) -> set[SeriesKey]:
        place, namespace, name = metric
        index = self._store.series
        found = index.find(places=[place], namespace=namespace, metric=name)
        return set(index.keys(found["series"].to_list()))


def _rows(found: pl.DataFrame) -> pl.DataFrame:
    return found.select(
        "event",
        "series",
        pl.lit(MINUTE, dtype=pl.Int32).alias("period"),
        pl.col("at") // (MINUTE * 1000) * (MINUTE * 1000),
        pl.col("value").cast(pl.Float64),
    )
