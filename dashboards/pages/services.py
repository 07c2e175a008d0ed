"""All services side by side: state, traffic, errors, duration and the last day of each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from dash import Dash, Input
from dash.development.base_component import Component

from app.catalogue.schema import SignalKind
from app.model.lines import Line
from app.read import Golden, Reads, Scope, ServiceHealth
from dashboards import ids
from dashboards.pages.asking import Json, Now, asked, named, service_href
from dashboards.pages.tables import spark
from dashboards.parts import Cell, Column, Seen, page, table_answer, table_outputs, table_panel

PATH, TITLE = "/services", "Services"
PAGE = "services"
PROMISE = timedelta(minutes=5)
COLUMNS = (
    Column("state", "State", Cell.STATE, width=136, phone=True),
    Column("name", "Service", Cell.NAME, flex=2, phone=True),
    Column("open", "Not well", width=84, says="Resources that need somebody, of all"),
    Column("firing", "In ALARM", Cell.NUMBER, width=88, unit="count", phone=True),
    Column("rate", "Requests", Cell.NUMBER, width=88, unit="per_second"),
    Column("rate_line", "Requests, range", Cell.SPARK, width=140),
    Column("errors", "Errors", Cell.NUMBER, width=76, unit="percent"),
    Column("duration", "Duration", Cell.NUMBER, width=88, unit="milliseconds"),
    Column("day", "Last 24 h", Cell.STRIP, width=160),
)


def layout(**_: str) -> Component:
    """One table."""
    return page(table_panel(PAGE, "list", "Services", COLUMNS, height=720))


def register(app: Dash, reads: Reads, now: Now) -> None:
    """One callback for the table."""

    @app.callback(*table_outputs(PAGE, "list"), Input(ids.VIEW, "data"), Input(ids.TICK, "data"))
    def show(view: Json, _tick: int) -> list[Any]:
        question = asked(reads, now, view)
        return answer(reads, question.scope, question.seen)


def answer(reads: Reads, scope: Scope, seen: Seen) -> list[Any]:
    """The rows in order of trouble."""
    health, golden = named(reads, reads.health.overview(scope)), reads.metrics.golden(scope)
    lines = {kind: _by_service(golden.value, kind) for kind in SignalKind}
    rows = [_row(service, lines) for service in health.value.services]
    return table_answer(
        rows,
        health,
        seen,
        detail=f"{len(rows)}, by trouble",
        empty="No resources were found in these accounts and Regions.",
        promise=PROMISE,
    )


def _by_service(golden: Golden, kind: SignalKind) -> dict[str, Line]:
    return {line.key: line for line in golden.lines(kind)}


def _row(service: ServiceHealth, lines: Mapping[SignalKind, Mapping[str, Line]]) -> dict[str, Any]:
    own = {kind: found.get(service.id) for kind, found in lines.items()}
    return {
        "id": service.id,
        "state": service.health.value,
        "state_why": service.reason,
        "name": service.title,
        "name_href": service_href(service.id),
        "open": f"{service.open} of {service.resources}",
        "firing": service.firing,
        "rate": _newest(own[SignalKind.RATE]),
        "errors": _newest(own[SignalKind.ERRORS]),
        "duration": _newest(own[SignalKind.DURATION]),
        "rate_line": spark(own[SignalKind.RATE]),
        "day": [state.value for state in service.strip.states],
    }


def _newest(line: Line | None) -> float | None:
    return line.newest if line else None
