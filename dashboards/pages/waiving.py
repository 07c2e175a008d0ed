"""The form that hides a finding for a reason and a time, and the end of such a waiver."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from dash import MATCH, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from app.model import written
from app.read import FindingRow, Reads
from dashboards.pages.asking import Json, Now, author
from dashboards.parts import Seen
from dashboards.view import View

SPANS = {
    "30d": ("30 days", timedelta(days=30)),
    "90d": ("90 days", timedelta(days=90)),
    "365d": ("1 year", timedelta(days=365)),
}
Id = dict[str, str]


def part(name: str, key: Any) -> dict[str, Any]:
    """Ids of the form's parts, told apart by the finding (or the waiver's number)."""
    return {"page": "waive", "part": name, "key": key}


def form(row: FindingRow, seen: Seen) -> Component:
    """Waive with an end and a reason; where a waiver runs, what it says and a way to end it."""
    if row.waiver is not None:
        return _running(row, seen)
    key = row.finding.key
    return html.Div(
        [
            html.H3("Waive"),
            dcc.RadioItems(
                [{"value": value, "label": words} for value, (words, _) in SPANS.items()],
                "90d",
                id=part("span", key),
                className="choices",
                inline=True,
            ),
            dcc.Input(
                id=part("reason", key),
                placeholder="Why is it right as it is?",
                className="input",
                debounce=False,
                maxLength=300,
            ),
            html.Button("Waive", id=part("start", key), className="button", type="button"),
            html.Span(id=part("said", key), role="status", className="said"),
        ],
        className="silence-form",
    )


def register(app: Dash, reads: Reads, now: Now) -> None:
    """Start and end waivers; both answer with a sentence beside the button."""

    @app.callback(
        Output(part("said", MATCH), "children"),
        Input(part("start", MATCH), "n_clicks"),
        State(part("start", MATCH), "id"),
        State(part("span", MATCH), "value"),
        State(part("reason", MATCH), "value"),
        State("view", "data"),
        prevent_initial_call=True,
    )
    def start(clicks: int | None, own: Id, span: str, reason: str | None, view: Json) -> Any:
        if not clicks:
            return no_update
        return started(reads, own["key"], span, reason or "", Seen(now(), View.of(view).zone))

    @app.callback(
        Output(part("ended", MATCH), "children"),
        Input(part("end", MATCH), "n_clicks"),
        State(part("end", MATCH), "id"),
        prevent_initial_call=True,
    )
    def end(clicks: int | None, own: Id) -> Any:
        if not clicks:
            return no_update
        reads.findings.end_waiver(int(own["key"]), now())
        return "The waiver has ended."


def started(reads: Reads, key: str, span: str, reason: str, seen: Seen) -> str:
    """Hide the finding, or say what is missing."""
    row = find(reads, key, seen)
    if row is None:
        return "This finding does not stand any more."
    until = seen.now + SPANS.get(span, SPANS["90d"])[1]
    try:
        reads.findings.waive(row.finding, reason, author(), seen.now, until)
    except ValueError as error:
        return str(error)
    return f"Waived until {written.at(until, seen.zone, seen.now)}."


def find(reads: Reads, key: str, seen: Seen) -> FindingRow | None:
    """The finding of that key, waived or not."""
    found = reads.findings.all(reads.places, seen.now).value
    rows = (*found.rows, *found.waived, *found.blind)
    return next((row for row in rows if row.finding.key == key), None)


def _running(row: FindingRow, seen: Seen) -> Component:
    waiver = row.waiver
    assert waiver is not None  # noqa: S101 - the form asks first
    until = written.at(waiver.expires, seen.zone, seen.now)
    words = f"Until {until}, by {waiver.author}: {waiver.reason}"
    return html.Div(
        [
            html.H3("Waived"),
            html.P(words),
            _end(waiver.id) if waiver.id else html.P("It stands in config.yaml.", className="said"),
        ],
        className="silence-form",
    )


def _end(waiver: int) -> Component:
    key = str(waiver)
    return html.Span(
        [
            html.Button("End now", id=part("end", key), className="text-button", type="button"),
            html.Span(id=part("ended", key), role="status", className="said"),
        ]
    )
