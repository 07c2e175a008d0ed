"""What opens beside the map: rate, errors and duration of a node or a link, and the ways on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from dash import ctx, dcc, html
from dash.development.base_component import Component

from app.model import written
from app.model.states import Health
from app.read import AlarmRow, Counts, MapFound, Reads, ServiceEdge, ServiceNode, TraceQuestion
from dashboards.pages.asking import alarm_href, resource_href, trace_href, traces_href
from dashboards.pages.map_answer import edge_of, filter_of_node, health_of, why
from dashboards.parts import state_badge, tile, tiles

MOST_TRACES = 6
FAILED = "{ fault OR error OR throttle }"
"""What the tile "Failed" counts, in the braces of a filter."""


def wanted() -> tuple[str, str] | None:
    """Which node or edge was clicked, as (``node`` or ``edge``, id)."""
    given: Any = ctx.triggered[0]["value"] if ctx.triggered else None
    if not given:
        return None
    prop = ctx.triggered[0]["prop_id"].rpartition(".")[2]
    if prop == "cellClicked":
        kind = "node" if '"nodes"' in ctx.triggered[0]["prop_id"] else "edge"
        return kind, str(given.get("rowId"))
    return ("node" if prop == "tapNodeData" else "edge"), str(given.get("id"))


def side(reads: Reads, question: TraceQuestion, which: tuple[str, str]) -> Component | None:
    """The panel of one node or edge of the map as it is now."""
    found = reads.trace_page.map(question)
    kind, id_ = which
    if kind == "node":
        node = next((node for node in found.nodes if node.id == id_), None)
        return None if node is None else _node(reads, question, found, node)
    edge = edge_of(found, id_)
    return None if edge is None else _edge(found, edge)


def _node(reads: Reads, question: TraceQuestion, found: MapFound, node: ServiceNode) -> Component:
    about = reads.trace_page.around(node.name, question.scope)
    ways = [
        dcc.Link("Its traces", href=traces_href(filter_of_node(node))),
        dcc.Link("Failed ones", href=traces_href(f"{filter_of_node(node)} {FAILED}")),
        dcc.Link("Only what it talks to", href=traces_href(filter_of_node(node), page="/map")),
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
        _state(node) if node.type != "client" else None,
        _numbers(node.counts),
        html.P(ways, className="ways"),
        *_alarms(about.alarms),
        *_calls(found, node),
        *_slowest(reads, question, node),
    ]
    return html.Div([part for part in parts if part is not None], className="beside")


def _edge(found: MapFound, edge: ServiceEdge) -> Component:
    names = {node.id: node for node in found.nodes}
    source, target = names[edge.source], names[edge.target]
    caller = "Clients" if source.type == "client" else source.name
    filter_ = (
        f"{filter_of_node(target)} {{ root }}"
        if source.type == "client"
        else f"edge({_quoted(source)}, {_quoted(target)})"
    )
    said = (
        "A queue or a stream lies between: the traces are linked, not one."
        if edge.link
        else "As the caller measured it; what is more than the service's own time is the way there."
    )
    ways: list[Any] = [dcc.Link("Traces over this link", href=traces_href(filter_))]
    if source.type != "client":
        failed = f"{filter_} {FAILED}"
        ways.append(dcc.Link("Failed ones", href=traces_href(failed)))
    return html.Div(
        [
            html.H2([caller, " → ", target.name]),
            html.P(said, className="said"),
            _numbers(edge.counts),
            html.P(ways, className="ways"),
        ],
        className="beside",
    )


def _quoted(node: ServiceNode) -> str:
    return filter_of_node(node).removeprefix("service(").removesuffix(")")


def _account(node: ServiceNode) -> Component | None:
    return html.Span(f" in {node.account}", className="muted") if node.account else None


def _state(node: ServiceNode) -> Component:
    said = "" if node.seen else " Known from its callers only: it sends no segments itself."
    health, reason = health_of(node.counts), why(node.counts)
    return html.P([state_badge(health), html.Span(f" {reason}{said}")])


def _numbers(counts: Counts) -> Component:
    total = counts.total
    failed = 100 * (counts.fault + counts.error + counts.throttle) / total if total else None
    note = f"{counts.fault:,} faults, {counts.error:,} errors, {counts.throttle:,} throttles"
    p99 = written.value(counts.p99, "milliseconds")
    return tiles(
        tile("Requests", total, "count", note="traced"),
        tile("Failed", failed, "percent", note=note),
        tile("p50", counts.p50, "milliseconds", note=f"p99 {p99}"),
    )


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
    names = {each.id: each.name for each in found.nodes}
    rows = [
        html.Tr(
            [
                html.Td("calls" if edge.source == node.id else "called by"),
                html.Td(names[edge.target if edge.source == node.id else edge.source]),
                html.Td(written.value(edge.counts.total, "count")),
                html.Td(written.value(edge.counts.p50, "milliseconds")),
                html.Td(written.value(edge.counts.p99, "milliseconds")),
            ]
        )
        for edge in found.edges
        if node.id in (edge.source, edge.target)
    ]
    if not rows:
        return []
    head = html.Tr([html.Th(words) for words in ("", "", "Calls", "p50", "p99")])
    return [html.H3("Links"), html.Table([html.Thead(head), html.Tbody(rows)], className="plain")]


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
