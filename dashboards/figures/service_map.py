"""A service graph as elements of Cytoscape, with their places.

A node is a ring in the shares of its outcomes around a glyph of its kind, as
large as its traffic is (logarithmically), with the shape of its state beside
it. Pictures and colours name roles; the browser fills them in.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from app.model import written
from app.model.states import Health
from dashboards.figures.canvas import Figure
from dashboards.figures.glyphs import picture
from dashboards.figures.layers import places

MOST_NODES = 40
"""What is drawn at most; of more, names could not be read."""
LABELLED = 24
"""So many links have their times written beside them; of more only the slowest, and on hover."""
FAILING = 0.05
"""From this share of faults on a line is drawn as failing."""
COLUMN, ROW = 216, 136
SHAPE = 0.58
"""How high the room for the map is for its width."""
_LEAST, _MOST = 40.0, 72.0
_NAME_MOST = 30


@dataclass(frozen=True, slots=True)
class Outcomes:
    """How requests ended, and how long they took in milliseconds (None where nobody measured)."""

    ok: int = 0
    error: int = 0
    throttle: int = 0
    fault: int = 0
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None

    @property
    def total(self) -> int:
        return self.ok + self.error + self.throttle + self.fault

    def with_(self, other: Outcomes) -> Outcomes:
        """Both together; of the times the longer ones, since histograms are not at hand."""
        return Outcomes(
            self.ok + other.ok,
            self.error + other.error,
            self.throttle + other.throttle,
            self.fault + other.fault,
            _longer(self.p50, other.p50),
            _longer(self.p95, other.p95),
            _longer(self.p99, other.p99),
        )


@dataclass(frozen=True, slots=True)
class MapNode:
    """A service, or what it calls; ``kind`` picks the glyph, ``type`` is AWS's word for it.

    One that stands for ``count`` others has the ids of these as ``members``.
    """

    id: str
    name: str
    type: str
    kind: str
    outcomes: Outcomes
    health: Health = Health.OK
    count: int = 1
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MapEdge:
    """Calls from one node to another as the caller measured them; ``link`` when asynchronous."""

    source: str
    target: str
    outcomes: Outcomes
    link: bool = False


def service_map(nodes: Sequence[MapNode], edges: Sequence[MapEdge]) -> list[Figure]:
    """The elements: nodes in their places, then edges."""
    nodes, edges = folded(nodes, edges)
    links = [(edge.source, edge.target) for edge in edges]
    at = places([node.id for node in nodes], links, SHAPE * COLUMN / ROW)
    slowest = slowest_edge(edges)
    all_labelled = len(edges) <= LABELLED
    busiest = max((node.outcomes.total for node in nodes), default=0)
    return [
        *(_node(node, at[node.id], busiest) for node in nodes),
        *(_edge(edge, busiest, edge is slowest, all_labelled) for edge in edges),
    ]


def slowest_edge(edges: Sequence[MapEdge]) -> MapEdge | None:
    """The call whose p99 is longest by itself: without the slowest call that its target makes.

    A caller waits for everything further down, so the plain p99 would always mark the entry.
    Waiting in a queue is no slowness.
    """
    further: dict[str, float] = {}
    for edge in edges:
        if not edge.link:
            further[edge.source] = max(further.get(edge.source, 0.0), edge.outcomes.p99 or 0.0)
    timed = [edge for edge in edges if edge.outcomes.p99 and not edge.link]

    def own(edge: MapEdge) -> tuple[float, int]:
        rest = further.get(edge.target, 0.0) if edge.target != edge.source else 0.0
        return (edge.outcomes.p99 or 0.0) - rest, edge.outcomes.total

    return max(timed, key=own, default=None)


def folded(
    nodes: Sequence[MapNode], edges: Sequence[MapEdge], most: int = MOST_NODES
) -> tuple[list[MapNode], list[MapEdge]]:
    """Clients, what is in trouble, slowest or busiest; others of one type stand together."""
    if len(nodes) <= most:
        return list(nodes), list(edges)
    types = len({node.type for node in nodes})
    kept_most = max(1, most - types)
    slow = slowest_edge(edges)
    ends = {slow.source, slow.target} if slow else set()
    ends |= {node.id for node in nodes if node.kind == "client"}
    ranked = sorted(
        nodes, key=lambda n: (n.id not in ends, n.health.weight, -n.outcomes.total, n.id)
    )
    kept, rest = ranked[:kept_most], ranked[kept_most:]
    alike = Counter(node.type for node in rest)
    kept += [node for node in rest if alike[node.type] == 1]
    rest = [node for node in rest if alike[node.type] > 1]
    home = {node.id: node.id for node in kept} | {node.id: f"more:{node.type}" for node in rest}
    groups: dict[str, MapNode] = {}
    for node in rest:
        before = groups.get(home[node.id])
        count = node.count + (before.count if before else 0)
        outcomes = before.outcomes.with_(node.outcomes) if before else node.outcomes
        members = (*(before.members if before else ()), node.id)
        worst = min([node.health, *([before.health] if before else [])], key=lambda h: h.weight)
        groups[home[node.id]] = MapNode(
            home[node.id], f"{count} more", node.type, node.kind, outcomes, worst, count, members
        )
    return [*kept, *groups.values()], _merged(edges, home)


def _merged(edges: Sequence[MapEdge], home: Mapping[str, str]) -> list[MapEdge]:
    found: dict[tuple[str, str, bool], MapEdge] = {}
    for edge in edges:
        key = (home[edge.source], home[edge.target], edge.link)
        before = found.get(key)
        outcomes = before.outcomes.with_(edge.outcomes) if before else edge.outcomes
        found[key] = replace(edge, source=key[0], target=key[1], outcomes=outcomes)
    return list(found.values())


def _node(node: MapNode, at: tuple[float, float], busiest: int) -> Figure:
    size = round(_LEAST + (_MOST - _LEAST) * _weight(node.outcomes.total, busiest))
    return {
        "group": "nodes",
        "data": {
            "id": node.id,
            "label": f"{_short(node.name)}\n{_told(node)}",
            "said": f"{node.name}, {node.type}: {_told(node)}",
            "size": size,
            "svg": picture(node.kind, _shares(node.outcomes), node.health),
        },
        "position": {"x": at[0] * COLUMN, "y": at[1] * ROW},
        "classes": f"kind-{node.kind}",
    }


def _edge(edge: MapEdge, busiest: int, slowest: bool, labelled: bool) -> Figure:
    outcomes = edge.outcomes
    times = _times(outcomes)
    bad = outcomes.fault >= FAILING * outcomes.total > 0
    names = [
        name
        for name, is_so in (
            ("link", edge.link),
            ("slowest", slowest),
            ("failing", bad),
            ("labelled", labelled or slowest),
        )
        if is_so
    ]
    return {
        "group": "edges",
        "data": {
            "id": f"{edge.source}>{edge.target}{'~' if edge.link else ''}",
            "source": edge.source,
            "target": edge.target,
            "label": f"slowest · {times}" if slowest else times,
            "width": round(1.0 + 4.0 * _weight(outcomes.total, busiest), 1),
        },
        "classes": " ".join(names),
    }


def _weight(total: int, busiest: int) -> float:
    return math.log1p(total) / math.log1p(busiest) if busiest else 0.0


def _shares(outcomes: Outcomes) -> tuple[tuple[str, float], ...]:
    total = outcomes.total
    if not total:
        return ()
    parts = (
        ("--critical", outcomes.fault),
        ("--warning", outcomes.error),
        ("--silenced", outcomes.throttle),
        ("--ok", outcomes.ok),
    )
    return tuple((role, count / total) for role, count in parts if count)


def _told(node: MapNode) -> str:
    """The little that stands under a name: how many requests, how many failed, p95."""
    outcomes = node.outcomes
    if not outcomes.total:
        return node.type if node.kind == "client" else "nothing measured"
    said = [written.value(outcomes.total, "count")]
    if outcomes.p95 is not None:
        said.append(f"p95 {written.value(outcomes.p95, 'milliseconds')}")
    first = " · ".join(said)
    if not outcomes.fault:
        return first
    share = written.value(100 * outcomes.fault / outcomes.total, "percent")
    return f"{first}\n{share} faults"


def _times(outcomes: Outcomes) -> str:
    if outcomes.p50 is None or outcomes.p99 is None:
        return ""
    p50, p99 = (written.value(t, "milliseconds") for t in (outcomes.p50, outcomes.p99))
    return f"{p50} / {p99}"


def _short(name: str) -> str:
    """A name that gives way in the middle; of a URL or ARN its last part."""
    tail = name.rstrip("/").rpartition("/")[2] if name.startswith(("https://", "arn:")) else name
    tail = tail.rpartition(":")[2] if name.startswith("arn:") else tail
    if len(tail) <= _NAME_MOST:
        return tail
    half = (_NAME_MOST - 1) // 2
    return f"{tail[:half]}…{tail[-half:]}"


def _longer(one: float | None, other: float | None) -> float | None:
    known = [time for time in (one, other) if time is not None]
    return max(known, default=None)
