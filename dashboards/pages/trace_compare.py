"""A trace beside another one of its kind: the median one, or any whose id is given."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, ctx, dcc, html
from dash.development.base_component import Component

from app.model import written
from app.model.readings import Look, Reading
from app.model.traces import Trace
from app.read import Reads, Scope
from app.read.waterfall import SAME_US, Change, Difference, differences, spans_of, waterfall
from dashboards import ids
from dashboards.pages.asking import Json, Now, asked, trace_href
from dashboards.parts import Cell, Column, Seen, panel, table, table_answer, table_outputs

PAGE, KEY = "trace", "compare"
OTHER, TYPICAL, ABOUT = "trace:with", "trace:typical", "trace:about"
COLUMNS = (
    Column("change", "Change", width=92, phone=True),
    Column("label", "Work", flex=3, phone=True),
    Column("service", "In", flex=2),
    Column("count", "Here", Cell.NUMBER, unit="count", width=72),
    Column("other_count", "There", Cell.NUMBER, unit="count", width=72),
    Column("own", "Self here", Cell.NUMBER, unit="milliseconds", width=96),
    Column("other_own", "Self there", Cell.NUMBER, unit="milliseconds", width=96),
    Column("moved", "Difference", Cell.NUMBER, unit="milliseconds", width=104, phone=True),
)
INDENT = "\u2003"


def layout(other: str) -> Component:
    """A box for the id of the other trace, and what differs."""
    body = html.Div(
        [
            html.Div(
                [
                    dcc.Input(
                        id=OTHER,
                        value=other,
                        type="text",
                        placeholder="Id of another trace",
                        className="input trace-id",
                        debounce=True,
                        autoComplete="off",
                    ),
                    html.Button(
                        "Median of its kind", id=TYPICAL, type="button", className="button"
                    ),
                    html.Span(id=ABOUT, className="said"),
                ],
                className="filters",
            ),
            table(PAGE, KEY, COLUMNS, height=420),
        ],
        className="compare",
    )
    return panel(PAGE, KEY, "Compared", body)


def register(app: Dash, reads: Reads, now: Now) -> None:
    """Compared with the median one until another is asked for."""

    @app.callback(
        Output(ABOUT, "children"),
        Output(OTHER, "value"),
        *table_outputs(PAGE, KEY),
        Input("trace:id", "data"),
        Input(OTHER, "value"),
        Input(TYPICAL, "n_clicks"),
        State(ids.VIEW, "data"),
    )
    def show(trace_id: str, other: str | None, _clicks: int | None, view: Json) -> list[Any]:
        given = asked(reads, now, view)
        wanted = "" if ctx.triggered_id == TYPICAL else (other or "").strip()
        return answer(reads, trace_id, wanted, given.scope, given.seen)

    @app.callback(
        Output(ids.QUERY, "data", allow_duplicate=True),
        Input(OTHER, "value"),
        prevent_initial_call=True,
    )
    def keep(other: str | None) -> dict[str, str]:
        return {"with": (other or "").strip()}


def answer(reads: Reads, trace_id: str, other: str, scope: Scope, seen: Seen) -> list[Any]:
    """The words beside the box, what stands in it, and the table."""
    trace = reads.trace_page.trace(trace_id, reads.places, scope.now).value
    if trace is None or not trace.segments:
        return ["", other, *_none(seen, "There is no trace to compare.")]
    wanted = other or reads.trace_page.typical(trace, scope)
    if not wanted:
        return ["", "", *_none(seen, "No other trace of this kind within six hours is stored.")]
    found = reads.trace_page.trace(wanted, reads.places, scope.now).value
    if found is None or not found.segments:
        return ["", other, *_none(seen, "That trace is not stored here.")]
    told = differences(waterfall(spans_of(trace)).rows, waterfall(spans_of(found)).rows)
    rows = [_row(n, one) for n, one in enumerate(told)]
    reading = Reading(None, Look.DATA)
    about = _about(trace, found, median=not other)
    changed = sum(one.change is not Change.SAME for one in told)
    return [about, other, *table_answer(rows, reading, seen, detail=f"{changed} steps differ")]


def _none(seen: Seen, words: str) -> list[Any]:
    return table_answer([], Reading(None, Look.NOTHING), seen, empty=words)


def _about(here: Trace, there: Trace, *, median: bool) -> list[Any]:
    """Which the other is, and how much slower or faster it was."""
    mine, theirs = here.summary.response_time, there.summary.response_time
    parts: list[Any] = [
        "With the median of its kind, " if median else "With ",
        dcc.Link(f"…{there.trace_id[-8:]}", href=trace_href(there.trace_id)),
    ]
    if mine is not None and theirs is not None:
        took = written.value(theirs / 1000, "milliseconds")
        parts.append(f", which took {took}; this one {written.change(mine, theirs)}.")
    return parts


def _moved(us: int) -> float:
    """Milliseconds; what is less than one says nothing."""
    return us / 1000 if abs(us) >= SAME_US else 0.0


def _row(n: int, one: Difference) -> dict[str, Any]:
    return {
        "id": f"{n}",
        "change": one.change.value if one.change is not Change.SAME else "",
        "label": INDENT * min(one.depth, 12) + one.label,
        "service": one.service,
        "count": one.count or None,
        "other_count": one.other_count or None,
        "own": one.own / 1000 if one.count else None,
        "other_own": one.other_own / 1000 if one.other_count else None,
        "moved": _moved(one.own - one.other_own),
    }
