"""Every alarm: firing first, with its value against its threshold; search, filter, silence.

A row opens beside the list; the alarm's own page has its history.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from dash import ALL, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from app.model import written
from app.model.alarms import Silence
from app.model.readings import Look, Reading
from app.model.states import Health
from app.read import AlarmRow, Reads, Scope
from dashboards import ids
from dashboards.figures import Threshold, timeseries
from dashboards.pages import bulk, silencing
from dashboards.pages.alarm_tabs import tabs
from dashboards.pages.asking import Json, Now, alarm_href, asked
from dashboards.pages.tables import ALARM_COLUMNS, alarm_rows
from dashboards.parts import (
    Seen,
    body_answer,
    body_outputs,
    chart,
    link,
    nothing,
    page,
    panel,
    state_badge,
    table_answer,
    table_outputs,
    table_panel,
)

PATH, TITLE = "/alarms", "Alarms"
PAGE = "alarms"
TEXT, STATE, NOTE = "alarms:text", "alarms:state", "alarms:note"
PROMISE = timedelta(minutes=1)
STATES = {
    "": "Not silenced",
    "firing": "Firing",
    "silenced": "Silenced",
    "no_data": "No data",
    "ok": "OK",
    "all": "All",
}
"""What can be shown; silenced alarms are folded away unless they are asked for."""
_SHOWS = {
    "": frozenset(Health) - {Health.SILENCED},
    "firing": frozenset({Health.CRITICAL, Health.WARNING}),
    "silenced": frozenset({Health.SILENCED}),
    "no_data": frozenset({Health.NO_DATA, Health.COULD_NOT_ASK}),
    "ok": frozenset({Health.OK}),
    "all": frozenset(Health),
}


def layout(q: str = "", state: str = "", **_: str) -> Component:
    """Search and filter, the list, and the silences that run."""
    known = state if state in STATES else "all"
    return page(
        tabs(PATH),
        html.Div(
            [
                dcc.Input(
                    id=TEXT,
                    value=q,
                    type="search",
                    placeholder="Search alarms, resources, reasons",
                    className="input",
                    debounce=0.3,
                ),
                dcc.RadioItems(
                    [{"value": value, "label": label} for value, label in STATES.items()],
                    known,
                    id=STATE,
                    className="choices",
                    inline=True,
                ),
                html.Span(_unknown_state(state), id=NOTE, role="status", className="said"),
                link("New alarm", "/alarms/edit"),
            ],
            className="filters",
        ),
        bulk.bar(),
        html.Div(
            table_panel(
                PAGE,
                "list",
                "Alarms",
                ALARM_COLUMNS,
                height=640,
                clickable=True,
                selectable=True,
            ),
            className="fill-window",
        ),
        panel(PAGE, "silences", "Silences"),
    )


def register(app: Dash, reads: Reads, now: Now) -> None:
    """The list, the filters in the URL, and the side panel."""
    silencing.register(app, reads, now)
    bulk.register(app, reads, now, ids.grid(PAGE, "list"))

    @app.callback(
        Output(STATE, "options"),
        *table_outputs(PAGE, "list"),
        *body_outputs(PAGE, "silences"),
        Input(TEXT, "value"),
        Input(STATE, "value"),
        Input(ids.VIEW, "data"),
        Input(ids.TICK, "data"),
        Input(silencing.part("said", ALL), "children"),
        Input(silencing.part("ended", ALL), "children"),
        Input(bulk.SAID, "children"),
    )
    def show(text: str | None, state: str | None, view: Json, *_: Any) -> list[Any]:
        question = asked(reads, now, view)
        return answer(reads, text or "", state or "", question.scope, question.seen)

    @app.callback(
        Output(ids.QUERY, "data", allow_duplicate=True),
        Input(TEXT, "value"),
        Input(STATE, "value"),
        prevent_initial_call=True,
    )
    def keep(text: str | None, state: str | None) -> dict[str, str]:
        return {"q": text or "", "state": state or ""}

    @app.callback(
        Output(ids.SIDE, "children"),
        Input(ids.grid(PAGE, "list"), "cellClicked", allow_optional=True),
        State(ids.VIEW, "data"),
        prevent_initial_call=True,
    )
    def open_beside(clicked: dict[str, Any] | None, view: Json) -> Any:
        if not clicked or clicked.get("colId") in ("name", "ag-Grid-SelectionColumn"):
            return no_update
        question = asked(reads, now, view)
        return beside(reads, str(clicked.get("rowId")), question.scope, question.seen)


def answer(reads: Reads, text: str, state: str, scope: Scope, seen: Seen) -> list[Any]:
    """The rows that match, and the silences."""
    reading = reads.alarms.current(scope)
    shown = [a for a in reading.value if matches(a, text, state)]
    look = Look.NOTHING if not shown and reading.look is Look.DATA else reading.look
    return [
        _options(reading.value),
        *table_answer(
            alarm_rows(shown, reads.place_words),
            Reading(shown, look, reading.as_of, reading.problem, reading.since),
            seen,
            detail=_counted(reading.value, shown),
            empty=_empty(reading.value),
            promise=PROMISE,
        ),
        *_silences(reads.alarms.silences(seen.now), seen),
    ]


def _options(alarms: Sequence[AlarmRow]) -> list[dict[str, str]]:
    """The choices with how many alarms each would show."""
    return [
        {"value": value, "label": f"{label} {sum(a.health in _SHOWS[value] for a in alarms)}"}
        for value, label in STATES.items()
    ]


def matches(alarm: AlarmRow, text: str, state: str) -> bool:
    """True when the alarm is in one of the states and holds every word."""
    if alarm.health not in _SHOWS.get(state, _SHOWS[""]):
        return False
    held = f"{alarm.name} {alarm.title} {alarm.condition} {alarm.reason} {alarm.place}"
    return all(word in held.casefold() for word in text.casefold().split())


def beside(reads: Reads, id_: str, scope: Scope, seen: Seen) -> Component:
    """One alarm in the side panel: state, why, its line, and the silence form."""
    detail = reads.alarms.one(id_, scope).value
    if detail is None:
        return nothing("This alarm is not defined any more.")
    alarm = detail.row
    threshold = (
        Threshold(alarm.threshold, written.value(alarm.threshold, alarm.unit))
        if alarm.threshold is not None
        else None
    )
    figure = timeseries([detail.line], window=scope.window, threshold=threshold)
    since = f"since {written.at(alarm.since, seen.zone, seen.now)}" if alarm.since else ""
    return html.Div(
        [
            html.H2(alarm.title),
            html.P([state_badge(alarm.health), " ", since]),
            html.P(alarm.condition),
            html.P(alarm.reason, className="muted"),
            chart("alarm-beside", "line", height=180, figure=figure),
            silencing.form(alarm, seen),
            html.P(link("Open the alarm", alarm_href(alarm.id))),
        ],
        className="beside",
    )


def _counted(all_: Sequence[AlarmRow], shown: Sequence[AlarmRow]) -> str:
    firing = sum(a.health in _SHOWS["firing"] for a in all_)
    silenced = sum(a.health is Health.SILENCED for a in all_)
    said = [f"{firing} firing", f"{silenced} silenced"] if silenced else [f"{firing} firing"]
    if len(shown) < len(all_):
        said.append(f"{len(shown)} of {len(all_)} shown")
    else:
        said.append(f"{len(all_)} in all")
    return " · ".join(said)


def _empty(all_: Sequence[AlarmRow]) -> str:
    if all_:
        return f"No alarm matches; {len(all_)} alarms without the filter."
    return "No alarm is defined. alarms.recommended in config.yaml switches on the catalogue's."


def _silences(silences: Sequence[Silence], seen: Seen) -> list[Any]:
    reading = Reading(silences, Look.DATA if silences else Look.NOTHING)
    body = html.Ul([html.Li(_silence(s, seen)) for s in silences], className="listed")
    return body_answer(body if silences else None, reading, seen, empty="No silence runs.")


def _silence(silence: Silence, seen: Seen) -> list[Any]:
    until = f"until {written.at(silence.end, seen.zone, seen.now)}" if silence.end else "for ever"
    what = ", ".join(f"{field} {glob}" for field, glob in silence.matchers.items())
    return [
        html.Strong(what),
        f" {until}, by {silence.author or 'somebody'}: {silence.comment} ",
        silencing.end_button(silence.id),
    ]


def _unknown_state(state: str) -> str:
    if not state or state in STATES:
        return ""
    return f"There is no state “{state}”; all alarms are shown."
