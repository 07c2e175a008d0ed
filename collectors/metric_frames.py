"""From answers of GetMetricData to frames of the store.

The four basic statistics of a slot become one row. A slot that lacks one of
them is left out; the next overlapping read brings it whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from app.aws import MetricData, MetricQuery
from app.model.ids import SeriesKey
from app.store.tables import METRIC_STATS, METRICS, Table

BASIC = ("Sum", "Minimum", "Maximum", "SampleCount")
_COLUMNS = ("sum", "minimum", "maximum", "sample_count")

Lines = NDArray[np.int64]


Columns = dict[str, NDArray[np.generic]]


@dataclass(slots=True)
class Rows:
    """Rows of several answers, with the series they are about."""

    series: list[SeriesKey] = field(default_factory=list)
    incomplete: list[MetricQuery] = field(default_factory=list)
    messages: dict[str, None] = field(default_factory=dict)
    count: int = 0
    last: bool = False
    _positions: dict[SeriesKey, int] = field(default_factory=dict)
    _at: dict[int, int] = field(default_factory=dict)
    _points: list[Columns] = field(default_factory=list)
    _statistics: list[Columns] = field(default_factory=list)
    _names: list[str] = field(default_factory=list)

    def add(self, queries: Sequence[MetricQuery], data: MetricData) -> None:
        """Take over one answer; queries without a complete answer are set aside."""
        self.messages |= dict.fromkeys(data.messages)
        all_complete = bool(data.complete.all())
        first = 0
        asked: list[tuple[MetricQuery, int]] = []
        for query in queries:
            lines = len(query.statistics)
            if all_complete or data.complete[first : first + lines].all():
                asked.append((query, first))
            else:
                self.incomplete.append(query)
            first += lines
        self._add_points(asked, data)
        self._add_statistics(asked, data)

    def frames(self) -> Mapping[str, pl.DataFrame]:
        """What was gathered, by table; ``series`` holds positions in :attr:`series`."""
        frames = {}
        if self._points:
            frames[METRICS.name] = _frame(METRICS, self._points)
        if self._statistics:
            names = pl.Series(self._names, dtype=pl.String)
            frame = _frame(METRIC_STATS, self._statistics, statistic=pl.Int64())
            named = frame.with_columns(statistic=names.gather(frame["statistic"]))
            frames[METRIC_STATS.name] = named
        return frames

    def _position(self, key: SeriesKey) -> int:
        # A key that was seen is kept, so its address is its own; that is quicker than its hash.
        known = self._at.get(id(key))
        if known is not None:
            return known
        position = self._positions.setdefault(key, len(self.series))
        if position == len(self.series):
            self.series.append(key)
            self._at[id(key)] = position
        return position

    def _add_points(self, asked: list[tuple[MetricQuery, int]], data: MetricData) -> None:
        counts = np.diff(data.starts)
        filled = [
            (query, line)
            for query, line in asked
            if counts[line] and query.statistics[: len(BASIC)] == BASIC
        ]
        if not filled:
            return
        lines = np.array([line for _, line in filled], dtype=np.int64)
        at, values, owners = _whole_slots(lines, counts, data)
        positions = np.array([self._position(q.series) for q, _ in filled], dtype=np.uint32)
        periods = np.array([q.period for q, _ in filled], dtype=np.int32)
        columns: Columns = {"series": positions[owners], "period": periods[owners], "at": at}
        self._points.append(columns | dict(zip(_COLUMNS, values, strict=True)))
        self.count += len(at)

    def _add_statistics(self, asked: list[tuple[MetricQuery, int]], data: MetricData) -> None:
        counts = np.diff(data.starts)
        extended = [
            (query, statistic, line + offset)
            for query, line in asked
            for offset, statistic in enumerate(query.statistics)
            if statistic not in BASIC and counts[line + offset]
        ]
        if not extended:
            return
        lines = np.array([line for _, _, line in extended], dtype=np.int64)
        positions = [self._position(query.series) for query, _, _ in extended]
        take, repeats = _ranges(data.starts[lines], counts[lines]), counts[lines]
        self._statistics.append(
            {
                "series": np.repeat(np.array(positions, np.uint32), repeats),
                "statistic": np.repeat(np.arange(len(extended)) + len(self._names), repeats),
                "period": np.repeat(
                    np.array([q.period for q, _, _ in extended], np.int32), repeats
                ),
                "at": data.at[take],
                "value": data.values[take],
            }
        )
        self._names += [statistic for _, statistic, _ in extended]
        self.count += len(take)


def _frame(table: Table, parts: Sequence[Columns], **other: pl.DataType) -> pl.DataFrame:
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    types = {name: other.get(name, table.schema[name]) for name in columns}
    return pl.DataFrame(columns).select(pl.col(name).cast(type_) for name, type_ in types.items())


def _whole_slots(
    lines: Lines, counts: Lines, data: MetricData
) -> tuple[Lines, list[NDArray[np.float64]], Lines]:
    """Times, the four values, and which query each row is of, for slots that have all four."""
    takes = _aligned(lines, counts, data)
    if takes is None:
        return _matched(lines, data)
    owners = np.repeat(np.arange(len(lines)), counts[lines])
    return data.at[takes[0]], [data.values[take] for take in takes], owners


def _aligned(lines: Lines, counts: Lines, data: MetricData) -> list[Lines] | None:
    """Where the four statistics lie if all have the same times, as they nearly always do."""
    number = counts[lines]
    takes: list[Lines] = []
    for offset in range(len(BASIC)):
        if not np.array_equal(counts[lines + offset], number):
            return None
        takes.append(_ranges(data.starts[lines + offset], number))
        if offset and not np.array_equal(data.at[takes[offset]], data.at[takes[0]]):
            return None
    return takes


def _matched(lines: Lines, data: MetricData) -> tuple[Lines, list[NDArray[np.float64]], Lines]:
    """The same, one query at a time, by the times that all four have."""
    at: list[Lines] = []
    values: list[list[NDArray[np.float64]]] = [[] for _ in BASIC]
    owners: list[Lines] = []
    for owner, line in enumerate(lines):
        parts = [data.line(int(line) + offset) for offset in range(len(BASIC))]
        common = parts[0][0]
        for times, _ in parts[1:]:
            common = np.intersect1d(common, times)
        for column, (times, numbers) in zip(values, parts, strict=True):
            order = np.argsort(times)
            column.append(numbers[order][np.searchsorted(times[order], common)])
        at.append(common)
        owners.append(np.full(len(common), owner))
    return np.concatenate(at), [np.concatenate(v) for v in values], np.concatenate(owners)


def _ranges(starts: Lines, counts: Lines) -> Lines:
    """``starts[0] .. starts[0] + counts[0] - 1``, and so on, one after the other."""
    offsets = np.repeat(starts - np.concatenate(([0], np.cumsum(counts)[:-1])), counts)
    return offsets + np.arange(len(offsets))
