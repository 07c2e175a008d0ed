"""What is guarded by recommended alarms and what is not: services, and every gap."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote

from dash import ALL, Dash, Input, Output, State, no_update
from dash.development.base_component import Component

from app.model.alarms import Severity
from app.model.readings import Look, Reading
from app.read import Cover, Covered, Guard, Reads, Scope
from dashboards import ids
from dashboards.pages import covering
from dashboards.pages.alarm_tabs import tabs
from dashboards.pages.asking import Json, Now, asked, named, resource_href
from dashboards.parts import (
    Cell,
    Column,
    Seen,
    page,
    table_answer,
    table_outputs,
    table_panel,
)

PATH, TITLE = "/alarms/coverage", "Coverage"
PAGE = "coverage"
PROMISE = timedelta(minutes=15)
MOST_GAPS = 1_000
SERVICES = (
    Column("name", "Service", Cell.NAME, flex=2, phone=True),
    Column("resources", "Resources", Cell.NUMBER, unit="count", width=96),
    Column("possible", "Possible", Cell.NUMBER, unit="count", width=96,
           says="Recommended alarms that the resources can have"),
    Column("guarded", "Guarded", Cell.NUMBER, unit="count", width=96,
           says="On, or done by an alarm of your own"),
    Column("share", "Covered", Cell.NUMBER, unit="percent", width=96, phone=True),
    Column("gaps", "Gaps", Cell.NUMBER, unit="count", width=80, phone=True),
)  # fmt: skip
GAPS = (
    Column("severity", "Severity", width=96),
    Column("alarm", "Recommended alarm", Cell.NAME, flex=3, phone=True),
    Column("resource", "Resource", Cell.NAME, flex=3, phone=True),
    Column("service", "Service", width=170),
    Column("place", "Account, Region", width=196),
    Column("says", "Would tell", flex=5),
)


def layout(**_: str) -> Component:
    """Services in numbers, and the gaps."""
    return page(
        tabs(PATH),
        table_panel(PAGE, "services", "Services", SERVICES, height=400),
        table_panel(PAGE, "gaps", "Gaps", GAPS, height=640, clickable=True),
    )


def register(app: Dash, reads: Reads, now: Now) -> None:
    """Both tables, and the side panel of a gap."""
    covering.register(app, reads, now)

    @app.callback(
        *table_outputs(PAGE, "services"),
        *table_outputs(PAGE, "gaps"),
        Input(ids.VIEW, "data"),
        Input(ids.TICK, "data"),
        Input(covering.part("said", ALL), "children"),
    )
    def show(view: Json, *_: Any) -> list[Any]:
        question = asked(reads, now, view)
        return answer(reads, question.scope, question.seen)

    @app.callback(
        Output(ids.SIDE, "children", allow_duplicate=True),
        Input(ids.grid(PAGE, "gaps"), "cellClicked", allow_optional=True),
        State(ids.VIEW, "data"),
        prevent_initial_call=True,
    )
    def open_beside(clicked: dict[str, Any] | None, view: Json) -> Any:
        if not clicked or clicked.get("colId") == "resource":
            return no_update
        question = asked(reads, now, view)
        return covering.beside(reads, str(clicked["rowId"]), question.scope, question.seen)


def answer(reads: Reads, scope: Scope, seen: Seen) -> list[Any]:
    """Services by gaps, then the gaps by severity."""
    services = named(reads, reads.coverage.services(scope))
    gaps = _gaps(reads, services.value, scope)
    possible = sum(each.possible for each in services.value)
    guarded = sum(each.guarded for each in services.value)
    look = Reading(gaps, Look.DATA if gaps else Look.NOTHING, services.as_of)
    return [
        *table_answer(
            [_service(each) for each in services.value],
            services,
            seen,
            detail=f"{guarded} of {possible} recommended alarms, by gaps",
            empty="No resources were found in these accounts and Regions.",
            promise=PROMISE,
        ),
        *table_answer(
            [_gap(reads, *each) for each in gaps[:MOST_GAPS]],
            look if services.value else services,
            seen,
            detail=_counted(len(gaps)),
            empty="Every resource has every alarm that is recommended for it.",
            promise=PROMISE,
        ),
    ]


def service_href(service: str) -> str:
    """The matrix of one service."""
    return f"{PATH}/{quote(service)}"


def _counted(gaps: int) -> str:
    if gaps > MOST_GAPS:
        return f"{gaps:,}, the first {MOST_GAPS:,} shown, by severity"
    return f"{gaps}, by severity" if gaps else ""


def _gaps(reads: Reads, services: tuple[Covered, ...], scope: Scope) -> list[tuple[str, Guard]]:
    found = [
        (each.title, guard)
        for each in services
        if each.gaps
        for matrix in reads.coverage.matrices(each.service, scope).value
        for _, row in matrix.rows
        for guard in row
        if guard.cover is Cover.OFF
    ]
    return sorted(found, key=lambda gap: gap[1].advice.alarm.severity is not Severity.CRITICAL)


def _service(each: Covered) -> dict[str, Any]:
    return {
        "id": each.service,
        "name": each.title,
        "name_href": service_href(each.service),
        "resources": each.resources,
        "possible": each.possible,
        "guarded": each.guarded,
        "share": 100 * each.guarded / each.possible if each.possible else None,
        "gaps": each.gaps,
    }


def _gap(reads: Reads, service: str, guard: Guard) -> dict[str, Any]:
    alarm, resource = guard.advice.alarm, guard.advice.resource
    return {
        "id": guard.advice.id,
        "severity": alarm.severity.value.capitalize(),
        "alarm": f"{alarm.title[:1].upper()}{alarm.title[1:]}",
        "resource": resource.name or resource.id,
        "resource_href": resource_href(resource.arn),
        "service": service,
        "place": reads.place_words(resource.place),
        "says": alarm.says,
    }
