"""Retention, verification and figures."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from app.config import StoreSettings
from app.model.alarms import Transition
from app.model.groups import alarmed_group
from app.model.rounds import Batch, Result, Round
from app.model.states import AlarmState
from app.model.time import Intervals
from app.store import Store, open_store
from tests.store.samples import (
    DAY,
    GROUP,
    HOUR,
    KEYS,
    NOW,
    PROD,
    STAGING,
    Writing,
    at,
    batch,
    covered,
    hold,
    percentiles,
    points,
    stored,
    window,
)

SPAN = window("2025-01-01T00:00", "2026-12-31T00:00")
ROUND = Round("metrics", PROD, GROUP, NOW, NOW, Result.OK)
FIRED = Transition("a/b/c", NOW, AlarmState.OK, AlarmState.ALARM, "because", {})


def short(folder: Path) -> Store:
    """A store that keeps points for 10 days, percentiles for 2, rounds for 1."""
    kept = {
        "metrics": timedelta(days=10),
        "metric_stats": timedelta(days=2),
        "rounds": timedelta(days=1),
        "transitions": timedelta(days=5),
    }
    return open_store(StoreSettings(path=folder, retention=kept), NOW)


def test_each_table_is_kept_for_its_own_time(tmp_path: Path) -> None:
    writing = hold(short(tmp_path))
    for days in (11, 9, 3, 1):
        when = NOW - days * DAY
        rows = [(0, when, float(days))]
        frames = {"metrics": points(rows), "metric_stats": percentiles(rows)}
        writing.commit(Batch(frames=frames, series=KEYS))
    done = writing.store.upkeep.retain(writing.lease, NOW)
    assert (done.segments, done.rows) == (4, 4)
    assert [value for _, _, value in stored(writing.store, [1], SPAN)] == [9.0, 3.0, 1.0]
    left = writing.store.statistics([1], ["p99"], SPAN).collect()
    assert left["value"].to_list() == [1.0]
    writing.store.close()


def test_coverage_of_what_was_removed_is_forgotten(tmp_path: Path) -> None:
    writing = hold(short(tmp_path))
    writing.commit(Batch(covered=[covered(NOW - 12 * DAY, NOW - 8 * DAY)]))
    writing.commit(Batch(covered=[covered(NOW - 20 * DAY, NOW - 19 * DAY)]))
    writing.store.upkeep.retain(writing.lease, NOW)
    found = writing.store.coverage(PROD, GROUP)
    expected = Intervals((window("2026-11-14T12:00", "2026-11-16T12:00"),))
    assert found.answered == found.settled == expected
    writing.store.close()


def test_coverage_of_alarms_that_are_gone_is_forgotten(writing: Writing) -> None:
    old, kept = alarmed_group("AWS/SQS") + "/0a", alarmed_group("AWS/SQS") + "/0b"
    writing.commit(Batch(covered=[covered(NOW - 20 * DAY, NOW - 9 * DAY, group=old)]))
    writing.commit(Batch(covered=[covered(NOW - 20 * DAY, NOW, group=kept)]))
    writing.commit(Batch(covered=[covered(NOW - 20 * DAY, NOW - 9 * DAY)]))
    writing.store.upkeep.retain(writing.lease, NOW)
    assert writing.store.coverage_groups() == [(PROD, GROUP), (PROD, kept)]


def test_old_rounds_go_but_the_newest_of_each_task_stays(tmp_path: Path) -> None:
    writing = hold(short(tmp_path))
    old = replace(ROUND, started=NOW - 3 * DAY, finished=NOW - 3 * DAY)
    only = replace(old, place=STAGING)
    for done in (old, ROUND, only):
        writing.store.note(lease=writing.lease, now=NOW, round=done)
    assert writing.store.upkeep.retain(writing.lease, NOW).rounds == 1
    assert writing.store.rounds.recent() == [ROUND, only]
    assert writing.store.rounds.latest() == [ROUND, only]
    writing.store.close()


def test_old_transitions_go_with_their_messages(tmp_path: Path) -> None:
    store = short(tmp_path)
    writing = hold(store)
    old = replace(FIRED, at=NOW - 6 * DAY)
    store.ledger.record([], [(old, ["ops"]), (FIRED, ["ops"])], NOW)
    assert store.upkeep.retain(writing.lease, NOW).transitions == 1
    assert [t.at for t in store.ledger.transitions()] == [NOW]
    assert len(store.ledger.deliveries()) == 1
    store.close()


def test_expired_files_go_after_the_grace(tmp_path: Path) -> None:
    writing = hold(short(tmp_path))
    writing.commit(batch([(0, NOW - 20 * DAY, 1.0)]))
    assert writing.store.upkeep.retain(writing.lease, NOW).files_deleted == 0
    assert writing.store.upkeep.retain(writing.lease, NOW + HOUR).files_deleted == 1
    assert list((tmp_path / "segments").rglob("*.parquet")) == []
    writing.store.close()


def test_figures_tell_what_there_is(writing: Writing) -> None:
    writing.commit(batch([(0, at("11:30"), 1.0), (1, at("11:31"), 2.0)]))
    writing.sums({"11:32": 1.0})
    writing.store.upkeep.compact(writing.lease, NOW)
    writing.sums({"11:33": 1.0})
    found = writing.store.upkeep.stats()
    metrics = found.tables[0]
    assert (metrics.table, metrics.rows) == ("metrics", 4)
    assert (metrics.fresh, metrics.merged, metrics.sealed) == (1, 1, 0)
    assert (metrics.oldest, metrics.newest) == (at("11:30"), at("11:33"))
    assert metrics.bytes_per_row == metrics.bytes / 4
    assert (found.rows, found.bytes, found.series) == (4, metrics.bytes, 5)
    assert (found.waiting_segments, found.quarantined_segments) == (2, 0)
    assert found.writer == "tests"
    writing.store.release(writing.lease)
    assert writing.store.upkeep.stats().writer == ""


def test_a_whole_store_verifies(writing: Writing) -> None:
    writing.sums({"11:30": 1.0})
    found = writing.store.upkeep.verify()
    assert (found.ok, found.segments, found.damaged) == (True, 1, ())
    assert found.bytes == writing.store.upkeep.stats().bytes
