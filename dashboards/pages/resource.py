"""One resource: how it is and why, its metrics, configuration, tags, alarms, kin and changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from dash import Dash, Input, Output, dcc, html
from dash.development.base_component import Component

from app.catalogue.schema import Panel, Service
from app.model import written
from app.model.ids import Resource
from app.model.readings import Look, Reading
from app.model.time import epoch_ms
from app.read import Change, Described, Reads, Related, ResourceHealth, Scope, Strip
from dashboards import ids
from dashboards.pages import spend_of
from dashboards.pages.asking import (
    Json,
    Now,
    asked,
    banner,
    named,
    resource_href,
    service_href,
)
from dashboards.pages.charts import number_tile
from dashboards.pages.figures_of import chart_row, chart_row_answer, chart_row_outputs
from dashboards.pages.tables import ALARM_COLUMNS, alarm_rows
from dashboards.pages.trace_list import names_of, traces_panel
from dashboards.parts import (
    Seen,
    body_answer,
    body_outputs,
    breadcrumbs,
    code,
    definitions,
    health_strip,
    link,
    nothing,
    outside,
    page,
    panel,
    row,
    state_badge,
    table_answer,
    table_outputs,
    table_panel,
    tags,
    tiles,
)

PATH, TITLE = "/resource/<path:arn>", "Resource"
PAGE, CHARTS = "resource", "resource-charts"
ARN, HEAD, TILES = "resource:arn", "resource:head", "resource:tiles"
BANNER, TRACES = "resource:banner", "resource:traces"
PROMISE = timedelta(minutes=5)
MOST_CHANGES = 20


def title(arn: str, reads: Reads) -> str:
    """The resource's own name, where the inventory has it."""
    found = reads.inventory.resource(arn).value
    return (found.resource.name or found.resource.id) if found else "Unknown resource"


def layout(arn: str, reads: Reads, **_: str) -> Component:
    """State, tiles, the panels that this kind of resource has, and the facts about it."""
    found = reads.inventory.resource(arn).value
    if found is None:
        return _unknown(arn, reads)
    service = reads.catalogue.services.get(found.resource.service)
    return page(
        dcc.Store(id=ARN, data=arn),
        html.Div(id=BANNER, className="banner"),
        html.Div(id=HEAD, className="resource-head"),
        html.Div(id=TILES, className="tiles-place"),
        chart_row(CHARTS, panels_of(service, found.resource)),
        table_panel(PAGE, "alarms", "Alarms", ALARM_COLUMNS),
        html.Div(id=TRACES),
        spend_of.spend_row(PAGE),
        row(
            panel(PAGE, "configuration", "Configuration", span=6),
            panel(PAGE, "related", "Related", span=6),
            panel(PAGE, "tags", "Tags", span=6),
            panel(PAGE, "changes", "Changes", span=6),
        ),
    )


def panels_of(service: Service | None, resource: Resource) -> Sequence[Panel]:
    """The panels with a measure that this kind of resource can have."""
    if service is None:
        return ()
    kind = resource.kind
    return tuple(
        p
        for p in service.panels
        if any(k.kind == kind for m in p.measures for k in service.carriers(m))
    )


def register(app: Dash, reads: Reads, now: Now) -> None:
    """The page is read in one go, but for money, which comes by itself."""
    spend_of.register(app, reads, now, (PAGE, ARN), spend_of.of_resource)

    @app.callback(
        Output(BANNER, "children"),
        Output(HEAD, "children"),
        Output(TILES, "children"),
        *table_outputs(PAGE, "alarms"),
        *body_outputs(PAGE, "configuration"),
        *body_outputs(PAGE, "tags"),
        *body_outputs(PAGE, "related"),
        *body_outputs(PAGE, "changes"),
        Output(TRACES, "children"),
        *chart_row_outputs(CHARTS),
        Input(ARN, "data"),
        Input(ids.VIEW, "data"),
        Input(ids.TICK, "data"),
    )
    def show(arn: str, view: Json, _tick: int) -> list[Any]:
        question = asked(reads, now, view)
        return answer(reads, arn, question.scope, question.seen)


