"""What can be done with several alarms at once: silence, end silences, switch recommended off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component

from app.model import written
from app.model.alarms import Choice
from app.read import AlarmRow, Reads, Scope
from dashboards import ids
from dashboards.pages.asking import Now, asked, author
from dashboards.pages.silencing import LENGTHS, SPANS
from dashboards.parts import Seen

BAR, COUNT, LENGTH, REASON, SAID = (f"bulk:{name}" for name in ("bar", "n", "for", "why", "said"))
SILENCE, END, OFF = "bulk:silence", "bulk:end", "bulk:off"


def bar() -> Component:
    """Hidden until rows are chosen; what was done stays readable after that."""
    return html.Div(
        [
            html.Div(
                [
                    html.Strong(id=COUNT),
                    dcc.RadioItems(
                        [{"value": value, "label": label} for value, label in LENGTHS],
                        "1h",
                        id=LENGTH,
                        className="choices",
                        inline=True,
                    ),
                    dcc.Input(
                        id=REASON,
                        placeholder="Why? Somebody will read this at night.",
                        className="input",
                        debounce=False,
                        maxLength=300,
                    ),
                    html.Button("Silence", id=SILENCE, className="button", type="button"),
                    html.Button("End silences", id=END, className="button", type="button"),
                    html.Button(
                        "Switch off",
                        id=OFF,
                        className="button",
                        type="button",
                        title="Recommended alarms only",
                    ),
                ],
                id=BAR,
                className="filters",
                hidden=True,
            ),
            html.Span(id=SAID, role="status", className="said"),
        ],
        className="bulk",
    )


def register(app: Dash, reads: Reads, now: Now, grid: ids.Id) -> None:
    """Follow the chosen rows of ``grid``, and do what is asked with them."""

    @app.callback(
        Output(BAR, "hidden"),
        Output(COUNT, "children"),
        Input(grid, "selectedRows"),
    )
    def follow(rows: Sequence[dict[str, Any]] | None) -> tuple[bool, str]:
        return not rows, f"{len(rows or ())} chosen"

    @app.callback(
        Output(SAID, "children"),
        Output(grid, "selectedRows"),
        Input(SILENCE, "n_clicks"),
        Input(END, "n_clicks"),
        Input(OFF, "n_clicks"),
        State(grid, "selectedRows"),
        State(LENGTH, "value"),
        State(REASON, "value"),
        State(ids.VIEW, "data"),
        prevent_initial_call=True,
    )
    def do(*given: Any) -> Any:
        rows, length, reason, view = given[3:]
        if not any(given[:3]) or not rows:
            return no_update
        question = asked(reads, now, view)
        chosen = _chosen(reads, [str(row["id"]) for row in rows], question.scope)
        told = done(reads, str(ctx.triggered_id), chosen, (length, reason or ""), question.seen)
        return told, no_update if told.startswith("Write") else []


def done(
    reads: Reads,
    asked_for: str,
    alarms: Sequence[AlarmRow],
    given: tuple[str, str],
    seen: Seen,
) -> str:
    """Do it with every alarm that it makes sense for, and say with how many."""
    length, reason = given
    if not reason.strip() and asked_for != END:
        return "Write a reason first."
    if asked_for == SILENCE:
        return _silenced(reads, [a.id for a in alarms], length, reason.strip(), seen)
    if asked_for == END:
        numbers = {a.silence.id for a in alarms if a.silence is not None}
        for number in sorted(numbers):
            reads.alarms.end_silence(number, seen.now)
        return f"Ended {len(numbers)} silences." if numbers else "None of them is silenced."
    advised = [a.id for a in alarms if a.origin == "recommended"]
    if not advised:
        return "None of them is a recommended alarm; your own are changed in config.yaml."
    reads.coverage.choose(advised, Choice.OFF, (author(), reason.strip()), seen.now)
    return f"Switched off {len(advised)} recommended alarms, from the next evaluation on."


def _silenced(reads: Reads, alarms: Sequence[str], length: str, reason: str, seen: Seen) -> str:
    until = seen.now + SPANS.get(length, SPANS["1h"])
    reads.alarms.silence(alarms, until, author(), reason, seen.now)
    return f"Silenced {len(alarms)} alarms until {written.at(until, seen.zone, seen.now)}."


def _chosen(reads: Reads, wanted: Sequence[str], scope: Scope) -> list[AlarmRow]:
    known = {row.id: row for row in reads.alarms.current(scope).value}
    return [known[id_] for id_ in wanted if id_ in known]
