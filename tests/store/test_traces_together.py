"""One trace of several senders and places: what is put together, and what replaces what."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from app.config import StoreSettings
from app.model import trace_merging
from app.model.ids import Place
from app.model.rounds import Batch
from app.model.time import Window
from app.model.traces import Flaw, Node, Problem, Trace, TraceSource
from tests.store.samples import NOW, Writing
from tests.support.traces import PLACE, START, TRACE, Document, Documents, handed_over, http

AWAY = Place("222222222222", "us-east-1")
HOUR = Window(START, START + timedelta(hours=1))
OTLP, SPANS = TraceSource.OTLP, TraceSource.AWS_SPANS


@pytest.fixture
def settings(tmp_path: Path, empty_catalog: Path) -> StoreSettings:
    """On SQLite only: nothing here depends on the catalog."""
    folder = tmp_path / "store"
    folder.mkdir()
    shutil.copy(empty_catalog, folder)
    return StoreSettings(path=folder)


def put(writing: Writing, *documents: Document, **more: Any) -> Trace:
    """The trace as it is stored after one more commit of it."""
    writing.commit(Batch(traces=[handed_over(*documents, trace_id=TRACE, **more)]), now=NOW)
    return read(writing)


def read(writing: Writing) -> Trace:
    found = writing.store.traces.trace(TRACE)
    assert found is not None
    return found


def traces_written(writing: Writing) -> int:
    """How often rows of traces were written, those that newer ones replaced too."""
    return next(t.rows for t in writing.store.upkeep.stats().tables if t.table == "traces")


def names(trace: Trace) -> list[str]:
    return [span.name for span in trace.walk()]


def told(revision: int = 1, **more: Any) -> Mapping[str, Any]:
    """A summary of X-Ray: a fault after nine seconds."""
    return {
        "Revision": revision,
        "StartTime": START.timestamp(),
        "Duration": 9.5,
        "ResponseTime": 9.0,
        "HasFault": True,
        "IsPartial": False,
        "Http": {"HttpURL": "https://blog.example.org/posts", "HttpStatus": 502},
        "Annotations": {"tenant": [{"AnnotationValue": {"StringValue": "t1"}}]},
        "Users": [{"UserName": "ann"}],
        "ServiceIds": [{"Name": "api", "AccountId": PLACE.account, "Type": "AWS::ApiGateway"}],
        "EntryPoint": {"Name": "api", "AccountId": PLACE.account, "Type": "AWS::ApiGateway"},
        "FaultRootCauses": [{"ClientImpacting": True}],
    } | more


def test_reading_x_ray_again_takes_away_only_what_came_from_x_ray(writing: Writing) -> None:
    make = Documents()
    front, gone, back = (make.segment(name, n) for n, name in enumerate(("front", "gone", "back")))
    put(writing, front, gone, whole=True, summary=told(1))
    put(writing, make.segment("app", 10), source=OTLP)
    put(writing, make.segment("lambda", 20), source=SPANS)
    found = put(writing, front, back, whole=True, summary=told(2))
    assert names(found) == ["front", "back", "app", "lambda"]
    sources = {s.name: s.collected.source for s in found.segments}
    assert sources == {"front": "xray", "back": "xray", "app": "otlp", "lambda": "aws_spans"}


def test_a_span_that_two_sent_is_one_as_the_fuller_tells_it(writing: Writing) -> None:
    make = Documents()
    call = make.call("DynamoDB", 5, 10, operation="GetItem", table_name="posts")
    top = make.segment("api", subsegments=[call], http=http(200), origin="AWS::Lambda")
    bare = {key: top[key] for key in ("trace_id", "id", "name", "start_time", "end_time")}
    alone = {**call, "trace_id": TRACE, "type": "subsegment", "parent_id": top["id"]}
    put(writing, bare, alone, source=SPANS)
    found = put(writing, top, whole=True, summary=told())
    assert names(found) == ["api", "DynamoDB", "DynamoDB"]  # the last one is the table, inferred
    assert (found.segments[0].status, found.problems) == (200, ())
    rows = writing.store.traces.spans(HOUR).collect()
    assert (rows.height, rows["source"].unique().to_list()) == (3, ["aws_spans"])
    # X-Ray has dropped it since; the log group still has it.
    found = put(writing, make.segment("other", 50), whole=True, summary=told(2))
    assert names(found)[:2] == ["api", "DynamoDB"]


@pytest.fixture
def both_told() -> Mapping[str, Mapping[str, Any]]:
    """The same span as X-Ray has it, and as an exporter with much more metadata has it."""
    top = Documents().segment("api", http={"response": {"status": 200}})
    more = {"http": {"request": {"method": "GET"}}, "aws": {"request_id": "r"}, "user": "ann"}
    metadata = {f"m{n}": n for n in range(9)}
    return {
        "xray": top | {"annotations": {"tenant": "t1", "plan": "x"}, "metadata": {"x": 1}},
        "otlp": top | more | {"annotations": {"plan": "o", "shop": "s"}, "metadata": metadata},
    }


@pytest.mark.parametrize("order", ["xo", "ox", "xoo", "oxo", "xox", "oxx", "oxox"])
def test_what_one_tells_of_a_span_is_not_lost_to_the_other(
    writing: Writing, both_told: Mapping[str, Document], order: str
) -> None:
    for n, letter in enumerate(order):
        if letter == "x":
            put(writing, both_told["xray"], whole=True, summary=told(n + 1))
        else:
            put(writing, both_told["otlp"], source=OTLP)
    found = read(writing)
    (span,) = found.segments
    assert span.annotations == {"tenant": "t1", "plan": "x", "shop": "s"}
    assert span.metadata == {"x": 1, **{f"m{n}": n for n in range(9)}}
    assert (span.status, span.request, span.user) == (200, {"method": "GET"}, "ann")
    assert (span.collected.source, found.problems) == ("otlp", ())
    assert found.summary.annotations["tenant"] == ("t1",)


def test_x_ray_revises_what_it_told_beside_another(
    writing: Writing, both_told: Mapping[str, Document]
) -> None:
    put(writing, both_told["xray"], whole=True, summary=told(1))
    put(writing, both_told["otlp"], source=OTLP)
    later = both_told["xray"] | {"annotations": {"tenant": "t2"}}
    put(writing, later, whole=True, summary=told(2))
    # The exporter repeats it beside something new.
    found = put(
        writing, both_told["otlp"], Documents().segment("b") | {"id": "b" * 16}, source=OTLP
    )
    assert (found.segments[0].annotations["tenant"], found.problems) == ("t2", ())


@pytest.mark.parametrize("order", ["xo", "ox", "xoo", "oxo", "oxoxo"])
def test_a_span_stays_where_it_was_told_to_be(writing: Writing, order: str) -> None:
    top = Documents().segment("api", http=http(200), user="ann")
    for n, letter in enumerate(order):
        if letter == "x":
            put(writing, top, place=AWAY, whole=True, summary=told(n + 1))
        else:  # of the first place, because it tells none
            put(writing, top | {"metadata": {f"m{m}": m for m in range(n + 1)}}, source=OTLP)
    found = read(writing)
    (span,) = found.segments
    assert (span.collected.place, span.node.account) == (AWAY, AWAY.account)
    assert found.places == (AWAY,)


def test_a_repeat_that_tells_no_place_writes_nothing(writing: Writing) -> None:
    top = Documents().segment("api", http=http(200))
    more = top | {"metadata": {"more": "x"}}
    put(writing, more, source=OTLP)
    put(writing, top, place=AWAY, whole=True, summary=told())
    put(writing, more, source=OTLP)
    assert traces_written(writing) == 2


def test_an_application_that_tells_its_account_is_believed(writing: Writing) -> None:
    top, http_and_user = Documents().segment("api"), {"http": http(200), "user": "ann"}
    put(writing, top, source=OTLP)
    told_of = top | {"aws": {"account_id": AWAY.account}}
    put(writing, told_of, place=AWAY, source=OTLP)
    assert put(writing, top | http_and_user, source=OTLP).places == (AWAY,)


def test_a_completed_span_is_not_in_progress_for_another(writing: Writing) -> None:
    done = Documents().segment("app", took=100)
    begun = {k: v for k, v in done.items() if k != "end_time"}
    put(writing, begun | {"in_progress": True, "user": "ann"}, whole=True, summary=told())
    found = put(writing, done, source=OTLP)
    assert (found.segments[0].in_progress, found.segments[0].user) == (False, "ann")
    assert found.problems == ()


def test_a_completed_span_wins_whoever_sent_it(writing: Writing) -> None:
    make = Documents()
    done = make.segment("app", took=100)
    put(writing, done, source=OTLP)
    begun = {k: v for k, v in done.items() if k != "end_time"} | {"in_progress": True, "aws": {}}
    found = put(writing, begun, whole=True, summary=told())
    assert found.segments[0].duration == 100_000


def test_what_was_sent_already_is_not_written_again(writing: Writing) -> None:
    make = Documents()
    top = make.segment("api", http=http(200), origin="AWS::Lambda")
    bare = {key: top[key] for key in ("trace_id", "id", "name", "start_time", "end_time")}
    put(writing, bare, source=SPANS)
    put(writing, top, whole=True, summary=told())
    put(writing, bare, source=SPANS)
    assert traces_written(writing) == 2


@pytest.fixture
def halves(writing: Writing) -> Documents:
    """A request that enters here and goes on in another account and Region."""
    make = Documents()
    call = make.subsegment("orders", 10, 60, namespace="remote", id="00000000000000c1")
    here = make.segment("api", 0, 100, subsegments=[call], http=http(200), user="ann")
    away = make.segment("orders", 20, 40, parent_id=call["id"], fault=True, user="bob")
    put(writing, away, place=AWAY, whole=True, summary=told(4, IsPartial=True), weight=20.0)
    put(writing, here, whole=True, summary=told(7), weight=1.0)
    return make


@pytest.mark.parametrize("days", [7, -7])
def test_a_trace_may_change_for_a_week(writing: Writing, days: int) -> None:
    put(writing, Documents().segment("api"), whole=True, summary=told())
    late = Documents(start=START + timedelta(days=days)).segment("worker", id="00000000000000dd")
    assert sorted(names(put(writing, late, source=OTLP))) == ["api", "worker"]
    assert writing.store.traces.traces().select("at", "spans").collect().rows() == [(START, 2)]


def test_a_trace_of_two_places_is_one(writing: Writing, halves: Documents) -> None:
    found = read(writing)
    where = {span.name: span.collected.place for span in found.segments}
    assert where == {"api": PLACE, "orders": AWAY}
    assert [s.kind for s in found.segments] == ["segment", "segment"]  # the callee is not inferred
    assert (found.place, found.places) == (PLACE, (PLACE, AWAY))
    summary = found.summary
    assert (summary.fault, summary.response_time, summary.partial) == (False, 100_000, False)
    assert summary.users == ("ann", "bob")
    assert [node.account for node in summary.services] == [PLACE.account, AWAY.account]
    assert {v.place: (v.revision, v.whole) for v in found.views} == {
        AWAY: (4, True),
        PLACE: (7, True),
    }
    assert (found.weight, len(found.summary.causes["FaultRootCauses"])) == (1.0, 2)


def test_rows_of_a_trace_of_two_places_tell_both(writing: Writing, halves: Documents) -> None:
    row = writing.store.traces.traces(HOUR).collect().row(0, named=True)
    assert (row["account"], row["elsewhere"]) == (PLACE.account, [str(AWAY)])
    spans = writing.store.traces.spans(HOUR).sort("start").collect()
    assert spans.select("name", "account", "region", "elsewhere", "weight").rows() == [
        ("api", PLACE.account, PLACE.region, [str(AWAY)], 1.0),
        ("orders", PLACE.account, PLACE.region, [str(AWAY)], 1.0),
        ("orders", AWAY.account, AWAY.region, [str(PLACE)], 20.0),
    ]


def test_reading_one_place_again_leaves_the_other(writing: Writing, halves: Documents) -> None:
    more = halves.segment("orders-2", 30, 40)
    found = put(writing, more, place=AWAY, whole=True, summary=told(5))
    assert [s.name for s in found.segments if s.kind == "segment"] == ["api", "orders-2"]
    assert {v.place: v.revision for v in found.views} == {AWAY: 5, PLACE: 7}


def test_what_one_place_told_stays_beside_the_segments_of_another(writing: Writing) -> None:
    make = Documents()
    put(writing, place=AWAY, summary=told(3))
    away = make.segment("orders", 20, 40, of={"id": "00000000000000c1"}, user="bob")
    found = put(writing, away, whole=True, summary=told(1, IsPartial=True, HasFault=False))
    assert (found.summary.fault, found.summary.response_time) == (True, 9_000_000)
    assert (found.place, found.summary.users) == (AWAY, ("ann", "bob"))
    row = writing.store.traces.traces(HOUR).collect().row(0, named=True)
    assert (row["bare"], row["spans"]) == (True, 1)
    # Once its segments are there, they tell themselves.
    top = make.segment("api", 0, 100, http=http(200))
    assert put(writing, top, place=AWAY, whole=True, summary=told(3)).summary.fault is False
    assert writing.store.traces.traces(HOUR).collect()["bare"].to_list() == [False]


def test_parts_without_a_root_stay_beside_the_word_of_x_ray(writing: Writing) -> None:
    span = Documents().segment("call", 20_000, 40, annotations={"a": 1}, user="bob")
    lost = span | {"type": "subsegment", "parent_id": "00000000000000cc"}
    put(writing, lost, source=OTLP)
    found = put(writing, summary=told(1)).summary
    assert found.annotations == {"tenant": ("t1",), "a": (1.0,)}
    assert (found.users, found.fault, found.partial) == (("ann", "bob"), True, False)
    assert (found.duration, found.response_time) == (9_500_000, 9_000_000)


def test_parts_without_a_root_are_judged_by_themselves_where_x_ray_says_nothing(
    writing: Writing,
) -> None:
    make = Documents()
    lost = make.segment("call", annotations={"a": 1})
    lost |= {"type": "subsegment", "parent_id": "00000000000000cc"}
    found = put(writing, lost, whole=True).summary
    assert (found.partial, found.annotations) == (True, {"a": (1.0,)})
    # What was read before is not taken for what X-Ray said.
    lost["annotations"] = {"b": 1}
    assert put(writing, lost, whole=True).summary.annotations == {"b": (1.0,)}


@pytest.mark.parametrize("source", [OTLP, SPANS])
def test_a_span_takes_nothing_from_what_x_ray_told(writing: Writing, source: TraceSource) -> None:
    put(writing, summary=told(3))
    span = Documents().segment("worker", 500, 10_000, annotations={"tenant": "t2"}, user="bob")
    put(writing, span, source=source)
    found = put(writing, Documents().segment("worker", 500, 10_000), source=source).summary
    assert (found.fault, found.status, found.response_time) == (True, 502, 9_000_000)
    assert found.duration == 10_500_000
    assert found.annotations == {"tenant": ("t1", "t2")} or found.annotations == {"tenant": ("t1",)}
    assert found.users[0] == "ann"
    assert [node.name for node in found.services] == ["api", "worker"]
    assert found.entry == Node(PLACE.account, "api", "AWS::ApiGateway")
    assert found.causes["FaultRootCauses"] == [{"ClientImpacting": True}]


def test_a_root_that_began_before_what_x_ray_saw_judges_the_trace(writing: Writing) -> None:
    put(writing, summary=told(3))
    early = Documents(start=START - timedelta(seconds=1)).segment("browser", took=11_000)
    found = put(writing, early, source=OTLP).summary
    assert (found.fault, found.response_time, found.users) == (False, 11_000_000, ("ann",))


def test_a_whole_trace_of_which_nothing_can_be_read_takes_nothing_away(writing: Writing) -> None:
    put(writing, Documents().segment("api"), whole=True, summary=told(1))
    found = put(writing, {"id": "3"}, whole=True, summary=told(2))
    assert names(found) == ["api"]
    assert found.problems == (Problem(Flaw.MISSING_FIELD, "", "trace_id"),)
    assert found.problems[0].sender == f"xray {PLACE}"


def test_the_limit_holds_for_each_document_as_it_was_sent(writing: Writing) -> None:
    make = Documents()
    parts = [make.subsegment(f"s{n}", metadata={"m": "x" * 40_000}) for n in range(9)]
    found = put(writing, make.segment("api", subsegments=parts), whole=True)
    assert (len(names(found)), found.problems) == (10, ())
    assert all(len(span.metadata["m"]) == 40_000 for span in found.root.subsegments)
    # Stored rows are not measured again.
    put(writing, make.segment("app"), source=OTLP)
    assert read(writing).problems == ()


def test_a_part_over_the_limit_is_cut_and_told_of(writing: Writing) -> None:
    make = Documents()
    long = make.subsegment("long", metadata={"m": "x" * 70_000}, fault=True)
    longer = make.subsegment("longer", sql={"sanitized_query": "x" * 70_000}, error=True)
    found = put(writing, make.segment("api", subsegments=[long, longer]), whole=True)
    assert [(s.name, s.outcome) for s in found.root.subsegments] == [
        ("long", "fault"),
        ("longer", "error"),
    ]
    assert [(p.flaw, p.span_id) for p in found.problems] == [
        (Flaw.TOO_LONG, long["id"]),
        (Flaw.TOO_LONG, longer["id"]),
    ]
    assert "its metadata is left out" in found.problems[0].detail
    assert "only times and outcome are kept" in found.problems[1].detail


def test_a_trace_that_never_ends_is_cut_and_told_of(writing: Writing, monkeypatch) -> None:
    monkeypatch.setattr(trace_merging, "MOST_PARTS", 3)
    make = Documents()
    put(writing, *(make.segment(f"s{n}", n) for n in range(4)), source=OTLP)
    found = put(writing, make.segment("s9", 9), make.segment("s8", 8), source=OTLP)
    assert names(found) == ["s0", "s1", "s2"]
    assert [str(p) for p in found.problems] == [
        "more segments than a trace may have (1 of them are left out)",
        "more segments than a trace may have (2 of them are left out)",
    ]


def test_each_malformed_document_counts(writing: Writing) -> None:
    bad = handed_over(Documents().segment("api"))
    writing.commit(
        Batch(traces=[bad.__class__(TRACE, PLACE, OTLP, ("{", "{", *bad.documents))]), now=NOW
    )
    put(writing, Documents().segment("api", user="ann"), source=OTLP)
    row = writing.store.traces.traces(HOUR).select("problems", "senders").collect().row(0)
    flaws = [(p["flaw"], sender) for p, sender in zip(*row, strict=True)]
    assert flaws[:2] == [(str(Flaw.NOT_JSON), f"otlp {PLACE}")] * 2


def test_files_without_the_columns_of_places_are_read(writing: Writing, settings) -> None:
    put(writing, Documents().segment("api"), whole=True, summary=told(2))
    for path in (settings.path / "segments").rglob("*.parquet"):
        rows = pl.read_parquet(path)
        new = {"elsewhere", "views", "bare", "senders"} & set(rows.columns)
        rows.drop(*new).write_parquet(path)
    found = read(writing)
    assert (found.places, found.views[0].revision) == ((PLACE,), 2)
    assert put(writing, Documents().segment("api"), whole=True, summary=told(2)).views[0].whole