def answer(reads: Reads, arn: str, scope: Scope, seen: Seen) -> list[Any]:
    """Everything that the page shows, in the order of the outputs."""
    described = replace(reads.inventory.resource(arn), problem=None)
    found = described.value
    assert found is not None  # noqa: S101 - the layout has found it
    figures = named(reads, reads.metrics.resource(found.resource, scope))
    alarms = reads.alarms.of_resource(arn, scope)
    return [
        banner(figures, seen),
        _head(
            found,
            reads.health.resource(arn, scope),
            reads.place_words(found.resource.place),
            scope,
            seen,
        ),
        tiles(*(number_tile(each, figures.value.compared) for each in figures.value.tiles)),
        *table_answer(
            alarm_rows(alarms, reads.place_words),
            Reading(alarms, Look.DATA if alarms else Look.NOTHING),
            seen,
            detail=f"{len(alarms)}" if alarms else "",
            empty="No alarm watches this resource.",
        ),
        *body_answer(_configuration(found), described, seen),
        *body_answer(_tags(found), described, seen),
        *body_answer(_related(reads.inventory.related(arn)), described, seen),
        *body_answer(_changes(reads.inventory.changes(arn, MOST_CHANGES), seen), described, seen),
        traces_panel(PAGE, found.resource, reads, scope, seen),
        *chart_row_answer(
            figures.value.charts,
            figures,
            scope,
            seen,
            reads.trace_page.exemplars(names_of(found.resource), scope),
        ),
    ]


def _head(
    found: Described,
    health: tuple[ResourceHealth, Strip] | None,
    place: str,
    scope: Scope,
    seen: Seen,
) -> list[Component]:
    resource = found.resource
    way = breadcrumbs(
        ("Services", "/services"),
        (found.service, service_href(resource.service)),
        (resource.name or resource.id, ""),
    )
    facts = [found.kind, place, resource.state]
    line = html.P(" · ".join(fact for fact in facts if fact), className="muted")
    out = [outside("Open in the AWS console", console_href(found, scope))] if found.console else []
    if health is None:
        return [way, html.Div([line, *out], className="resource-line")]
    state, day = health
    strip = health_strip(day.states, start=day.start, step=timedelta(hours=1), zone=seen.zone)
    since = f" Since {written.at(state.since, seen.zone, seen.now)}." if state.since else ""
    said = dict.fromkeys(each.verdict.reason for each in state.told)
    reasons = [html.Li(reason) for reason in said if reason != state.reason]
    return [
        way,
        html.Div(
            [
                state_badge(state.health, why=state.reason),
                html.Span(f"{state.reason}{since}", className="resource-reason"),
                strip,
                line,
                *out,
            ],
            className="resource-line",
        ),
        html.Ul(reasons, className="listed") if reasons else html.Div(),
    ]


def console_href(found: Described, scope: Scope) -> str:
    """The console page with the range of this page, where the console can take one."""
    start, end = epoch_ms(scope.window.start), epoch_ms(scope.window.end)
    if "tab=monitor" not in found.console:
        return found.console
    return f"{found.console}&graph=start%3D{start}%26end%3D{end}"


def _tags(found: Described) -> Component:
    """Tags, which may not be there because nobody was allowed to read them."""
    unread = [action for action in found.missing if "tag" in action.lower()]
    if found.resource.tags or not unread:
        return tags(found.resource.tags)
    return html.P(f"Not allowed to read tags. Missing: {', '.join(unread)}.", className="nothing")


def _configuration(found: Described) -> Component:
    resource = found.resource
    lacking = f"Some details could not be read. Missing: {', '.join(found.missing)}."
    shown = {k: v for k, v in resource.configuration.items() if not k.startswith("_")}
    return html.Div(
        [
            html.P(lacking, className="nothing") if found.missing else html.Div(),
            definitions(
                {
                    "ARN": code(resource.arn),
                    "Id": resource.id,
                    "First seen": f"{resource.first_seen:%Y-%m-%d %H:%M} UTC"
                    if resource.first_seen
                    else None,
                    **shown,
                }
            ),
        ]
    )


def _related(found: Sequence[Related]) -> Component:
    if not found:
        return nothing("Nothing names this resource, and it names nothing that is known.")
    return html.Ul(
        [
            html.Li(
                [
                    link(each.resource.name or each.resource.id, resource_href(each.resource.arn)),
                    html.Span(f" {each.resource.service} {each.resource.kind} · {each.why}"),
                ]
            )
            for each in found
        ],
        className="listed",
    )


def _changes(found: Sequence[Change], seen: Seen) -> Component:
    if not found:
        return nothing("No change since the inventory first saw it.")
    return html.Ul([_change(each, seen) for each in found], className="listed")


def _change(change: Change, seen: Seen) -> Component:
    at = written.at(change.at, seen.zone, seen.now)
    before, after = (
        written.DASH if side is None else str(side) for side in (change.before, change.after)
    )
    return html.Li(
        [
            html.Time(at, title=written.exact(change.at, seen.zone)),
            html.Span([" ", html.Strong(change.member), f" {before} → {after}"]),
        ]
    )


def _unknown(arn: str, reads: Reads) -> Component:
    parts = arn.split(":")
    ways = [link("All services", "/services")]
    if len(parts) > 2 and parts[2] in reads.catalogue.services:
        ways.insert(0, link(f"All of {parts[2]}", service_href(parts[2])))
    words = "The inventory does not know this resource; it may be gone, or not listed yet."
    return page(html.Section([nothing(words, *ways), code(arn)], className="trouble"))
