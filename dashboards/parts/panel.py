"""A panel: header, state line, body. It stays mounted; callbacks change what is in it.

Dash mounts anew whatever sits in ``children`` that a callback returns, so a
chart or grid would blink. Lay out panels once, and answer with
``chart_answer``, ``table_answer`` or ``body_answer`` for the outputs of the
same name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any

from dash import Output, dcc, html
from dash.development.base_component import Component

from app.model.readings import Look, Reading
from dashboards import ids
from dashboards.figures import Figure
from dashboards.parts.attributes import aria, data
from dashboards.parts.icons import icon
from dashboards.parts.notes import Words, could_not_ask, freshness, nothing

GRAPH_CONFIG: Any = {
    "staticPlot": True,
    "displayModeBar": False,
    "displaylogo": False,
    "showSendToCloud": False,
    "plotlyServerURL": "",
    "responsive": True,
}
"""The one configuration of every graph: no mode bar, no button that leads out of the house."""

LOADING = "panel look-loading"
CHART_MENU = (("png", "Save as PNG"), ("csv", "Save as CSV"), ("table", "Show as table"))
TABLE_MENU = (("csv", "Save as CSV"),)


@dataclass(frozen=True, slots=True)
class Seen:
    """Where and when a page is looked at, which every sentence about time needs."""

    now: datetime
    zone: tzinfo


def panel(
    page: str,
    key: str,
    title: Words,
    body: Words | None = None,
    *,
    unit: str = "",
    detail: Words = "",
    span: int = 12,
    menu: Sequence[tuple[str, str]] = (),
    loading: bool = True,
) -> Component:
    """The frame around anything. ``span`` is its width in twelfths on a wide screen.

    ``unit`` and ``detail`` stand muted after the title. ``body`` is what it
    holds from the start; a callback may replace it (``body_outputs``).
    """
    frame = html.Section(
        [
            html.Header(
                [
                    html.H2(title),
                    html.Span(unit, className="unit") if unit else None,
                    html.Span(detail, id=ids.detail(page, key), className="detail"),
                    html.Span(id=ids.age(page, key), className="ages"),
                    _menu(menu) if menu else None,
                ]
            ),
            html.Div(id=ids.state_line(page, key), className="state-line"),
            html.Div(body, id=ids.body(page, key), className="panel-body"),
        ],
        id=ids.panel(page, key),
        className=LOADING if loading else "panel look-data",
    )
    return html.Div(frame, className=f"span span-{span}")


def chart_panel(
    page: str,
    key: str,
    title: Words,
    *,
    unit: str = "",
    detail: Words = "",
    span: int = 4,
    height: int = 170,
) -> Component:
    """A panel with one chart; the legend stands above the plot and is kept by the browser."""
    return panel(
        page,
        key,
        title,
        chart(page, key, height=height),
        unit=unit,
        detail=detail,
        span=span,
        menu=CHART_MENU,
    )


def chart(page: str, key: str, *, height: int = 170, figure: Figure | None = None) -> Component:
    """A chart without a panel around it."""
    drawn: Any = {} if figure is None else {"figure": figure}
    graph = dcc.Graph(
        id=ids.graph(page, key),
        config=GRAPH_CONFIG,
        style={"height": f"{height}px"},
        className="graph",
        **drawn,
    )
    return html.Div([html.Div(className="legend"), graph], className="chart")


def panel_outputs(page: str, key: str | Any) -> list[Output]:
    """Look, state line and freshness: what :func:`panel_answer` fills."""
    return [
        Output(ids.panel(page, key), "className"),
        Output(ids.state_line(page, key), "children"),
        Output(ids.age(page, key), "children"),
    ]


def chart_outputs(page: str, key: str | Any) -> list[Output]:
    """Filled by :func:`chart_answer`."""
    return [Output(ids.graph(page, key), "figure"), *panel_outputs(page, key)]


def body_outputs(page: str, key: str | Any) -> list[Output]:
    """Filled by :func:`body_answer`."""
    return [Output(ids.body(page, key), "children"), *panel_outputs(page, key)]


def table_outputs(page: str, key: str | Any) -> list[Output]:
    """Filled by :func:`table_answer`."""
    return [
        Output(ids.grid(page, key), "rowData"),
        Output(ids.detail(page, key), "children"),
        *panel_outputs(page, key),
    ]


def panel_answer(
    reading: Reading[Any],
    seen: Seen,
    *,
    empty: Words = "Nothing here in this range.",
    promise: timedelta | None = None,
) -> list[Any]:
    """How the panel looks for this reading: class, state line, freshness.

    ``empty`` is said when AWS was asked and there is nothing; ``promise`` is
    how often the data is collected.
    """
    return [
        f"panel look-{_look(reading)}",
        _state_line(reading, seen, empty),
        freshness(reading.as_of, seen.now, promise),
    ]


def chart_answer(
    figure: Figure,
    reading: Reading[Any],
    seen: Seen,
    *,
    empty: Words = "No data in this range.",
    promise: timedelta | None = None,
) -> list[Any]:
    """For ``chart_outputs``: the figure and how the panel looks."""
    return [figure, *panel_answer(reading, seen, empty=empty, promise=promise)]


def body_answer(
    children: Words | None,
    reading: Reading[Any],
    seen: Seen,
    *,
    empty: Words = "Nothing here in this range.",
    promise: timedelta | None = None,
) -> list[Any]:
    """For ``body_outputs``: the parts and how the panel looks."""
    return [children, *panel_answer(reading, seen, empty=empty, promise=promise)]


def table_answer(
    rows: Sequence[dict[str, Any]],
    reading: Reading[Any],
    seen: Seen,
    *,
    detail: Words = "",
    empty: Words = "No rows in this range.",
    promise: timedelta | None = None,
) -> list[Any]:
    """For ``table_outputs``: the rows, the words after the title, and how the panel looks."""
    return [list(rows), detail, *panel_answer(reading, seen, empty=empty, promise=promise)]


def _look(reading: Reading[Any]) -> str:
    """``stale`` is data that stays, paled, because the last round could not ask."""
    if reading.problem is not None and reading.look is Look.DATA:
        return "stale"
    return reading.look.value.replace("_", "-")


def _state_line(reading: Reading[Any], seen: Seen, empty: Words) -> Words | None:
    if reading.problem is not None:
        return could_not_ask(
            reading.problem,
            since=reading.since,
            as_of=reading.as_of if reading.look is Look.DATA else None,
            zone=seen.zone,
            now=seen.now,
        )
    if reading.look is Look.NOT_COLLECTED:
        return nothing("Not collected yet; the first round is on its way.")
    if reading.look is Look.NOTHING:
        return nothing(empty) if isinstance(empty, str) else html.P(empty, className="nothing")
    return html.P(reading.said, className="said") if reading.said else None


def _menu(items: Sequence[tuple[str, str]]) -> Component:
    return html.Details(
        [
            html.Summary(icon("more"), title="More", **aria(label="More")),
            html.Div(
                [
                    html.Button(label, type="button", **data(do=action))
                    for action, label in (*items, ("link", "Copy link"))
                ],
                className="menu",
            ),
        ],
        className="popover panel-menu",
    )
