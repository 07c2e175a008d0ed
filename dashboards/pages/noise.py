"""Alarms that cost attention or give none: flapping, always firing, blind, silent, never firing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from dash import Dash, Input, Output, dcc, html
from dash.development.base_component import Component

from app.model import written
from app.model.readings import Look, Reading
from app.read import Noise, NoiseReport, NoiseRow, Reads, Scope
from app.read.noise import FLAPS, FLAPS_WITHIN, SETTLED, SPAN, STUCK
from dashboards import ids
from dashboards.pages.alarm_tabs import tabs
from dashboards.pages.asking import Json, Now, alarm_href, asked
from dashboards.pages.tables import moment
from dashboards.parts import Cell, Column, Seen, page, table_answer, table_outputs, table_panel

PATH, TITLE = "/alarms/noise", "Noise"
PAGE = "noise"
KIND = "noise:kind"
PROMISE = timedelta(minutes=1)
WORDS = {
    Noise.FLAPPING: "Flapping",
    Noise.ALWAYS: "Always firing",
    Noise.NO_DATA: "No data",
    Noise.NO_ACTION: "No action",
    Noise.NEVER: "Never fired",
}
COLUMNS = (
    Column("name", "Alarm", Cell.NAME, flex=4, phone=True),
    Column("place", "Account, Region", width=196),
    Column("noise", "What", width=112, phone=True),
    Column("why", "Why", flex=4),
    Column("fired", "Fired, 30 d", Cell.NUMBER, unit="count", width=92, phone=True),
    Column("last", "Last", Cell.TIME, width=112),
    Column("remedy", "What to do", flex=5, wide=True),
)


def layout(kind: str = "", **_: str) -> Component:
    """A choice of what is wrong, and the alarms."""
    known = kind if kind in list(Noise) else ""
    return page(
        tabs(PATH),
        html.Div(
            dcc.RadioItems(
                [{"value": "", "label": "All"}]
                + [{"value": noise.value, "label": word} for noise, word in WORDS.items()],
                known,
                id=KIND,
                className="choices",
                inline=True,
            ),
            className="filters",
        ),
        html.Div(
            table_panel(PAGE, "list", "Alarms worth a second look", COLUMNS, height=640),
            className="fill-window",
        ),
        html.P(_meaning(), className="muted"),
    )


def register(app: Dash, reads: Reads, now: Now) -> None:
    """One callback for the table; the choice stands in the address."""

    @app.callback(
        *table_outputs(PAGE, "list"),
        Input(KIND, "value"),
        Input(ids.VIEW, "data"),
        Input(ids.TICK, "data"),
    )
    def show(kind: str | None, view: Json, _: int) -> list[Any]:
        question = asked(reads, now, view)
        return answer(reads, kind or "", question.scope, question.seen)

    @app.callback(
        Output(ids.QUERY, "data", allow_duplicate=True),
        Input(KIND, "value"),
        prevent_initial_call=True,
    )
    def keep(kind: str | None) -> dict[str, str]:
        return {"kind": kind or ""}


def answer(reads: Reads, kind: str, scope: Scope, seen: Seen) -> list[Any]:
    """The alarms with this trouble, the worst first."""
    reading = reads.noise.report(scope)
    shown = [row for row in reading.value.rows if not kind or Noise(kind) in row.noises]
    look = Look.NOTHING if not shown and reading.look is Look.DATA else reading.look
    return table_answer(
        [_row(reads, row) for row in shown],
        Reading(shown, look, reading.as_of),
        seen,
        detail=_counted(reading.value),
        empty=_empty(reading.value),
        promise=PROMISE,
    )


def _counted(report: NoiseReport) -> str:
    counts = [(report.count(noise), word.lower()) for noise, word in WORDS.items()]
    parts = [f"{count} {word}" for count, word in counts if count]
    fired = written.value(report.told * timedelta(days=7) / SPAN, "count")
    return " · ".join([*parts, f"{report.alarms} alarms in all", f"{fired} fired a week"])


def _empty(report: NoiseReport) -> str:
    if report.alarms:
        return f"Nothing of the kind among {report.alarms} alarms."
    return "No alarm is defined."


def _row(reads: Reads, row: NoiseRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.title,
        "name_href": alarm_href(row.id),
        "place": reads.place_words(row.place),
        "noise": WORDS[row.noises[0]],
        "why": _why(row),
        "fired": row.fired,
        "last": moment(row.last),
        "remedy": row.remedy,
    }


def _why(row: NoiseRow) -> str:
    typically = f" Typically for {written.length(row.typical)}." if row.typical else ""
    return f"{row.why}{typically}"


def _meaning() -> str:
    return (
        f"Flapping: fired {FLAPS} times or more within {written.length(FLAPS_WITHIN)}. "
        f"Always firing: in ALARM for {written.length(STUCK)}. "
        f"Never fired: not within {written.length(SPAN)}, and unchanged for "
        f"{written.length(SETTLED)}. No action: no channel, or its actions are switched off."
    )
