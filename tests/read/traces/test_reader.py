"""Questions about stored traces: which match, one whole, the map, what cannot be told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.model.ids import Place, Resource
from app.model.readings import Look
from app.model.rounds import Batch, Result
from app.model.traces import XRAY, Flaw, w3c_id
from app.query.lang import QueryError
from app.read.traces import told
from tests.support.shelf import AWAY, HOME, Shelf
from tests.support.traces import START, Documents, blog_request, handed_over, trace_id

FAILED, SLOW, AWAY_ID, TOLD = 3, 4, 5, 6


@pytest.fixture
def traces(shelf: Shelf) -> Shelf:
    """Three requests that went well, one failed, one slow, one elsewhere, one told of only."""
    given = [handed_over(*blog_request(n)) for n in range(3)]
    given.append(handed_over(*blog_request(FAILED, status=502)))
    given.append(handed_over(*blog_request(SLOW, slow=20)))
    given.append(handed_over(*blog_request(AWAY_ID), place=AWAY))
    summary = {"Id": trace_id(TOLD), "HasFault": True, "ResponseTime": 9.0, "Duration": 9.0}
    given.append(handed_over(trace_id=trace_id(TOLD), summary=summary))
    shelf.commit(Batch(traces=given))
    return shelf


def found(shelf: Shelf, text: str, *places: object) -> list[int]:
    scope = shelf.scope(timedelta(hours=2), *places)
    ids = set(shelf.reads.traces.matching(scope, text, ["trace_id"]).collect()["trace_id"])
    return [n for n in range(TOLD + 1) if trace_id(n) in ids]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("", [0, 1, 2, 3, 4, 5, 6]),
        ("fault", [3, 6]),
        ("responsetime > 1", [4, 6]),
        ('service("posts")', [0, 1, 2, 3, 4, 5]),
        ('service("blog-posts") { fault }', [3]),
        ('edge("blog-posts", "posts") { responsetime > 0.5 } OR http.status = 502', [3, 4]),
        ('!edge("blog-posts", "posts")', [6]),
        ('annotation.tenant = "t0" AND user = "u-3"', [3]),
        ('group.name = "unknown"', []),
    ],
)
def test_an_expression_finds_stored_traces(traces: Shelf, text: str, numbers: list[int]) -> None:
    assert found(traces, text) == numbers


def test_only_the_places_and_the_window_are_looked_at(traces: Shelf) -> None:
    assert found(traces, "", AWAY) == [AWAY_ID]
    scope = traces.scope(timedelta(minutes=30))
    assert traces.reads.traces.matching(scope).collect().is_empty()


def group(place: Place, name: str, expression: str | None) -> Resource:
    return Resource(
        arn=f"arn:aws:xray:{place.region}:{place.account}:group/{name}/ABC",
        account=place.account,
        region=place.region,
        service=XRAY,
        kind="group",
        id=name,
        name=name,
        configuration={"GroupName": name, "FilterExpression": expression},
    )


def test_groups_are_those_that_x_ray_has(traces: Shelf) -> None:
    traces.commit(
        Batch(
            resources=[
                group(HOME, "slow", "responsetime > 1"),
                group(AWAY, "slow", "http.status = 502"),
                group(HOME, "Default", None),
                group(AWAY, "broken", "falt"),
            ]
        )
    )
    assert found(traces, 'group.name = "slow"') == [3, 4, 6]
    assert found(traces, 'group.name = "slow"', HOME) == [4, 6]
    assert found(traces, 'group.name != "Default"') == []
    assert found(traces, 'group.name = "broken"') == []


def test_a_mistake_is_told_and_raised(traces: Shelf) -> None:
    reads = traces.reads.traces
    (first, second) = reads.mistakes("fault = 5 AND user = 5")
    assert (first.message, first.start, first.end) == (
        "`fault` is compared with true or false", 6, 9,
    )  # fmt: skip
    assert second.start == 19
    assert reads.mistakes("fault") == ()
    assert [each.start for each in reads.mistakes("(fault")] == [6]
    with pytest.raises(QueryError, match="too early"):
        reads.matching(traces.scope(), "(fault")


def test_what_cannot_be_decided_without_documents_is_counted(traces: Shelf) -> None:
    reads, scope = traces.reads.traces, traces.scope(timedelta(hours=2))
    assert reads.undecided(scope, "fault") == 0
    assert reads.undecided(scope, 'service("posts") { fault }') == 1
    assert reads.undecided(traces.scope(timedelta(hours=2), AWAY), "edge()") == 0


def test_a_trace_is_found_by_either_form_of_its_id(traces: Shelf) -> None:
    reads = traces.reads.traces
    for text in (trace_id(FAILED), w3c_id(trace_id(FAILED)), f" {trace_id(FAILED).upper()} "):
        trace = reads.trace(text, traces.reads.places)
        assert trace is not None
        assert trace.summary.fault
    assert reads.trace(trace_id(FAILED), [AWAY]) is None
    assert reads.trace("nonsense", traces.reads.places) is None
    assert reads.trace(trace_id(99), traces.reads.places) is None


def test_a_whole_trace_is_told_in_plain_values(traces: Shelf) -> None:
    trace = traces.reads.traces.trace(trace_id(FAILED), traces.reads.places)
    assert trace is not None
    whole = told(trace)
    kinds = [(each["name"], each["kind"], each["outcome"]) for each in whole["segments"]][:3]
    assert kinds == [
        ("blog/prod", "segment", "fault"),
        ("Lambda", "subsegment", "ok"),
        ("blog-posts", "segment", "fault"),
    ]
    assert (whole["trace_id"], whole["problems"]) == (trace_id(FAILED), [])


def test_the_slowest_or_the_newest_come_first_and_more_is_said(traces: Shelf) -> None:
    reads, scope = traces.reads.traces, traces.scope(timedelta(hours=2), HOME)
    found = reads.found(scope, "", 2, slowest=True)
    assert [each["trace_id"] for each in found.traces] == [trace_id(TOLD), trace_id(SLOW)]
    assert (found.more, found.undecided) == (True, 0)
    rest = reads.found(scope, "edge()", 10)
    assert (len(rest.traces), rest.more, rest.undecided) == (5, False, 1)


def test_the_map_is_that_of_the_traces_that_match(traces: Shelf) -> None:
    reads, scope = traces.reads.traces, traces.scope(timedelta(hours=2), HOME)
    everything, failed = reads.service_map(scope), reads.service_map(scope, "fault")
    assert (everything.traces, failed.traces) == (5, 1)
    stage = failed.nodes[0]
    assert (stage.counts.total, stage.counts.fault) == (1, 1)
    assert len(everything.nodes) == len(failed.nodes) == 6


def test_the_map_of_many_matching_traces_is_the_same(
    traces: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope = traces.scope(timedelta(hours=2))
    few = traces.reads.traces.service_map(scope, "ok")
    monkeypatch.setattr("app.read.traces.reader.FEW", 1)
    assert traces.reads.traces.service_map(scope, "ok") == few
    assert traces.reads.traces.service_map(scope, "throttle").nodes == ()


def test_the_map_of_one_trace_needs_only_its_id(traces: Shelf) -> None:
    reads = traces.reads.traces
    one = reads.trace_map(w3c_id(trace_id(SLOW)), [HOME])
    assert one is not None
    assert (one.traces, len(one.nodes), len(one.edges)) == (1, 6, 5)
    assert reads.trace_map(trace_id(SLOW), [AWAY]) is None
    assert reads.trace_map("nonsense", [HOME]) is None


def test_one_trace_counts_once_on_its_own_map_whatever_it_stands_for(shelf: Shelf) -> None:
    shelf.commit(Batch(traces=[handed_over(*blog_request(1), weight=20.0)]))
    reads = shelf.reads.traces
    alone = reads.trace_map(trace_id(1), [HOME])
    assert alone is not None
    assert max(each.counts.total for each in alone.nodes) == 1
    among = reads.service_map(shelf.scope(timedelta(hours=2)))
    assert max(each.counts.total for each in among.nodes) == 20


def test_traces_that_were_never_asked_for_look_otherwise_than_none(shelf: Shelf) -> None:
    def look() -> Look:
        shelf.reads.refresh()
        return shelf.reads.traces.standing([HOME]).reading(None, there=False).look

    assert look() is Look.NOT_COLLECTED
    shelf.round("traces", "traces")
    assert look() is Look.NOTHING
    shelf.round("traces", "traces", Result.FAILED)
    assert look() is Look.COULD_NOT_ASK


def test_what_is_malformed_is_counted_by_kind_with_what_was_never_finished(traces: Shelf) -> None:
    make = Documents(trace_id(7))
    orphan = make.segment("a") | {"parent_id": "00000000000000ee"}
    twice = make.segment("b") | {"parent_id": "00000000000000ef"}
    begun = Documents(trace_id(8)).segment("c", took=None)
    traces.commit(Batch(traces=[handed_over(orphan, twice), handed_over(begun)]))
    reads, scope = traces.reads.traces, traces.scope(timedelta(hours=2))
    assert [(m.flaw, m.count, m.traces, m.newest) for m in reads.malformed(scope)] == [
        (Flaw.NO_PARENT, 2, 1, trace_id(7)),
        (Flaw.NEVER_FINISHED, 1, 1, trace_id(8)),
    ]
    assert reads.malformed(traces.scope(timedelta(hours=2), AWAY)) == ()
    whole = reads.trace(trace_id(8), traces.reads.places, scope.now)
    assert whole is not None
    assert [p.flaw for p in whole.problems] == [Flaw.NEVER_FINISHED]
    early = reads.trace(trace_id(8), traces.reads.places, START)
    assert early is not None
    assert early.problems == ()


def test_a_trace_of_two_places_is_found_whole_in_each(shelf: Shelf) -> None:
    make = Documents()
    call = make.subsegment("orders", 10, 60, namespace="remote")
    here = make.segment("api", 0, 100, subsegments=[call])
    away = make.segment("orders", 20, 40, of=call, fault=True)
    summary = {"Revision": 1, "IsPartial": True}
    given = [
        handed_over(here, whole=True),
        handed_over(away, place=AWAY, whole=True, summary=summary),
    ]
    shelf.commit(Batch(traces=given))
    for place in (HOME, AWAY):
        scope = shelf.scope(timedelta(hours=2), place)
        drawn = shelf.reads.traces.service_map(scope)
        assert {node.node.name for node in drawn.nodes} >= {"api", "orders"}
        called = [(e.source.type, e.source.name, e.target.name) for e in drawn.edges]
        assert sorted(called) == [("", "api", "orders"), ("client", "api", "api")]
        text = f'service(id(name: "orders", account.id: "{AWAY.account}")) {{ fault }}'
        ids = shelf.reads.traces.matching(scope, text).collect()["trace_id"].to_list()
        assert ids == [here["trace_id"]]
        whole = shelf.reads.traces.trace(here["trace_id"], [place])
        assert whole is not None
        assert (len(whole.segments), whole.places) == (2, (HOME, AWAY))
    assert shelf.reads.traces.trace(here["trace_id"], [Place("333333333333", "x")]) is None
    collected = [span["collected"] for span in told(whole)["segments"]]
    assert collected == [f"xray {HOME}", f"xray {HOME}", f"xray {AWAY}"]


def test_a_part_that_was_only_told_of_is_undecided(shelf: Shelf) -> None:
    make = Documents()
    given = [
        handed_over(make.segment("api"), whole=True),
        handed_over(
            trace_id=make.trace_id, place=AWAY, summary={"StartTime": START.timestamp() + 1}
        ),
    ]
    shelf.commit(Batch(traces=given))
    scope = shelf.scope(timedelta(hours=2))
    assert shelf.reads.traces.undecided(scope, 'service("api") { fault }') == 1
