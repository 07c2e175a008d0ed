"""Which log segments are merged, into what, and that nothing changes for who reads them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

from app.config import StoreSettings
from app.model.logs import FieldInfo, FieldKind, LogRows
from app.model.time import epoch_ms, from_epoch_ms
from app.store import merging, open_store
from app.store.log_facts import GROUP_ROW, LogFacts
from app.store.log_merging import slices
from app.store.log_planning import (
    LARGE,
    PIECES,
    SMALL,
    LogMerge,
    fresh_merges,
    past_merges,
    piece_merges,
)
from app.store.log_union import united
from app.store.segments import Bounds, Level, Segment
from tests.store.log_samples import API, JOBS, messages, read, rows, write
from tests.store.samples import DAY, HOUR, MINUTE, NOW, Writing, at, hold

STEP = timedelta(seconds=10)


def segment(
    start: str, end: str, count: int, level: Level = Level.MERGED, number: int = 0
) -> Segment:
    bounds = Bounds((epoch_ms(at(start)), epoch_ms(at(end))), (1, 9), (0, 0), (number, number))
    path = f"{start}-{end}-{count}-{number}"
    return Segment("logs", path, level, count, count * 90, "", bounds, number)


def named(merges: Sequence[LogMerge]) -> list[tuple[list[int], Level]]:
    return [([s.rows for s in merge.inputs], merge.level) for merge in merges]


def test_one_fresh_segment_of_today_is_left_alone() -> None:
    assert fresh_merges([segment("11:00", "11:01", 10, Level.FRESH)], NOW) == []


def test_fresh_segments_are_merged_in_order_of_time() -> None:
    live = [segment("11:01", "11:02", 20, Level.FRESH), segment("11:00", "11:01", 10, Level.FRESH)]
    assert named(fresh_merges(live, NOW)) == [([10, 20], Level.MERGED)]


def test_one_fresh_segment_of_a_past_day_does_not_wait_for_another() -> None:
    live = [segment("2026-11-22T11:00", "2026-11-22T12:00", 10, Level.FRESH)]
    assert named(fresh_merges(live, NOW)) == [([10], Level.MERGED)]


def test_what_is_much_older_than_what_is_merged_is_cut_off() -> None:
    live = [
        segment("08:00", "11:30", 500),
        segment("08:30", "11:45", 10, Level.FRESH),
        segment("11:45", "11:46", 10, Level.FRESH),
    ]
    [merge] = fresh_merges(live, NOW)
    assert merge.cuts == (epoch_ms(at("11:00")),)
    assert merge.newest


def test_eight_small_pieces_are_merged() -> None:
    live = [segment(f"11:0{n}", f"11:0{n}", 100, number=n) for n in range(PIECES)]
    assert named(piece_merges(live, NOW)) == [([100] * PIECES, Level.MERGED)]
    assert piece_merges(live[1:], NOW) == []


def test_the_newest_pieces_stay_small_until_they_are_older() -> None:
    count = SMALL * 3 // 4
    live = [segment(f"11:0{n}", f"11:0{n}", count, number=n) for n in range(9)]
    [merge] = piece_merges(live, NOW)
    assert [s.id for s in merge.inputs] == [5, 4, 3, 2, 1, 0]
    assert piece_merges(live[:5], NOW) == []


def test_pieces_are_large_by_their_bytes_too() -> None:
    live = [segment(f"11:0{n}", f"11:0{n}", 1000, number=n) for n in range(PIECES)]
    assert piece_merges([replace(s, bytes=LARGE * 90) for s in live], NOW) == []


def test_a_past_day_is_packed_harder_and_late_pieces_wait_to_be_joined() -> None:
    day = "2026-11-22T"
    sealed = [segment(f"{day}00:00", f"{day}23:00", LARGE, Level.SEALED)]
    late = [segment(f"{day}11:00", f"{day}12:00", 10)]
    assert named(past_merges([*sealed, *late], NOW)) == [([10], Level.SEALED)]
    pieces = [segment(f"{day}1{n}:00", f"{day}1{n}:00", 10, Level.SEALED, n) for n in range(PIECES)]
    assert piece_merges([*sealed, *pieces[1:]], NOW) == []
    assert named(piece_merges([*sealed, *pieces], NOW)) == [([10] * PIECES, Level.SEALED)]


def cut(
    density: Mapping[str, float], cuts: Sequence[str] = (), *, newest: bool = False
) -> list[tuple[datetime, datetime]]:
    """Slices of events of these weights, as times."""
    steps = np.array([epoch_ms(at(text)) for text in density], dtype=np.int64)
    forced = tuple(epoch_ms(at(text)) for text in cuts)
    merge = LogMerge((), Level.MERGED, forced, newest)
    found = slices(steps, np.array(list(density.values())), merge)
    return [(from_epoch_ms(start), from_epoch_ms(end)) for start, end in found]


def test_a_slice_has_at_most_the_wanted_rows() -> None:
    density = {"11:00": LARGE * 0.6, "11:01": LARGE * 0.3, "11:02": LARGE * 0.3}
    assert cut(density) == [
        (at("11:00"), at("11:00") + STEP),
        (at("11:00") + STEP, at("11:02") + STEP),
    ]


def test_the_newest_slices_are_small() -> None:
    density = {f"11:0{n}": SMALL * 0.9 for n in range(8)}
    ends = [end for _, end in cut(density, newest=True)]
    assert ends == [at(f"11:0{n}") + STEP for n in (0, 2, 4, 5, 6, 7)]


def test_a_slice_ends_with_the_day() -> None:
    density = {"2026-11-23T23:59": 1.0, "2026-11-24T00:00": 1.0}
    assert cut(density) == [
        (at("2026-11-23T23:59"), at("2026-11-24T00:00")),
        (at("2026-11-24T00:00"), at("2026-11-24T00:00") + STEP),
    ]


def test_a_slice_ends_where_it_must() -> None:
    assert cut({"08:00": 1.0, "11:30": 1.0}, ["11:00"]) == [
        (at("08:00"), at("11:00")),
        (at("11:00"), at("11:30") + STEP),
    ]


def test_more_events_at_one_moment_than_a_slice_has_are_one_slice() -> None:
    assert cut({"11:00": LARGE * 3.0}) == [(at("11:00"), at("11:00") + STEP)]


def facts(*, more: bool = False, **fields: FieldInfo) -> tuple[int, LogFacts]:
    groups = np.zeros(1, dtype=GROUP_ROW)
    return 100, LogFacts(groups, fields, {}, more, (0, 0), 0, (0, 0))


TEXT, RARE = FieldInfo(FieldKind.TEXT, 60, True), FieldInfo(FieldKind.TEXT, 1, False)


def test_a_field_that_one_segment_does_not_hold_keeps_its_column() -> None:
    found = united([facts(a=TEXT), facts()], complete=False)
    assert (found.columns, found.infos["a"].count, found.more) == (("a",), 60, False)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(facts(a=RARE), id="rare in another segment"),
        pytest.param(facts(more=True), id="maybe in another segment, unlisted"),
    ],
)
def test_a_field_without_a_column_somewhere_has_one_only_if_messages_are_read(
    other: tuple[int, LogFacts],
) -> None:
    assert united([facts(a=TEXT), other], complete=False).columns == ()
    assert united([facts(a=TEXT), other], complete=True).columns == ("a",)


def test_for_a_field_that_hardly_any_event_holds_no_message_is_read() -> None:
    little = FieldInfo(FieldKind.TEXT, 2, True)
    assert united([facts(a=little), facts(a=RARE)], complete=True).columns == ()


def test_the_most_frequent_fields_have_columns_and_are_listed() -> None:
    many = {f"f{n:04}": FieldInfo(FieldKind.TEXT, 5000 - n, True) for n in range(1200)}
    found = united([facts(**many)], complete=True)
    assert (len(found.columns), len(found.infos), found.more) == (256, 1000, True)
    assert found.columns[-1] == "f0255"


def mixed_up(writing: Writing) -> None:
    """Commits that overlap in time and groups, some with events of a day before."""
    for first in range(0, 40, 4):
        write(writing, rows({API: [(m, f"api {m}") for m in range(first, first + 9)]}))
        write(writing, rows({JOBS: [(m - 1440, f"late {m}") for m in range(first, first + 2)]}))


def test_merging_changes_nothing_for_who_reads(writing: Writing) -> None:
    mixed_up(writing)
    before = read(writing.store)
    assert len(before) == 45 + 20
    for now in (NOW, NOW + MINUTE, NOW + DAY, NOW + 2 * DAY):
        lease = writing.store.acquire("tests", now, HOUR)
        assert lease is not None
        writing.store.upkeep.compact(lease, now)
        assert read(writing.store) == before
        assert read(writing.store, [JOBS]) == [row for row in before if "late" in str(row[1])]
    [logs] = [t for t in writing.store.upkeep.stats().tables if t.table == "logs"]
    assert (logs.fresh, logs.merged, logs.sealed) == (0, 0, 2)
    assert writing.store.upkeep.verify().ok


def only_user(
    texts: pl.Series, groups: Sequence[str], names: Collection[str]
) -> Mapping[str, tuple[FieldKind, pl.Series]]:
    """Reads the field ``user`` of messages like ``user=7``."""
    assert set(groups) == {"/api"}
    assert list(names) == ["user"]
    found = texts.str.extract("user=(.)", 1).alias("f.user")
    return {"user": (FieldKind.TEXT, found)}


def test_a_column_is_completed_from_messages(settings: StoreSettings) -> None:
    seldom = rows({API: [(1, "user=2"), (3, "none")]})
    hidden = LogRows(seldom.groups, seldom.frame, {"user": FieldInfo(FieldKind.TEXT, 1, False)})
    reading = hold(open_store(settings, NOW, read_fields=only_user))
    write(reading, rows({API: [(0, "user=1")]}, {"user": ["1"]}))
    write(reading, hidden)
    reading.store.upkeep.compact(reading.lease, NOW)
    assert read(reading.store, columns=("message", "f.user")) == [
        ("none", None),
        ("user=1", "1"),
        ("user=2", "2"),
    ]
    reading.store.close()


def test_what_comes_while_days_are_sealed_is_merged_between_them(
    settings: StoreSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merging, "MANY_WAITING", 3)
    fresh = []

    def busy(
        texts: pl.Series, groups: Sequence[str], names: Collection[str]
    ) -> Mapping[str, tuple[FieldKind, pl.Series]]:
        [logs] = [t for t in reading.store.upkeep.stats().tables if t.table == "logs"]
        fresh.append(logs.fresh)
        for number in range(3):
            write(reading, rows({API: [(2880 + number, f"new {len(fresh)}")]}), NOW + 2 * DAY)
        return only_user(texts, groups, names)

    reading = hold(open_store(settings, NOW, read_fields=busy))
    rare = {"user": FieldInfo(FieldKind.TEXT, 1, False)}
    for day in (-1440, 0):
        seldom = rows({API: [(day, "user=2")]})
        write(reading, LogRows(seldom.groups, seldom.frame, rare))
    reading.store.upkeep.compact(reading.lease, NOW - 2 * DAY)
    for day in (-1440, 0):
        often = rows({API: [(day + m, "user=1") for m in range(1, 6)]}, {"user": ["1"] * 5})
        write(reading, often)
    reading.store.upkeep.compact(reading.lease, NOW - 2 * DAY)
    assert fresh == []
    lease = reading.store.acquire("tests", NOW + 2 * DAY, HOUR)
    assert lease is not None
    reading.lease = lease
    reading.store.upkeep.compact(lease, NOW + 2 * DAY)
    assert fresh == [0, 0]
    reading.store.close()


def test_events_of_one_message_are_all_kept(writing: Writing) -> None:
    write(writing, rows({API: [(n, "same") for n in range(50)]}))
    write(writing, rows({API: [(n, "same") for n in range(25, 75)]}))
    writing.store.upkeep.compact(writing.lease, NOW)
    assert messages(writing.store) == ["same"] * 75
