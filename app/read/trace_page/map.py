"""A service graph as the page of the map gets it: percentiles in milliseconds."""

from __future__ import annotations

from collections.abc import Iterable

from app.model.ids import Resource
from app.model.readings import Reading
from app.model.service_map import Counts as GraphCounts
from app.model.service_map import NodeState, ServiceMap
from app.model.traces import Node
from app.read.trace_page.answers import Counts, MapFound, ServiceEdge, ServiceNode
from app.read.trace_page.unseen import unseen

CLIENT = "client"


def map_found(
    graph: ServiceMap, reading: Reading[None], matching: int, resources: Iterable[Resource]
) -> MapFound:
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
        matching=matching,
        unseen=unseen(graph, resources),
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
