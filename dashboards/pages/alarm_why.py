"""Beside an alarm: its last decision step by step, and the known traps that it stands in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dash import Dash, Input, html
from dash.development.base_component import Component

from alerts.explain import Replay, Replayer, marks_line
from alerts.lint import Linter
from app.model import written
from app.model.alarms import AlarmDefinition
from app.model.readings import Look, Reading
from app.read import Reads
from dashboards import ids
from dashboards.pages.alarm_preview import NO_TRAP, traps_listed
from dashboards.pages.asking import Json, Now, asked
from dashboards.parts import Seen, body_answer, body_outputs, listed, panel, row

NO_CHANGE = "It has not changed its state yet."


def panels(page: str) -> Component:
    """Where both stand on the page."""
    return row(
        panel(page, "why", "The last change, step by step", span=6),
        panel(page, "traps", "Traps", span=6),
    )


def register(app: Dash, reads: Reads, now: Now, page: str, alarm: str) -> None:
    """The steps follow each refresh; traps rest on two weeks of data and are looked for once."""

    @app.callback(
        *body_outputs(page, "why"),
        Input(alarm, "data"),
        Input(ids.VIEW, "data"),
        Input(ids.TICK, "data"),
    )
    def show_why(id_: str, view: Json, _: Any) -> list[Any]:
        return why(reads, id_, asked(reads, now, view).seen)

    @app.callback(*body_outputs(page, "traps"), Input(alarm, "data"), Input(ids.VIEW, "data"))
    def show_traps(id_: str, view: Json) -> list[Any]:
        return traps(reads, id_, asked(reads, now, view).seen)


def why(reads: Reads, alarm: str, seen: Seen) -> list[Any]:
    """The decision that made the last change of state, replayed from the store."""
    definition, at = _defined(reads, alarm), _changed(reads, alarm)
    if definition is None or at is None:
        return body_answer(None, Reading(None, Look.NOTHING), seen, empty=NO_CHANGE)
    replayer = Replayer(reads.store, reads.catalogue, reads.unusual, reads.logs)
    found = replayer.replay(definition, at)
    return body_answer(_steps(found, at, seen), Reading(found, Look.DATA), seen)


def traps(reads: Reads, alarm: str, seen: Seen) -> list[Any]:
    """What lint finds, with the pages that the stored history would have brought."""
    definition = _defined(reads, alarm)
    if definition is None:
        return body_answer(None, Reading(None, Look.NOTHING), seen, empty="It is not defined.")
    among = reads.store.ledger.definitions()
    linter = Linter(reads.store, reads.catalogue, reads.unusual)
    found = linter.lint([definition], seen.now, among=among)[alarm]
    look = Look.DATA if found else Look.NOTHING
    body = traps_listed(found)
    return body_answer(body, Reading(found, look), seen, empty=NO_TRAP)


def _defined(reads: Reads, alarm: str) -> AlarmDefinition | None:
    found = reads.store.ledger.definitions([alarm])
    return found[0] if found else None


def _changed(reads: Reads, alarm: str) -> datetime | None:
    newest = reads.store.ledger.transitions(alarm=alarm, limit=1, brief=True)
    return newest[0].at if newest else None


def _steps(found: Replay, at: datetime, seen: Seen) -> Component:
    when = written.at(at, seen.zone, seen.now)
    if found.problem:
        return html.P(f"{when}: {found.problem[:1].upper()}{found.problem[1:]}")
    if found.children is not None:
        return listed(
            f"{name} is {state}{', which decides' if name in found.deciding else ''}."
            for name, state in found.children.items()
        )
    if found.series is not None:
        again = f"{when}: {found.series.state}. {found.series.reason}"
        return listed([again, *found.series.lines])
    told = found.explanation
    if told is None:
        return html.P(NO_CHANGE)
    changed = (
        f"{written.at(each.at, seen.zone, seen.now)} was {_value(each.then)} and is "
        f"{_value(each.now)} now, after a late correction."
        for each in found.differs
    )
    first = html.Span([f"{when}: ", html.Code(marks_line(told.slots)), " (0 good, X breaching)"])
    return listed([first, *told.steps, *changed])


def _value(value: float | None) -> str:
    return "missing" if value is None else f"{value:g}"
