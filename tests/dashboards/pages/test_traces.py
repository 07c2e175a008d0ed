"""The pages of traces over a small store: what they answer, say and link to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from plotly.utils import PlotlyJSONEncoder

from app.model.rounds import Batch
from app.model.states import Health
from app.model.traces import Outcome
from app.query.trace_filter import parse
from app.query.trace_filter.tree import Annotation as Annotated
from app.read import Chosen, Counts, Reads, Scope, TraceQuestion, TracesFound
from dashboards.pages import (
    asking,
    log_side,
    map_answer,
    map_side,
    resource,
    service_map,
    trace,
    trace_answer,
    trace_compare,
    trace_side,
    traces,
)
from dashboards.parts import Seen
from tests.support.components import text, with_class
from tests.support.shelf import NOW, Shelf, function, queue
from tests.support.traces import START, Documents, blog_request, handed_over, http, trace_id

FAILED, SLOW, BROKEN = trace_id(1), trace_id(2), trace_id(50)


def said(parts: Any) -> str:
    return json.dumps(parts, cls=PlotlyJSONEncoder, ensure_ascii=False)


def broken() -> list[dict[str, Any]]:
    """A caller that is not there, a part that ends before it starts, and one still running."""
    make = Documents(BROKEN)
    failed = make.subsegment(
        "query",
        10,
        -5,
        sql={"sanitized_query": "SELECT ?", "database_type": "PostgreSQL"},
        fault=True,
        cause={
            "exceptions": [
                {
                    "id": "00000000000000aa",
                    "type": "TimeoutError",
                    "message": "no answer",
                    "stack": [{"path": "app.py", "line": 7, "label": "ask"}],
                }
            ]
        },
    )
    root = make.segment(
        "api", 0, 100, http=http(503), subsegments=[failed], metadata={"default": {"k": "v"}}
    )
    lost = make.segment("lost", 20, None, parent_id="00000000deadbeef")
    return [root, lost]


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    made = Shelf(tmp_path_factory.mktemp("store"))
    off, http_api = {"TracingConfig": {"Mode": "PassThrough"}}, {"Protocol": "HTTP"}
    made.resources(
        function("blog-posts", configuration={"TracingConfig": {"Mode": "Active"}}),
        function("nightly-report", configuration=off),
        queue("orders"),
        replace(queue("chat"), service="apigateway", kind="http-stage", configuration=http_api),
    )
    known = [blog_request(n, 500 if n == 1 else 200, 12 if n == 2 else 1) for n in range(12)]
    made.commit(Batch(traces=[handed_over(*each) for each in [*known, broken()]]))
    yield made
    made.close()


@pytest.fixture
def reads(shelf: Shelf) -> Reads:
    return shelf.reads


@pytest.fixture
def scope(shelf: Shelf) -> Scope:
    return shelf.scope(timedelta(hours=3))


def asked(reads: Reads, scope: Scope, seen: Seen, filter_: str = "", **more: Any) -> dict[str, Any]:
    found = traces.answer(reads, TraceQuestion(filter_, scope, **more), seen)
    names = (
        "tiles", "points", "figure", "look", "line", "age", "about", "spread", "spread-look", "_",
        "_", "rows", "detail", "list-look", "list-line", "_", "common", "common-look",
    )  # fmt: skip
    return dict(zip(names, found, strict=False)) | {"sampled": found[-5]}


def test_every_trace_is_a_point_and_a_row(reads: Reads, scope: Scope, seen: Seen) -> None:
    found = asked(reads, scope, seen)
    assert len(found["points"]) == 13
    assert {row["state"] for row in found["rows"]} == {"ok", "fault"}
    slow = next(row for row in found["rows"] if row["id"] == SLOW)
    assert (slow["request"], slow["response"]) == ("GET /posts", 1080.0)
    assert slow["request_href"] == f"/trace/{SLOW}"
    assert "13" in text(found["tiles"])


def test_what_is_malformed_is_counted_and_named(reads: Reads, scope: Scope, seen: Seen) -> None:
    found = asked(reads, scope, seen)
    assert found["detail"] == "13 sampled, newest first"
    row = next(row for row in found["rows"] if row["id"] == BROKEN)
    assert row["notes"] == (
        "malformed: ends before it starts; in progress, never finished; its parent is not there"
    )
    kinds = {
        "1 × ends before it starts, such as …",
        "1 × in progress, never finished, such as …",
        "1 × its parent is not there, such as …",
    }
    drawn_map = service_map.answer(reads, TraceQuestion("", scope), seen)
    for about in (found["sampled"], drawn_map[-5]):
        [listed] = with_class(about, "listed")
        assert {text(kind).rpartition(BROKEN[-8:])[0] for kind in listed.children} == kinds
    head, *_ = trace.answer(reads, BROKEN, scope, seen)
    for kind in kinds:
        assert kind.partition(", such")[0] in text(head)


def test_what_was_never_finished_is_counted_once_it_should_be_over(
    reads: Reads, shelf: Shelf, scope: Scope
) -> None:
    def told(scope: Scope) -> dict[str, tuple[int, str]]:
        found = reads.trace_page.rows(TraceQuestion("", scope))
        return {one.flaw: (one.count, one.example) for one in found.malformed}

    assert told(scope)["in progress, never finished"] == (1, BROKEN)
    assert told(scope)["ends before it starts"] == (1, BROKEN)
    soon = replace(scope, now=START + timedelta(minutes=5))
    assert "in progress, never finished" not in told(soon)
    others = reads.trace_page.rows(TraceQuestion('service("blog-posts")', scope))
    assert others.malformed == ()


def test_a_box_chooses_rows_and_keeps_the_points(reads: Reads, scope: Scope, seen: Seen) -> None:
    found = asked(reads, scope, seen, chosen=Chosen(low_ms=1000))
    assert [row["id"] for row in found["rows"]] == [SLOW]
    assert len(found["points"]) == 13
    assert "1 of 13" in found["detail"]


def test_a_mistake_stands_where_the_list_would(reads: Reads, scope: Scope, seen: Seen) -> None:
    found = asked(reads, scope, seen, "responsetim > 1")
    assert "did you mean `responsetime`" in said(found["list-line"])
    assert found["list-look"] == found["look"] == "panel look-nothing"
    assert "Waiting for a filter that can be run." in said(found["line"])


def test_a_filter_that_nothing_passes_says_how_many_do_not(
    reads: Reads, scope: Scope, seen: Seen
) -> None:
    found = asked(reads, scope, seen, "responsetime > 100")
    assert "No trace passes the filter. 13 in this range do not." in said(found["line"])


def test_an_empty_range_is_not_a_failure(reads: Reads, shelf: Shelf, seen: Seen) -> None:
    found = asked(reads, shelf.scope(timedelta(seconds=1)), seen)
    assert found["look"] == "panel look-not-collected"
    assert found["rows"] == []


def test_what_is_drawn_of_many_is_told() -> None:
    found = TracesFound(rows=(), matching=5, outcomes={Outcome.OK: 5})
    assert trace_answer.points_words(found, log=False) == ""


def test_a_trace_is_drawn_with_its_path_and_what_is_wrong(
    reads: Reads, scope: Scope, seen: Seen
) -> None:
    head, data, look, *_ = trace.answer(reads, FAILED, scope, seen)
    assert look == "panel look-data"
    assert [row[4] for row in data["rows"]][:3] == ["blog/prod", "Lambda Invoke", "blog-posts"]
    assert data["rows"][0][10] == "fault"
    assert data["rows"][-1][5].endswith("/mail")
    assert sum(length for row in data["rows"] for length in row[14][1::2]) == 90_000
    assert "GET https://blog.example.org/posts" in text(head)
    head, data, *_ = trace.answer(reads, BROKEN, scope, seen)
    assert "its parent is not there" in text(head)
    assert with_class(head, "malformed")
    assert [row[12] for row in data["rows"] if row[12]] == [["open", "orphan"]]


def test_a_trace_that_is_not_stored_says_so(reads: Reads, scope: Scope, seen: Seen) -> None:
    for id_ in (trace_id(999), "teapot"):
        _, data, look, line, *_ = trace.answer(reads, id_, scope, seen)
        assert data["rows"] == []
        assert look != "panel look-data"
        assert line is not None


def test_a_span_opens_with_its_exception_sql_and_documents(
    reads: Reads, scope: Scope, seen: Seen
) -> None:
    found = reads.trace_page.trace(BROKEN, reads.places).value
    assert found is not None
    query = next(one for one in found.walk() if one.name == "query")
    words = text(trace_side.span(reads, found, query.id, scope, seen))
    for expected in ("TimeoutError", "no answer", "ask (app.py:7)", "SELECT ?", "Fault"):
        assert expected in words
    assert trace_side.span(reads, found, "nobody", scope, seen) is None


@pytest.mark.parametrize(
    "odd",
    [
        {"stack": 5},
        {"stack": "app.py:7"},
        {"stack": [7, None]},
        {"truncated": "many"},
        {"truncated": [1]},
        {"truncated": -3},
    ],
)
def test_a_malformed_exception_is_shown_as_far_as_it_goes(
    reads: Reads, scope: Scope, seen: Seen, odd: dict[str, Any]
) -> None:
    found = reads.trace_page.trace(BROKEN, reads.places).value
    assert found is not None
    cause = {"exceptions": [{"type": "Odd", "message": "still told", **odd}]}
    one = replace(found.segments[0], cause=cause)
    words = text(trace_side.span(reads, replace(found, segments=(one,)), one.id, scope, seen))
    assert "still told" in words
    assert "more frames" not in words


@pytest.mark.parametrize(
    ("key", "value", "name"),
    [
        ("order", 12345678.0, "annotation.order = 12345678"),
        ("share", 0.123456789, "annotation.share = 0.123456789"),
        ("big", 1e22, "annotation.big = 1e+22"),
        ("paid", True, "annotation.paid = true"),
        ("größe", 4.0, "annotation[größe] = 4"),
        ("a b", "x", 'annotation[a b] = "x"'),
        ('a"]', "x", 'annotation["a\\"]"] = "x"'),
    ],
)
def test_traces_with_an_annotation_are_asked_for_exactly(
    reads: Reads, scope: Scope, seen: Seen, key: str, value: Any, name: str
) -> None:
    found = reads.trace_page.trace(BROKEN, reads.places).value
    assert found is not None
    one = replace(found.segments[0], annotations={key: value})
    words = said(trace_side.span(reads, replace(found, segments=(one,)), one.id, scope, seen))
    assert f'"{asking.traces_href(name)}"' in words
    condition = parse(name)
    assert isinstance(condition, Annotated)
    assert (condition.key, condition.comparison.value) == (key, value)


def test_a_span_leads_to_metrics_of_where_it_ran(reads: Reads, scope: Scope, seen: Seen) -> None:
    found = reads.trace_page.trace(FAILED, reads.places).value
    assert found is not None
    ran = next(one for one in found.segments if one.origin == "AWS::Lambda::Function")
    words = said(trace_side.span(reads, found, ran.id, scope, seen))
    assert f"/resource/{function('blog-posts').arn}?range=2026-11-24T10" in words


def test_a_trace_is_compared_with_the_median_of_its_kind(
    reads: Reads, scope: Scope, seen: Seen
) -> None:
    about, other, rows, *_ = trace_compare.answer(reads, SLOW, "", scope, seen)
    assert other == ""
    assert "which took 90\u00a0ms; this one ×12." in text(about)
    slower = {row["label"].strip() for row in rows if row["change"] == "slower"}
    assert "DynamoDB GetItem" in slower
    _, _, rows, detail, *_ = trace_compare.answer(reads, SLOW, SLOW, scope, seen)
    assert detail == "0 steps differ"
    *_, line, _ = trace_compare.answer(reads, SLOW, "teapot", scope, seen)
    assert "That trace is not stored here." in said(line)


def test_the_map_draws_nodes_links_and_what_it_cannot_see(
    reads: Reads, scope: Scope, seen: Seen
) -> None:
    elements, _, unseen, look, *_ = service_map.answer(reads, TraceQuestion("", scope), seen)
    nodes = [one for one in elements if one["group"] == "nodes"]
    assert look == "panel look-data"
    assert {"blog-posts", "posts", "mail"} <= {n["data"]["label"].split("\n")[0] for n in nodes}
    words = [text(each) for each in unseen[1].children]
    assert words == [
        "Functions without active tracing: nightly-report.",
        "X-Ray cannot trace HTTP and WebSocket APIs: requests to chat begin at what they call.",
        "What takes from mail: a trace ends there unless its consumer is traced and linked.",
        "Requests that no sampling rule chose.",
    ]
    _, _, _, look, line, *_ = service_map.answer(reads, TraceQuestion("teapot", scope), seen)
    assert look == "panel look-nothing"
    assert "teapot" in said(line)


def test_clients_and_the_two_nodes_of_a_function_are_drawn_once(reads: Reads, scope: Scope) -> None:
    found = reads.trace_page.map(TraceQuestion("", scope))
    nodes, edges = map_answer.drawn(found)
    assert sum(node.name == "blog-posts" for node in nodes) == 1
    [clients] = [node for node in nodes if node.type == "client"]
    assert clients.outcomes.total == 13
    drawn = {node.id for node in nodes}
    assert all({edge.source, edge.target} <= drawn for edge in edges)
    assert len([node for node in found.nodes if node.name == "blog-posts"]) == 2


@pytest.mark.parametrize(
    ("counts", "health"),
    [
        (Counts(ok=95, fault=5), Health.CRITICAL),
        (Counts(ok=98, fault=2), Health.WARNING),
        (Counts(ok=90, throttle=10), Health.WARNING),
        (Counts(ok=80, error=20), Health.OK),
        (Counts(), Health.NO_DATA),
    ],
)
def test_the_state_of_a_node_comes_from_what_failed(counts: Counts, health: Health) -> None:
    assert map_answer.health_of(counts) is health


def test_a_node_opens_with_numbers_links_and_its_slowest_traces(reads: Reads, scope: Scope) -> None:
    question = TraceQuestion("", scope)
    node = next(
        n for n in reads.trace_page.map(question).nodes if n.type == "AWS::Lambda::Function"
    )
    words = said(map_side.side(reads, question, ("node", node.id)))
    assert f"/resource/{function('blog-posts').arn}" in words
    assert f"/trace/{FAILED}" in words
    assert "service%28%22blog-posts%22%29" in words
    assert map_side.side(reads, question, ("node", "nobody")) is None


def test_a_link_opens_with_the_filter_for_its_traces(reads: Reads, scope: Scope) -> None:
    question = TraceQuestion("", scope)
    found = reads.trace_page.map(question)
    link = next(e for e in found.edges if e.target.split("|")[1] == "posts")
    words = said(map_side.side(reads, question, ("edge", f"{link.source}>{link.target}")))
    filter_ = 'edge("blog-posts", "posts")'
    assert reads.trace_page.rows(TraceQuestion(filter_, scope)).matching == 12
    assert "edge%28%22blog-posts%22%2C+%22posts%22%29" in words


def test_every_link_that_is_drawn_opens(reads: Reads, scope: Scope, seen: Seen) -> None:
    question = TraceQuestion("", scope)
    elements, *_ = service_map.answer(reads, question, seen)
    lines = [one["data"]["id"] for one in elements if one["group"] == "edges"]
    assert any(line.startswith("clients|") for line in lines)
    assert any(line.split(">")[1].startswith("AWS::Lambda::Function|") for line in lines)
    assert [id_ for id_ in lines if map_side.side(reads, question, ("edge", id_)) is None] == []
    assert map_side.side(reads, question, ("edge", "nobody>nowhere")) is None


def test_a_resource_shows_what_passed_it_on_its_charts_and_below(
    reads: Reads, scope: Scope, seen: Seen
) -> None:
    words = said(resource.answer(reads, function("blog-posts").arn, scope, seen))
    assert f"/trace/{FAILED}" in words
    assert f'"{SLOW}", "ok"]' in words
    other = said(resource.answer(reads, queue("orders").arn, scope, seen))
    assert "/trace/" not in other


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (f"XRAY TraceId: {FAILED}\tSegmentId: 1", f"/trace/{FAILED}"),
        ("nothing here", None),
    ],
)
def test_a_log_line_leads_to_its_trace(reads: Reads, message: str, expected: str | None) -> None:
    at = int(NOW.timestamp() * 1000)
    cells = {"id": "1", "@timestamp": at, "@log": "1:/a", "@message": message}
    words = said(log_side.event(reads, cells, NOW.tzinfo))
    assert (expected in words) if expected else ("/trace/" not in words)
