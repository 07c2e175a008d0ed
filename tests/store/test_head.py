"""The head: the newest hours as grids, always what the segments say."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from numpy.typing import NDArray

from app.config import StoreSettings
from app.model.rounds import Batch
from app.store import Grid, Store
from tests.store.conftest import Opener
from tests.store.samples import (
    DAY,
    HOUR,
    KEYS,
    MINUTE,
    NOW,
    Writing,
    at,
    batch,
    hold,
    percentiles,
    window,
)

NAN = float("nan")


def sums(grid: Grid) -> list[list[float]]:
    return listed(grid.sum)


def listed(values: NDArray[np.float64]) -> list[list[float]]:
    rows: list[list[float]] = values.tolist()
    return rows


def same(found: list[list[float]], expected: list[list[float]]) -> None:
    np.testing.assert_array_equal(np.array(found), np.array(expected))


def test_a_grid_has_a_row_a_series_and_a_column_a_slot(writing: Writing) -> None:
    writing.commit(batch([(0, at("11:30"), 1.0), (0, at("11:32"), 3.0), (1, at("11:31"), 5.0)]))
    grid = writing.store.head().grid([2, 1], window("11:30", "11:33"), 60)
    same(sums(grid), [[NAN, 5.0, NAN], [1.0, NAN, 3.0]])
    assert grid.sample_count.tolist() == [[0.0, 1.0, 0.0], [1.0, 0.0, 1.0]]
    assert grid.starts.tolist() == [
        int(at(t).timestamp() * 1000) for t in ("11:30", "11:31", "11:32")
    ]


def test_slots_are_taken_together(writing: Writing) -> None:
    writing.commit(batch([(0, at("11:30"), 2.0), (0, at("11:31"), 6.0), (0, at("11:34"), 4.0)]))
    grid = writing.store.head().grid([1], window("11:30", "11:40"), 300)
    same(sums(grid), [[12.0, NAN]])
    same(listed(grid.minimum), [[1.0, NAN]])
    same(listed(grid.maximum), [[12.0, NAN]])
    assert grid.sample_count.tolist() == [[3.0, 0.0]]


def test_slots_may_begin_anywhere(writing: Writing) -> None:
    writing.commit(batch([(0, at(f"11:{minute}"), 1.0) for minute in range(30, 42)]))
    grid = writing.store.head().grid([1], window("11:32", "11:42"), 300)
    same(sums(grid), [[5.0, 5.0]])


def test_a_longer_stored_period_fills_what_the_shorter_lacks(writing: Writing) -> None:
    writing.commit(batch([(0, at("11:30"), 50.0), (0, at("11:35"), 70.0)], period=300))
    writing.commit(batch([(0, at("11:35") + n * MINUTE, 1.0) for n in range(2)]))
    grid = writing.store.head().grid([1], window("11:30", "11:40"), 300)
    same(sums(grid), [[50.0, 70.0]])


def test_periods_of_one_slot_are_never_added_up(writing: Writing) -> None:
    writing.commit(batch([(0, at("11:00"), 10.0)], period=300))
    writing.commit(batch([(0, at("11:00") + n * MINUTE, 1.0) for n in range(60)]))
    grid = writing.store.head().grid([1], window("11:00", "12:00"), 3600)
    same(sums(grid), [[60.0]])


def test_a_later_fetch_wins_in_the_head_too(writing: Writing) -> None:
    head = writing.store.head()
    writing.sums({"11:30": 1.0})
    writing.sums({"11:30": 2.0})
    same(sums(head.grid([1], window("11:30", "11:31"), 60)), [[2.0]])


def test_unknown_series_are_empty(writing: Writing) -> None:
    writing.sums({"11:30": 1.0})
    grid = writing.store.head().grid([0, 999_999, 1], window("11:30", "11:31"), 60)
    same(sums(grid), [[NAN], [NAN], [1.0]])


def test_a_window_outside_is_empty(writing: Writing) -> None:
    writing.sums({"11:30": 1.0})
    head = writing.store.head()
    same(sums(head.grid([1], window("11:31", "11:33"), 60)), [[NAN, NAN]])
    same(sums(head.grid([1], window("2026-11-20T11:30", "2026-11-20T11:31"), 60)), [[NAN]])


def test_percentiles_have_a_grid_each(writing: Writing) -> None:
    rows = [(0, at("11:30"), 9.0), (0, at("11:31"), 8.0)]
    writing.commit(Batch(frames={"metric_stats": percentiles(rows)}, series=KEYS))
    head = writing.store.head()
    span = window("11:30", "11:32")
    same(listed(head.statistic_grid([1], "p99", span, 60)), [[9.0, 8.0]])
    same(listed(head.statistic_grid([1], "p50", span, 60)), [[NAN, NAN]])
    same(listed(head.statistic_grid([1], "p99", span, 120)), [[NAN]])


@pytest.mark.parametrize("compacted", [False, True], ids=["from fresh", "from merged"])
def test_a_head_built_at_start_equals_one_that_followed(opener: Opener, compacted: bool) -> None:
    writing = hold(opener())
    followed = writing.store.head()
    for minute in range(10, 40):
        rows = [(n, at(f"11:{minute}"), float(n * minute)) for n in range(3)]
        writing.commit(batch(rows))
    writing.commit(batch([(1, at("11:20"), -1.0), (4, at("11:39"), 7.0)]))
    if compacted:
        writing.store.upkeep.compact(writing.lease, NOW)
    built = opener().head()
    span = window("11:00", "12:00")
    ids = range(1, 6)
    same(sums(built.grid(ids, span, 60)), sums(followed.grid(ids, span, 60)))
    assert np.nansum(built.grid(ids, span, 60).sum) == 3 * sum(range(10, 40)) - 20 - 1 + 7


def test_a_reader_follows_commits_it_sees(opener: Opener) -> None:
    writer, reader = hold(opener()), opener(writer=False)
    reader.head()
    writer.sums({"11:30": 1.0})
    reader.refresh()
    same(sums(reader.head().grid([1], window("11:30", "11:31"), 60)), [[1.0]])


def test_of_several_commits_that_a_reader_takes_over_at_once_the_last_wins(opener: Opener) -> None:
    writer, reader = hold(opener()), opener(writer=False)
    reader.head()
    for value in (1.0, 2.0, 3.0):
        writer.sums({"11:30": value, "11:31": -value})
    reader.refresh()
    same(sums(reader.head().grid([1], window("11:30", "11:32"), 60)), [[3.0, -3.0]])


def test_a_reader_that_keeps_up_has_its_head_ready(opener: Opener) -> None:
    writer, reader = hold(opener()), opener(writer=False)
    head = reader.head()
    writer.sums({"11:30": 1.0})
    reader.keep_up()
    same(sums(head.grid([1], window("11:30", "11:31"), 60)), [[1.0]])


def test_a_reader_follows_commits_that_were_merged_meanwhile(opener: Opener) -> None:
    writer, reader = hold(opener()), opener(writer=False)
    writer.sums({"11:29": 0.0})
    reader.refresh()
    reader.head()
    writer.sums({"11:30": 1.0})
    writer.sums({"11:31": 2.0})
    writer.store.upkeep.compact(writer.lease, NOW)
    reader.refresh()
    same(sums(reader.head().grid([1], window("11:29", "11:32"), 60)), [[0.0, 1.0, 2.0]])


def test_a_reader_that_slept_past_the_grace_starts_anew(opener: Opener) -> None:
    writer, reader = hold(opener()), opener(writer=False)
    writer.sums({"11:29": 0.0})
    reader.refresh()
    reader.head()
    writer.sums({"11:30": 1.0})
    writer.store.upkeep.compact(writer.lease, NOW)
    writer.store.upkeep.compact(writer.lease, NOW + HOUR)
    reader.refresh()
    same(sums(reader.head().grid([1], window("11:29", "11:31"), 60)), [[0.0, 1.0]])


def test_time_moves_the_head_along(writing: Writing) -> None:
    head = writing.store.head()
    writing.sums({"10:30": 1.0})
    writing.commit(batch([(0, NOW + DAY, 2.0)]))
    moved = head.window
    assert moved is not None
    assert moved.end == NOW + DAY + MINUTE
    assert moved.length == timedelta(hours=25)
    same(sums(head.grid([1], window("10:30", "10:31"), 60)), [[NAN]])
    assert head.covers(window("12:00", "12:30"))
    assert not head.covers(window("10:00", "12:30"))


def test_an_empty_head_covers_nothing(store: Store) -> None:
    assert store.head().window is None
    assert not store.head().covers(window("11:00", "12:00"))


def test_columns_are_emptied_when_they_come_round_again(
    settings: StoreSettings, opener: Opener
) -> None:
    writing = hold(opener())
    head = writing.store.head()
    span = 25 * HOUR + 2 * MINUTE
    writing.commit(batch([(0, NOW, 1.0)]))
    writing.commit(batch([(1, NOW + span, 2.0)]))
    found = head.grid([1, 2], window("2026-11-25T13:01", "2026-11-25T13:03"), 60)
    same(sums(found), [[NAN, NAN], [NAN, 2.0]])
