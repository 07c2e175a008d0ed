"""Compaction: the same answers from fewer, sorted segments."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.config import StoreSettings
from app.model.rounds import Batch
from app.store import Store, compaction, open_store
from app.store.segments import Level
from app.store.tables import METRICS, TABLES
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
    key,
    percentiles,
    stored,
    window,
)

TODAY = window("00:00", "23:59")


def files(settings: StoreSettings) -> list[Path]:
    return sorted((settings.path / "segments").rglob("*.parquet"))


def levels(store: Store) -> tuple[int, int, int]:
    found = store.upkeep.stats().tables[0]
    return found.fresh, found.merged, found.sealed


def test_fresh_segments_of_a_day_become_one(writing: Writing) -> None:
    for minute in range(10, 20):
        writing.sums({f"11:{minute}": float(minute)})
    done = writing.store.upkeep.compact(writing.lease, NOW)
    assert (done.segments_before, done.segments_after, done.rows_before) == (10, 1, 10)
    assert levels(writing.store) == (0, 1, 0)
    assert [row[2] for row in stored(writing.store, [1], TODAY)] == list(range(10, 20))


def test_superseded_rows_go(writing: Writing) -> None:
    writing.sums({"11:30": 1.0, "11:31": 2.0})
    writing.sums({"11:31": 3.0})
    done = writing.store.upkeep.compact(writing.lease, NOW)
    assert done.rows_removed == 1
    assert writing.store.upkeep.stats().rows == 2
    assert stored(writing.store, [1], TODAY) == [(1, at("11:30"), 1.0), (1, at("11:31"), 3.0)]


def test_a_correction_after_merging_still_wins(writing: Writing) -> None:
    writing.sums({"11:30": 1.0})
    writing.sums({"11:31": 1.0})
    writing.store.upkeep.compact(writing.lease, NOW)
    writing.sums({"11:30": 9.0})
    assert stored(writing.store, [1], TODAY)[0] == (1, at("11:30"), 9.0)


def test_a_past_day_is_sealed(writing: Writing) -> None:
    writing.sums({"2026-11-23T10:00": 1.0})
    writing.sums({"2026-11-23T11:00": 2.0})
    writing.store.upkeep.compact(writing.lease, NOW)
    assert levels(writing.store) == (0, 0, 1)


def test_a_day_is_not_sealed_before_it_is_complete(writing: Writing) -> None:
    writing.sums({"23:58": 1.0})
    writing.sums({"23:59": 2.0})
    midnight = at("2026-11-25T00:00")
    writing.store.upkeep.compact(writing.lease, midnight + 2 * HOUR)
    assert levels(writing.store) == (0, 1, 0)
    writing.store.upkeep.compact(writing.lease, midnight + 3 * HOUR)
    assert levels(writing.store) == (0, 0, 1)


def test_a_commit_over_several_days_is_cut_by_day(writing: Writing) -> None:
    rows = [(0, NOW - day * DAY, float(day)) for day in range(5)]
    writing.commit(batch(rows))
    writing.store.upkeep.compact(writing.lease, NOW)
    assert levels(writing.store) == (0, 1, 4)
    found = stored(writing.store, [1], window("2026-11-01T00:00", "2026-11-30T00:00"))
    assert [value for _, _, value in found] == [4.0, 3.0, 2.0, 1.0, 0.0]


def test_many_pieces_of_today_are_merged_again(writing: Writing) -> None:
    for piece in range(compaction.PIECES):
        writing.sums({f"0{piece}:00": 1.0})
        writing.sums({f"0{piece}:01": 1.0})
        writing.store.upkeep.compact(writing.lease, NOW)
    assert levels(writing.store) == (0, 1, 0)
    assert len(stored(writing.store, [1], TODAY)) == 2 * compaction.PIECES


def test_a_small_correction_leaves_a_sealed_day_as_it_is(writing: Writing) -> None:
    yesterday = NOW - DAY
    writing.commit(batch([(0, yesterday + n * MINUTE, 1.0) for n in range(100)]))
    writing.store.upkeep.compact(writing.lease, NOW)
    writing.commit(batch([(0, yesterday, 5.0)]))
    writing.store.upkeep.compact(writing.lease, NOW)
    assert levels(writing.store) == (0, 1, 1)
    found = stored(writing.store, [1], window("2026-11-23T00:00", "2026-11-24T00:00"))
    assert (len(found), found[0][2]) == (100, 5.0)


def test_a_large_correction_is_merged_into_a_sealed_day(writing: Writing) -> None:
    yesterday = NOW - DAY
    writing.commit(batch([(0, yesterday + n * MINUTE, 1.0) for n in range(100)]))
    writing.store.upkeep.compact(writing.lease, NOW)
    writing.commit(batch([(0, yesterday + n * MINUTE, 5.0) for n in range(10)]))
    writing.store.upkeep.compact(writing.lease, NOW)
    assert levels(writing.store) == (0, 0, 1)
    assert writing.store.upkeep.stats().rows == 100


def test_sealed_segments_hold_a_range_of_series_each(
    writing: Writing, monkeypatch: pytest.MonkeyPatch, settings: StoreSettings
) -> None:
    monkeypatch.setitem(TABLES, "metrics", replace(METRICS, at_once=10))
    yesterday = NOW - DAY
    keys = [key(number) for number in range(6)]
    rows = [(n, yesterday + m * MINUTE, float(n)) for n in range(6) for m in range(5)]
    writing.commit(batch(rows, keys=keys))
    writing.store.upkeep.compact(writing.lease, NOW)
    sealed = [path for path in files(settings) if path.name.startswith("sealed")]
    held = sorted(tuple(pl.read_parquet(p)["series"].unique().sort()) for p in sealed)
    assert held == [(1, 2), (3, 4), (5, 6)]
    assert (
        len(stored(writing.store, range(1, 7), window("2026-11-23T00:00", "2026-11-24T00:00")))
        == 30
    )


def test_percentiles_are_merged_too(writing: Writing) -> None:
    for value in (1.0, 2.0):
        rows = [(0, at("11:30"), value)]
        both = pl.concat([percentiles(rows, "p99"), percentiles(rows, "p50")])
        writing.commit(Batch(frames={"metric_stats": both}, series=KEYS))
    writing.store.upkeep.compact(writing.lease, NOW)
    found = writing.store.statistics([1], ["p99", "p50"], TODAY).collect()
    assert found.select("statistic", "value").rows() == [("p50", 2.0), ("p99", 2.0)]
    assert writing.store.upkeep.stats().tables[1].merged == 1


def test_a_reader_that_began_before_ends_well(opener: Opener) -> None:
    writing, reader = hold(opener()), opener(writer=False)
    writing.sums({"11:30": 1.0})
    writing.sums({"11:31": 2.0})
    reader.refresh()
    plan = reader.points([1], TODAY)
    writing.store.upkeep.compact(writing.lease, NOW)
    assert plan.collect()["sum"].to_list() == [1.0, 2.0]


def test_replaced_files_go_after_the_grace(writing: Writing, settings: StoreSettings) -> None:
    writing.sums({"11:30": 1.0})
    writing.sums({"11:31": 2.0})
    upkeep = writing.store.upkeep
    assert upkeep.compact(writing.lease, NOW).files_deleted == 0
    assert upkeep.stats().waiting_segments == 2
    assert upkeep.compact(writing.lease, NOW + timedelta(minutes=14)).files_deleted == 0
    assert upkeep.compact(writing.lease, NOW + timedelta(minutes=15)).files_deleted == 2
    assert len(files(settings)) == 1
    assert upkeep.stats().waiting_segments == 0


def test_nothing_to_do_is_nothing_done(writing: Writing) -> None:
    writing.sums({"11:30": 1.0})
    version = writing.store.version
    done = writing.store.upkeep.compact(writing.lease, NOW)
    assert (done.segments_before, done.segments_after) == (0, 0)
    assert writing.store.version == version


def test_sealed_files_are_sorted_and_readable_by_others(
    writing: Writing, settings: StoreSettings
) -> None:
    rows = [(n, NOW - DAY + m * MINUTE, float(m)) for m in range(10) for n in (3, 1, 2)]
    writing.commit(batch(rows))
    writing.store.upkeep.compact(writing.lease, NOW)
    (sealed,) = [
        path for path in files(settings) if path.name.startswith(Level.SEALED.name.lower())
    ]
    assert sealed.parent.name == "day=2026-11-23"
    frame = pl.read_parquet(sealed, hive_partitioning=False)
    assert frame.equals(frame.sort("series", "period", "at"))
    assert frame["seq"].unique().to_list() == [writing.store.version - 2]


STEPS = st.lists(
    st.one_of(
        st.lists(
            st.tuples(st.integers(0, 2), st.integers(0, 5), st.floats(0, 100)),
            min_size=1,
            max_size=6,
        ),
        st.sampled_from(["compact", "compact later"]),
    ),
    max_size=10,
)


def test_the_newest_row_wins_whatever_is_merged_when(tmp_path: Path) -> None:
    """Against a plain dictionary: last written wins, through any order of merges."""
    store = open_store(StoreSettings(path=tmp_path), NOW)
    writing, number = hold(store), count()

    @given(STEPS)
    @settings(max_examples=40, deadline=None)
    def holds(steps: list[str | list[tuple[int, int, float]]]) -> None:
        example = next(number)
        keys = [key(10 * example + n) for n in range(3)]
        # Slots in two past days and today, so that every level takes part.
        slots = [NOW - DAY * (n // 2) + n % 2 * MINUTE for n in range(6)]
        expected: dict[tuple[int, int], float] = {}
        for step in steps:
            if isinstance(step, str):
                later = NOW + HOUR if step == "compact later" else NOW
                store.upkeep.compact(writing.lease, later)
                continue
            writing.commit(batch([(n, slots[slot], value) for n, slot, value in step], keys=keys))
            expected |= {(n, slot): value for n, slot, value in step}
        ids = store.series.ids(keys).tolist()
        span = window("2026-11-20T00:00", "2026-11-30T00:00")
        found = stored(store, [one for one in ids if one], span)
        assert {(ids.index(s), slots.index(when)): v for s, when, v in found} == expected
        assert len(found) == len(expected)
        assert found == sorted(found)

    holds()
    store.close()
