"""What numbers of traces stand for: what X-Ray sampled, what is malformed; its insights."""

from __future__ import annotations

from collections.abc import Sequence

from dash import dcc, html
from dash.development.base_component import Component

from app.model import written
from app.model.readings import Look, Reading
from app.model.states import Health
from app.model.traces import Node
from app.read import Insight, Malformed, Reads, Sampled, Scope, of_service, sampled_share
from dashboards.pages.asking import trace_href, traces_href
from dashboards.parts import Seen, state_badge

MOST = 20
_ACTIVE = "ACTIVE"
_UNKNOWN = (
    "All counts are of sampled traces. How many requests there were is not known: X-Ray has "
    "reported no count of its sampling rules in this range."
)


def about(reads: Reads, scope: Scope, malformed: Sequence[Malformed]) -> list[Component]:
    """The lines above the panels."""
    return [*_sampled(reads, reads.traces.sampling(scope)), *flaws(malformed)]


def _sampled(reads: Reads, rules: Sequence[Sampled]) -> list[Component]:
    share = sampled_share(rules)
    if share is None:
        return [html.P(_UNKNOWN, className="sampled said")]
    words = (
        f"{_met(rules)} were sampled ({written.value(100 * share, 'percent')}), as X-Ray "
        "reported of this range; all counts are of sampled traces."
    )
    return [
        html.Details(
            [html.Summary(words), _rules(reads, rules)],
            className="sampled said",
        )
    ]


def _met(rules: Sequence[Sampled]) -> str:
    """How many of how many requests; a sum only where all rules tell of the same time."""
    known = [rule for rule in rules if rule.minutes]
    if len({rule.minutes for rule in known}) == 1:
        kept, met = sum(rule.sampled for rule in known), sum(rule.requests for rule in known)
        told = f"{written.value(kept, 'count')} of {written.value(met, 'count')} requests"
        minutes = known[0].minutes
        return f"{told} in {'a minute' if minutes == 1 else f'{minutes} minutes'}"
    kept = sum(rule.sampled / rule.minutes for rule in known) / 60
    met = sum(rule.requests_per_minute for rule in known) / 60
    return f"{written.value(kept, 'per_second')} of {written.value(met, 'per_second')} requests"


def _rules(reads: Reads, rules: Sequence[Sampled]) -> Component:
    head = ("Sampling rule", "Account and Region", "Requests", "Sampled", "Share")
    rows = [
        html.Tr(
            [
                html.Td(rule.rule),
                html.Td(reads.place_words(rule.place)),
                html.Td(written.value(rule.requests_per_minute / 60, "per_second")),
                html.Td(written.value(rule.sampled / rule.minutes / 60, "per_second")),
                html.Td("–" if rule.share is None else written.value(100 * rule.share, "percent")),
            ]
        )
        for rule in rules
        if rule.minutes
    ]
    table = [html.Thead(html.Tr([html.Th(words) for words in head])), html.Tbody(rows)]
    return html.Table(table, className="plain")


def flaws(malformed: Sequence[Malformed]) -> list[Component]:
    """Every kind of malformation with its number of traces, and one of these to look at."""
    if not malformed:
        return []
    kinds = [html.Li(_kind(one)) for one in malformed]
    told = "; ".join(f"{one.count:,} × {one.flaw}" for one in malformed)
    summary = html.Summary(
        [state_badge(Health.WARNING, why=told), html.Span(f" Malformed traces: {told}.")]
    )
    said = html.P(
        "They are counted and drawn as well as they can be; what belongs to no trace is left out.",
        className="muted",
    )
    listed = html.Ul(kinds, className="listed")
    return [html.Details([summary, said, listed], className="malformed")]


def _kind(one: Malformed) -> list[str | Component]:
    """How often, and a trace to look at if it belongs to any."""
    told = f"{one.count:,} × {one.flaw}"
    if not one.example:
        return [told]
    link = dcc.Link(f"…{one.example[-8:]}", href=trace_href(one.example), title=one.example)
    return [f"{told}, such as ", link]


def insights(reads: Reads, found: Sequence[Insight], seen: Seen) -> Component:
    """The insights of X-Ray, the newest first."""
    rows = [_insight(reads, one, seen) for one in found[:MOST]]
    more = len(found) - len(rows)
    return html.Div(
        [*rows, html.P(f"and {more} older ones", className="muted") if more > 0 else None],
        className="insights",
    )


def look(found: Sequence[Insight]) -> Reading[None]:
    """Whether there is anything to show."""
    return Reading(None, Look.DATA if found else Look.NOTHING)


def empty(reads: Reads, scope: Scope) -> str:
    """Not asked is not the same as none."""
    if not reads.traces.standing(scope.places).asked:
        return "X-Ray is not asked here, so nothing is known of its insights."
    return "X-Ray reports no insight in this range. It finds some only in groups that have them on."


def _insight(reads: Reads, one: Insight, seen: Seen) -> Component:
    active = one.state == _ACTIVE
    badge = state_badge(
        Health.WARNING if active else Health.OK,
        why="It goes on" if active else "It is over",
    )
    cause = one.cause
    title = f"Root cause: {cause.name}" if cause is not None else "No root cause is named"
    share = written.value(100 * one.faults / one.requests, "percent") if one.requests else "–"
    impact = f"{one.faults:,} of {one.requests:,} requests of clients failed ({share})"
    facts = [_since(one, seen), impact, f"group {one.group}", reads.place_words(one.place)]
    return html.Div(
        [
            html.P([badge, " ", html.Strong(title), _type(cause)]),
            html.P(" · ".join(fact for fact in facts if fact), className="muted"),
            html.P(one.summary) if one.summary else None,
            html.P(_ways(one, seen), className="ways"),
        ],
        className="insight",
    )


def _type(node: Node | None) -> Component:
    return html.Span(f" {node.type}" if node is not None else "", className="muted")


def _since(one: Insight, seen: Seen) -> str:
    start = written.at(one.start, seen.zone, seen.now)
    if one.end is None:
        return f"since {start}, for {written.ago(seen.now - one.start)}"
    return f"{start} to {written.at(one.end, seen.zone, seen.now)}"


def _ways(one: Insight, seen: Seen) -> list[Component]:
    """To the failed traces of what is blamed and of what else was unusual, at that time."""
    until = one.end or seen.now
    span = f"{one.start:%Y-%m-%dT%H:%M:%S}Z..{until:%Y-%m-%dT%H:%M:%S}Z"
    blamed = [one.cause] if one.cause is not None else []
    names = dict.fromkeys(node.name for node in (*blamed, *one.services))
    ways: list[Component] = [
        dcc.Link(f"Faults of {name}", href=traces_href(of_service(name, "fault"), span=span))
        for name in list(names)[:4]
    ]
    if one.cause is not None:
        on_map = traces_href(of_service(one.cause.name), span=span, page="/map")
        ways.append(dcc.Link("On the map", href=on_map))
    return ways
