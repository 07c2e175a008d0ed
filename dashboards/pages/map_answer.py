"""From the answer about a map to nodes, links, rows and words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from dash import html
from dash.development.base_component import Component

from app.model import written
from app.model.states import Health
from app.read import Counts, MapFound, Reads, ServiceEdge, ServiceNode, TraceQuestion
from dashboards.figures import MapEdge, MapNode, Outcomes, folded
from dashboards.parts import Cell, Column

FAILING, TROUBLED = 0.05, 0.01
"""From these shares of faults on a node is critical, or needs a look; throttles and errors warn."""

NODE_COLUMNS = (
    Column("state", "Status", Cell.STATE, width=110, phone=True),
    Column("name", "Service", Cell.NAME, flex=3, phone=True),
    Column("type", "Type", flex=2),
    Column("account", "Account", flex=1, wide=True),
    Column("total", "Requests", Cell.NUMBER, unit="count", width=96, phone=True),
    Column("fault", "Faults", Cell.NUMBER, unit="percent", width=84),
    Column("error", "Errors", Cell.NUMBER, unit="percent", width=84),
    Column("throttle", "Throttles", Cell.NUMBER, unit="percent", width=92),
    Column("p50", "p50", Cell.NUMBER, unit="milliseconds", width=84),
    Column("p95", "p95", Cell.NUMBER, unit="milliseconds", width=84),
    Column("p99", "p99", Cell.NUMBER, unit="milliseconds", width=84),
)
EDGE_COLUMNS = (
    Column("source", "From", flex=3, phone=True),
    Column("target", "To", flex=3, phone=True),
    Column("how", "How", width=96, wide=True),
    Column("total", "Calls", Cell.NUMBER, unit="count", width=90),
    Column("fault", "Faults", Cell.NUMBER, unit="percent", width=84),
    Column("p50", "p50", Cell.NUMBER, unit="milliseconds", width=84),
    Column("p99", "p99", Cell.NUMBER, unit="milliseconds", width=84, phone=True, order="desc"),
)

CLIENT = "client"

_KINDS = (
    ("client", ("client",)),
    ("function", ("Lambda", "StepFunctions")),
    ("api", ("ApiGateway", "AppSync", "ElasticLoadBalancing", "CloudFront")),
    ("table", ("DynamoDB", "Database", "RDS", "ElastiCache", "Redshift", "DAX")),
    ("queue", ("SQS", "Kinesis", "Firehose", "MQ", "Kafka")),
    ("topic", ("SNS", "Events", "EventBridge")),
    ("bucket", ("S3",)),
    ("container", ("ECS", "EKS", "AppRunner", "Fargate")),
    ("machine", ("EC2", "ElasticBeanstalk")),
    ("remote", ("remote",)),
)


def map_of(reads: Reads, question: TraceQuestion) -> MapFound:
    """The map with the names of accounts, as people know them."""
    found, names = reads.trace_page.map(question), dict(reads.accounts)
    nodes = (replace(node, account=names.get(node.account, node.account)) for node in found.nodes)
    return replace(found, nodes=tuple(nodes))


def kind_of(type_: str) -> str:
    """Which glyph stands for a type of node."""
    part = type_.removeprefix("AWS::").split("::")[0]
    return next((kind for kind, names in _KINDS if part in names), "other")


def health_of(counts: Counts) -> Health:
    """Judged by what failed: faults weigh most, throttles warn."""
    if not counts.total:
        return Health.NO_DATA
    if counts.fault >= FAILING * counts.total:
        return Health.CRITICAL
    if counts.fault > TROUBLED * counts.total or counts.throttle > FAILING * counts.total:
        return Health.WARNING
    return Health.OK


def why(counts: Counts) -> str:
    """The rule behind the state, in one sentence."""
    if not counts.total:
        return "No traced request was measured here."
    return (
        f"{counts.fault:,} faults and {counts.throttle:,} throttles in {counts.total:,} traced "
        f"requests; critical from {written.value(100 * FAILING, 'percent')} faults on."
    )


def drawn(found: MapFound) -> tuple[list[MapNode], list[MapEdge]]:
    """The graph as the figure takes it; a client has no state of its own."""
    home = _homes(found.nodes)
    names = _told_apart([node for node in found.nodes if node.type != CLIENT])
    nodes = [_node(node, names[node.id]) for node in found.nodes if node.id not in home]
    return [*nodes, *_clients(found.nodes, home)], list(_edges(found.edges, home))


def _node(node: ServiceNode, name: str) -> MapNode:
    kind, health = kind_of(node.type), health_of(node.counts)
    return MapNode(node.id, name, node.type, kind, _outcomes(node.counts), health)


def _told_apart(nodes: Sequence[ServiceNode]) -> dict[str, str]:
    """The name of each node; where several accounts have one of it, those of the smaller say so."""
    homes: dict[str, set[str]] = {}
    for node in nodes:
        homes.setdefault(node.name, set()).add(node.account)
    most = Counter(node.account for node in nodes).most_common(1)
    usual = most[0][0] if most else ""
    return {
        node.id: f"{node.name} ({node.account})"
        if node.account != usual and len(homes[node.name]) > 1
        else node.name
        for node in nodes
    }


def _clients(nodes: Sequence[ServiceNode], home: Mapping[str, str]) -> Iterator[MapNode]:
    """All who send requests to one account, as one node without times and state of its own."""
    together: dict[str, Outcomes] = {}
    names: dict[str, str] = {}
    for node in nodes:
        if node.type == CLIENT:
            counts, id_ = node.counts, home[node.id]
            own = Outcomes(counts.ok, counts.error, counts.throttle, counts.fault)
            together[id_] = together.get(id_, Outcomes()).with_(own)
            names[id_] = f"Clients ({node.account})" if node.account else "Clients"
    for id_, outcomes in together.items():
        yield MapNode(id_, names[id_] if len(names) > 1 else "Clients", CLIENT, CLIENT, outcomes)


def _edges(edges: Sequence[ServiceEdge], home: Mapping[str, str]) -> Iterator[MapEdge]:
    """The links between what is drawn; of several with the same ends the busiest."""
    seen: set[tuple[str, str, bool]] = set()
    for edge in sorted(edges, key=lambda each: -each.counts.total):
        source, target = home.get(edge.source, edge.source), home.get(edge.target, edge.target)
        inner = source == target and edge.source != edge.target
        if not inner and (source, target, edge.link) not in seen:
            seen.add((source, target, edge.link))
            yield MapEdge(source, target, _outcomes(edge.counts), edge.link)


def homes(nodes: Sequence[ServiceNode]) -> dict[str, str]:
    """The id that every node is drawn by, before any are folded."""
    elsewhere = _homes(nodes)
    return {node.id: elsewhere.get(node.id, node.id) for node in nodes}


def _homes(nodes: Sequence[ServiceNode]) -> dict[str, str]:
    """Which node is drawn for one that is not.

    Of a function X-Ray shows the service and the code, by one name; and clients once for
    each entry.
    """
    code = {(n.name, n.account): n.id for n in nodes if n.type == "AWS::Lambda::Function"}
    functions = {
        n.id: code[n.name, n.account]
        for n in nodes
        if n.type == "AWS::Lambda" and (n.name, n.account) in code
    }
    return functions | {n.id: client_id(n) for n in nodes if n.type == CLIENT}


def client_id(node: ServiceNode) -> str:
    """All who ask from outside are one on the map, in each account."""
    return f"clients|{node.account}"


def _outcomes(counts: Counts) -> Outcomes:
    return Outcomes(
        counts.ok,
        counts.error,
        counts.throttle,
        counts.fault,
        counts.p50,
        counts.p95,
        counts.p99,
    )


def node_rows(found: MapFound) -> list[dict[str, Any]]:
    """The services, those in trouble first."""
    real = [node for node in found.nodes if node.type != CLIENT]
    ranked = sorted(real, key=lambda n: (health_of(n.counts).weight, -n.counts.total, n.name))
    names = _told_apart(real)
    return [_node_row(node, names[node.id]) for node in ranked]


def _node_row(node: ServiceNode, name: str) -> dict[str, Any]:
    return {
        "id": node.id,
        "state": health_of(node.counts).value,
        "state_why": why(node.counts),
        "name": name,
        "type": node.type.removeprefix("AWS::") or "–",
        "account": node.account,
        **_numbers(node.counts),
        "p95": node.counts.p95,
    }


def edge_rows(found: MapFound) -> list[dict[str, Any]]:
    """The calls, those of clients too; not those within a function, which is drawn as one."""
    names, home = titles(found.nodes), homes(found.nodes)
    shown = [
        edge
        for edge in found.edges
        if home[edge.source] != home[edge.target] or edge.source == edge.target
    ]
    return [_edge_row(edge, names) for edge in shown]


def titles(nodes: Sequence[ServiceNode]) -> dict[str, str]:
    """How each node is called, told apart by account where that is needed."""
    real = [node for node in nodes if node.type != CLIENT]
    return {node.id: title_of(node) for node in nodes if node.type == CLIENT} | _told_apart(real)


def _edge_row(edge: ServiceEdge, names: dict[str, str]) -> dict[str, Any]:
    return {
        "id": edge_id(edge),
        "source": names[edge.source],
        "target": names[edge.target],
        "how": "linked" if edge.link else "call",
        **_numbers(edge.counts),
    }


def edge_id(edge: ServiceEdge) -> str:
    """The same as the figure gives it, where both ends are drawn as they are."""
    return f"{edge.source}>{edge.target}{'~' if edge.link else ''}"


def title_of(node: ServiceNode) -> str:
    """How a node is called; a client has the name of what it asks."""
    return "Clients" if node.type == CLIENT else node.name


def edges_of(found: MapFound, id_: str) -> list[ServiceEdge]:
    """The calls of a row of the table, or of a line of the figure, the busiest first."""
    busiest = sorted(found.edges, key=lambda each: -each.counts.total)
    row = [edge for edge in busiest if edge_id(edge) == id_]
    home = shown_as(found)
    return row or [
        edge
        for edge in busiest
        if edge_id(replace(edge, source=home[edge.source], target=home[edge.target])) == id_
    ]


def shown_as(found: MapFound) -> dict[str, str]:
    """The id of the shape that stands for each node on the map."""
    own = homes(found.nodes)
    nodes, _ = folded(*drawn(found))
    group = {member: node.id for node in nodes for member in node.members}
    return {id_: group.get(shape, shape) for id_, shape in own.items()}


def _numbers(counts: Counts) -> dict[str, Any]:
    total = counts.total

    def share(part: int) -> float | None:
        return 100 * part / total if total else None

    return {
        "total": total,
        "fault": share(counts.fault),
        "error": share(counts.error),
        "throttle": share(counts.throttle),
        "p50": counts.p50,
        "p99": counts.p99,
    }


def words(found: MapFound) -> Any:
    """What stands after the title: of how many traces, and the way to them."""
    if not found.nodes:
        return ""
    if found.traces >= found.matching:
        return f"from {found.traces:,} sampled traces"
    return (
        f"from {found.traces:,} whole ones of {found.matching:,} sampled traces; those that "
        "failed are all there, each of the others counts for several"
    )


def key() -> Component:
    """What rings, sizes, lines and words mean."""
    ring = [
        html.Span([html.I(className=f"key-dot key-{name}"), words_])
        for name, words_ in (
            ("ok", "OK"),
            ("warning", "errors"),
            ("silenced", "throttles"),
            ("critical", "faults"),
        )
    ]
    return html.Div(
        [
            html.Span("Ring: share of", className="muted"),
            *ring,
            html.Span("Size and width: traffic", className="muted"),
            html.Span("On links: p50 / p99, of many on hover", className="muted"),
            html.Span("Dashed: linked traces, a queue between", className="muted"),
        ],
        className="map-key",
    )
