"""What starts with a reason and ends by hand: a silence of an alarm, a waiver of a finding.

The form is told apart by its page ("silence", "waive") and the key of what it is about.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dash import MATCH, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from app.read import Reads
from dashboards import ids
from dashboards.pages.asking import Json, Now
from dashboards.parts import Seen
from dashboards.view import View

Started = Callable[[Reads, str, str, str, Seen], str]
"""Starts it for a key, a length and a reason; says until when, or what is missing."""
Ended = Callable[[Reads, str, datetime], str]
"""Ends one by its number, and says so."""


@dataclass(frozen=True, slots=True)
class WithReason:
    """A form by the name of its page: its words, its lengths and the one that is chosen first."""

    page: str
    verb: str
    placeholder: str
    lengths: Mapping[str, str]
    usual: str

    def part(self, name: str, key: Any) -> dict[str, Any]:
        """Ids of the form's parts, told apart by what it is about (or by the number of a run)."""
        return {"page": self.page, "part": name, "key": key}

    def form(self, key: str) -> Component:
        """A length, a reason, a button, and the place that says what came of it."""
        return html.Div(
            [
                html.H3(self.verb),
                dcc.RadioItems(
                    [{"value": value, "label": label} for value, label in self.lengths.items()],
                    self.usual,
                    id=self.part("length", key),
                    className="choices",
                    inline=True,
                ),
                dcc.Input(
                    id=self.part("reason", key),
                    placeholder=self.placeholder,
                    className="input",
                    debounce=False,
                    maxLength=300,
                ),
                html.Button(
                    self.verb, id=self.part("start", key), className="button", type="button"
                ),
                html.Span(id=self.part("said", key), role="status", className="said"),
            ],
            className="silence-form",
        )

    def running(self, title: str, words: str, end: Component) -> Component:
        """One that runs: what it says, and how it can be ended."""
        return html.Div([html.H3(title), html.P(words), end], className="silence-form")

    def end_button(self, number: int) -> Component:
        """A button that ends one, and the place where it says so."""
        key = str(number)
        button = html.Button(
            "End now", id=self.part("end", key), className="text-button", type="button"
        )
        said = html.Span(id=self.part("ended", key), role="status", className="said")
        return html.Span([button, said])

    def register(self, app: Dash, reads: Reads, now: Now, started: Started, ended: Ended) -> None:
        """Start and end; both answer with a sentence beside the button."""
        part = self.part

        @app.callback(
            Output(part("said", MATCH), "children"),
            Input(part("start", MATCH), "n_clicks"),
            State(part("start", MATCH), "id"),
            State(part("length", MATCH), "value"),
            State(part("reason", MATCH), "value"),
            State(ids.VIEW, "data"),
            prevent_initial_call=True,
        )
        def start(
            clicks: int | None, own: Mapping[str, str], length: str, reason: str | None, view: Json
        ) -> Any:
            if not clicks:
                return no_update
            seen = Seen(now(), View.of(view).zone)
            return started(reads, own["key"], length, reason or "", seen)

        @app.callback(
            Output(part("ended", MATCH), "children"),
            Input(part("end", MATCH), "n_clicks"),
            State(part("end", MATCH), "id"),
            prevent_initial_call=True,
        )
        def end(clicks: int | None, own: Mapping[str, str]) -> Any:
            return ended(reads, own["key"], now()) if clicks else no_update
