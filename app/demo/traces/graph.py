"""GetServiceGraph and GetTraceGraph: what X-Ray draws of the traces that it has received.

Counted segment by segment, as the rule is written; Watchdeck groups rows instead, and a
test holds both to each other.

Source: AWS X-Ray API Reference, GetServiceGraph; what is null in a trace's graph is so there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.model.traces import Node, Segment, SpanKind, Trace

Json = dict[str, Any]
_SECOND = 1_000_000


@dataclass(slots=True)
class _Tally:
    """Completed requests; what is in progress is not counted."""

    outcomes: Counter[str] = field(default_factory=Counter)
    micros: int = 0
    values: Counter[float] = field(default_factory=Counter)

    def add(self, span: Segment) -> None:
        if span.duration is None:
            return
        self.outcomes[span.outcome.value] += 1
        self.micros += span.duration
        self.values[(span.duration + 500) // 1000 / 1000] += 1

    def statistics(self) -> Json:
        count = self.outcomes
        return {
            "OkCount": count["ok"],
            "ErrorStatistics": {
                "ThrottleCount": count["throttle"],
                "OtherCount": count["error"],
                "TotalCount": count["throttle"] + count["error"],
            },
            "FaultStatistics": {"OtherCount": count["fault"], "TotalCount": count["fault"]},
            "TotalCount": count.total(),
            "TotalResponseTime": round(self.micros / _SECOND, 3),
        }

    def histogram(self) -> list[Json]:
        return [{"Value": value, "Count": n} for value, n in sorted(self.values.items())]


@dataclass(slots=True)
class _Service:
    """A node with its edges by the node that they lead to."""

    tally: _Tally = field(default_factory=_Tally)
    edges: dict[Node, _Edge] = field(default_factory=dict)
    reported: bool = False
    root: bool = False
    seconds: set[int] = field(default_factory=set)


@dataclass(slots=True)
class _Edge:
    tally: _Tally = field(default_factory=_Tally)
    aliases: set[tuple[str, str]] = field(default_factory=set)


def services(traces: Iterable[Trace], *, timed: bool) -> list[Json]:
    """The member ``Services`` of an answer; ``timed`` with the seconds in which traces began."""
    found: dict[Node, _Service] = {}
    for trace in traces:
        _add(found, trace)
    order = sorted(found, key=lambda node: (node.name, node.type, node.account))
    numbers = {node: number for number, node in enumerate(order)}
    return [_told(node, found[node], numbers, timed=timed) for node in order]


def _add(found: dict[Node, _Service], trace: Trace) -> None:
    by_id = {span.id: span for span in trace.walk()}
    second = min(span.start for span in by_id.values()) // _SECOND
    for segment in trace.segments:
        if segment.kind is SpanKind.SUBSEGMENT:
            continue
        service = found.setdefault(segment.node, _Service())
        service.tally.add(segment)
        service.seconds.add(second)
        service.reported |= segment.kind is SpanKind.SEGMENT
        caller = by_id.get(segment.parent_id or "")
        if caller is not None:
            _call(found, segment, caller)
        elif segment.kind is SpanKind.SEGMENT:
            service.root = True
            if segment.http or not segment.links:
                client = Node(segment.node.account, segment.node.name, "client")
                front = found.setdefault(client, _Service())
                front.seconds.add(second)
                front.edges.setdefault(segment.node, _Edge()).tally.add(segment)


def _call(found: dict[Node, _Service], called: Segment, caller: Segment) -> None:
    source = found.setdefault(caller.node, _Service())
    edge = source.edges.setdefault(called.node, _Edge())
    is_call = caller.kind is SpanKind.SUBSEGMENT
    edge.tally.add(caller if is_call else called)
    if is_call and caller.namespace and called.kind is SpanKind.SEGMENT:
        aws = caller.namespace == "aws"
        edge.aliases.add((caller.name, f"AWS::{caller.name}" if aws else caller.namespace))


def _told(node: Node, service: _Service, numbers: Mapping[Node, int], *, timed: bool) -> Json:
    is_client = node.type == "client"
    bounds = _bounds(service, timed=timed)
    told: Json = {
        "ReferenceId": numbers[node],
        "Name": node.name,
        "Names": [node.name],
        "Type": node.type or None,
        "AccountId": node.account or None,
        "State": _state(node, service),
        "Root": True if service.root else None,
        **bounds,
        "Edges": [
            {
                "ReferenceId": numbers[target],
                **bounds,
                "SummaryStatistics": edge.tally.statistics(),
                "ResponseTimeHistogram": edge.tally.histogram(),
                "Aliases": [
                    {"Name": name, "Names": [name], "Type": type_}
                    for name, type_ in sorted(edge.aliases)
                ],
            }
            for target, edge in sorted(service.edges.items(), key=lambda one: numbers[one[0]])
        ],
        "SummaryStatistics": None if is_client else service.tally.statistics(),
        "DurationHistogram": None if is_client else service.tally.histogram(),
        "ResponseTimeHistogram": None if is_client else service.tally.histogram(),
    }
    return {key: value for key, value in told.items() if value is not None}


def _state(node: Node, service: _Service) -> str:
    if service.reported:
        return "active"
    return "passive" if node.type == "remote" else "unknown"


def _bounds(service: _Service, *, timed: bool) -> Json:
    if not timed:
        return {}
    return {"StartTime": min(service.seconds), "EndTime": max(service.seconds) + 1}
