"""What opens beside the map: rate, errors and duration of a node or a link, and the ways on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from dash import ctx, dcc, html
from dash.development.base_component import Component

from app.model import written
from app.model.states import Health
from app.read import (
    FAILED,
    AlarmRow,
    MapFound,
    Reads,
    ServiceEdge,
    ServiceNode,
    TraceQuestion,
    entering,
    of_service,
    over,
)
from dashboards.figures import folded
from dashboards.pages import map_groups
from dashboards.pages.asking import alarm_href, resource_href, trace_href, traces_href
from dashboards.pages.map_answer import (
    CLIENT,
    client_id,
    drawn,
    edge_id,
    edges_of,
    health_of,
    homes,
    map_of,
    shown_as,
    title_of,
    titles,
    why,
)
from dashboards.pages.map_groups import question_with
from dashboards.pages.map_parts import estimated, failed_share, numbers, numbers_table, opener
from dashboards.parts import state_badge

MOST_TRACES = 6


def wanted() -> tuple[str, str] | None:
    """Which node or edge was chosen, as (``node`` or ``edge``, id); None for neither."""
    given: Any = ctx.triggered[0]["value"] if ctx.triggered else None
    if not given:
        return None
    prop = ctx.triggered[0]["prop_id"].rpartition(".")[2]
    if prop == "cellClicked":
        kind = "node" if '"nodes"' in ctx.triggered[0]["prop_id"] else "edge"
        return kind, str(given.get("rowId"))
    if prop == "data":
        return str(given.get("kind")), str(given.get("id"))
    return ("node" if prop == "tapNodeData" else "edge"), str(given.get("id"))


def side(reads: Reads, question: TraceQuestion, which: tuple[str, str]) -> Component | None:
    """The panel of one node or edge of the map as it is now."""
    found = map_of(reads, question)
    kind, id_ = which
    if kind == "edge":
        return _line(question, found, id_)
    node = next((node for node in found.nodes if node.id == id_), None)
    if node is not None and node.type != CLIENT:
        return _node(reads, question, found, node)
    return _several(question, found, id_)


def _several(question: TraceQuestion, found: MapFound, id_: str) -> Component | None:
    """A shape that stands for several: clients of an account, or nodes of a type."""
    single, _ = drawn(found)
    shown = next((each for each in folded(*drawn(found))[0] if each.id == id_), None)
    shown = shown or next((each for each in single if each.id == id_), None)
    if shown is not None and shown.members:
        members = [each for each in single if each.id in shown.members]
        return map_groups.group(shown, members, question.scope.window)
    home = shown_as(found)
    own = {node.id for node in found.nodes if node.type == CLIENT}
    own &= {node.id for node in found.nodes if id_ in (node.id, home[node.id], client_id(node))}
    edges = sorted(
        (edge for edge in found.edges if edge.source in own), key=lambda one: -one.counts.total
    )
    return map_groups.clients(found, edges, question) if edges else None


def _line(question: TraceQuestion, found: MapFound, id_: str) -> Component | None:
    """One call, or all that a line between groups stands for."""
    edges = edges_of(found, id_)
    if not edges:
        return None
    shown = {each.id: each for each in folded(*drawn(found))[0]}
    home = shown_as(found)
    ends = [shown[home[end]] for end in (edges[0].source, edges[0].target)]
    if len(edges) == 1 or not any(end.members for end in ends):
        return _edge(question, found, edges[0])
    source, target = (end.name + (f" ({end.type})" if end.members else "") for end in ends)
    return map_groups.lines(found, edges, (source, target), question.scope.window)


def _node(reads: Reads, question: TraceQuestion, found: MapFound, node: ServiceNode) -> Component:
    account = node.id.rpartition("|")[2]
    about = reads.trace_page.around(node.name, question.scope, account)
    own, failed = (of_service(node.name, inside) for inside in ("", FAILED))
    ways = [
        dcc.Link("Its traces", href=traces_href(question_with(question, own))),
        dcc.Link("Failed ones", href=traces_href(question_with(question, failed))),
        dcc.Link("Only what it talks to", href=traces_href(own, page="/map")),
    ]
    if about.arn:
        ways.append(dcc.Link("Metrics and configuration", href=resource_href(about.arn)))
    ways += [
        dcc.Link(f"Logs in {group}", href=f"/logs?{urlencode({'group': group})}")
        for group in about.log_groups
    ]
    parts: list[Any] = [
        html.H2(node.name),
        html.P([html.Span(node.type or "unknown type", className="muted"), _account(node)]),
        _state(node),
        numbers(node.counts, question.scope.window),
        estimated(found),
        html.P(ways, className="ways"),
        *_alarms(about.alarms),
        *_calls(found, node),
        *_slowest(reads, question, node),
    ]
    return html.Div([part for part in parts if part is not None], className="beside")


def _edge(question: TraceQuestion, found: MapFound, edge: ServiceEdge) -> Component:
    names = {node.id: node for node in found.nodes}
    source, target = names[edge.source], names[edge.target]
    said = (
        "A queue or a stream lies between: the traces are linked, not one."
        if edge.link
        else "As the caller measured it; what is more than the service's own time is the way there."
    )
    if source.type == CLIENT:
        said = "Requests from outside, as the service that they enter at measured them."
    # What is linked is two traces, and a filter speaks of one: the one that received.
    which = "Traces that received" if edge.link else "Traces over this link"
    filters = [
        of_service(target.name, inside) if edge.link else _over(source, target, inside)
        for inside in ("", FAILED)
    ]
    ways = [
        dcc.Link(words, href=traces_href(question_with(question, filter_)))
        for words, filter_ in zip((which, "Failed ones"), filters, strict=True)
    ]
    ends = [opener("node", each.id, title_of(each)) for each in (source, target)]
    return html.Div(
        [
            html.H2([title_of(source), " → ", target.name]),
            html.P(said, className="said"),
            numbers(edge.counts, question.scope.window),
            estimated(found),
            html.P(ways, className="ways"),
            html.P([html.Span("Ends: ", className="muted"), ends[0], " → ", ends[1]]),
        ],
        className="beside",
    )


def _over(source: ServiceNode, target: ServiceNode, inside: str) -> str:
    """The filter of what went over a link."""
    if source.type == CLIENT:
        return entering(target.name, inside)
    return over(source.name, target.name, inside)


def _account(node: ServiceNode) -> Component | None:
    return html.Span(f" in {node.account}", className="muted") if node.account else None


def _state(node: ServiceNode) -> Component:
    said = "" if node.seen else " Known from its callers only: it sends no segments itself."
    health, reason = health_of(node.counts), why(node.counts)
    return html.P([state_badge(health), html.Span(f" {reason}{said}")])


def _alarms(alarms: Sequence[AlarmRow]) -> list[Component]:
    if not alarms:
        return []
    rows = [
        html.Li([state_badge(alarm.health), " ", dcc.Link(alarm.name, href=alarm_href(alarm.id))])
        for alarm in sorted(alarms, key=lambda one: one.health.weight)
    ]
    firing = sum(alarm.health in (Health.CRITICAL, Health.WARNING) for alarm in alarms)
    return [html.H3(f"Alarms, {firing} firing"), html.Ul(rows, className="listed")]


def _calls(found: MapFound, node: ServiceNode) -> list[Component]:
    """Who calls it and whom it calls; the two nodes of a function are one here, as on the map."""
    names, home = titles(found.nodes), homes(found.nodes)
    own = home[node.id]
    parts: list[Component] = []
    for title, mine, other in (("Called by", "target", "source"), ("Calls", "source", "target")):
        rows = [
            (
                opener("edge", edge_id(edge), names[getattr(edge, other)]),
                edge.counts.total,
                failed_share(edge.counts),
                edge.counts.p50,
                edge.counts.p99,
            )
            for edge in found.edges
            if home[getattr(edge, mine)] == own != home[getattr(edge, other)]
        ]
        if rows:
            parts += [html.H3(title), numbers_table("Service", rows, ("p50", "p99"))]
    return parts


def _slowest(reads: Reads, question: TraceQuestion, node: ServiceNode) -> list[Component]:
    rows = reads.trace_page.passing_by((node.name,), question.scope, MOST_TRACES)
    if not rows:
        return []
    items = [
        html.Li(
            [
                dcc.Link(row.request, href=trace_href(row.trace_id)),
                html.Span(
                    f" {written.value(row.response_ms, 'milliseconds')} {row.outcome.value}",
                    className="muted",
                ),
            ]
        )
        for row in rows
    ]
    return [html.H3("Failed and slowest traces"), html.Ul(items, className="listed")]
