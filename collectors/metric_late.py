"""What a second look at known time has changed.

Most points that are read far back are as they were. Storing them again would
make the store write every day of data several times over, so only what differs
from what is stored goes on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from app.model.ids import SeriesKey
from app.model.time import Window
from app.store import Store
from app.store.tables import METRIC_STATS, METRICS

_ID = "id"


class Changes:
    """Compares rows that were read again with the store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def only(
        self, frames: Mapping[str, pl.DataFrame], series: Sequence[SeriesKey], window: Window
    ) -> dict[str, pl.DataFrame]:
        """The rows that are new or differ; ``series`` are named by position, as in a batch."""
        ids = pl.Series(_ID, self._store.series.ids(series))
        found = {}
        for name, rows in frames.items():
            stored = self._stored(name, rows, ids, window)
            values = [column for column in rows.columns if column != "series"]
            fresh = rows.with_columns(ids.gather(rows["series"])).join(
                stored, on=[_ID, *values], how="anti", maintain_order="left"
            )
            if fresh.height:
                found[name] = fresh.drop(_ID)
        return found

    def _stored(
        self, table: str, rows: pl.DataFrame, ids: pl.Series, window: Window
    ) -> pl.DataFrame:
        if table == METRIC_STATS.name:
            names = rows["statistic"].unique().to_list()
            stored = self._store.statistics(ids, names, window)
        elif table == METRICS.name:
            stored = self._store.points(ids, window)
        else:
            raise ValueError(f"`{table}` is no table of points")
        return stored.rename({"series": _ID}).collect(engine="streaming")
