"""Log events: groups, a query in CloudWatch's language, its answer over time and as a table.

Everything comes from the store; a query asks AWS nothing and costs nothing. It
is answered beside the page: the page asks now and then how far it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from dash import Dash, Input, Output, State, ctx, dcc, no_update
from dash.development.base_component import Component

from app.model import written
from app.read import Jobs, LogQuestion, Progress, Reads, Scope
from dashboards import ids
from dashboards.pages import log_answer, log_form, log_side
from dashboards.pages.asking import Json, Now, asked, named
from dashboards.pages.log_answer import PAGE
from dashboards.parts import (
    Seen,
    body_outputs,
    chart_outputs,
    chart_panel,
    page,
    panel,
    row,
)
from dashboards.parts.panel import TABLE_MENU
from dashboards.view import View

PATH, TITLE = "/logs", "Logs"
JOB, POLL, FIELD = "logs:job", "logs:poll", "logs:field"
MOST_SECONDS, MOST_ROWS = 60.0, 1000
AT_ONCE_S, EVERY_MS = 0.25, 400
"""What is answered within so many seconds shows no progress; else the page asks this often."""


def layout(reads: Reads, q: str = "", group: str = "", **_: str) -> Component:
    """Groups and query, then events over time, the answer, and the fields that were found."""
    names = sorted({found.key.name for found in reads.logs.groups(reads.places)})
    return page(
        log_form.form(names, q or log_form.FIRST, group),
        chart_panel(PAGE, "time", "Events", span=12, height=140),
        row(
            panel(PAGE, "rows", "Answer", span=9, menu=TABLE_MENU),
            panel(PAGE, "fields", "Fields", span=3),
        ),
        dcc.Store(id=JOB),
        dcc.Store(id=FIELD),
        dcc.Interval(id=POLL, interval=EVERY_MS, disabled=True),
    )


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page has of a job already: its name, and how many of its parts."""

    job: str = ""
    parts: int = 0

    @classmethod
    def of(cls, stored: Json) -> Shown:
        stored = stored or {}
        return cls(str(stored.get("job", "")), int(stored.get("parts", 0)))


def register(app: Dash, reads: Reads, now: Now) -> None:
    """A query begins when asked, and when the range, the places or the groups change."""
    jobs = Jobs()

    @app.callback(
        Output(JOB, "data"),
        Output(POLL, "disabled"),
        Output(log_form.FORM, "className"),
        Output(log_form.PROGRESS, "children"),
        *body_outputs(PAGE, "rows"),
        Output(ids.detail(PAGE, "rows"), "children"),
        *chart_outputs(PAGE, "time"),
        Output(ids.detail(PAGE, "time"), "children"),
        *body_outputs(PAGE, "fields"),
        Input(log_form.RUN, "n_clicks"),
        Input(log_form.GROUPS, "value"),
        Input(ids.VIEW, "data"),
        Input(POLL, "n_intervals"),
        Input(log_form.CANCEL, "n_clicks"),
        State(log_form.TEXT, "value"),
        State(JOB, "data"),
    )
    def show(*given: Any) -> list[Any]:
        _, groups, view, _, _, text, stored = given
        shown, scoped = Shown.of(stored), asked(reads, now, view)
        if ctx.triggered_id == log_form.CANCEL:
            jobs.cancel(shown.job)
        if ctx.triggered_id not in (POLL, log_form.CANCEL):
            jobs.cancel(shown.job)
            shown = Shown(begin(jobs, reads, question(text, groups, scoped.scope)))
        found = jobs.look(shown.job, AT_ONCE_S if shown.parts == 0 else 0.0)
        return answer(reads, shown, found, scoped.scope, scoped.seen)

    @app.callback(
        Output(ids.QUERY, "data", allow_duplicate=True),
        Input(log_form.RUN, "n_clicks"),
        Input(log_form.GROUPS, "value"),
        State(log_form.TEXT, "value"),
        prevent_initial_call=True,
    )
    def keep(_clicks: int | None, groups: str | None, text: str | None) -> dict[str, str]:
        return {"q": "" if text == log_form.FIRST else text or "", "group": groups or ""}

    _register_editor(app, reads)
    _register_side(app, reads, now)


def _register_editor(app: Dash, reads: Reads) -> None:
    @app.callback(
        Output(log_form.MARKED, "children"),
        Output(log_form.SAID, "children"),
        Input(log_form.DRAFT, "data"),
    )
    def mark(draft: str | None) -> tuple[list[Any], list[Component]]:
        return log_answer.marked(draft or "", reads.log_page.mistakes(draft or ""))


def _register_side(app: Dash, reads: Reads, now: Now) -> None:
    grid = ids.grid(PAGE, "answer")

    @app.callback(
        Output(ids.SIDE, "children", allow_duplicate=True),
        Input(grid, "cellClicked", allow_optional=True),
        State(grid, "rowData", allow_optional=True),
        State(ids.VIEW, "data"),
        prevent_initial_call=True,
    )
    def open_event(clicked: Json, rows: list[dict[str, Any]] | None, view: Json) -> Any:
        found = [r for r in rows or () if clicked and str(r["id"]) == str(clicked.get("rowId"))]
        return log_side.event(reads, found[0], View.of(view).zone) if found else no_update

    @app.callback(
        Output(ids.SIDE, "children", allow_duplicate=True),
        Input(FIELD, "data"),
        State(log_form.TEXT, "value"),
        State(log_form.GROUPS, "value"),
        State(ids.VIEW, "data"),
        prevent_initial_call=True,
    )
    def open_field(field: Json, text: str | None, groups: str | None, view: Json) -> Any:
        if not field:
            return no_update
        about = question(text, groups, asked(reads, now, view).scope)
        return log_side.field(reads, about, str(field["name"]))


def question(text: str | None, groups: str | None, scope: Scope) -> LogQuestion:
    """What is asked, as the form has it."""
    names = tuple(name for part in (groups or "").split(",") if (name := part.strip()))
    return LogQuestion(text or "", names, scope, MOST_SECONDS, MOST_ROWS)


def begin(jobs: Jobs, reads: Reads, about: LogQuestion) -> str:
    """A job that finds the rows first, then the events over time."""
    return jobs.start(partial(reads.log_page.rows, about), partial(reads.log_page.over_time, about))


def answer(
    reads: Reads, shown: Shown, found: Progress | None, scope: Scope, seen: Seen
) -> list[Any]:
    """What has come since the page looked last, in the order of the outputs."""
    if found is None:  # forgotten: the page was asleep
        return [{}, True, log_form.IDLE, "", *[no_update] * 14]
    rows: list[Any] = [no_update] * 5
    times: list[Any] = [no_update] * 9
    if shown.parts < 1 <= len(found.done):
        first = found.done[0]
        rows = log_answer.rows(first, named(reads, first.reading), seen)
    if shown.parts < 2 <= len(found.done):
        first, counted = found.done
        times = log_answer.over_time(first, counted, named(reads, first.reading), scope, seen)
    running = not found.finished
    stored = {"job": shown.job, "parts": len(found.done)} if running else {}
    form = log_form.RUNNING if running else log_form.IDLE
    return [stored, not running, form, _progress(found) if running else "", *rows, *times]


def _progress(found: Progress) -> str:
    scanned = found.scanned
    if not scanned.of_rows:
        return f"Asking · {found.seconds:.0f} s"
    read, of = (written.value(n, "count") for n in (scanned.rows, scanned.of_rows))
    if scanned.rows >= scanned.of_rows:
        return f"{read} events read, computing · {found.seconds:.0f} s"
    return f"Reading {read} of {of} events · {found.seconds:.0f} s"
