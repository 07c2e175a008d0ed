"""A service map: services, the calls between them, and what both count.

A node counts what the service measured, an edge what its caller did: the
difference is the network and the queue. Every count is one of sampled traces.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from app.model.traces import Node

CLIENT = "client"
"""The type of the node that stands for whoever sends the requests."""

REMOTE = "remote"
"""The type of a node of which only the host is known."""

Histogram = tuple[tuple[float, int], ...]


class NodeState(StrEnum):
    """ACTIVE reports about itself; UNKNOWN and PASSIVE are known only from their callers."""

    ACTIVE = "active"
    UNKNOWN = "unknown"
    PASSIVE = "passive"


@dataclass(frozen=True, slots=True)
class Counts:
    """Completed requests, each counted once, and the time they took.

    ``histogram`` holds seconds, in whole milliseconds, with how many took so long.
    """

    ok: int = 0
    error: int = 0
    throttle: int = 0
    fault: int = 0
    seconds: float = 0.0
    histogram: Histogram = ()

    @property
    def total(self) -> int:
        return self.ok + self.error + self.throttle + self.fault

    @property
    def failed(self) -> int:
        return self.total - self.ok

    @property
    def average(self) -> float | None:
        """Mean seconds, None without requests."""
        return self.seconds / self.total if self.total else None

    def percentile(self, share: float) -> float | None:
        """The least seconds that at least ``share`` of all requests did not exceed."""
        return percentile(self.histogram, share)

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.ok + other.ok,
            self.error + other.error,
            self.throttle + other.throttle,
            self.fault + other.fault,
            round(self.seconds + other.seconds, 3),
            added(self.histogram, other.histogram),
        )


@dataclass(frozen=True, slots=True)
class MapNode:
    """A service. ``start`` and ``end`` bound its traces in whole seconds; ``root``: one began here.

    A client has no counts of its own, its edge carries those of the root.
    """

    node: Node
    state: NodeState
    root: bool
    counts: Counts
    start: datetime
    end: datetime

    def __add__(self, other: MapNode) -> MapNode:
        return replace(
            self,
            state=min(self.state, other.state, key=list(NodeState).index),
            root=self.root or other.root,
            counts=self.counts + other.counts,
            start=min(self.start, other.start),
            end=max(self.end, other.end),
        )


@dataclass(frozen=True, slots=True)
class MapEdge:
    """Calls from one service to another, as the caller measured them.

    ``link`` marks a hop through a linked trace, with ``ages`` of the events when they were
    received. ``aliases`` are names that the caller calls the other by.
    """

    source: Node
    target: Node
    counts: Counts
    link: bool = False
    aliases: tuple[str, ...] = ()
    ages: Histogram = ()

    @property
    def key(self) -> tuple[Node, Node, bool]:
        return self.source, self.target, self.link

    def __add__(self, other: MapEdge) -> MapEdge:
        aliases = sorted({*self.aliases, *other.aliases})
        counts, ages = self.counts + other.counts, added(self.ages, other.ages)
        return replace(self, counts=counts, aliases=tuple(aliases), ages=ages)


@dataclass(frozen=True, slots=True)
class ServiceMap:
    """Nodes and edges, most calls first; ``traces`` is how many traces they were drawn from."""

    nodes: tuple[MapNode, ...] = ()
    edges: tuple[MapEdge, ...] = field(default=())
    traces: int = 0

    def merged(self, other: ServiceMap) -> ServiceMap:
        """The map of both; of windows that do not overlap, as no trace may be counted twice."""
        nodes: dict[Node, MapNode] = {}
        for node in (*self.nodes, *other.nodes):
            nodes[node.node] = nodes[node.node] + node if node.node in nodes else node
        edges: dict[tuple[Node, Node, bool], MapEdge] = {}
        for edge in (*self.edges, *other.edges):
            edges[edge.key] = edges[edge.key] + edge if edge.key in edges else edge
        return ServiceMap.of(nodes.values(), edges.values(), self.traces + other.traces)

    @staticmethod
    def of(nodes: Iterable[MapNode], edges: Iterable[MapEdge], traces: int) -> ServiceMap:
        """The map of these nodes and edges, in the order of a map."""
        by_calls = sorted(nodes, key=lambda each: (-each.counts.total, each.node))
        most = sorted(edges, key=lambda each: (-each.counts.total, each.key))
        return ServiceMap(tuple(by_calls), tuple(most), traces)


def added(one: Histogram, other: Histogram) -> Histogram:
    """Two histograms in one: equal values are counted together."""
    counts = Counter(dict(one))
    counts.update(dict(other))
    return tuple(sorted(counts.items()))


def percentile(histogram: Histogram, share: float) -> float | None:
    """The first value at which ``share`` of all is reached; None where there is nothing."""
    wanted, reached = share * sum(count for _, count in histogram), 0
    for value, count in histogram:
        reached += count
        if reached >= wanted:
            return value
    return None
