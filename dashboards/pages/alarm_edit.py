"""Write an alarm or change one, with what it would have done over the stored history.

The preview follows the form; nothing is saved before somebody says so, with a reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component

from alerts.writing import Draft
from app.model import written
from app.model.own_alarms import Version
from app.model.readings import Look, Reading
from app.read import Reads
from dashboards import ids
from dashboards.pages.alarm_form import PAGE, form, part, places, shown_place
from dashboards.pages.alarm_preview import answer, writer_of
from dashboards.pages.alarm_tabs import tabs
from dashboards.pages.asking import Json, Now, alarm_href, asked, author
from dashboards.parts import (
    Seen,
    body_answer,
    body_outputs,
    breadcrumbs,
    chart_outputs,
    chart_panel,
    link,
    listed,
    page,
    panel,
    row,
)

PATH = "/alarms/edit"
EDITED, COMMENT, SAID, SAVE, REMOVE = (
    f"{PAGE}:{name}" for name in ("edited", "comment", "said", "save", "remove")
)
FIELD = part("field", ALL)


def title(alarm: str = "") -> str:
    """New, or the name of what is changed."""
    return f"Change {alarm.split('/', 2)[-1]}" if alarm else "New alarm"


def layout(reads: Reads, alarm: str = "", **given: str) -> Component:
    """The form beside its preview; figures, traps and the record below."""
    draft = _draft(reads, alarm, given)
    way = [(alarm.split("/", 2)[-1], alarm_href(alarm))] if alarm else []
    return page(
        tabs("/alarms"),
        dcc.Store(id=EDITED, data=alarm),
        breadcrumbs(("Alarms", "/alarms"), *way, (title(alarm), "")),
        row(
            panel(PAGE, "form", "Alarm", _form(draft, reads, alarm), span=4, loading=False),
            html.Div(
                row(
                    chart_panel(PAGE, "chart", "What it would have done", span=12, height=340),
                    panel(PAGE, "figures", "In figures", span=6),
                    panel(PAGE, "traps", "Traps", span=6),
                    panel(PAGE, "record", "Who changed it", span=12),
                ),
                className="span span-8",
            ),
        ),
    )


def register(app: Dash, reads: Reads, now: Now) -> None:
    """The preview follows the form; two buttons write, and answer with a sentence."""

    @app.callback(
        *chart_outputs(PAGE, "chart"),
        *body_outputs(PAGE, "figures"),
        *body_outputs(PAGE, "traps"),
        Input(FIELD, "value"),
        Input(ids.VIEW, "data"),
        State(FIELD, "id"),
    )
    def preview(values: list[Any], view: Json, own: list[dict[str, str]]) -> list[Any]:
        question = asked(reads, now, view)
        return answer(reads, _typed(values, own), question.scope, question.seen)

    @app.callback(
        Output(SAID, "children"),
        Output(EDITED, "data"),
        Output(REMOVE, "hidden"),
        Input(SAVE, "n_clicks"),
        Input(REMOVE, "n_clicks"),
        State(FIELD, "value"),
        State(FIELD, "id"),
        State(COMMENT, "value"),
        State(EDITED, "data"),
        State(ids.VIEW, "data"),
        prevent_initial_call=True,
    )
    def write(*given: Any) -> Any:
        _saves, _removes, values, own, comment, edited, view = given
        said, seen = (author(), comment or ""), asked(reads, now, view).seen
        if ctx.triggered_id == REMOVE:
            return removed(reads, edited or "", said, seen), no_update, no_update
        if ctx.triggered_id == SAVE:
            words, alarm = saved(reads, _typed(values, own), edited or "", said, seen)
            return words, alarm, not (alarm and writer_of(reads).is_own(alarm))
        return no_update, no_update, no_update

    @app.callback(
        *body_outputs(PAGE, "record"),
        Input(EDITED, "data"),
        Input(SAID, "children"),
        State(ids.VIEW, "data"),
    )
    def record(edited: str, _: Any, view: Json) -> list[Any]:
        return recorded(reads, edited or "", asked(reads, now, view).seen)


def saved(
    reads: Reads, draft: Draft, edited: str, said: tuple[str, str], seen: Seen
) -> tuple[Any, str]:
    """Keep the alarm, or say what is missing; and the alarm that is changed from now on."""
    try:
        version = writer_of(reads).save(draft, edited, said, seen.now)
    except ValueError as problem:
        return str(problem), edited
    words = [
        "Saved; it holds from the next evaluation on. ",
        link("Open it", alarm_href(version.alarm)),
    ]
    return words, version.alarm


def removed(reads: Reads, alarm: str, said: tuple[str, str], seen: Seen) -> str:
    """Take an own alarm away, or say why not."""
    try:
        writer_of(reads).remove(alarm, said, seen.now)
    except ValueError as problem:
        return str(problem)
    return "Removed; it ends with the next evaluation."


def recorded(reads: Reads, alarm: str, seen: Seen) -> list[Any]:
    """Every version that was written here, newest first."""
    versions = writer_of(reads).history(alarm)
    reading = Reading(versions, Look.DATA if versions else Look.NOTHING)
    body = listed(_version(each, seen) for each in versions) if versions else None
    return body_answer(body, reading, seen, empty="It was not changed on this page yet.")


def _draft(reads: Reads, alarm: str, given: dict[str, str]) -> Draft:
    """The alarm that is changed, or a form with what the address says."""
    found = writer_of(reads).existing(alarm) if alarm else None
    draft = Draft.of(found) if found else Draft.from_form(given)
    values = {name: getattr(draft, name) for name in draft.__dataclass_fields__}
    only = next(iter(places(reads)), "") if len(reads.places) == 1 else ""
    return Draft(**{**values, "place": shown_place(draft.place, reads) or only})


def _typed(values: Sequence[Any], own: Sequence[dict[str, str]]) -> Draft:
    return Draft.from_form({each["key"]: value for each, value in zip(own, values, strict=True)})


def _form(draft: Draft, reads: Reads, alarm: str) -> Component:
    own = bool(alarm) and writer_of(reads).is_own(alarm)
    return html.Div([*form(draft, reads), *_saving(removable=own)], className="alarm-edit")


def _saving(*, removable: bool) -> list[Component]:
    remove = html.Button(
        "Remove", id=REMOVE, className="button", type="button", hidden=not removable
    )
    return [
        dcc.Input(
            id=COMMENT,
            placeholder="Why? It stays on record.",
            className="input",
            maxLength=300,
            debounce=False,
        ),
        html.Div(
            [html.Button("Save", id=SAVE, className="button main", type="button"), remove],
            className="buttons",
        ),
        html.Span(id=SAID, role="status", className="said"),
    ]


def _version(version: Version, seen: Seen) -> str:
    when = written.at(version.at, seen.zone, seen.now)
    limit = (version.put or {}).get("Threshold")
    what = "removed" if version.put is None else "written"
    at = f" with threshold {limit:g}" if isinstance(limit, int | float) else ""
    return f"{when} {what}{at}, by {version.author}: {version.comment}"
