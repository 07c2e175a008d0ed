"""Log events: groups, a query in CloudWatch's language, its answer over time and as a table.

Everything comes from the store; a query asks AWS nothing and costs nothing.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from dash import Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from app.model import written
from app.model.lines import Line
from app.model.logs import FieldKind
from app.model.readings import Look, Reading
from app.read import LogAnswer, Reads, Scope
from dashboards import ids
from dashboards.figures import bars
from dashboards.pages.asking import Json, Now, asked
from dashboards.parts import (
    Cell,
    Column,
    Seen,
    body_answer,
    body_outputs,
    chart_answer,
    chart_outputs,
    chart_panel,
    code,
    definitions,
    page,
    panel,
    row,
    table,
)

PATH, TITLE = "/logs", "Logs"
PAGE = "logs"
TEXT, GROUPS, RUN, KNOWN = "logs:text", "logs:groups", "logs:run", "logs:known"
PROMISE = timedelta(minutes=5)
FIRST = "fields @timestamp, @message\n| sort @timestamp desc\n| limit 100"
MOST_SECONDS = 20.0
MOST_ROWS = 1000
MOST_FIELDS = 60
_KINDS = {
    FieldKind.NUMBER: "number",
    FieldKind.TEXT: "text",
    FieldKind.BOOLEAN: "true or false",
    FieldKind.MIXED: "mixed",
}


def layout(reads: Reads, q: str = "", group: str = "", **_: str) -> Component:
    """Groups and query, then events over time, the answer, and the fields that were found."""
    names = sorted({found.key.name for found in reads.logs.groups(reads.places)})
    return page(
        html.Div(
            [
                html.Datalist([html.Option(value=name) for name in names], id=KNOWN),
                dcc.Input(
                    id=GROUPS,
                    value=group,
                    list=KNOWN,
                    type="text",
                    placeholder="All log groups; a name, with * for any text, or several by comma",
                    className="input",
                    debounce=True,
                ),
                dcc.Textarea(
                    id=TEXT,
                    value=q or FIRST,
                    className="query",
                    spellCheck=False,
                    title="Query; Ctrl+Enter runs it",
                ),
                html.Div(
                    [
                        html.Button("Run", id=RUN, className="button", type="button"),
                        html.Span(
                            "Logs Insights QL over the stored events, free of charge.",
                            className="said",
                        ),
                    ],
                    className="filters",
                ),
            ],
            className="query-form",
        ),
        chart_panel(PAGE, "time", "Events", span=12, height=140),
        row(
            panel(PAGE, "rows", "Answer", span=9),
            panel(PAGE, "fields", "Discovered fields", span=3),
        ),
    )


def register(app: Dash, reads: Reads, now: Now) -> None:
    """Runs when asked, and when the range, the places or the groups change."""

    @app.callback(
        *chart_outputs(PAGE, "time"),
        *body_outputs(PAGE, "rows"),
        Output(ids.detail(PAGE, "rows"), "children"),
        *body_outputs(PAGE, "fields"),
        Input(RUN, "n_clicks"),
        Input(GROUPS, "value"),
        Input(ids.VIEW, "data"),
        State(TEXT, "value"),
    )
    def show(_clicks: int | None, groups: str | None, view: Json, text: str | None) -> list[Any]:
        question = asked(reads, now, view)
        return answer(reads, text or "", groups or "", question.scope, question.seen)

    @app.callback(
        Output(ids.QUERY, "data", allow_duplicate=True),
        Input(RUN, "n_clicks"),
        Input(GROUPS, "value"),
        State(TEXT, "value"),
        prevent_initial_call=True,
    )
    def keep(_clicks: int | None, groups: str | None, text: str | None) -> dict[str, str]:
        return {"q": "" if text == FIRST else text or "", "group": groups or ""}

    @app.callback(
        Output(ids.SIDE, "children", allow_duplicate=True),
        Input(ids.grid(PAGE, "answer"), "cellClicked", allow_optional=True),
        State(ids.grid(PAGE, "answer"), "rowData", allow_optional=True),
        prevent_initial_call=True,
    )
    def open_beside(clicked: dict[str, Any] | None, rows: list[dict[str, Any]] | None) -> Any:
        found = [r for r in rows or () if clicked and str(r["id"]) == str(clicked.get("rowId"))]
        return beside(found[0]) if found else no_update


def answer(reads: Reads, text: str, groups: str, scope: Scope, seen: Seen) -> list[Any]:
    """The chart, the table and the fields; a mistake in the query stands where the answer would."""
    names = [name for part in groups.split(",") if (name := part.strip())]
    found = reads.logs.asked(text, names, scope, seconds=MOST_SECONDS, rows=MOST_ROWS)
    reading = found.reading
    return [
        *_over_time(found, reading, scope, seen),
        *_answered(found, reading, seen),
        _detail(found),
        *_fields(found, reading, seen),
    ]


def beside(cells: dict[str, Any]) -> Component:
    """One event in full."""
    shown = {name: value for name, value in cells.items() if name != "id" and value is not None}
    message = shown.pop("@message", None)
    parts: list[Component] = [html.H2("Event")]
    if message is not None:
        parts.append(html.Pre(message, className="message"))
    if shown:
        parts.append(definitions({name: code(str(value)) for name, value in shown.items()}))
    return html.Div(parts, className="beside")


def _over_time(found: LogAnswer, reading: Reading[Any], scope: Scope, seen: Seen) -> list[Any]:
    line: Line | None = found.line
    lines = [line] if line is not None else []
    look = Look.DATA if line is not None and float(line.values.sum()) > 0 else reading.look
    there = Reading(None, Look.NOTHING if look is Look.DATA and not lines else look)
    figure = bars(lines, window=scope.window, unit="count")
    empty = (
        "No event in this range." if not found.mistake else "Waiting for a query that can be run."
    )
    return chart_answer(figure, there, seen, empty=empty, promise=PROMISE)


def _answered(found: LogAnswer, reading: Reading[Any], seen: Seen) -> list[Any]:
    if found.mistake:
        return body_answer(_mistake(found.mistake), Reading(None, Look.DATA), seen)
    columns = [_column(name, numbers) for name, numbers in found.columns]
    rows = [
        {"id": f"{n}", **dict(zip((name for name, _ in found.columns), cells, strict=True))}
        for n, cells in enumerate(found.rows)
    ]
    grid = table(PAGE, "answer", columns, rows=rows, height=640, clickable=True) if rows else None
    empty = "No event matches in this range."
    if reading.look is Look.NOT_COLLECTED:
        empty = "No log group has been collected yet."
    return body_answer(grid, reading, seen, empty=empty)


def _column(name: str, numbers: bool) -> Column:
    if name == "@timestamp":
        return Column(name, f"{name} (UTC)", width=196, phone=True)
    if name == "@message":
        return Column(name, name, Cell.TEXT, flex=6, phone=True)
    return Column(name, name, Cell.NUMBER if numbers else Cell.TEXT, flex=1)


def _mistake(drawn: str) -> Component:
    return html.Pre(drawn, className="mistake", role="alert")


def _detail(found: LogAnswer) -> str:
    if found.mistake:
        return ""
    said = [f"{len(found.rows):,} rows", f"{found.rows_read:,} events read"]
    if found.rows_left_out:
        said.append(f"{found.rows_left_out:,} not needed")
    if found.stopped:
        said.append(f"stopped by {found.stopped}")
    return " · ".join(said)


def _fields(found: LogAnswer, reading: Reading[Any], seen: Seen) -> list[Any]:
    shown = found.fields[:MOST_FIELDS]
    listed = html.Ul(
        [
            html.Li(
                [
                    html.Code(field.name),
                    html.Span(
                        f"{written.value(min(1.0, field.share) * 100, 'percent')} · "
                        f"{_KINDS[field.kind]}",
                        className="muted",
                    ),
                ]
            )
            for field in shown
        ],
        className="fields",
    )
    look = Look.DATA if shown else reading.look if reading.look is not Look.DATA else Look.NOTHING
    empty = "No fields were found in these events."
    return body_answer(listed if shown else None, Reading(None, look), seen, empty=empty)
