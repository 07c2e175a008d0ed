"""Of points that are read again only those go on that are not stored as they are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from app.model.ids import SeriesKey
from app.model.time import Window
from app.store.tables import METRIC_STATS, METRICS
from collectors.metric_late import Changes
from tests.support.shelf import HOME, NOW, Shelf

KNOWN = SeriesKey.of(HOME, "AWS/SQS", "NumberOfMessagesSent", {"QueueName": "known"})
NEW = SeriesKey.of(HOME, "AWS/SQS", "NumberOfMessagesSent", {"QueueName": "new"})
WINDOW = Window(NOW - timedelta(hours=1), NOW)


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    shelf = Shelf(tmp_path)
    yield shelf
    shelf.close()


def rows(values: list[float], series: int = 0, period: int = 60) -> pl.DataFrame:
    """One a minute up to now, each of one sample."""
    start = NOW - timedelta(minutes=len(values))
    at = [start + timedelta(minutes=n) for n in range(len(values))]
    columns = {"series": series, "period": period, "sample_count": 1.0}
    frame = pl.DataFrame({"at": at, "sum": values, "minimum": values, "maximum": values})
    filled = frame.with_columns(**{name: pl.lit(value) for name, value in columns.items()})
    names = [name for name in METRICS.schema if name != "seq"]
    return filled.select(names).cast({name: METRICS.schema[name] for name in names})


def test_what_is_stored_already_is_left_out(shelf: Shelf) -> None:
    shelf.put(KNOWN, "1 2 3")
    assert Changes(shelf.store).only({"metrics": rows([1, 2, 3])}, [KNOWN], WINDOW) == {}


def test_what_differs_and_what_is_new_goes_on(shelf: Shelf) -> None:
    shelf.put(KNOWN, "1 2 _ 4")
    found = Changes(shelf.store).only({"metrics": rows([1, 7, 3, 4])}, [KNOWN], WINDOW)
    assert found["metrics"]["sum"].to_list() == [7, 3]
    assert found["metrics"].columns == rows([1]).columns


def test_the_newest_of_two_stored_values_counts(shelf: Shelf) -> None:
    shelf.put(KNOWN, "1")
    shelf.put(KNOWN, "2")
    found = Changes(shelf.store).only({"metrics": rows([1])}, [KNOWN], WINDOW)
    assert found["metrics"]["sum"].to_list() == [1]


def test_points_of_an_unknown_series_go_on(shelf: Shelf) -> None:
    shelf.put(KNOWN, "1 2")
    both = pl.concat([rows([1, 2], series=1), rows([1, 2], series=0)])
    found = Changes(shelf.store).only({"metrics": both}, [NEW, KNOWN], WINDOW)
    assert found["metrics"].rows() == rows([1, 2], series=0).rows()


def test_percentiles_are_compared_as_well(shelf: Shelf) -> None:
    shelf.put(KNOWN, "5 6", statistic="p99")
    names = {name: kind for name, kind in METRIC_STATS.schema.items() if name != "seq"}
    read = rows([5, 8]).with_columns(statistic=pl.lit("p99"), value=pl.col("sum"))
    frames = {"metric_stats": read.select(names.keys()).cast(names)}
    found = Changes(shelf.store).only(frames, [KNOWN], WINDOW)
    assert found["metric_stats"]["value"].to_list() == [8]
