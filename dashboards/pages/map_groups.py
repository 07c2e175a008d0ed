"""What opens beside the map where one shape stands for several: clients, folded nodes, their lines.

Each of the several is listed with its own numbers and opens by itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from dash import dcc, html
from dash.development.base_component import Component

from app.model.time import Window
from app.read import FAILED, Counts, MapFound, ServiceEdge, TraceQuestion, entering
from dashboards.figures import MapNode, Outcomes
from dashboards.pages.asking import traces_href
from dashboards.pages.map_answer import edge_id, title_of
from dashboards.pages.map_parts import estimated, failed_share, numbers, numbers_table, opener

MOST = 100


def clients(found: MapFound, edges: Sequence[ServiceEdge], question: TraceQuestion) -> Component:
    """Who sends requests from outside, by what they enter at."""
    names = {node.id: node for node in found.nodes}
    rows = [
        (
            _entry(question, edge, names[edge.target].name),
            edge.counts.total,
            failed_share(edge.counts),
            edge.counts.p50,
            edge.counts.p99,
        )
        for edge in edges
    ]
    said = "Whoever asks from outside, by where the requests enter; times as the entry measured."
    return html.Div(
        [
            html.H2("Clients"),
            html.P(said, className="said"),
            numbers(together([edge.counts for edge in edges]), question.scope.window),
            estimated(found),
            html.H3("Entries"),
            numbers_table("Enters at", rows, ("p50", "p99")),
        ],
        className="beside",
    )


def _entry(question: TraceQuestion, edge: ServiceEdge, name: str) -> Component:
    """Opens the link to an entry; below are the ways to the traces that begin there."""
    ways = [
        dcc.Link(words, href=traces_href(question_with(question, entering(name, inside))))
        for words, inside in (("Traces", ""), ("Failed ones", FAILED))
    ]
    return html.Div([opener("edge", edge_id(edge), name), html.P(ways, className="ways")])


def group(node: MapNode, members: Sequence[MapNode], window: Window) -> Component:
    """Nodes of one type that the map shows as one, those in trouble first."""
    ranked = sorted(members, key=lambda m: (m.health.weight, -m.outcomes.total, m.name))
    rows = [
        (
            opener("node", each.id, each.name),
            each.outcomes.total,
            failed_share(_counts(each.outcomes)),
            each.outcomes.p50,
            each.outcomes.p99,
        )
        for each in ranked[:MOST]
    ]
    said = "Too many to be drawn one by one; those in trouble and the busiest of all are."
    more = len(members) - len(rows)
    return html.Div(
        [
            html.H2(f"{len(members)} of type {node.type or 'unknown'}"),
            html.P(said, className="said"),
            numbers(together([_counts(each.outcomes) for each in members]), window),
            numbers_table("Node", rows, ("p50", "p99")),
            html.P(f"and {more} more, in the table below the map", className="muted")
            if more > 0
            else None,
        ],
        className="beside",
    )


def lines(
    found: MapFound, edges: Sequence[ServiceEdge], ends: tuple[str, str], window: Window
) -> Component:
    """Calls that the map shows as one line, since an end of it stands for several nodes."""
    names = {node.id: node for node in found.nodes}
    rows = [
        (
            opener(
                "edge",
                edge_id(edge),
                f"{title_of(names[edge.source])} → {names[edge.target].name}",
            ),
            edge.counts.total,
            failed_share(edge.counts),
            edge.counts.p50,
            edge.counts.p99,
        )
        for edge in edges[:MOST]
    ]
    return html.Div(
        [
            html.H2(" → ".join(ends)),
            html.P(f"{len(edges):,} links that are drawn as one.", className="said"),
            numbers(together([edge.counts for edge in edges]), window),
            numbers_table("Link", rows, ("p50", "p99")),
        ],
        className="beside",
    )


def together(several: Sequence[Counts]) -> Counts:
    """All of them added; times of several cannot be, so there is the longest p99 only."""
    longest = max((one.p99 for one in several if one.p99 is not None), default=None)
    times = several[0] if len(several) == 1 else Counts(p99=longest)
    return Counts(
        sum(one.ok for one in several),
        sum(one.error for one in several),
        sum(one.throttle for one in several),
        sum(one.fault for one in several),
        times.p50,
        times.p95,
        times.p99,
    )


def question_with(question: TraceQuestion, condition: str) -> str:
    """The filter of the page, and one more condition."""
    text = question.text.strip()
    return f"({text}) AND {condition}" if text else condition


def _counts(outcomes: Outcomes) -> Counts:
    return Counts(
        outcomes.ok,
        outcomes.error,
        outcomes.throttle,
        outcomes.fault,
        outcomes.p50,
        outcomes.p95,
        outcomes.p99,
    )
