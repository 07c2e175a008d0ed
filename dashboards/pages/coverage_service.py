"""The matrix of one service: its resources against the alarms recommended for each kind."""

from __future__ import annotations

from typing import Any

from dash import ALL, MATCH, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from app.model.alarms import Choice
from app.model.readings import Look, Reading
from app.model.states import Health
from app.read import Cover, Guard, Matrix, Reads, Scope
from app.read.guarding import GUARDED, POSSIBLE
from dashboards import ids
from dashboards.pages import coverage, covering
from dashboards.pages.alarm_tabs import tabs
from dashboards.pages.asking import Json, Now, asked, author, named, resource_href
from dashboards.parts import (
    Cell,
    Column,
    Seen,
    breadcrumbs,
    nothing,
    page,
    table_answer,
    table_outputs,
    table_panel,
)

PATH = "/alarms/coverage/<service>"
PAGE = "coverage-service"
SERVICE, TEXT, ONLY_GAPS = "coverage-service:id", "coverage-service:text", "coverage-service:gaps"
CHANGED = "coverage-service:changed"
"""Store: counts the choices that were made; a table of any kind follows it."""


def title(service: str, reads: Reads) -> str:
    """Coverage of the service, by its title."""
    known = reads.catalogue.services.get(service)
    return f"Coverage of {known.title if known else service}"


def layout(service: str, reads: Reads, q: str = "", **_: str) -> Component:
    """Search, and a table for each kind that alarms are recommended for."""
    known = reads.catalogue.services.get(service)
    if known is None:
        return page(tabs(coverage.PATH), nothing(f"The catalogue has no service “{service}”."))
    kinds = [k for k in known.resources if any(a.kind == k.kind for a in known.alarms)]
    return page(
        tabs(coverage.PATH),
        dcc.Store(id=SERVICE, data=service),
        dcc.Store(id=CHANGED, data=0),
        html.Div(
            [
                breadcrumbs(("Coverage", coverage.PATH), (known.title, "")),
                dcc.Input(
                    id=TEXT,
                    value=q,
                    type="search",
                    placeholder="Search resources and tags",
                    className="input",
                    debounce=0.3,
                ),
                dcc.Checklist(
                    [{"value": "gaps", "label": "Only resources with gaps"}],
                    id=ONLY_GAPS,
                    className="choices",
                ),
            ],
            className="filters",
        ),
        *(part for k in kinds for part in _kind(service, k.kind, k.plural, reads)),
    )


def _kind(service: str, kind: str, plural: str, reads: Reads) -> list[Component]:
    alarms = [a for a in reads.catalogue.services[service].alarms if a.kind == kind]
    columns = [
        Column("name", "Resource", Cell.NAME, width=184, phone=True, pinned=True),
        Column("place", "Account, Region", width=204, pinned=True),
        Column("share", "Covered", width=92, phone=True, pinned=True),
        *(
            Column(
                alarm.id,
                f"{alarm.title[:1].upper()}{alarm.title[1:]}",
                Cell.COVER,
                width=132,
                says=alarm.says,
            )
            for alarm in alarms
        ),
    ]
    return [
        table_panel(PAGE, kind, plural, columns, height=560, clickable=True),
        html.Div(
            [
                html.Button(
                    hidden=True,
                    children=f"Switch on all gaps of {plural[:1].lower()}{plural[1:]}",
                    id=_all("on", kind),
                    className="button",
                    type="button",
                ),
                html.Span(id=_all("said", kind), role="status", className="said"),
            ],
            className="filters",
        ),
    ]


def _all(name: str, key: Any) -> dict[str, Any]:
    """Ids of what stands under each table."""
    return {"page": PAGE, "part": f"all-{name}", "key": key}


def register(app: Dash, reads: Reads, now: Now) -> None:
    """One callback for a table of any kind, and the side panel."""
    tables = table_outputs(PAGE, MATCH)

    @app.callback(
        Output(_all("on", MATCH), "hidden"),
        *tables,
        Input(SERVICE, "data"),
        Input(TEXT, "value"),
        Input(ONLY_GAPS, "value"),
        Input(ids.VIEW, "data"),
        Input(ids.TICK, "data"),
        Input(CHANGED, "data"),
        State(ids.grid(PAGE, MATCH), "id"),
    )
    def show(*given: Any) -> list[Any]:
        service, text, only, view, _tick, _changed, own = given
        question = asked(reads, now, view)
        matrix = named(reads, _one(reads, service, own["key"], question.scope))
        gaps = matrix.value.gaps if matrix.value else ()
        return [not gaps, *answer(reads, matrix, (text or "", bool(only)), question.seen)]

    @app.callback(
        Output(CHANGED, "data"),
        Input(covering.part("said", ALL), "children"),
        Input(_all("said", ALL), "children"),
        State(CHANGED, "data"),
        prevent_initial_call=True,
    )
    def count(said: list[Any], all_said: list[Any], so_far: int) -> Any:
        return so_far + 1 if any((*said, *all_said)) else no_update

    @app.callback(
        Output(ids.SIDE, "children", allow_duplicate=True),
        Input(ids.grid(PAGE, ALL), "cellClicked"),
        State(ids.VIEW, "data"),
        prevent_initial_call=True,
    )
    def open_beside(clicked: list[dict[str, Any] | None], view: Json) -> Any:
        newest = max((c for c in clicked if c), key=lambda c: c["timestamp"], default=None)
        if newest is None or newest.get("colId") in ("name", "place", "share"):
            return no_update
        question = asked(reads, now, view)
        id_ = _cell(reads, str(newest["rowId"]), str(newest["colId"]))
        return covering.beside(reads, id_, question.scope, question.seen)

    _register_all_on(app, reads, now)


