"""Traces in the store: written together with what is there, read whole, merged and damaged."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import orjson
import polars as pl
import pytest

from app.config import StoreSettings
from app.model.groups import TRACES
from app.model.rounds import Batch, Covered, Settledness
from app.model.time import Window
from app.model.traces import Flaw, Problem, SpanKind, TraceSource
from tests.store.samples import NOW, Writing
from tests.support.traces import (
    PLACE,
    START,
    TRACE,
    Documents,
    blog_request,
    handed_over,
    trace_id,
)

HOUR = Window(START, START + timedelta(hours=1))


@pytest.fixture
def settings(tmp_path: Path, empty_catalog: Path) -> StoreSettings:
    """On SQLite only: nothing here depends on the catalog."""
    folder = tmp_path / "store"
    folder.mkdir()
    shutil.copy(empty_catalog, folder)
    return StoreSettings(path=folder)


def put(writing: Writing, *given, now=NOW) -> None:
    writing.commit(Batch(traces=given), now=now)


def test_a_trace_comes_back_as_it_was_handed_over(writing):
    put(writing, handed_over(*blog_request(7, status=502)))
    found = writing.store.traces.trace(trace_id(7))
    assert [(s.name, s.kind) for s in found.segments] == [
        ("blog/prod", SpanKind.SEGMENT),
        ("blog-posts", SpanKind.SEGMENT),
        ("blog-posts", SpanKind.SEGMENT),
        ("DynamoDB", SpanKind.INFERRED),
        ("SQS", SpanKind.INFERRED),
    ]
    assert (found.summary.fault, found.summary.response_time) == (True, 90_000)
    assert (found.place, found.problems) == (PLACE, ())
    assert found.summary.users == ("u-7",)


def test_rows_tell_who_called_and_what_the_caller_measured(writing):
    put(writing, handed_over(*blog_request()))
    spans = writing.store.traces.spans(HOUR).collect()
    assert spans.height == 9
    called = spans.filter(pl.col("caller_name").is_not_null()).sort("start", "node_name")
    wanted = called.select("caller_name", "node_name", "node_type", "duration", "call_duration")
    assert wanted.rows() == [
        ("blog/prod", "blog-posts", "AWS::Lambda", 75_000, 80_000),
        ("blog-posts", "blog-posts", "AWS::Lambda::Function", 64_000, 64_000),
        ("blog-posts", "posts", "AWS::DynamoDB::Table", 30_000, 30_000),
        (
            "blog-posts",
            "https://sqs.eu-central-1.amazonaws.com/111111111111/mail",
            "AWS::SQS::Queue",
            10_000,
            10_000,
        ),
    ]


def test_windows_hold_whole_traces_by_their_start(writing):
    put(writing, *(handed_over(*blog_request(n)) for n in range(3)))
    reader = writing.store.traces
    assert reader.traces(HOUR).collect().height == 3
    assert (
        reader.spans(Window(HOUR.start + timedelta(milliseconds=1), HOUR.end)).collect().is_empty()
    )
    one = reader.spans(ids=[trace_id(2)]).collect()
    assert (one.height, one["trace_id"].unique().to_list()) == (9, [trace_id(2)])


def test_what_comes_later_is_put_together_with_what_is_there(writing):
    stage, service, function = blog_request()
    put(writing, handed_over(stage))
    alone = writing.store.traces.trace(trace_id())
    assert [s.kind for s in alone.segments] == [SpanKind.SEGMENT, SpanKind.INFERRED]
    put(writing, handed_over(service, function))
    joined = writing.store.traces.trace(trace_id())
    assert [s.name for s in joined.segments] == [
        "blog/prod", "blog-posts", "blog-posts", "DynamoDB", "SQS",
    ]  # fmt: skip
    assert writing.store.traces.spans(HOUR).collect().height == 9
    row = writing.store.traces.traces(HOUR).collect().row(0, named=True)
    assert (row["spans"], row["inferred"], row["cold_start"]) == (9, True, False)


def test_a_whole_trace_replaces_what_is_there(writing):
    put(writing, handed_over(*blog_request()))
    put(writing, handed_over(blog_request()[0], whole=True))
    assert len(writing.store.traces.trace(trace_id()).segments) == 2


def test_a_completed_segment_is_not_undone_by_one_in_progress(writing):
    make = Documents()
    done = make.segment("shop", took=100)
    put(writing, handed_over(done))
    begun = {key: value for key, value in done.items() if key != "end_time"}
    put(writing, handed_over(begun | {"in_progress": True}))
    assert writing.store.traces.trace(TRACE).summary.duration == 100_000


def test_a_window_of_a_trace_does_not_move_when_an_earlier_segment_comes(writing):
    make = Documents()
    late = make.segment("late", at=60_000)
    put(writing, handed_over(late))
    put(writing, handed_over(make.segment("early", at=0)))
    after = Window(START + timedelta(seconds=30), HOUR.end)
    rows = writing.store.traces.traces(after).collect()
    assert (rows.height, rows["start"].to_list()) == (1, [int(START.timestamp()) * 1_000_000])


def test_a_summary_alone_has_a_row_and_no_spans(writing):
    summary = {"StartTime": START.timestamp(), "Duration": 0.2, "ResponseTime": 0.1}
    summary |= {"HasFault": True, "Revision": 2, "Users": [{"UserName": "ann"}]}
    put(writing, handed_over(summary=summary))
    put(writing, handed_over(summary=summary | {"Revision": 1, "HasFault": False}))
    found = writing.store.traces.trace(TRACE)
    assert (found.segments, found.summary.fault, found.summary.users) == ((), True, ("ann",))
    put(writing, handed_over(summary=summary | {"Revision": 3, "HasFault": False}))
    assert not writing.store.traces.trace(TRACE).summary.fault


def test_what_was_wrong_stays_told_when_more_comes(writing):
    make = Documents()
    problem = Problem(Flaw.NOT_JSON, "", "unexpected end")
    put(writing, handed_over(make.segment("a"), problems=(problem,)))
    lost = make.segment("b") | {"parent_id": "00000000deadbeef"}
    put(writing, handed_over(lost))
    put(writing, handed_over(make.segment("c")))
    found = writing.store.traces.trace(TRACE)
    assert [p.flaw for p in found.problems] == [Flaw.NOT_JSON, Flaw.NO_PARENT]
    assert found.summary.partial


def test_a_trace_of_malformed_documents_is_there_to_be_seen(writing):
    bad = replace(handed_over(trace_id=trace_id(9)), documents=("{", "[]", '{"id": 3}'))
    put(writing, bad)
    found = writing.store.traces.trace(trace_id(9))
    assert [str(p.flaw) for p in found.problems][1:] == [
        "not JSON",
        "a required field is missing",
    ]
    assert found.segments == ()


def test_merging_keeps_the_newest_writing_of_each_trace(writing):
    for number in range(4):
        put(writing, handed_over(*blog_request(number)))
    put(writing, handed_over(blog_request(2)[0], whole=True))
    before = writing.store.traces.spans(HOUR).sort("trace_id", "span_id").collect()
    writing.store.upkeep.compact(writing.lease, NOW)
    after = writing.store.traces.spans(HOUR).sort("trace_id", "span_id").collect()
    assert before.equals(after)
    assert after.height == 3 * 9 + 3
    stats = {t.table: t for t in writing.store.upkeep.stats().tables}
    assert (stats["trace_spans"].rows, stats["trace_spans"].fresh) == (30, 0)


def test_another_process_sees_the_same(writing, opener):
    put(writing, handed_over(*blog_request(5)))
    assert opener(writer=False).traces.trace(trace_id(5)) == writing.store.traces.trace(trace_id(5))


def test_deep_metadata_does_no_harm(writing):
    make = Documents()
    nested = b"[" * 400 + b"]" * 400
    text = orjson.dumps(make.segment("x"))[:-1] + b',"metadata": {"d": ' + nested + b"}}"
    put(writing, replace(handed_over(), documents=(text,)))
    assert [s.name for s in writing.store.traces.trace(TRACE).segments] == ["x"]


@pytest.mark.parametrize("depth", [450])
def test_subsegments_nest_as_deep_as_json_goes(writing, depth):
    make = Documents()
    text = b""
    for number in range(depth):
        sub = orjson.dumps(make.subsegment(f"s{number}", took=1))
        text = sub if not text else sub[:-1] + b',"subsegments":[' + text + b"]}"
    top = orjson.dumps(make.segment("top"))[:-1] + b',"subsegments":[' + text + b"]}"
    put(writing, replace(handed_over(), documents=(top,)))
    found = writing.store.traces.trace(TRACE)
    assert (found.problems, sum(1 for _ in found.walk())) == ((), depth + 1)


def test_losing_rows_reopens_the_coverage_that_they_are_part_of(writing, settings):
    covered = [Covered(PLACE, TRACES, HOUR, Settledness.SETTLED)]
    given = Batch(traces=[handed_over(*blog_request())], part_of=covered)
    writing.commit(given)
    writing.commit(Batch(covered=covered))
    assert writing.store.coverage(PLACE, TRACES).answered
    for path in (settings.path / "segments" / "trace_spans").rglob("*.parquet"):
        path.write_bytes(path.read_bytes()[:-20])
    assert not writing.store.upkeep.verify(NOW).ok
    assert not writing.store.coverage(PLACE, TRACES).answered


def test_what_is_sent_twice_is_written_once(writing):
    make = Documents()
    sent = handed_over(make.segment("a"), source=TraceSource.OTLP)
    put(writing, sent)
    put(writing, sent)
    stats = {t.table: t for t in writing.store.upkeep.stats().tables}
    assert (stats["traces"].rows, stats["trace_spans"].rows) == (1, 1)


def test_a_long_span_is_too_long_for_x_ray_alone(writing):
    make = Documents()
    long = make.segment("a", metadata={"m": "x" * 70_000})
    put(writing, handed_over(long))
    assert [p.flaw for p in writing.store.traces.trace(TRACE).problems] == [Flaw.TOO_LONG]
    put(writing, handed_over(long, source=TraceSource.OTLP))
    assert [s.name for s in writing.store.traces.trace(TRACE).segments] == ["a"]


def test_what_a_trace_stands_for_stays_until_all_of_it_is_written_again(writing):
    stage, service, function = blog_request()
    put(writing, handed_over(stage, whole=True, weight=20.0))
    put(writing, handed_over(service, source=TraceSource.OTLP))
    assert writing.store.traces.trace(trace_id()).weight == 20.0
    # What an application sends is all there, and stands for itself.
    weights = writing.store.traces.spans(HOUR).select("source", "weight").unique().collect()
    assert sorted(weights.rows()) == [("otlp", 1.0), ("xray", 20.0)]
    put(writing, handed_over(stage, service, function, whole=True, weight=1.0))
    assert writing.store.traces.trace(trace_id()).weight == 1.0


def test_files_without_a_column_that_was_added_are_read(writing, settings):
    put(writing, handed_over(*blog_request()))
    for path in (settings.path / "segments").rglob("*.parquet"):
        pl.read_parquet(path).drop("weight").write_parquet(path)
    assert writing.store.traces.spans(HOUR).collect()["weight"].to_list() == [None] * 9
    assert writing.store.traces.trace(trace_id()).weight == 1.0
