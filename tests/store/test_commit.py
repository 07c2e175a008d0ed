"""What one commit keeps, and that it keeps all or nothing."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import polars as pl
import pytest

from app.config import StoreSettings
from app.model.errors import StoreError
from app.model.ids import Resource
from app.model.rounds import Batch, MeterEntry, Result, Round
from app.model.time import Intervals
from app.store import Committed
from tests.store.conftest import Opener
from tests.store.samples import (
    GROUP,
    KEYS,
    NOW,
    PROD,
    Writing,
    at,
    batch,
    covered,
    hold,
    key,
    percentiles,
    points,
    stored,
    window,
)

ALL_DAY = window("00:00", "23:59")


def test_points_come_back_by_series_and_time(writing: Writing) -> None:
    writing.commit(batch([(1, at("11:31"), 4.0), (0, at("11:30"), 2.0), (1, at("11:30"), 3.0)]))
    ids = writing.store.series.ids(KEYS)
    assert stored(writing.store, ids, ALL_DAY) == [
        (ids[0], at("11:30"), 2.0),
        (ids[1], at("11:30"), 3.0),
        (ids[1], at("11:31"), 4.0),
    ]


def test_a_commit_says_what_it_added(writing: Writing) -> None:
    first = writing.sums({"11:30": 1.0})
    second = writing.sums({"11:31": 1.0, "11:32": 2.0})
    assert (first.rows, second.rows) == (1, 2)
    assert second.seq > first.seq
    assert second.bytes > 0


def test_a_later_fetch_wins(writing: Writing) -> None:
    writing.sums({"11:30": 1.0, "11:31": 2.0})
    writing.sums({"11:31": 20.0})
    assert stored(writing.store, [1], ALL_DAY) == [(1, at("11:30"), 1.0), (1, at("11:31"), 20.0)]


def test_of_two_rows_in_one_batch_the_last_wins(writing: Writing) -> None:
    writing.commit(batch([(0, at("11:30"), 1.0), (0, at("11:30"), 2.0)]))
    assert stored(writing.store, [1], ALL_DAY) == [(1, at("11:30"), 2.0)]


def test_every_statistic_comes_back(writing: Writing) -> None:
    writing.sums({"11:30": 4.0})
    row = writing.store.points([1], ALL_DAY).collect().row(0, named=True)
    assert row == {
        "series": 1,
        "period": 60,
        "at": at("11:30"),
        "sum": 4.0,
        "minimum": 2.0,
        "maximum": 8.0,
        "sample_count": 1.0,
    }


def test_a_stored_period_can_be_picked(writing: Writing) -> None:
    writing.sums({"11:30": 1.0})
    writing.commit(batch([(0, at("11:30"), 5.0)], period=300))
    store = writing.store
    assert store.points([1], ALL_DAY, 60).collect()["sum"].to_list() == [1.0]
    assert store.points([1], ALL_DAY, 300).collect()["sum"].to_list() == [5.0]
    assert store.points([1], ALL_DAY).collect()["sum"].to_list() == [1.0, 5.0]


def test_a_window_holds_its_start_and_not_its_end(writing: Writing) -> None:
    writing.sums({"11:30": 1.0, "11:31": 2.0, "11:32": 3.0})
    found = stored(writing.store, [1], window("11:30", "11:32"))
    assert found == [(1, at("11:30"), 1.0), (1, at("11:31"), 2.0)]
    last = stored(writing.store, [1], window("11:32", "11:40"))
    assert last == [(1, at("11:32"), 3.0)]


def test_percentiles_are_kept_by_their_name(writing: Writing) -> None:
    frames = {
        "metric_stats": pl.concat(
            [
                percentiles([(0, at("11:30"), 9.0)], "p99"),
                percentiles([(0, at("11:30"), 5.0)], "p50"),
            ]
        )
    }
    writing.commit(Batch(frames=frames, series=KEYS))
    found = writing.store.statistics([1], ["p99"], ALL_DAY).collect()
    assert found.rows() == [(1, "p99", 60, at("11:30"), 9.0)]


def test_an_empty_answer_is_coverage_without_rows(writing: Writing) -> None:
    done = writing.commit(Batch(covered=[covered(at("11:00"), at("11:05"))]))
    assert (done.rows, done.bytes) == (0, 0)
    assert writing.store.coverage(PROD, GROUP).answered == Intervals((window("11:00", "11:05"),))


def test_what_was_committed_is_there_after_opening_again(opener: Opener) -> None:
    first = hold(opener())
    first.sums({"11:30": 1.0})
    first.store.close()
    again = opener()
    assert again.series.keys([1]) == [KEYS[0]]
    assert stored(again, [1], ALL_DAY) == [(1, at("11:30"), 1.0)]


def test_another_process_sees_a_commit_after_refresh(opener: Opener) -> None:
    writer, reader = hold(opener()), opener(writer=False)
    writer.sums({"11:30": 1.0})
    assert stored(reader, [1], ALL_DAY) == []
    before = reader.version
    reader.refresh()
    assert stored(reader, [1], ALL_DAY) == [(1, at("11:30"), 1.0)]
    assert reader.version > before


def test_data_coverage_round_and_calls_are_kept_together(writing: Writing) -> None:
    done = Round("metrics", PROD, GROUP, NOW, NOW, Result.OK, rows=1)
    call = MeterEntry(NOW, PROD, "cloudwatch", "GetMetricData", "metrics", 1, 5, Decimal("0.05"))
    writing.commit(batch([(0, at("11:30"), 1.0)]), done=done, meter=[call])
    assert writing.store.rounds.latest() == [done]
    assert [(e.units, e.usd) for e in writing.store.meter.month(NOW)] == [(5, Decimal("0.05"))]
    assert writing.store.coverage(PROD, GROUP).settled == Intervals((window("11:30", "11:31"),))


BROKEN = {
    "an unknown table": Batch(frames={"logs": points([(0, at("11:30"), 1.0)])}, series=KEYS),
    "a missing column": Batch(
        frames={"metrics": points([(0, at("11:30"), 1.0)]).drop("sum")}, series=KEYS
    ),
    "a series out of range": Batch(
        frames={"metrics": points([(7, at("11:30"), 1.0)])}, series=KEYS
    ),
    "a slot without time": Batch(
        frames={
            "metrics": points([(0, at("11:30"), 1.0)]).with_columns(
                pl.lit(None).cast(pl.Datetime("ms", "UTC")).alias("at")
            )
        },
        series=KEYS,
    ),
}


@pytest.mark.parametrize("given", [pytest.param(b, id=name) for name, b in BROKEN.items()])
def test_nothing_is_kept_of_a_batch_that_is_refused(writing: Writing, given: Batch) -> None:
    before = writing.store.upkeep.stats()
    with pytest.raises(ValueError, match="rows for"):
        writing.commit(given)
    after = writing.store.upkeep.stats()
    assert after == before
    assert list(writing.store.series.ids(KEYS)) == [0, 0, 0, 0, 0]
    assert writing.commit(batch([(0, at("11:30"), 1.0)])) == Committed(
        rows=1, bytes=after_bytes(writing), seq=writing.store.version
    )


def after_bytes(writing: Writing) -> int:
    return writing.store.upkeep.stats().bytes


def test_no_file_stays_when_the_catalog_refuses(writing: Writing, settings: StoreSettings) -> None:
    nameless = Resource("arn", "1", "r", "lambda", "function", "id", name=None)
    given = replace(batch([(0, at("11:30"), 1.0)]), resources=[nameless])
    with pytest.raises(StoreError, match="the catalog refused"):
        writing.commit(given)
    assert list(settings.path.rglob("*.parquet")) == []
    assert not writing.store.coverage(PROD, GROUP).answered


def test_series_of_a_refused_batch_get_their_ids_later(writing: Writing) -> None:
    with pytest.raises(ValueError, match="logs"):
        writing.commit(BROKEN["an unknown table"])
    writing.commit(batch([(0, at("11:30"), 1.0)], keys=[key(9)]))
    assert list(writing.store.series.ids([key(9), KEYS[0]])) == [1, 0]
