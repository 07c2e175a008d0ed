"""The waterfall of a trace: its frame, and its rows as the browser draws them.

Only the rows that can be seen are made, in the browser (``assets/65-waterfall.js``),
so the frame is laid out once and the rows travel as plain values in a store.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from dash import dcc, html
from dash.development.base_component import Component

from app.model.traces import Outcome
from app.read.waterfall import Waterfall, entries
from dashboards.parts.attributes import aria, data
from dashboards.parts.waterfall_values import LogMark, Values

SELECTED = "trace:selected"
"""Store: which span was opened (``id``)."""
MOST_MARKS = 500

_LEASTS = (("All", "0", "us"), ("≥ 1 ms", "1000", "us"), ("≥ 1 %", "1", "share"))


def waterfall_frame() -> Component:
    """Search and folding, the whole trace at a glance, and the place for the rows."""
    return html.Div(
        [
            _tools(),
            html.Div(id="waterfall-legend", className="legend"),
            _map(),
            _heads(),
            html.Div(
                html.Div(className="all-rows"),
                id="waterfall-rows",
                className="span-rows",
                tabIndex=0,
                role="tree",
                **aria(label="Spans and log lines; arrows move and fold, Enter opens, L hides"),
            ),
            html.Div(className="waterfall-cursor"),
            html.Div(id="waterfall-chosen", className="selection", hidden=True),
        ],
        id="waterfall",
        className="waterfall",
    )


def waterfall_data(trace_id: str, shown: Waterfall, logs: Sequence[LogMark] = ()) -> dict[str, Any]:
    """Rows and log marks; times in microseconds since the trace began."""
    start = shown.start
    marks = logs[:MOST_MARKS]
    rows = Values(shown, marks)
    return {
        "trace": trace_id,
        "length": max(1, shown.end - start),
        "services": list(shown.services),
        "troubles": sum(row.span.outcome is not Outcome.OK for row in shown.rows),
        "rows": [rows.of(entry) for entry in entries(shown, [mark.span for mark in marks])],
        "logs": [[mark.at - start, mark.level, mark.text] for mark in marks],
    }


def packed(data: Mapping[str, Any]) -> str:
    """The values as one text: Dash walks through every number of anything else."""
    return orjson.dumps(data).decode()


def _tools() -> Component:
    leasts = [
        html.Button(
            words,
            type="button",
            className="choice",
            **aria(pressed="true" if least == "0" else "false"),
            **data(least=least, of=of),
        )
        for words, least, of in _LEASTS
    ]
    return html.Div(
        [
            dcc.Input(
                id="waterfall-search",
                type="text",
                placeholder="Search spans and log lines",
                className="input",
                debounce=False,
                autoComplete="off",
            ),
            html.Span(leasts, className="choice-row", role="group", **aria(label="Least duration")),
            html.Span(
                [
                    _button("Fold", "less", "Fold the deepest level"),
                    _button("Unfold", "more", "Unfold one more level"),
                    _button("Next problem", "trouble", "Go to the next span that failed"),
                    _button("Whole trace", "whole", "Show the whole trace (double-click)"),
                ],
                className="choice-row",
            ),
            html.Button(
                "Log lines",
                type="button",
                className="choice",
                id="waterfall-lines",
                title="Show or hide the log lines (L)",
                **aria(pressed="true"),
                **data(fall="lines"),
            ),
            html.Span(id="waterfall-told", className="said", **aria(live="polite")),
        ],
        className="filters waterfall-tools",
    )


def _button(words: str, action: str, title: str) -> Component:
    return html.Button(words, type="button", className="choice", title=title, **data(fall=action))


def _map() -> Component:
    return html.Div(
        [html.Canvas(), html.I(className="shade before"), html.I(className="shade after")],
        id="waterfall-map",
        title="The whole trace; drag to show a part of it",
        **aria(hidden="true"),
    )


def _heads() -> Component:
    return html.Div(
        [
            html.Div("Span"),
            html.Div("Status", className="status-cell"),
            html.Div("Duration", className="number-cell"),
            html.Div("Self", className="number-cell", title="Time in which it waited for no child"),
            html.Div(id="waterfall-ticks", className="ticks"),
        ],
        className="span-heads",
    )
