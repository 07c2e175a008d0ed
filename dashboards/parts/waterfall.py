"""The waterfall of a trace: its frame, and its rows as the browser draws them.

Only the rows that can be seen are made, in the browser (``assets/65-waterfall.js``),
so the frame is laid out once and the rows travel as plain values in a store.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from app.model.traces import Outcome
from app.read.waterfall import Row, Stretch, Waterfall
from dashboards.parts.attributes import aria, data

SELECTED = "trace:selected"
"""Store: which span was opened (``id``)."""
MOST_MARKS = 500

_LEASTS = (("All", "0", "us"), ("≥ 1 ms", "1000", "us"), ("≥ 1 %", "1", "share"))


@dataclass(frozen=True, slots=True)
class LogMark:
    """A line that was logged while the trace ran; ``level`` is ``error``, ``warn`` or empty."""

    at: int
    level: str
    text: str


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
                **aria(label="Spans of the trace; arrows move and fold, Enter opens"),
            ),
            html.Div(className="waterfall-cursor"),
            html.Div(id="waterfall-chosen", className="selection", hidden=True),
        ],
        id="waterfall",
        className="waterfall",
    )


def waterfall_data(trace_id: str, shown: Waterfall, logs: Sequence[LogMark] = ()) -> dict[str, Any]:
    """Rows and log marks; times in microseconds since the trace began."""
    place = {name: n for n, name in enumerate(shown.services)}
    start = shown.start
    return {
        "trace": trace_id,
        "length": max(1, shown.end - start),
        "services": list(shown.services),
        "troubles": sum(row.span.outcome is not Outcome.OK for row in shown.rows),
        "rows": [_values(row, place[row.span.service], start) for row in shown.rows],
        "logs": [[mark.at - start, mark.level, mark.text] for mark in logs[:MOST_MARKS]],
    }


def _values(row: Row, service: int, start: int) -> list[Any]:
    """In the order in which the script reads them."""
    span = row.span
    marks = [
        name
        for name, is_so in (
            ("open", span.end is None),
            ("orphan", row.orphan),
            ("looped", row.looped),
        )
        if is_so
    ]
    return [
        span.id,
        row.depth,
        row.below,
        row.count,
        span.label,
        span.target,
        service,
        row.start - start,
        row.end - row.start,
        row.self_time,
        "" if span.outcome is Outcome.OK else span.outcome.value,
        span.status,
        marks,
        _flat(row.own, start),
        _flat(row.path, start),
    ]


def _flat(stretches: Sequence[Stretch], start: int) -> list[int]:
    """Start and length of each, in one list."""
    return [number for since, end in stretches for number in (since - start, end - since)]


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
                placeholder="Search spans: name, operation, service, status",
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
