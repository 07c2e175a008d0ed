"""Events at hand as a source: one part, fields read from the messages."""

from __future__ import annotations

import polars as pl

from app.query.insights.events import start_state
from app.query.insights.source import Found, Need, Part


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
        return int(times.min()), int(times.max())  # type: ignore[arg-type] # an Int64 column

    def read(self, need: Need) -> Found:
        return Found((self.read_ordered(need),))

    def read_ordered(self, need: Need) -> Part:
        frame = self._frame.filter(pl.col("timestamp").is_between(need.start_ms, need.end_ms))
        if need.groups is not None:
            frame = frame.filter(pl.col("logGroup").is_in(list(need.groups)))
        state = start_state(frame, set(need.fields))
        size = int(frame["message"].str.len_bytes().sum())
        return Part(
            state.frame, dict(state.columns), need.start_ms, need.end_ms, frame.height, size
        )
