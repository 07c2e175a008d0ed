"""The service map counts what GetServiceGraph counts, for one trace and for many."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl
import pytest

from app.model.service_map import Counts, MapEdge, MapNode, NodeState, ServiceMap
from app.model.traces import Node, Trace
from app.read.traces.graph import service_map
from app.store.trace_rows import frame, span_rows
from app.store.trace_tables import SPANS
from tests.support.traces import PLACE, START, Documents, blog_request, http, whole
from tests.support.traces import trace_id as id_of

ACCOUNT = PLACE.account
STAGE = Node(ACCOUNT, "blog/prod", "AWS::ApiGateway::Stage")
SERVICE = Node(ACCOUNT, "blog-posts", "AWS::Lambda")
FUNCTION = Node(ACCOUNT, "blog-posts", "AWS::Lambda::Function")
TABLE = Node(ACCOUNT, "posts", "AWS::DynamoDB::Table")
QUEUE_URL = "https://sqs.eu-central-1.amazonaws.com/111111111111/mail"
QUEUE = Node(ACCOUNT, QUEUE_URL, "AWS::SQS::Queue")
CLIENT = Node(ACCOUNT, "blog/prod", "client")
Edges = dict[tuple[str, str], Counts]


def spans(*traces: Trace) -> pl.LazyFrame:
    rows = [row for trace in traces for row in span_rows(trace, START)]
    return frame(SPANS, rows, 1).lazy()


def drawn(*traces: Trace, by_host: bool = False) -> ServiceMap:
    return service_map(spans(*traces), by_host=by_host)


def node(found: ServiceMap, wanted: Node) -> MapNode:
    return next(each for each in found.nodes if each.node == wanted)


def edge(found: ServiceMap, source: Node, target: Node) -> MapEdge:
    return next(e for e in found.edges if (e.source, e.target) == (source, target))


ONE = drawn(whole(*blog_request(0)))


def test_every_service_of_a_trace_is_a_node() -> None:
    states = {each.node: (each.state, each.root) for each in ONE.nodes}
    assert states == {
        STAGE: (NodeState.ACTIVE, True),
        SERVICE: (NodeState.ACTIVE, False),
        FUNCTION: (NodeState.ACTIVE, False),
        TABLE: (NodeState.UNKNOWN, False),
        QUEUE: (NodeState.UNKNOWN, False),
        CLIENT: (NodeState.UNKNOWN, False),
    }
    assert ONE.traces == 1


def test_a_node_counts_what_it_measured_an_edge_what_its_caller_did() -> None:
    assert node(ONE, SERVICE).counts == Counts(ok=1, seconds=0.075, histogram=((0.075, 1),))
    assert edge(ONE, STAGE, SERVICE).counts == Counts(ok=1, seconds=0.08, histogram=((0.08, 1),))


def test_a_segment_called_without_a_subsegment_is_measured_by_itself() -> None:
    counts = edge(ONE, SERVICE, FUNCTION).counts
    assert counts == Counts(ok=1, seconds=0.064, histogram=((0.064, 1),))


def test_the_client_has_one_edge_with_what_the_root_counted() -> None:
    assert node(ONE, CLIENT).counts == Counts()
    assert edge(ONE, CLIENT, STAGE).counts == node(ONE, STAGE).counts
    assert node(ONE, STAGE).counts.seconds == 0.09


def test_what_works_on_a_message_of_another_trace_has_no_client() -> None:
    links = [{"trace_id": id_of(9), "id": "00000000000000ff"}]
    found = drawn(whole(Documents().segment("job", took=5, links=links)))
    assert [each.node.type for each in found.nodes] == [""]
    assert found.edges == ()


def test_a_service_that_answers_under_another_name_keeps_the_callers_name_as_alias() -> None:
    assert edge(ONE, STAGE, SERVICE).aliases == ("Lambda",)
    assert edge(ONE, FUNCTION, TABLE).aliases == ()


def test_bounds_are_whole_seconds_of_the_starts_of_traces() -> None:
    found = node(ONE, TABLE)
    assert (found.start, found.end) == (START, START + timedelta(seconds=1))


def requests(*marks: dict[str, Any]) -> list[Trace]:
    made = []
    for number, mark in enumerate(marks):
        make = Documents(id_of(number))
        made.append(whole(make.segment("api", took=100, **mark)))
    return made


def test_a_request_counts_once_throttle_before_fault_before_error() -> None:
    found = drawn(
        *requests(
            {"throttle": True, "fault": True, "error": True},
            {"fault": True, "error": True},
            {"error": True},
            {"http": http(429)},
            {},
        )
    )
    counts = found.nodes[0].counts
    assert (counts.throttle, counts.fault, counts.error, counts.ok) == (2, 1, 1, 1)
    assert (counts.total, counts.failed) == (5, 4)


def test_what_is_in_progress_is_a_node_and_no_request() -> None:
    make = Documents()
    call = make.call("DynamoDB", took=None, operation="GetItem", table_name="posts")
    found = drawn(whole(make.segment("api", took=None, http=http(200), subsegments=[call])))
    assert {each.node.name for each in found.nodes} == {"api", "posts"}
    assert [each.counts.total for each in found.nodes] == [0, 0, 0]
    assert [each.counts for each in found.edges] == [Counts(), Counts()]


def test_a_hop_through_a_linked_trace_is_an_edge_with_the_age_of_the_event() -> None:
    sender = blog_request(1)
    send = sender[2]["subsegments"][0]["subsegments"][1]
    make = Documents(id_of(2))
    links = [{"trace_id": id_of(1), "id": send["id"], "attributes": {}}]
    worker = make.segment(
        "mailer", 400, 30, origin="AWS::Lambda::Function", fault=True, links=links
    )
    found = drawn(whole(*sender), whole(worker))
    mailer = Node(ACCOUNT, "mailer", "AWS::Lambda::Function")
    hop = edge(found, QUEUE, mailer)
    assert (hop.link, hop.counts.fault, hop.counts.seconds) == (True, 1, 0.03)
    assert hop.ages == ((0.33, 1),)  # sent at 70 ms, received at 400
    assert sum(each.link for each in found.edges) == 1


def test_addresses_of_one_host_can_be_one_node() -> None:
    make = Documents()
    urls = ["https://api.example.org/a", "api.example.org", "http://api.example.org/b?c=/d"]
    calls = [make.subsegment(url, 10, 20, namespace="remote") for url in urls]
    trace = whole(make.segment("web", subsegments=calls))
    assert {each.node.name for each in drawn(trace).nodes} == {"web", *urls}
    together = drawn(trace, by_host=True)
    assert node(together, Node("", "api.example.org", "remote")).counts.total == 3
    assert len(together.nodes) == 3


def test_a_histogram_of_many_values_is_told_to_three_digits() -> None:
    traces = [
        whole(Documents(id_of(n)).segment("api", took=took))
        for n, took in enumerate([*range(1, 1001), 12_345])
    ]
    few, many = drawn(*traces[1:]).nodes[0].counts, drawn(*traces).nodes[0].counts
    assert few.histogram[-1] == (12.345, 1)
    assert many.histogram[-1] == (12.3, 1)
    assert many.percentile(0.5) == 0.501


@pytest.mark.parametrize(
    ("share", "seconds"), [(0.0, 0.01), (0.5, 0.01), (0.51, 0.02), (0.99, 0.5), (1.0, 0.5)]
)
def test_a_percentile_is_the_first_value_that_reaches_it(share: float, seconds: float) -> None:
    counts = Counts(ok=4, histogram=((0.01, 2), (0.02, 1), (0.5, 1)))
    assert counts.percentile(share) == seconds


def test_without_requests_there_is_no_percentile_and_no_average() -> None:
    assert (Counts().percentile(0.5), Counts().average) == (None, None)
    assert service_map(SPANS.empty().lazy()) == ServiceMap()


def test_the_busiest_come_first() -> None:
    twice = drawn(whole(*blog_request(0)), *requests({}, {}, {}))
    assert [each.counts.total for each in twice.nodes] == [3, 1, 1, 1, 1, 1, 0, 0]


def test_a_trace_counts_for_those_that_it_stands_for() -> None:
    ok = whole(*blog_request(1), weight=20.0)
    failed = whole(*blog_request(2, status=502))
    found = drawn(ok, failed)
    stage = node(found, STAGE).counts
    assert (stage.ok, stage.fault, stage.total, found.traces) == (20, 1, 21, 2)
    assert stage.seconds == pytest.approx(21 * 0.09)
    assert sum(count for _, count in stage.histogram) == stage.total
    assert edge(found, FUNCTION, TABLE).counts.total == 21


def test_a_hop_counts_for_those_that_its_trace_stands_for() -> None:
    sender = blog_request(1)
    send = sender[2]["subsegments"][0]["subsegments"][1]
    links = [{"trace_id": id_of(1), "id": send["id"]}]
    worker = whole(Documents(id_of(2)).segment("mailer", 400, 30, links=links), weight=20.0)
    found = drawn(whole(*sender), worker)
    (hop,) = [each for each in found.edges if each.link]
    assert (hop.counts.ok, hop.counts.seconds, hop.ages) == (20, 0.6, ((0.33, 20),))
