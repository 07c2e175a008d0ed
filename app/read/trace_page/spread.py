"""How the response times of many traces spread."""

from __future__ import annotations

import math

import polars as pl

from app.read.trace_page.answers import TimeSpread

COLUMNS = 36
_FLOOR_MS, _MARGIN, _NARROWEST = 0.1, 1.1, 4.0


def spread_of(times: pl.DataFrame) -> TimeSpread | None:
    """From columns ``response_time`` (microseconds) and ``outcome``; None where nothing ended."""
    known = times.drop_nulls("response_time").select(
        ms=(pl.col("response_time") / 1000).clip(_FLOOR_MS), failed=pl.col("outcome") != "ok"
    )
    if not known.height:
        return None
    least, most = known.select(low=pl.col("ms").min(), high=pl.col("ms").max()).row(0)
    low, high = least / _MARGIN, max(most * _MARGIN, least * _NARROWEST)
    share = (pl.col("ms") / low).log() / math.log(high / low)
    column = (share * COLUMNS).floor().clip(0, COLUMNS - 1).cast(pl.Int32)
    counted = known.group_by("failed", column=column).len()

    def counts(failed: bool) -> tuple[int, ...]:
        rows = counted.filter(pl.col("failed") == failed)
        found = dict(zip(rows["column"], rows["len"], strict=True))
        return tuple(int(found.get(n, 0)) for n in range(COLUMNS))

    return TimeSpread(low, high, counts(False), counts(True))
