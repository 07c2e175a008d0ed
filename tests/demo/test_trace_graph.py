"""The pretend GetServiceGraph and GetTraceGraph, held to a plain reading of the rule."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from app.demo.billing import Bill
from app.demo.call import Call, Signer, Wire
from app.demo.refusal import Refused
from app.demo.traces.book import TraceBook
from app.demo.traces.service import XRay
from app.demo.world.world import World
from app.model.time import epoch_ms
from tests.demo.test_traces import NOW, PLACE
from tests.support.graph_oracle import Counted, Graph, graph

END = epoch_ms(NOW) - 60_000
START = END - 90_000
TIMES = {"StartTime": START / 1000, "EndTime": END / 1000}


@pytest.fixture(scope="module")
def book() -> TraceBook:
    return TraceBook(World(1))


def ask(book: TraceBook, operation: str, request: dict[str, Any]) -> Any:
    signer = Signer("key", "20261124", PLACE.region, "xray")
    call = Call(signer, PLACE.account, "xray", operation, Wire.REST_JSON, orjson.dumps(request))
    return orjson.loads(XRay(book, Bill()).answer(call, NOW).body)


def without_links(document: dict[str, Any]) -> dict[str, Any]:
    """A hop through a linked trace is drawn by the map only, not by this pretend X-Ray."""
    return {**document, "links": [{"id": "", "trace_id": ""}] if document.get("links") else []}


def rule(book: TraceBook) -> Graph:
    seen = book.begun(PLACE, START, END, epoch_ms(NOW))
    return graph([[without_links(d) for d in one.documents] for one in seen], PLACE.account)


def statistics(told: Counted) -> dict[str, Any]:
    count = told.outcomes
    return {
        "OkCount": count["ok"],
        "ErrorStatistics": {
            "ThrottleCount": count["throttle"],
            "OtherCount": count["error"],
            "TotalCount": count["throttle"] + count["error"],
        },
        "FaultStatistics": {"OtherCount": count["fault"], "TotalCount": count["fault"]},
        "TotalCount": count.total(),
        "TotalResponseTime": round(told.took / 1e6, 3),
    }


def key(service: dict[str, Any]) -> tuple[str, str, str]:
    return service.get("AccountId", ""), service["Name"], service.get("Type", "")


def test_the_graph_of_a_window_counts_as_the_rule_says(book: TraceBook) -> None:
    services = ask(book, "GetServiceGraph", TIMES)["Services"]
    told, named = rule(book), {one["ReferenceId"]: key(one) for one in services}
    assert len(told.nodes) > 10
    assert {key(one): one.get("SummaryStatistics") for one in services} == {
        node: None if node[2] == "client" else statistics(counted)
        for node, counted in told.nodes.items()
    }
    assert {
        (key(one), named[edge["ReferenceId"]]): edge["SummaryStatistics"]
        for one in services
        for edge in one["Edges"]
    } == {(a, b): statistics(counted) for (a, b, _), counted in told.edges.items()}
    assert {key(one): (one["StartTime"], one["EndTime"]) for one in services} == {
        node: (min(counted.seconds), max(counted.seconds) + 1)
        for node, counted in told.nodes.items()
    }


def test_every_histogram_holds_every_request(book: TraceBook) -> None:
    for one in ask(book, "GetServiceGraph", TIMES)["Services"]:
        for part in (one, *one["Edges"]):
            if "SummaryStatistics" in part:
                total = sum(entry["Count"] for entry in part["ResponseTimeHistogram"])
                assert total == part["SummaryStatistics"]["TotalCount"]


def test_a_group_is_drawn_of_the_traces_that_it_matches(book: TraceBook) -> None:
    found = ask(book, "GetServiceGraph", TIMES | {"GroupName": "faults"})["Services"]
    clients = [one for one in found if one.get("Type") == "client"]
    assert clients
    for one in clients:
        for edge in one["Edges"]:
            own = edge["SummaryStatistics"]
            assert own["TotalCount"] == own["FaultStatistics"]["TotalCount"] > 0


def test_the_graph_of_a_trace_has_no_times(book: TraceBook) -> None:
    seen = book.begun(PLACE, START, END, epoch_ms(NOW))[0]
    found = ask(book, "GetTraceGraph", {"TraceIds": [seen.recorded.trace_id]})["Services"]
    assert {node.name for node in seen.trace.summary.services} <= {one["Name"] for one in found}
    assert not any("StartTime" in one for one in found)


@pytest.mark.parametrize(
    ("operation", "request_", "said"),
    [
        ("GetTraceGraph", {}, "Zero trace ids provided"),
        ("GetTraceGraph", {"TraceIds": ["x"]}, "Invalid traceId"),
        ("GetTraceGraph", {"TraceIds": ["1-00000000-" + 24 * "0"]}, "Trace id not found"),
        ("GetServiceGraph", {"StartTime": 0, "EndTime": 6 * 3600 + 1}, "6 hours"),
        ("GetServiceGraph", TIMES | {"GroupName": "nobody"}, "Group not found"),
        ("GetServiceGraph", TIMES | {"GroupName": "a", "GroupARN": "b"}, "Only one"),
    ],
)
def test_what_x_ray_refuses_is_refused(
    book: TraceBook, operation: str, request_: dict[str, Any], said: str
) -> None:
    with pytest.raises(Refused, match=said):
        ask(book, operation, request_)
