"""One trace: its waterfall with the critical path, log lines, kinds of work, a comparison."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dash import Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from app.model.readings import Look, Reading
from app.model.time import epoch_ms
from app.model.traces import Trace
from app.read import Reads, Scope, TraceLines
from app.read.waterfall import Waterfall, spans_of, waterfall
from dashboards import ids
from dashboards.clientside import in_browser
from dashboards.pages import trace_compare, trace_head, trace_side
from dashboards.pages.asking import Json, Now, asked, named
from dashboards.parts import (
    LogMark,
    Seen,
    body_answer,
    body_outputs,
    packed,
    page,
    panel,
    panel_answer,
    panel_outputs,
    row,
    table_answer,
    table_outputs,
    table_panel,
    waterfall_data,
    waterfall_frame,
)
from dashboards.parts.waterfall import SELECTED

PATH, TITLE = "/trace/<trace_id>", "Trace"
PAGE = "trace"
ID, HEAD, DATA, DRAWN, WITH = "trace:id", "trace:head", "trace:data", "trace:drawn", "trace:with"


def title(trace_id: str) -> str:
    """The id's random part tells traces apart."""
    return f"Trace …{trace_id[-8:]}"


def layout(trace_id: str, span: str = "", **given: str) -> Component:
    """Head, waterfall, log lines beside kinds of work, and the comparison."""
    return page(
        dcc.Store(id=ID, data=trace_id),
        dcc.Store(id=DATA),
        dcc.Store(id=DRAWN),
        dcc.Store(id=SELECTED, data={"id": span} if span else None),
        html.Div(id=HEAD, className="trace-head"),
        panel(PAGE, "waterfall", "Waterfall", waterfall_frame()),
        row(
            panel(PAGE, "lines", "Log lines", span=7),
            table_panel(PAGE, "work", "Where the time went", trace_head.WORK, span=5, height=360),
        ),
        trace_compare.layout(given.get("with", "")),
    )


def register(app: Dash, reads: Reads, now: Now) -> None:
    """One callback for the trace, one for the comparison, one for what opens beside."""
    in_browser(app, "waterfall", Output(DRAWN, "data"), Input(DATA, "data"))

    @app.callback(
        Output(HEAD, "children"),
        Output(DATA, "data"),
        *panel_outputs(PAGE, "waterfall"),
        Output(ids.detail(PAGE, "waterfall"), "children"),
        *body_outputs(PAGE, "lines"),
        Output(ids.detail(PAGE, "lines"), "children"),
        *table_outputs(PAGE, "work"),
        Input(ID, "data"),
        Input(ids.VIEW, "data"),
    )
    def show(trace_id: str, view: Json) -> list[Any]:
        given = asked(reads, now, view)
        head, rows, *rest = answer(reads, trace_id, given.scope, given.seen)
        return [head, packed(rows), *rest]

    @app.callback(
        Output(ids.SIDE, "children", allow_duplicate=True),
        Input(SELECTED, "data"),
        State(ID, "data"),
        State(ids.VIEW, "data"),
        prevent_initial_call="initial_duplicate",
    )
    def open_span(selected: Json, trace_id: str, view: Json) -> Any:
        if not selected or not selected.get("id"):
            return no_update
        given = asked(reads, now, view)
        found = reads.trace_page.trace(trace_id, reads.places, given.scope.now).value
        if found is None:
            return no_update
        side = beside(reads, found, str(selected["id"]), given.scope, given.seen)
        return side if side is not None else no_update

    trace_compare.register(app, reads, now)


def answer(reads: Reads, trace_id: str, scope: Scope, seen: Seen) -> list[Any]:
    """Everything but the comparison, in the order of the outputs."""
    reading = reads.trace_page.trace(trace_id, reads.places, scope.now)
    found = reading.value
    if found is None:
        return _absent(reads, trace_id, reading, seen)
    logged = reads.trace_page.lines(found, scope)
    lines = logged.lines
    shown = waterfall(spans_of(found))
    marks = [
        LogMark(_micros(line.at), line.level, line.message.strip()[:200], line.group, line.span)
        for line in lines
    ]
    looks = reading if shown.rows else Reading(None, Look.NOTHING)
    return [
        trace_head.head(found, shown, reads, scope, seen),
        waterfall_data(found.trace_id, shown, marks),
        *panel_answer(looks, seen, empty="Only the summary of this trace is stored."),
        trace_head.waterfall_words(shown),
        *body_answer(
            trace_head.lines(lines, shown),
            _searched(logged),
            seen,
            empty="No log line names this trace.",
        ),
        trace_head.lines_words(lines),
        *table_answer(trace_head.work_rows(shown), looks, seen, detail="by time of its own"),
    ]


def _searched(logged: TraceLines) -> Reading[None]:
    """How good the lines are: none that were found are none at all only if all were searched."""
    none = Look.COULD_NOT_ASK if logged.lacking else Look.NOTHING
    return Reading(None, Look.DATA if logged.lines else none, said=" ".join(logged.lacking))


def beside(reads: Reads, trace: Trace, id_: str, scope: Scope, seen: Seen) -> Component | None:
    """What opens for a row: a span, or a log line by its number."""
    kind, _, number = id_.partition(":")
    if kind != "line":
        return trace_side.span(reads, trace, id_, scope, seen)
    lines = reads.trace_page.lines(trace, scope).lines
    if not number.isdecimal() or int(number) >= len(lines):
        return None
    return trace_side.line(trace, lines[int(number)], seen)


def _absent(reads: Reads, trace_id: str, reading: Reading[Trace | None], seen: Seen) -> list[Any]:
    nothing = named(reads, reading)
    said = "This trace is not stored here; X-Ray keeps traces for 30 days."
    return [
        trace_head.unknown(trace_id),
        waterfall_data(trace_id, Waterfall((), 0, 0)),
        *panel_answer(nothing, seen, empty=said),
        "",
        *body_answer(None, nothing, seen, empty="No trace, no lines."),
        "",
        *table_answer([], nothing, seen, empty="No trace."),
    ]


def _micros(at: datetime) -> int:
    return epoch_ms(at) * 1000
