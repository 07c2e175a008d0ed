"""A service graph as the page of the map gets it: percentiles in milliseconds, what is unseen."""

from __future__ import annotations

from app.model.readings import Reading
from app.model.service_map import Counts as GraphCounts
from app.model.service_map import NodeState, ServiceMap
from app.model.traces import Node
from app.read.trace_page.answers import Counts, MapFound, ServiceEdge, ServiceNode

CLIENT = "client"


def map_found(graph: ServiceMap, reading: Reading[None]) -> MapFound:
    """The answer of the page from the graph of the reader."""
    roots = {edge.target: edge.counts for edge in graph.edges if edge.source.type == CLIENT}
    clients = {edge.source: roots[edge.target] for edge in graph.edges if edge.target in roots}
    return MapFound(
        reading,
        nodes=tuple(
            ServiceNode(
                id_of(each.node),
                each.node.name,
                each.node.type,
                each.node.account,
                counts_of(clients.get(each.node, each.counts))
                if each.node.type == CLIENT
                else counts_of(each.counts),
                each.root,
                each.state is NodeState.ACTIVE,
            )
            for each in graph.nodes
        ),
        edges=tuple(
            ServiceEdge(id_of(each.source), id_of(each.target), counts_of(each.counts), each.link)
            for each in graph.edges
        ),
        traces=graph.traces,
        unseen=unseen(graph),
    )


def id_of(node: Node) -> str:
    """One text for a node, unique on the map."""
    return "|".join((node.type, node.name, node.account))


def counts_of(counts: GraphCounts) -> Counts:
    def ms(share: float) -> float | None:
        seconds = counts.percentile(share)
        return None if seconds is None else 1000 * seconds

    return Counts(
        counts.ok, counts.error, counts.throttle, counts.fault, ms(0.5), ms(0.95), ms(0.99)
    )


def unseen(graph: ServiceMap) -> tuple[str, ...]:
    """What the map cannot show, as far as the graph itself tells."""
    said = []
    after = {edge.source for edge in graph.edges}
    waiting = [
        each.node.name
        for each in graph.nodes
        if each.node.type in _ASYNCHRONOUS and each.node not in after
    ]
    if waiting:
        said.append(
            f"What takes from {_listed(waiting)}: the trace ends there unless its consumer "
            "is traced and linked."
        )
    silent = [each.node.name for each in graph.nodes if each.state is NodeState.PASSIVE]
    if silent:
        said.append(f"What {_listed(silent)} do: they send no segments, only their callers tell.")
    said.append(
        "Requests that no sampling rule chose, and services without tracing: "
        "absence here is no proof of no traffic."
    )
    return tuple(said)


_ASYNCHRONOUS = frozenset(
    {"AWS::SQS::Queue", "AWS::SQS", "AWS::SNS", "AWS::SNS::Topic", "AWS::Events", "AWS::Kinesis"}
)


def _listed(names: list[str]) -> str:
    tails = [name.rstrip("/").rpartition("/")[2] if "://" in name else name for name in names]
    shown = ", ".join(tails[:3])
    return f"{shown} and {len(tails) - 3} more" if len(tails) > 3 else shown
