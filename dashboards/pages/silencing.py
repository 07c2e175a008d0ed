"""The form that mutes an alarm until a time, with a reason; used in a panel and on the page."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from dash import MATCH, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from app.model import written
from app.read import AlarmRow, Reads
from dashboards.pages.asking import Json, Now, author
from dashboards.parts import Seen
from dashboards.view import View

LENGTHS = (("1h", "1 hour"), ("4h", "4 hours"), ("1d", "1 day"), ("7d", "1 week"))
SPANS = {
    "1h": timedelta(hours=1),
    "4h": timedelta(hours=4),
    "1d": timedelta(days=1),
    "7d": timedelta(days=7),
}
Id = dict[str, str]


def part(name: str, alarm: Any) -> dict[str, Any]:
    """Ids of the form's parts, told apart by the alarm."""
    return {"page": "silence", "part": name, "key": alarm}


def form(alarm: AlarmRow, seen: Seen) -> Component:
    """Silence with an end and a reason; where one runs, what it says and a way to end it."""
    if alarm.silence is not None:
        return _running(alarm, seen)
    return html.Div(
        [
            html.H3("Silence"),
            dcc.RadioItems(
                [{"value": value, "label": label} for value, label in LENGTHS],
                "1h",
                id=part("length", alarm.id),
                className="choices",
                inline=True,
            ),
            dcc.Input(
                id=part("reason", alarm.id),
                placeholder="Why? Somebody will read this at night.",
                className="input",
                debounce=False,
                maxLength=300,
            ),
            html.Button("Silence", id=part("start", alarm.id), className="button", type="button"),
            html.Span(id=part("said", alarm.id), role="status", className="said"),
        ],
        className="silence-form",
    )


def register(app: Dash, reads: Reads, now: Now) -> None:
    """Start and end silences; both answer with a sentence beside the button."""

    @app.callback(
        Output(part("said", MATCH), "children"),
        Input(part("start", MATCH), "n_clicks"),
        State(part("start", MATCH), "id"),
        State(part("length", MATCH), "value"),
        State(part("reason", MATCH), "value"),
        State("view", "data"),
        prevent_initial_call=True,
    )
    def start(clicks: int | None, own: Id, length: str, reason: str | None, view: Json) -> Any:
        if not clicks:
            return no_update
        return started(reads, own["key"], length, reason or "", Seen(now(), View.of(view).zone))

    @app.callback(
        Output(part("ended", MATCH), "children"),
        Input(part("end", MATCH), "n_clicks"),
        State(part("end", MATCH), "id"),
        prevent_initial_call=True,
    )
    def end(clicks: int | None, own: Id) -> Any:
        if not clicks:
            return no_update
        return ended(reads, own["key"], now())


def started(reads: Reads, alarm: str, length: str, reason: str, seen: Seen) -> str:
    """Mute the alarm, or say what is missing."""
    if not reason.strip():
        return "Write a reason first."
    until = seen.now + SPANS.get(length, SPANS["1h"])
    reads.alarms.silence([alarm], until, author(), reason.strip(), seen.now)
    return f"Silenced until {written.at(until, seen.zone, seen.now)}."


def ended(reads: Reads, silence: str, now: datetime) -> str:
    """End a silence by its number."""
    reads.alarms.end_silence(int(silence), now)
    return "The silence has ended."


def _running(alarm: AlarmRow, seen: Seen) -> Component:
    silence = alarm.silence
    if silence is None:
        return html.Div()
    until = written.at(silence.end, seen.zone, seen.now) if silence.end else "it is ended"
    return html.Div(
        [
            html.H3("Silenced"),
            html.P(f"Until {until}, by {silence.author or 'somebody'}: {silence.comment}"),
            end_button(silence.id),
        ],
        className="silence-form",
    )


def end_button(silence: int) -> Component:
    """A button that ends one silence, and the place where it says so."""
    key = str(silence)
    return html.Span(
        [
            html.Button("End now", id=part("end", key), className="text-button", type="button"),
            html.Span(id=part("ended", key), role="status", className="said"),
        ]
    )
