"""From the pretend X-Ray through the collector and the store: the map is X-Ray's own graph."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson

from app.demo.billing import Bill
from app.demo.call import Call, Signer, Wire
from app.demo.traces.service import XRay
from app.model.service_map import Counts, ServiceMap
from app.model.time import Window, epoch_ms
from app.read.traces.graph import service_map
from tests.collectors.trace_working import NOW, PLACE, Make, TraceWork

Key = tuple[str, str, str]
DRAWN = Window(NOW - timedelta(seconds=75), NOW - timedelta(seconds=30))
READ = Window(DRAWN.start - timedelta(seconds=5), NOW)


def x_rays(work: TraceWork) -> dict[str, Any]:
    """The answer of GetServiceGraph."""
    signer = Signer("key", "20261124", PLACE.region, "xray")
    times = {"StartTime": DRAWN.start.timestamp(), "EndTime": DRAWN.end.timestamp()}
    body = orjson.dumps(times)
    call = Call(signer, PLACE.account, "xray", "GetServiceGraph", Wire.REST_JSON, body)
    answer: dict[str, Any] = orjson.loads(XRay(work.endpoint.traces, Bill()).answer(call, NOW).body)
    return answer


def numbers(given: dict[str, Any]) -> Counts:
    told = given["SummaryStatistics"]
    return Counts(
        ok=told["OkCount"],
        error=told["ErrorStatistics"]["OtherCount"],
        throttle=told["ErrorStatistics"]["ThrottleCount"],
        fault=told["FaultStatistics"]["TotalCount"],
        seconds=told["TotalResponseTime"],
        histogram=tuple((e["Value"], e["Count"]) for e in given["ResponseTimeHistogram"]),
    )


def key(service: dict[str, Any]) -> Key:
    return service.get("AccountId", ""), service["Name"], service.get("Type", "")


def of_services(services: list[dict[str, Any]]) -> tuple[dict[Any, Any], dict[Any, Any]]:
    named = {one["ReferenceId"]: key(one) for one in services}
    nodes = {
        key(one): (
            one["State"],
            one.get("Root", False),
            numbers(one) if "SummaryStatistics" in one else Counts(),
            one["StartTime"],
            one["EndTime"],
        )
        for one in services
    }
    edges = {
        (key(one), named[edge["ReferenceId"]]): numbers(edge)
        for one in services
        for edge in one["Edges"]
    }
    return nodes, edges


def of_map(found: ServiceMap) -> tuple[dict[Any, Any], dict[Any, Any]]:
    def plain(node: Any) -> Key:
        return node.account, node.name, node.type

    nodes = {
        plain(one.node): (
            one.state.value,
            one.root,
            one.counts,
            one.start.timestamp(),
            one.end.timestamp(),
        )
        for one in found.nodes
    }
    edges = {(plain(e.source), plain(e.target)): e.counts for e in found.edges if not e.link}
    return nodes, edges


def test_the_map_of_collected_traces_is_the_graph_of_x_ray(make: Make) -> None:
    work = make(share=1.0)
    assert work.read(READ).message == ""
    spans = work.store.traces.spans(DRAWN)
    nodes, edges = of_services(x_rays(work)["Services"])
    drawn_nodes, drawn_edges = of_map(service_map(spans))
    assert len(nodes) > 10
    assert epoch_ms(DRAWN.start) % 1000 == 0
    assert drawn_nodes == nodes
    assert drawn_edges == edges
