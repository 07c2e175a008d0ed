"""Events at hand as a source: slices of a frame, fields read from the messages."""

from __future__ import annotations

from typing import cast

import polars as pl

from app.query.insights.events import with_fields
from app.query.insights.source import Found, Need, Part

SLICE = 131_072
"""Rows of a part, so that a long query can be followed and given up."""


class MemorySource:
    """A frame as :func:`app.query.insights.events.as_frame` makes it, newest first."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self._frame = frame

    def group_names(self) -> list[str]:
        return [g for g in self._frame["logGroup"].unique().to_list() if g is not None]

    def window(self) -> tuple[int, int]:
        times = self._frame["timestamp"].drop_nulls()
        if times.is_empty():
            return 0, 0
        return cast("int", times.min()), cast("int", times.max())

    def read(self, need: Need) -> Found:
        frame = self._frame.filter(pl.col("timestamp").is_between(need.start_ms, need.end_ms))
        if need.groups is not None:
            frame = frame.filter(pl.col("logGroup").is_in(list(need.groups)))
        read, columns = with_fields(frame, need.fields, need.look)
        starts = range(0, max(1, read.height), SLICE)
        slices = [read.slice(start, SLICE) for start in starts]
        return Found(
            tuple(
                Part(
                    some.lazy(),
                    dict(columns),
                    need.start_ms if some.is_empty() else int(some["timestamp"][-1]),
                    need.end_ms if some.is_empty() else int(some["timestamp"][0]),
                    some.height,
                    int(some["message"].str.len_bytes().sum()),
                    ordered=True,
                )
                for some in slices
            )
        )
