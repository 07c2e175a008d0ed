"""Traces beside something else: those that failed and the slowest that passed a resource."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from app.model import written
from app.model.ids import Resource
from app.read import Reads, Scope, TraceRow, of_service
from dashboards.pages.asking import trace_href, traces_href
from dashboards.parts import Seen, link, outcome_badge, panel

MOST = 6


def names_of(resource: Resource) -> tuple[str, ...]:
    """What a resource may be called in traces."""
    url = str(resource.configuration.get("QueueUrl") or "")
    return tuple(dict.fromkeys(n for n in (resource.id, resource.name, resource.arn, url) if n))


def traces_panel(
    page: str, resource: Resource, reads: Reads, scope: Scope, seen: Seen
) -> Component:
    """A panel of a few traces; nothing at all where none passed."""
    rows = reads.trace_page.passing_by(names_of(resource), scope, MOST)
    if not rows:
        return html.Div()
    name = resource.name or resource.id
    all_of_them = link("All of its traces", traces_href(of_service(name)))
    on_map = link("On the service map", traces_href(of_service(name), page="/map"))
    body = html.Div([trace_rows(rows, seen), html.P([all_of_them, on_map], className="ways")])
    detail = "failed and slowest that passed it"
    return panel(page, "traces", "Traces", body, detail=detail, loading=False)


def trace_rows(rows: Sequence[TraceRow], seen: Seen) -> Component:
    """A line a trace: how it ended, what was asked, how long it took, when."""
    return html.Div([_row(row, seen) for row in rows], className="trace-rows")


def _row(row: TraceRow, seen: Seen) -> Component:
    return html.Div(
        [
            outcome_badge(row.outcome),
            link(row.request, trace_href(row.trace_id)),
            html.Span(written.value(row.response_ms, "milliseconds"), className="took"),
            html.Time(
                written.at(row.at, seen.zone, seen.now), title=written.exact(row.at, seen.zone)
            ),
        ]
    )
