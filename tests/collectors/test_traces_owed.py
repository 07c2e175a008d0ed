"""Traces that are to be whole and are not yet: when they are asked for again, and where."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest

from app.model.ids import Place
from app.model.rounds import Batch, Result
from app.model.time import Window
from app.model.traces import TraceDocuments, TraceSource
from collectors import traces
from collectors.trace_fetching import Fetcher
from collectors.trace_known import Known, known_here
from tests.collectors.trace_working import (
    HOUR,
    LAST,
    MINUTE,
    NOW,
    PLACE,
    SHORT,
    Make,
    TraceWork,
    received,
)
from tests.support.traces import Documents, handed_over


def test_a_linked_trace_that_x_ray_does_not_have_is_not_missed(make: Make, monkeypatch):
    unknown = "1-00000000-" + 24 * "0"
    monkeypatch.setattr(traces, "linked_ids", lambda _: [unknown])
    work = make()
    done = work.read(SHORT)
    assert (done.result, done.message) == (Result.OK, "")
    assert work.store.trace_book.owed(PLACE) == []


def test_one_read_fetches_no_more_than_its_time_allows(make: Make, monkeypatch):
    monkeypatch.setattr(traces, "MOST_WHOLE", 12)
    work = make(share=1.0)
    done = work.read()
    assert done.result is Result.PARTIAL
    assert "are not fetched whole: X-Ray gives about ten a second" in done.message
    found = work.traces()
    whole = found.filter(pl.col("spans") > 0)
    assert whole.height == 12
    assert (whole["fault"] | whole["error"] | whole["throttle"]).sum() > 0
    assert found.height == len(received(work, LAST))


def lacking(work: TraceWork, window: Window) -> set[str]:
    """The failed traces of a window that are not stored whole."""
    ids = [seen.recorded.trace_id for seen in received(work, window)]
    failed = pl.col("fault") | pl.col("error") | pl.col("throttle")
    kept = work.traces().filter(failed, pl.col("trace_id").is_in(ids), pl.col("spans") == 0)
    return set(kept["trace_id"])


def test_failed_traces_past_what_one_read_fetches_come_with_the_next(make: Make, monkeypatch):
    monkeypatch.setattr(traces, "MOST_WHOLE", 2)
    work = make(share=0.0, slowest=0)
    done = work.read()
    failures = lacking(work, LAST)
    owed = work.store.trace_book.owed(PLACE)
    assert {one.trace_id for one in owed} == failures
    told = (
        f"{len(failures)} traces are still to be fetched whole, the oldest since 2026-11-24 10:07"
    )
    assert told in done.message
    monkeypatch.setattr(traces, "MOST_WHOLE", 2_500)
    old = received(work, LAST)
    work.later(2 * MINUTE)
    work.__post_init__()  # as after a restart
    done = work.read(Window(LAST.end, LAST.end + MINUTE))
    assert "still to be fetched" not in done.message
    assert work.store.trace_book.owed(PLACE) == []
    failed = pl.col("fault") | pl.col("error") | pl.col("throttle")
    found = work.traces().filter(
        failed, pl.col("trace_id").is_in([s.recorded.trace_id for s in old])
    )
    assert found.height > 2
    assert (found["spans"] > 0).all()


def test_a_failed_trace_that_is_not_processed_is_fetched_when_it_is_seen_again(
    make: Make, monkeypatch
):
    work = make(share=0.0, slowest=0)
    with monkeypatch.context() as patched:
        patched.setattr(Fetcher, "_ask", lambda self, place, ids, found: list(ids))
        assert "were not given by X-Ray" in work.read().message
        assert lacking(work, LAST)
    work.read()
    assert not lacking(work, LAST)
    assert work.store.trace_book.owed(PLACE) == []


def test_a_failed_trace_that_x_ray_never_gives_is_not_asked_for_for_ever(make: Make, monkeypatch):
    work = make(share=0.0, slowest=0)
    asked: list[str] = []

    def none(self, place, ids, found):
        asked.extend(ids)
        return list(ids)

    monkeypatch.setattr(Fetcher, "_ask", none)
    work.read(SHORT)
    first = set(asked)
    assert first
    nothing = Window(NOW + HOUR, NOW + HOUR + timedelta(seconds=1))
    for _ in range(3):
        asked.clear()
        work.read(nothing)
        assert first <= set(asked)
    asked.clear()
    work.read(nothing)
    assert asked == []


def test_each_place_is_asked_for_its_own_part_of_a_trace(make: Make):
    work = make()
    work.read()
    row = work.traces().filter(pl.col("spans") > 0).row(0, named=True)
    known = known_here(work.store.traces, PLACE, [row["trace_id"]])[row["trace_id"]]
    assert (known.revision, known.whole) == (row["revision"], True)
    other = Place("222222222222", "us-east-1")
    away = known_here(work.store.traces, other, [row["trace_id"]])[row["trace_id"]]
    assert (away.revision, away.whole, away.is_wanted_whole) == (-1, False, True)
    summary = {"Id": row["trace_id"], "Revision": 1}
    assert (known.lacks(summary), away.lacks(summary)) == (False, True)
    # Its part there arrives, as a summary alone; nothing of this place is asked for again.
    told = TraceDocuments(row["trace_id"], other, TraceSource.XRAY, summary=summary)
    work.store.commit(Batch(traces=[told]), lease=work.lease, now=work.now)
    here, there = (
        known_here(work.store.traces, place, [row["trace_id"]])[row["trace_id"]]
        for place in (PLACE, other)
    )
    assert here == replace(known, told_by=(other,))
    assert (here.elsewhere, here.is_wanted_whole) == (False, True)
    assert there == Known(1, whole=False, elsewhere=True)
    assert [there.lacks(summary | more) for more in ({}, {"HasFault": True})] == [False, True]


def test_a_whole_trace_of_which_another_place_only_told_is_owed_there(make: Make):
    work = make(share=1.0)
    one = received(work, SHORT)[0].recorded.trace_id
    other = Place("222222222222", "us-east-1")
    told = TraceDocuments(one, other, TraceSource.XRAY, summary={"Id": one, "Revision": 1})
    work.store.commit(Batch(traces=[told]), lease=work.lease, now=work.now)
    work.read(SHORT)
    assert [o.trace_id for o in work.store.trace_book.owed(other)] == [one]
    assert work.store.trace_book.owed(PLACE) == []


def test_spans_that_applications_sent_do_not_have_x_ray_fetched(make: Make):
    work = make(share=0.0, slowest=0)
    fine = [
        s for s in received(work, SHORT) if not (s.trace.summary.fault or s.trace.summary.error)
    ]
    one = fine[0].recorded.trace_id
    sent = handed_over(Documents(one).segment("app"), place=PLACE, source=TraceSource.OTLP)
    work.store.commit(Batch(traces=[sent]), lease=work.lease, now=work.now)
    known = known_here(work.store.traces, PLACE, [one])[one]
    assert known == Known()
    assert known.lacks({"Id": one, "Revision": 1})


def test_slow_and_drawn_traces_that_were_not_given_come_with_the_next_read(make: Make, monkeypatch):
    work = make(share=0.2, slowest=1)
    with monkeypatch.context() as patched:
        patched.setattr(Fetcher, "_ask", lambda self, place, ids, found: list(ids))
        work.read()
    told = work.traces()
    failed = pl.col("fault") | pl.col("error") | pl.col("throttle")
    fine = set(told.filter(~failed)["trace_id"])
    owed = {one.trace_id: one.weight for one in work.store.trace_book.owed(PLACE)}
    assert {owed[id_] for id_ in owed.keys() & fine} == {1.0, 5.0}
    work.later(2 * MINUTE)
    work.__post_init__()  # as after a restart
    work.read(Window(LAST.end, LAST.end + timedelta(seconds=1)))
    assert work.store.trace_book.owed(PLACE) == []
    whole = work.traces().filter(pl.col("trace_id").is_in(told["trace_id"]), pl.col("spans") > 0)
    assert dict(zip(whole["trace_id"], whole["weight"], strict=True)) == owed
    # Together they stand for all, so that the map counts no fewer.
    assert whole["weight"].sum() == pytest.approx(told.height, rel=0.25)


def test_what_the_budget_holds_back_is_owed(make: Make):
    work = make(per_month=10, share=1.0)
    assert "traces are not fetched whole" in work.read().message
    assert {one.trace_id for one in work.store.trace_book.owed(PLACE)} == set(
        work.traces()["trace_id"]
    )
