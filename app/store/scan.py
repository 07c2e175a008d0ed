"""From segments to rows: which files to open, and which of two rows counts.

Segments are chosen by the bounds in the catalog before any is opened. Only
those that overlap another one are searched for superseded rows; what
compaction has made disjoint is read as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from app.model.time import Window, epoch_ms
from app.store.files import SegmentFiles
from app.store.segments import Segment, newest_writing
from app.store.tables import UTC_MS, Table

Ids = NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows are asked for; ``series`` is sorted and unique, None means every one.

    It holds values of the column that leads the table, ids of series or other.
    """

    window: Window | None
    series: Ids | None = None
    period: int | None = None
    statistics: tuple[str, ...] | None = None


def ids_of(series: Sequence[int] | pl.Series | NDArray[np.uint32]) -> Ids:
    """Ids in any form as the sorted array that a scan wants."""
    return np.unique(np.asarray(series, dtype=np.uint32))


def rows(
    files: SegmentFiles,
    table: Table,
    segments: Sequence[Segment],
    wanted: Wanted,
    order: Sequence[str] = (),
) -> pl.LazyFrame:
    """The newest row of each key that ``wanted`` describes, sorted by ``order`` if given.

    ``order`` begins with the series and holds the columns of the key.
    """
    chosen = [segment for segment in segments if may_hold(segment, wanted)]
    contested = contested_among(chosen)
    clean = [segment for segment in chosen if segment.id not in contested]
    mixed = [segment for segment in chosen if segment.id in contested]
    clean.sort(key=lambda segment: segment.bounds.series)
    parts = [_scan(files, table, some, need) for need, some in _by_need(clean, wanted)]
    if mixed:
        parts.append(newest(table, _scan(files, table, mixed, wanted)))
    if not parts:
        return table.empty().lazy()
    if len(parts) == 1 and not mixed and _is_in_order(table, clean):
        return parts[0]
    found = pl.concat(parts)
    return found.sort(*order) if order else found


def _is_in_order(table: Table, segments: Sequence[Segment]) -> bool:
    """Whether segments read one after the other are sorted by series and time already.

    So they are when no two share a series and none holds two keys of one time.
    """
    apart = all(a.bounds.series[1] < b.bounds.series[0] for a, b in pairwise(segments))
    single = all(s.bounds.period[0] == s.bounds.period[1] for s in segments)
    return apart and single and "statistic" not in table.key


def every_row(files: SegmentFiles, table: Table, segments: Sequence[Segment]) -> pl.LazyFrame:
    """All that the segments hold, superseded rows too."""
    return _scan(files, table, segments, Wanted(window=None))


def newest(table: Table, found: pl.LazyFrame) -> pl.LazyFrame:
    """One row a key: the one with the highest sequence."""
    if table.whole:
        return found.filter(newest_writing(table))
    return found.sort(*table.key, "seq").unique(
        subset=list(table.key), keep="last", maintain_order=True
    )


def may_hold(segment: Segment, wanted: Wanted) -> bool:
    """Whether the bounds of a segment allow a wanted row."""
    bounds, window = segment.bounds, wanted.window
    if window is not None and not (
        bounds.at[0] < epoch_ms(window.end) and bounds.at[1] >= epoch_ms(window.start)
    ):
        return False
    if wanted.period is not None and not bounds.period[0] <= wanted.period <= bounds.period[1]:
        return False
    if wanted.series is None:
        return True
    first, last = np.searchsorted(wanted.series, (bounds.series[0], bounds.series[1] + 1))
    return bool(first < last)


def contested_among(segments: Sequence[Segment]) -> set[int]:
    """Ids of the segments that may share a key with another one of them."""
    if len(segments) < 2:
        return set()
    meets = np.ones((len(segments), len(segments)), dtype=bool)
    for name in ("series", "at", "period"):
        low, high = np.array([getattr(s.bounds, name) for s in segments], dtype=np.int64).T
        meets &= (low[:, None] <= high[None, :]) & (low[None, :] <= high[:, None])
    np.fill_diagonal(meets, val=False)
    shared = np.flatnonzero(meets.any(axis=1)).tolist()
    return {segments[position].id for position in shared}


def _by_need(segments: Sequence[Segment], wanted: Wanted) -> list[tuple[Wanted, list[Segment]]]:
    """Segments by what must still be tested: bounds that lie inside need no test.

    A column that is not tested and not asked for is not even decoded.
    """
    groups: dict[tuple[bool, bool], list[Segment]] = {}
    for segment in segments:
        at, period = segment.bounds.at, segment.bounds.period
        window = wanted.window
        inside = window is None or (
            epoch_ms(window.start) <= at[0] and at[1] < epoch_ms(window.end)
        )
        exact = wanted.period is None or period == (wanted.period, wanted.period)
        groups.setdefault((inside, exact), []).append(segment)
    return [
        (
            replace(
                wanted,
                window=None if inside else wanted.window,
                period=None if exact else wanted.period,
            ),
            some,
        )
        for (inside, exact), some in groups.items()
    ]


def _scan(
    files: SegmentFiles, table: Table, segments: Sequence[Segment], wanted: Wanted
) -> pl.LazyFrame:
    found = pl.scan_parquet(
        files.locations([segment.path for segment in segments]),
        schema=table.schema,
        glob=False,
        hive_partitioning=False,
        cache=False,
        # Files of an older version lack what was added since.
        missing_columns="insert",
    )
    for condition in _conditions(wanted, table.lead):
        found = found.filter(condition)
    return found


def _conditions(wanted: Wanted, lead: str) -> list[pl.Expr]:
    conditions = []
    ids = wanted.series
    if ids is not None and len(ids) == 1:
        conditions.append(pl.col(lead) == pl.lit(int(ids[0]), pl.UInt32))
    elif ids is not None:
        conditions.append(_among(ids, lead))
    if wanted.period is not None:
        conditions.append(pl.col("period") == pl.lit(wanted.period, pl.Int32))
    if wanted.statistics is not None:
        conditions.append(pl.col("statistic").is_in(list(wanted.statistics)))
    if wanted.window is not None:
        start, end = (_at(epoch_ms(t)) for t in (wanted.window.start, wanted.window.end))
        conditions.append((pl.col("at") >= start) & (pl.col("at") < end))
    return conditions


def _among(ids: Ids, lead: str) -> pl.Expr:
    """Membership; a run of neighbouring ids is a range, which is cheaper to test."""
    if not len(ids):
        return pl.lit(value=False)
    low, high = pl.lit(int(ids[0]), pl.UInt32), pl.lit(int(ids[-1]), pl.UInt32)
    inside = (pl.col(lead) >= low) & (pl.col(lead) <= high)
    if int(ids[-1]) - int(ids[0]) + 1 == len(ids):
        return inside
    return inside & pl.col(lead).is_in(pl.Series(ids, dtype=pl.UInt32).implode())


def _at(ms: int) -> pl.Expr:
    return pl.lit(ms).cast(UTC_MS)
