"""One page for every catalogued service: its state, its behaviour, its resources, its alarms.

The panels are those of the service's file; nothing here knows one service from another.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from dash import Dash, Input, Output, dcc, html
from dash.development.base_component import Component

from app.catalogue.schema import Measure, Service
from app.model.readings import Look, Reading
from app.read import Reads, Scope, ServiceFigures, ServiceState
from app.read.metrics import columns_of
from dashboards import ids
from dashboards.pages import spend_of
from dashboards.pages.asking import Json, Now, asked, banner, explore_href, named, quietly
from dashboards.pages.attention import calm_words, entries
from dashboards.pages.charts import number_tile
from dashboards.pages.figures_of import chart_row, chart_row_answer, chart_row_outputs
from dashboards.pages.tables import ALARM_COLUMNS, PlaceWords, alarm_rows, resource_row
from dashboards.parts import (
    Cell,
    Column,
    Seen,
    attention,
    body_answer,
    body_outputs,
    link,
    nothing,
    page,
    panel,
    table_answer,
    table_outputs,
    table_panel,
    tiles,
)

PATH, TITLE = "/services/<service>", "Service"
PAGE, CHARTS = "service", "service-charts"
SERVICE, TILES, BANNER = "service:id", "service:tiles", "service:banner"
PROMISE = timedelta(minutes=5)
MOST_TILES = 5


def title(service: str, reads: Reads) -> str:
    """The service's own name, where the catalogue has it."""
    known = reads.catalogue.services.get(service)
    return known.title if known else "Not in the catalogue"


def layout(service: str, reads: Reads, **_: str) -> Component:
    """Tiles, attention, the panels of the service's file, resources and alarms."""
    known = reads.catalogue.services.get(service)
    if known is None:
        return _unknown(service)
    return page(
        dcc.Store(id=SERVICE, data=service),
        html.Div(id=BANNER, className="banner"),
        html.Div(id=TILES, className="tiles-place"),
        panel(PAGE, "attention", "Needs attention"),
        chart_row(CHARTS, known.panels),
        table_panel(PAGE, "resources", "Resources", _columns(known)),
        table_panel(PAGE, "alarms", "Alarms", ALARM_COLUMNS),
        spend_of.spend_row(PAGE),
        _foot(known),
    )


def register(app: Dash, reads: Reads, now: Now) -> None:
    """Numbers, state and alarms are read in one go; money comes by itself."""
    spend_of.register(app, reads, now, (PAGE, SERVICE), spend_of.of_service)

    @app.callback(
        Output(BANNER, "children"),
        Output(TILES, "children"),
        *body_outputs(PAGE, "attention"),
        *table_outputs(PAGE, "resources"),
        *table_outputs(PAGE, "alarms"),
        *chart_row_outputs(CHARTS),
        Input(SERVICE, "data"),
        Input(ids.VIEW, "data"),
        Input(ids.TICK, "data"),
    )
    def show(service: str, view: Json, _tick: int) -> list[Any]:
        question = asked(reads, now, view)
        return answer(reads, service, question.scope, question.seen)


def answer(reads: Reads, service: str, scope: Scope, seen: Seen) -> list[Any]:
    """Everything that the page shows, in the order of the outputs."""
    figures = named(reads, reads.metrics.service(service, scope))
    state = named(reads, reads.health.service(service, scope))
    return [
        banner(figures, seen),
        _tiles(reads, service, figures.value, seen),
        *_attention(state, seen),
        *_resources(state, figures.value, seen, reads.place_words),
        *_alarms(reads, service, scope, seen),
        *chart_row_answer(figures.value.charts, figures, scope, seen),
    ]


def _tiles(reads: Reads, service: str, figures: ServiceFigures, seen: Seen) -> Component:
    """The numbers of the service's file, and what it costs where there is room for it."""
    shown = [number_tile(each, figures.compared) for each in figures.tiles][:MOST_TILES]
    known = reads.catalogue.services.get(service)
    spend = spend_of.spend_tile(reads, known.bills, seen) if known else None
    return tiles(*shown, *([spend] if spend and len(shown) < MOST_TILES else []))


def _attention(state: Reading[ServiceState | None], seen: Seen) -> list[Any]:
    troubles = state.value.troubles if state.value else ()
    count = len(state.value.resources) if state.value else 0
    body = attention(entries(troubles), seen, calm=calm_words(count, state, seen))
    return body_answer(body, Reading(None, Look.DATA, state.as_of), seen, promise=PROMISE)


def _resources(
    state: Reading[ServiceState | None], figures: ServiceFigures, seen: Seen, words: PlaceWords
) -> list[Any]:
    found = state.value.resources if state.value else ()
    rows = [resource_row(each, figures.cells.get(each.resource.arn, ()), words) for each in found]
    answer = table_answer(
        rows,
        state,
        seen,
        detail=f"{len(rows)}, by trouble" if rows else "",
        empty="No resources of this service in these accounts and Regions.",
        promise=PROMISE,
    )
    return quietly(answer) if state.problem is not None else answer


def _alarms(reads: Reads, service: str, scope: Scope, seen: Seen) -> list[Any]:
    alarms = reads.alarms.of_service(service, scope)
    firing = sum(alarm.state == "ALARM" for alarm in alarms)
    reading = Reading(alarms, Look.DATA if alarms else Look.NOTHING)
    return table_answer(
        alarm_rows(alarms, reads.place_words),
        reading,
        seen,
        detail=f"{firing} in ALARM of {len(alarms)}" if alarms else "",
        empty="No alarm watches this service. alarms.recommended in config.yaml switches them on.",
    )


def _columns(service: Service) -> list[Column]:
    has_kinds = len(service.resources) > 1
    columns = [
        Column("state", "State", Cell.STATE, width=136, phone=True),
        Column("name", "Name", Cell.NAME, flex=3, phone=True),
        *([Column("kind", "Kind", width=104)] if has_kinds else []),
        Column("place", "Account, Region", width=196),
    ]
    for at, measure in enumerate(columns_of(service)):
        title, unit = _column_title(service, measure), str(measure.unit)
        columns.append(Column(f"c{at}", title, Cell.NUMBER, unit=unit, width=104, phone=at == 1))
        if at == 0:
            columns.append(Column("c0_line", f"{title}, range", Cell.SPARK, width=140))
    return columns


def _column_title(service: Service, measure: Measure) -> str:
    """The measure's title, with its panel's where it would say nothing alone ("p90")."""
    panel = next(p for p in service.panels if measure in p.measures)
    says_little = measure.title.startswith("p") and measure.title[1:].isdigit()
    title = f"{panel.title} {measure.title}" if says_little else measure.title
    return title[:1].upper() + title[1:]


def _foot(service: Service) -> Component:
    ways = [link(f"All metrics of {name}", explore_href(name)) for name in service.namespaces]
    return html.P([service.says, *(part for way in ways for part in (" ", way))], className="muted")


def _unknown(service: str) -> Component:
    words = f"The catalogue has no service “{service}”."
    ways = [link("All services", "/services"), link("All metrics", explore_href())]
    return page(html.Section(nothing(words, *ways), className="trouble"))
