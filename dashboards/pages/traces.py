"""Traces: response times as points that can be chosen, how they spread, what the slow ones share.

Everything comes from the store. Drawing a box over points, or clicking a column
of the histogram, chooses some of them; the panels below then tell of these.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from dash import Dash, Input, Output, State, ctx, dcc, html
from dash.development.base_component import Component

from app.model.time import from_epoch_ms
from app.read import Chosen, Reads, Scope, TraceQuestion, TracesFound
from dashboards import ids
from dashboards.clientside import in_browser
from dashboards.figures import scatter
from dashboards.pages import trace_answer, trace_form, trace_sampled
from dashboards.pages.asking import Json, Now, asked, named
from dashboards.parts import (
    Seen,
    body_answer,
    body_outputs,
    chart_answer,
    chart_outputs,
    chart_panel,
    page,
    panel,
    row,
    table_answer,
    table_outputs,
    table_panel,
)

PATH, TITLE = "/traces", "Traces"
PAGE = "traces"
PROMISE = timedelta(minutes=5)
CHOSEN, POINTS, POINTS_READ, TILES, CLEAR, ABOUT, SAMPLED = (
    "traces:chosen",
    "traces:points",
    "traces:points-read",
    "traces:tiles",
    "traces:clear",
    "traces:about",
    "traces:sampled",
)
MISTAKEN = "Waiting for a filter that can be run."
EMPTY = "No trace in this range."


def layout(q: str = "", **_: str) -> Component:
    """Filter, tiles, points beside their spread, the list beside what its traces share."""
    return page(
        trace_form.filter_form(q, also=_about()),
        html.Div(id=TILES),
        html.Div(id=SAMPLED, className="about-traces"),
        row(
            chart_panel(PAGE, "points", "Response time", span=8, height=260),
            panel(PAGE, "spread", "How they spread", span=4),
        ),
        row(
            table_panel(
                PAGE, "list", "Traces", trace_answer.COLUMNS, span=8, height=480, clickable=True
            ),
            panel(PAGE, "common", "In common", span=4),
        ),
        panel(PAGE, "insights", "Insights of X-Ray"),
        dcc.Store(id=CHOSEN),
        dcc.Store(id=POINTS),
        dcc.Store(id=POINTS_READ),
    )


def _about() -> Component:
    """What is chosen, with the way back to all."""
    clear = html.Button("Show all", id=CLEAR, type="button", className="choice")
    return html.Span([html.Span(id=ABOUT), clear], className="chosen-about")


def register(app: Dash, reads: Reads, now: Now) -> None:
    """Asked when the filter is run, when some are chosen, and when range or places change."""
    in_browser(app, "points", Output(POINTS_READ, "data"), Input(POINTS, "data"))

    @app.callback(
        Output(TILES, "children"),
        Output(POINTS, "data"),
        *chart_outputs(PAGE, "points"),
        Output(ids.detail(PAGE, "points"), "children"),
        *body_outputs(PAGE, "spread"),
        *table_outputs(PAGE, "list"),
        *body_outputs(PAGE, "common"),
        Output(ids.detail(PAGE, "common"), "children"),
        Output(ABOUT, "children"),
        Output(ABOUT, "className"),
        Output(SAMPLED, "children"),
        *body_outputs(PAGE, "insights"),
        Input(trace_form.RUN, "n_clicks"),
        Input(CHOSEN, "data"),
        Input(ids.VIEW, "data"),
        Input(ids.TICK, "data"),
        State(trace_form.TEXT, "value"),
    )
    def show(_run: int | None, chosen: Json, view: Json, _tick: int, text: str | None) -> list[Any]:
        given = asked(reads, now, view)
        some = None if ctx.triggered_id == ids.VIEW else chosen_of(chosen)
        return answer(reads, TraceQuestion(text or "", given.scope, some), given.seen)

    @app.callback(
        Output(CHOSEN, "data", allow_duplicate=True),
        Input(CLEAR, "n_clicks"),
        Input(ids.VIEW, "data"),
        prevent_initial_call=True,
    )
    def clear(*_: Any) -> None:
        return None

    trace_form.register(app, reads, now)


def chosen_of(stored: Json) -> Chosen | None:
    """What was drawn around, as the script tells it; times in epoch milliseconds."""
    if not stored:
        return None
    start, end = stored.get("start"), stored.get("end")
    return Chosen(
        None if start is None else from_epoch_ms(int(start)),
        None if end is None else from_epoch_ms(int(end)),
        stored.get("low"),
        stored.get("high"),
    )


def answer(reads: Reads, question: TraceQuestion, seen: Seen) -> list[Any]:
    """All panels, in the order of the outputs."""
    found = reads.trace_page.rows(question)
    reading = named(reads, found.reading)
    empty: Any = MISTAKEN if found.mistake else _empty(found.scanned)
    points = trace_answer.points(found.rows)
    figure = scatter([point for point, _ in points], window=question.scope.window)
    common = reads.trace_page.common(question) if found.rows else None
    chosen = trace_answer.chosen_words(question.chosen, seen.zone)
    listed = [one for one in found.rows if trace_answer.is_chosen(one, question.chosen)]
    shown = reading if found.rows else trace_answer.without_data(reading)
    drawn = shown if points else trace_answer.without_data(shown)
    return [
        trace_answer.tiles_of(found),
        [values for _, values in points],
        *chart_answer(figure, drawn, seen, empty=empty, promise=PROMISE),
        trace_answer.points_words(found, log=figure["layout"]["meta"]["log"]),
        *body_answer(trace_answer.spread(found), drawn, seen, empty=empty),
        *table_answer(
            [trace_answer.cells(one) for one in listed],
            shown,
            seen,
            detail=trace_answer.list_words(found, len(listed)),
            empty=trace_answer.mistake_or(found.mistake, empty),
            promise=PROMISE,
        ),
        *body_answer(
            trace_answer.common_part(common) if common else None,
            shown,
            seen,
            empty="Nothing to compare.",
        ),
        f"{common.chosen:,} traces" if common else "",
        chosen,
        "chosen-words" if chosen else "chosen-words none",
        *_around(reads, question.scope, found, seen),
    ]


def _around(reads: Reads, scope: Scope, found: TracesFound, seen: Seen) -> list[Any]:
    """What the numbers stand for, and what X-Ray itself has noticed."""
    noticed = reads.traces.insights(scope)
    return [
        trace_sampled.about(reads, scope, found.malformed),
        *body_answer(
            trace_sampled.insights(reads, noticed, seen),
            trace_sampled.look(noticed),
            seen,
            empty=trace_sampled.empty(reads, scope),
        ),
    ]


def _empty(scanned: int) -> str:
    if not scanned:
        return EMPTY
    return f"No trace passes the filter. {scanned:,} in this range do not."
