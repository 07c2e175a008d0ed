"""The map of any traces is the one that a plain reading of the rule gives."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.model.service_map import Counts, ServiceMap
from app.model.traces import Node
from app.read.traces.graph import service_map
from app.store.trace_rows import frame, span_rows
from app.store.trace_tables import SPANS
from tests.support.graph_oracle import Counted, graph
from tests.support.traces import PLACE, START, Document, Documents, http, whole
from tests.support.traces import trace_id as id_of

took = st.sampled_from([None, 0, 1, 10.4, 10.6, 250])
marks = st.sampled_from(
    [
        {},
        {},
        {"fault": True},
        {"error": True},
        {"throttle": True, "error": True},
        {"http": http(503)},
        {"http": http(404)},
        {"http": http(429)},
    ]
)
origins = st.sampled_from([{}, {"origin": "AWS::ECS::Fargate"}, {"aws": {"account_id": "2" * 12}}])
calls = st.sampled_from(
    [
        ("DynamoDB", {"aws": {"operation": "GetItem", "table_name": "posts"}}),
        ("S3", {"aws": {"operation": "PutObject", "bucket_name": "img", "account_id": "3" * 12}}),
        ("SQS", {"aws": {"operation": "SendMessage", "queue_url": "https://sqs/1/mail"}}),
        ("SNS", {"aws": {"topic_arn": "arn:t"}}),
        ("KMS", {"aws": {"operation": "Decrypt"}}),
        ("blog@db", {"namespace": "remote", "sql": {"database_type": "MySQL"}}),
        ("db.example.org", {"namespace": "remote"}),
        ("render", {"namespace": ""}),
    ]
)


@st.composite
def documents(draw: st.DrawFn, number: int) -> list[Document]:
    """A trace of a few services that call each other and the cloud, now and then in pieces."""
    make = Documents(id_of(number), START + timedelta(seconds=number))
    names = st.sampled_from(["web", "api", "jobs"])

    def segment(**more: Any) -> Document:
        return make.segment(draw(names), draw(st.integers(0, 9)), draw(took), **draw(marks), **more)

    made = [segment(**draw(origins)) for _ in range(draw(st.integers(1, 2)))]
    inside = list(made)
    for _ in range(draw(st.integers(0, 6))):
        above = draw(st.sampled_from(inside))
        kind = draw(st.sampled_from(["segment", "call", "answered", "alone", "told twice"]))
        if kind == "segment":
            made.append(segment(of=above, **draw(origins)))
            inside.append(made[-1])
            continue
        name, more = draw(calls)
        call = make.subsegment(name, 2, draw(took), **{"namespace": "aws", **more, **draw(marks)})
        inside.append(call)
        if kind == "alone":
            own = {"trace_id": made[0]["trace_id"], "type": "subsegment", "parent_id": above["id"]}
            made.append(call | own)
        else:
            above.setdefault("subsegments", []).append(call)
        if kind in ("answered", "told twice"):
            made.append(segment(of=call, **draw(origins)))
        if kind == "told twice" and call.get("namespace"):
            made.append(make.segment(name, 2, 3, of=call, inferred=True))
    return draw(st.permutations(made))


@st.composite
def linked(draw: st.DrawFn) -> list[list[Document]]:
    """Traces of which some work on what others sent."""
    traces = [draw(documents(number)) for number in range(3)]
    for later in (1, 2):
        if draw(st.booleans()):
            sender = traces[draw(st.integers(0, later - 1))]
            known = [s for d in sender for s in [d, *d.get("subsegments", ())]]
            sent = draw(st.sampled_from(known))
            link = {"trace_id": sender[0]["trace_id"], "id": sent["id"]}
            head = next(d for d in traces[later] if d.get("type") != "subsegment")
            head["links"] = [link, {"trace_id": id_of(99), "id": "00000000000000ff"}]
    return traces


def drawn(traces: Iterable[list[Document]]) -> ServiceMap:
    rows = []
    for made in traces:
        trace = whole(*made)
        start = datetime.fromtimestamp(trace.summary.start // 1000 / 1000, UTC)
        rows += span_rows(trace, start)
    return service_map(frame(SPANS, rows, 1).lazy())


def counts(told: Counted) -> Counts:
    names = ("ok", "error", "throttle", "fault")
    histogram = tuple(sorted(told.histogram.items()))
    outcomes = {name: told.outcomes[name] for name in names}
    return Counts(**outcomes, seconds=round(told.took / 1e6, 3), histogram=histogram)


def state(told: Counted, type_: str) -> str:
    if told.reported:
        return "active"
    return "passive" if type_ == "remote" else "unknown"


@settings(max_examples=150, deadline=None)
@given(linked())
def test_nodes_and_edges_count_as_the_rule_says(traces: list[list[Document]]) -> None:
    found, rule = drawn(traces), graph(traces, PLACE.account)
    assert {each.node: each.counts for each in found.nodes} == {
        Node(*key): counts(told) if key[2] != "client" else Counts()
        for key, told in rule.nodes.items()
    }
    assert {e.key: (e.counts, set(e.aliases), dict(e.ages)) for e in found.edges} == {
        (Node(*source), Node(*target), link): (counts(told), told.aliases, dict(told.ages))
        for (source, target, link), told in rule.edges.items()
    }


@settings(max_examples=60, deadline=None)
@given(linked())
def test_nodes_are_in_the_state_and_the_seconds_that_the_rule_says(
    traces: list[list[Document]],
) -> None:
    found, rule = drawn(traces), graph(traces, PLACE.account)
    assert {
        each.node: (each.state, each.root, each.start.timestamp(), each.end.timestamp())
        for each in found.nodes
    } == {
        Node(*key): (state(told, key[2]), told.root, min(told.seconds), max(told.seconds) + 1)
        for key, told in rule.nodes.items()
    }


@settings(max_examples=60, deadline=None)
@given(linked())
def test_every_total_is_the_sum_of_its_outcomes_and_of_its_histogram(
    traces: list[list[Document]],
) -> None:
    found = drawn(traces)
    for each in (*found.nodes, *found.edges):
        own = each.counts
        assert own.total == sum(count for _, count in own.histogram)
        assert own.total == own.ok + own.error + own.throttle + own.fault


def without_links(traces: list[list[Document]]) -> list[list[Document]]:
    return [[{k: v for k, v in d.items() if k != "links"} for d in trace] for trace in traces]


@settings(max_examples=40, deadline=None)
@given(linked(), st.integers(0, 3))
def test_maps_of_two_windows_make_the_map_of_both(traces: list[list[Document]], cut: int) -> None:
    own = without_links(traces)
    first, second, both = drawn(own[:cut]), drawn(own[cut:]), drawn(own)
    merged = first.merged(second)
    assert unmeasured(merged) == unmeasured(both)
    # Each half is rounded to a millisecond.
    assert seconds(merged) == {
        key: pytest.approx(s, abs=0.0011) for key, s in seconds(both).items()
    }
    assert first.merged(ServiceMap()) == first


def unmeasured(found: ServiceMap) -> tuple[dict[Any, Any], dict[Any, Any]]:
    """All but the sums of seconds."""
    nodes = {n.node: replace(n, counts=replace(n.counts, seconds=0)) for n in found.nodes}
    edges = {e.key: replace(e, counts=replace(e.counts, seconds=0)) for e in found.edges}
    return nodes, edges


def seconds(found: ServiceMap) -> dict[Any, float]:
    own = {n.node: n.counts.seconds for n in found.nodes}
    return own | {e.key: e.counts.seconds for e in found.edges}


RECORDED = tomllib.loads(Path("tests/cases/trace-filters/graph.toml").read_text(encoding="utf-8"))
NAMED = json.loads(Path("tests/cases/trace-filters/traces.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", RECORDED["case"], ids=lambda case: case["trace"])
def test_the_graph_of_a_known_trace_is_the_one_that_x_ray_draws(case: dict[str, Any]) -> None:
    given = NAMED[case["trace"]]["segments"]
    found = drawn([[json.loads(d["Document"]) if "Document" in d else d for d in given]])

    def title(node: Node) -> str:
        return f"{node.name} ({node.type})" if node.type else node.name

    def said(own: Counts) -> list[float]:
        return [own.ok, own.error, own.throttle, own.fault, own.seconds]

    nodes = {title(n.node): [n.state.value, n.root, *said(n.counts)] for n in found.nodes}
    edges = {f"{title(e.source)} > {title(e.target)}": said(e.counts) for e in found.edges}
    assert (nodes, edges) == (case["nodes"], case["edges"])
