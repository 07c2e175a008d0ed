"""The service map: who calls whom, how much, how well, how long; built from stored traces.

A click on a node or a link opens what is known of it. The same numbers stand in the
table below, for keyboards, screen readers and large maps.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import dash_cytoscape
from dash import Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from app.read import MapFound, Reads, Scope, TraceQuestion
from dashboards import ids
from dashboards.clientside import in_browser
from dashboards.figures import service_map
from dashboards.figures.service_map import COLUMN, ROW
from dashboards.pages import map_answer, map_side, trace_form, trace_sampled
from dashboards.pages.asking import Json, Now, asked, named
from dashboards.pages.trace_answer import mistake_or, without_data
from dashboards.parts import (
    Seen,
    body_answer,
    body_outputs,
    page,
    panel,
    panel_answer,
    panel_outputs,
    table_answer,
    table_outputs,
    table_panel,
)
from dashboards.parts.attributes import aria, data

PATH, TITLE = "/map", "Service map"
PAGE = "map"
PROMISE = timedelta(minutes=5)
GRAPH, ELEMENTS, UNSEEN, OPENED, SAMPLED = (
    "map:graph",
    "map:elements",
    "map:unseen",
    "map:opened",
    "map:sampled",
)
HEIGHT, HIGHEST, WIDTH = 420, 840, 1000.0


def layout(q: str = "", **_: str) -> Component:
    """Filter, map, what it cannot show, and its numbers as tables."""
    return page(
        trace_form.filter_form(q),
        html.Div(id=SAMPLED, className="about-traces"),
        panel(PAGE, "graph", "Service map", _graph(), detail=""),
        table_panel(PAGE, "nodes", "Services", map_answer.NODE_COLUMNS, height=420, clickable=True),
        table_panel(PAGE, "edges", "Calls", map_answer.EDGE_COLUMNS, height=420, clickable=True),
        panel(PAGE, "insights", "Insights of X-Ray"),
        dcc.Store(id=ELEMENTS),
        dcc.Store(id=OPENED),
    )


def _graph() -> Component:
    zoom = [
        html.Button(words, type="button", className="choice", title=title, **data(map=action))
        for words, action, title in (
            ("+", "in", "Zoom in (Ctrl and wheel)"),
            ("−", "out", "Zoom out"),
            ("Fit", "fit", "Show all of it"),
        )
    ]
    return html.Div(
        [
            dash_cytoscape.Cytoscape(
                id=GRAPH,
                elements=[],
                layout={"name": "preset", "fit": True},
                style={"width": "100%", "height": f"{HEIGHT}px"},
                autoungrabify=True,
                boxSelectionEnabled=False,
                responsive=False,
            ),
            html.Div(zoom, className="choice-row map-zoom"),
            map_answer.key(),
            html.Div(id=UNSEEN, className="map-unseen"),
        ],
        className="service-map",
        **aria(label="Service map; the same numbers stand in the tables below"),
    )


def register(app: Dash, reads: Reads, now: Now) -> None:
    """Asked when the filter is run, and when range or places change."""
    in_browser(
        app, "map", Output(GRAPH, "elements"), Output(GRAPH, "stylesheet"), Input(ELEMENTS, "data")
    )

    @app.callback(
        Output(ELEMENTS, "data"),
        Output(GRAPH, "style"),
        Output(UNSEEN, "children"),
        *panel_outputs(PAGE, "graph"),
        Output(ids.detail(PAGE, "graph"), "children"),
        *table_outputs(PAGE, "nodes"),
        *table_outputs(PAGE, "edges"),
        Output(SAMPLED, "children"),
        *body_outputs(PAGE, "insights"),
        Input(trace_form.RUN, "n_clicks"),
        Input(ids.VIEW, "data"),
        Input(ids.TICK, "data"),
        State(trace_form.TEXT, "value"),
    )
    def show(_run: int | None, view: Json, _tick: int, text: str | None) -> list[Any]:
        given = asked(reads, now, view)
        return answer(reads, TraceQuestion(text or "", given.scope), given.seen)

    trace_form.register(app, reads, now)
    _register_side(app, reads, now)


def _register_side(app: Dash, reads: Reads, now: Now) -> None:
    @app.callback(
        Output(ids.SIDE, "children", allow_duplicate=True),
        Input(GRAPH, "tapNodeData"),
        Input(GRAPH, "tapEdgeData"),
        Input(ids.grid(PAGE, "nodes"), "cellClicked"),
        Input(ids.grid(PAGE, "edges"), "cellClicked"),
        Input(OPENED, "data"),
        State(trace_form.TEXT, "value"),
        State(ids.VIEW, "data"),
        prevent_initial_call=True,
    )
    def open_side(*given: Any) -> Any:
        *_, text, view = given
        wanted = map_side.wanted()
        if wanted is None:
            return no_update
        asked_ = asked(reads, now, view)
        return map_side.side(reads, TraceQuestion(text or "", asked_.scope), wanted)


def answer(reads: Reads, question: TraceQuestion, seen: Seen) -> list[Any]:
    """All panels, in the order of the outputs."""
    found = map_answer.map_of(reads, question)
    reading = named(reads, found.reading)
    shown = reading if found.nodes else without_data(reading)
    empty: Any = mistake_or(found.mistake, "No trace in this range passes, so there is no map.")
    elements = service_map(*map_answer.drawn(found))
    return [
        elements,
        {"width": "100%", "height": f"{_height(elements)}px"},
        _unseen(found),
        *panel_answer(shown, seen, empty=empty, promise=PROMISE),
        map_answer.words(found),
        *table_answer(
            map_answer.node_rows(found), shown, seen, detail="by trouble", empty="No services."
        ),
        *table_answer(
            map_answer.edge_rows(found), shown, seen, detail="slowest first", empty="No calls."
        ),
        trace_sampled.about(reads, question.scope, found.malformed),
        *_noticed(reads, question.scope, seen),
    ]


def _noticed(reads: Reads, scope: Scope, seen: Seen) -> list[Any]:
    """What X-Ray itself has noticed."""
    found = reads.traces.insights(scope)
    said = trace_sampled.insights(reads, found, seen)
    empty = trace_sampled.empty(reads, scope)
    return body_answer(said, trace_sampled.look(found), seen, empty=empty)


def _height(elements: Sequence[dict[str, Any]]) -> int:
    """Room for the map as large as a usual window is wide for it, within bounds."""
    at = [one["position"] for one in elements if "position" in one]
    across, down = ([place[axis] for place in at] or [0.0] for axis in "xy")
    zoom = min(1.0, WIDTH / (max(across) - min(across) + COLUMN))
    needed = (max(down) - min(down) + 2 * ROW) * zoom
    return int(min(HIGHEST, max(HEIGHT, needed)))


def _unseen(found: MapFound) -> list[Component]:
    if not found.unseen:
        return []
    return [
        html.H3("Not on this map"),
        html.Ul([html.Li(words) for words in found.unseen]),
    ]
