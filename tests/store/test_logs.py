"""Log events in the store: once each, found by time, group and id, small and in order."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import polars as pl
import pytest

from app.config import StoreSettings
from app.model.logs import EVENT_COLUMNS, FieldInfo, FieldKind, LogGroup, LogGroupKey, LogRows
from app.model.rounds import Batch
from app.model.time import Window, epoch_ms
from app.store.log_encode import LOGS
from app.store.log_keys import keys_inside, keys_of_equal
from tests.store.conftest import Opener
from tests.store.log_samples import API, ID, JOBS, START, messages, read, rows, write
from tests.store.samples import DAY, HOUR, MINUTE, NOW, PROD, Writing, hold


def test_events_come_back_by_group(writing: Writing) -> None:
    assert write(writing, rows({API: [(0, "a"), (1, "b")], JOBS: [(0, "c")]})) == 3
    assert messages(writing.store) == ["a", "b", "c"]
    assert messages(writing.store, [API]) == ["a", "b"]
    assert messages(writing.store, [LogGroupKey(PROD, "/none")]) == []


def test_an_event_is_kept_once_however_often_it_is_read(writing: Writing) -> None:
    write(writing, rows({API: [(0, "a"), (1, "b")]}))
    assert write(writing, rows({API: [(1, "b"), (0, "a"), (2, "c"), (2, "c")]})) == 1
    assert write(writing, rows({API: [(0, "a")]})) == 0
    assert messages(writing.store) == ["a", "b", "c"]


def test_the_same_event_id_in_another_group_is_another_event(writing: Writing) -> None:
    logs = rows({API: [(0, "a")]})
    write(writing, logs)
    assert write(writing, LogRows((JOBS,), logs.frame)) == 1


def test_a_new_process_knows_what_is_there(opener: Opener) -> None:
    first = opener()
    writing = hold(first)
    write(writing, rows({API: [(0, "a"), (1, "b")]}))
    first.release(writing.lease)
    assert write(hold(opener(), "second"), rows({API: [(0, "a"), (2, "c")]})) == 1


def test_after_merging_an_event_is_still_known(writing: Writing) -> None:
    write(writing, rows({API: [(0, "a")], JOBS: [(0, "x")]}))
    write(writing, rows({API: [(1, "b")]}))
    done = writing.store.upkeep.compact(writing.lease, NOW)
    assert (done.segments_before, done.segments_after, done.rows_removed) == (2, 1, 0)
    assert write(writing, rows({API: [(0, "a"), (1, "b"), (2, "c")]})) == 1
    assert messages(writing.store, [API]) == ["a", "b", "c"]
    assert messages(writing.store, [JOBS]) == ["x"]


def test_a_past_day_is_sealed_and_kept_for_its_time(writing: Writing) -> None:
    write(writing, rows({API: [(0, "a")]}))
    later = NOW + DAY
    writing.store.upkeep.compact(writing.lease, later)
    [logs] = [t for t in writing.store.upkeep.stats().tables if t.table == LOGS]
    assert (logs.rows, logs.fresh, logs.merged, logs.sealed) == (1, 0, 0, 1)
    assert messages(writing.store) == ["a"]
    assert writing.store.upkeep.verify().ok


def test_events_older_than_their_retention_go(writing: Writing) -> None:
    write(writing, rows({API: [(0, "a")]}))
    lease = writing.store.acquire("tests", NOW + 91 * DAY, HOUR)
    assert lease is not None
    assert writing.store.upkeep.retain(lease, NOW + 91 * DAY).rows == 1
    assert messages(writing.store) == []


def test_a_field_has_one_type_after_merging_and_spells_numbers_shortly(writing: Writing) -> None:
    write(writing, rows({API: [(0, "a"), (1, "b")]}, {"status": [200.0, 0.5]}))
    write(
        writing, rows({API: [(2, "c"), (3, "d")]}, {"status": ["none", None], "ok": [True, None]})
    )
    writing.store.upkeep.compact(writing.lease, NOW)
    [segment] = writing.store.logs.segments(0, epoch_ms(NOW))
    assert segment.fields["status"] == FieldInfo(FieldKind.MIXED, 3, True)
    assert read(writing.store, columns=("f.status", "f.ok")) == [
        ("0.5", None),
        ("200", None),
        ("none", True),
        (None, None),
    ]


def test_a_field_that_is_rare_somewhere_is_rare_after_merging(writing: Writing) -> None:
    write(writing, rows({API: [(0, "a")]}, {"user": ["u"]}))
    seldom = rows({API: [(1, "b")]})
    write(
        writing, LogRows(seldom.groups, seldom.frame, {"user": FieldInfo(FieldKind.TEXT, 1, False)})
    )
    writing.store.upkeep.compact(writing.lease, NOW)
    [segment] = writing.store.logs.segments(0, epoch_ms(NOW))
    assert segment.fields["user"] == FieldInfo(FieldKind.TEXT, 2, False)


def test_only_the_rows_of_the_wanted_groups_are_opened(writing: Writing) -> None:
    write(writing, rows({API: [(n % 60, f"a{n}") for n in range(500)], JOBS: [(0, "x")]}))
    [segment] = writing.store.logs.segments(0, epoch_ms(NOW), [JOBS])
    assert (segment.rows, segment.whole) == (1, False)
    [segment] = writing.store.logs.segments(0, epoch_ms(NOW))
    assert (segment.rows, segment.whole) == (501, True)


def test_segments_outside_the_time_are_not_opened(writing: Writing) -> None:
    write(writing, rows({API: [(0, "a")]}))
    write(writing, rows({API: [(30, "b")]}))
    found = writing.store.logs.segments(epoch_ms(START) + 1, epoch_ms(NOW))
    assert [s.first_ms for s in found] == [epoch_ms(START + timedelta(minutes=30))]


def test_an_id_leads_to_the_segments_that_hold_it(writing: Writing) -> None:
    write(writing, rows({API: [(0, f"START RequestId: {ID} Version: 1")]}))
    write(writing, rows({API: [(1, f"START RequestId: {UUID(int=7)} Version: 1")]}))
    segments = writing.store.logs.segments(0, epoch_ms(NOW))
    for wanted in (keys_of_equal(ID), keys_inside(ID), keys_inside(f"{ID[3:]} Ver")):
        assert [writing.store.logs.may_hold(s, wanted) for s in segments] == [False, True]


def test_the_file_can_be_read_by_others(writing: Writing, settings: StoreSettings) -> None:
    write(writing, rows({API: [(0, "a")], JOBS: [(0, "b")]}, {"n": [1.0, 2.0]}))
    [path] = (settings.path / "segments" / "logs").rglob("*.parquet")
    frame = pl.read_parquet(path)
    assert frame.columns == [*EVENT_COLUMNS, "f.n"]
    assert frame["message"].to_list() == ["a", "b"]


def test_groups_are_listed_described_and_gone(writing: Writing) -> None:
    write(writing, rows({API: [(0, "a")]}))
    described = LogGroup(API, "arn", retention_days=14, created=START, tags={"team": "web"})
    writing.commit(Batch(log_groups=[described], log_listings=[PROD]))
    [group] = writing.store.logs.groups()
    assert (group.key, group.retention_days, group.created) == (API, 14, START)
    assert (group.tags, group.last_seen) == ({"team": "web"}, NOW)


def test_what_is_no_event_is_refused_and_nothing_kept(writing: Writing) -> None:
    logs = rows({API: [(0, "a")]})
    bad = LogRows(logs.groups, logs.frame.with_columns(event=pl.lit(None, dtype=pl.UInt64)))
    with pytest.raises(ValueError, match="have no event"):
        write(writing, bad)
    with pytest.raises(ValueError, match=r"lack the column f\.user"):
        write(
            writing, LogRows(logs.groups, logs.frame, {"user": FieldInfo(FieldKind.TEXT, 1, True)})
        )
    assert messages(writing.store) == []


def test_events_are_counted_by_their_minute_and_by_the_minute_they_came_in(
    writing: Writing,
) -> None:
    given = rows({API: [(0, "a"), (0, "b"), (2, "c"), (9, "d")], JOBS: [(0, "x")]})
    late = given.frame.with_columns(ingested=pl.col("at") + pl.duration(minutes=3))
    write(writing, LogRows(given.groups, late))
    window = Window(START, START + 5 * MINUTE)
    found = writing.store.logs.counts(API, window)
    assert found.rows() == [
        (START, 2, None),
        (START + 2 * MINUTE, 1, None),
        (START + 3 * MINUTE, None, 2),
    ]
    window = Window(START + 12 * MINUTE, START + 13 * MINUTE)
    assert writing.store.logs.counts(API, window).rows() == [(window.start, None, 1)]
    assert writing.store.logs.counts(LogGroupKey(PROD, "/none"), window).is_empty()


def test_groups_far_apart_are_read_together(writing: Writing) -> None:
    keys = [LogGroupKey(PROD, f"/group-{n:02}") for n in range(40)]
    write(writing, rows({key: [(0, f"{n}"), (1, f"{n}")] for n, key in enumerate(keys)}))
    assert messages(writing.store, keys[::2]) == sorted(2 * [str(n) for n in range(0, 40, 2)])
    assert messages(writing.store, keys[:20:3]) == sorted(2 * [str(n) for n in range(0, 20, 3)])


def test_numbers_and_short_texts_are_bounded(writing: Writing) -> None:
    write(
        writing,
        rows(
            {API: [(0, "a"), (1, "b")]},
            {
                "ms": [0.5, 20.0],
                "level": ["WARN", "INFO"],
                "text": ["x" * 65, "y"],
                "ok": [True, None],
            },
        ),
    )
    [segment] = writing.store.logs.segments(0, epoch_ms(NOW))
    assert segment.facts.bounds == {"ms": (0.5, 20.0), "level": ("INFO", "WARN")}


def test_a_reader_that_slept_while_segments_were_merged_looks_again(opener: Opener) -> None:
    writing = hold(opener())
    write(writing, rows({API: [(0, "a")]}))
    asleep = opener(writer=False)
    write(writing, rows({API: [(1, "b")]}))
    writing.store.upkeep.compact(writing.lease, NOW)
    writing.store.upkeep.compact(writing.lease, NOW + HOUR / 2)
    assert messages(asleep) == ["a", "b"]