def _register_all_on(app: Dash, reads: Reads, now: Now) -> None:
    """The button under each table."""

    @app.callback(
        Output(_all("said", MATCH), "children"),
        Input(_all("on", MATCH), "n_clicks"),
        State(_all("on", MATCH), "id"),
        State(SERVICE, "data"),
        State(ids.VIEW, "data"),
        prevent_initial_call=True,
    )
    def all_on(clicks: int | None, own: dict[str, str], service: str, view: Json) -> Any:
        if not clicks:
            return no_update
        question = asked(reads, now, view)
        return switched_on(reads, f"{service}/{own['key']}", question.scope)


def answer(
    reads: Reads, matrix: Reading[Matrix | None], wanted: tuple[str, bool], seen: Seen
) -> list[Any]:
    """The rows of one kind that match the words and, if asked, have gaps."""
    found = matrix.value
    rows = [_row(reads, resource, row) for resource, row in found.rows] if found else []
    shown = [row for row in rows if _matches(row, *wanted)]
    look = Look.NOTHING if rows and not shown else matrix.look
    reading = Reading(shown, look, matrix.as_of, matrix.problem, matrix.since)
    gaps = len(found.gaps) if found else 0
    return table_answer(
        shown,
        reading,
        seen,
        detail=f"{len(shown)} of {len(rows)}, {gaps} gaps" if rows else "",
        empty="No resource matches." if rows else "There are none in these accounts and Regions.",
        promise=coverage.PROMISE,
    )


def switched_on(reads: Reads, key: str, scope: Scope) -> str:
    """Switch on every gap of a kind; ``key`` is service and kind."""
    service, _, kind = key.partition("/")
    matrix = _one(reads, service, kind, scope).value
    gaps = matrix.gaps if matrix else ()
    if not gaps:
        return "There are no gaps."
    count = reads.coverage.choose(gaps, Choice.ON, (author(), "all at once"), scope.now)
    return f"Switched on {count} alarms. They hold from the next evaluation on."


def _one(reads: Reads, service: str, kind: str, scope: Scope) -> Reading[Matrix | None]:
    reading = reads.coverage.matrices(service, scope)
    found = next((each for each in reading.value if each.kind == kind), None)
    look = Look.NOTHING if found is None and reading.look is Look.DATA else reading.look
    return Reading(found, look, reading.as_of, reading.problem, reading.since)


def _cell(reads: Reads, arn: str, alarm: str) -> str:
    """The id of the recommended alarm in a cell."""
    described = reads.inventory.resource(arn).value
    if described is None:
        return ""
    return reads.coverage.id_of(described.resource, alarm)


def _row(reads: Reads, resource: Any, guards: tuple[Guard, ...]) -> dict[str, Any]:
    possible = sum(g.cover in POSSIBLE for g in guards)
    guarded = sum(g.cover in GUARDED for g in guards)
    row: dict[str, Any] = {
        "id": resource.arn,
        "name": resource.name or resource.id,
        "name_href": resource_href(resource.arn),
        "place": reads.place_words(resource.place),
        "share": f"{guarded} of {possible}",
        "gaps": sum(g.cover is Cover.OFF for g in guards),
        "held": f"{resource.name} {resource.arn} {reads.place_words(resource.place)} "
        + " ".join(f"{k}={v}" for k, v in resource.tags.items()),
    }
    for guard in guards:
        row[guard.advice.alarm.id] = guard.cover.value
        row[f"{guard.advice.alarm.id}_why"] = guard.why
        row[f"{guard.advice.alarm.id}_state"] = (guard.health or Health.OK).value
    return row


def _matches(row: dict[str, Any], text: str, only_gaps: bool) -> bool:
    if only_gaps and not row["gaps"]:
        return False
    return all(word in row["held"].casefold() for word in text.casefold().split())
