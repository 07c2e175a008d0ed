"""The first page: am I fine, what needs me, what it costs, how it behaves, which service."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from dash import Dash, Input, Output, html
from dash.development.base_component import Component

from app.catalogue.schema import SignalKind
from app.model import written
from app.model.lines import Line
from app.model.readings import Look, Reading
from app.model.states import Health
from app.read import Golden, Overview, Reads, Scope, ServiceHealth, Spending
from dashboards import ids
from dashboards.figures import Figure, timeseries
from dashboards.pages.asking import Json, Now, asked, banner, named, quietly, service_href
from dashboards.pages.attention import calm_words, entries
from dashboards.pages.charts import period_words
from dashboards.pages.explorer_found import filters
from dashboards.pages.spend_glance import glance
from dashboards.parts import (
    Seen,
    attention,
    body_answer,
    body_outputs,
    chart_answer,
    chart_outputs,
    chart_panel,
    health_strip,
    link,
    page,
    panel,
    row,
    tile,
    tiles,
)
from dashboards.parts.states import WORDS

PATH, TITLE = "/", "Overview"
PAGE = "overview"
TILES, BANNER = "overview:tiles", "overview:banner"
SPEND, OWN = "overview:spend", "overview:own"
CHARTS = (
    (SignalKind.RATE, "Requests", "per second"),
    (SignalKind.ERRORS, "Errors", "% of requests"),
    (SignalKind.DURATION, "Duration", "ms"),
)
PROMISE = timedelta(minutes=5)


def layout(**_: str) -> Component:
    """Tiles, the attention list, three charts, and a tile for each service."""
    charts = [chart_panel(PAGE, str(kind), title, unit=unit) for kind, title, unit in CHARTS]
    return page(
        html.Div(id=BANNER, className="banner"),
        html.Div(
            [html.Div(id=TILES, className="flat"), html.Div(id=SPEND, className="flat")],
            className="tiles",
        ),
        panel(PAGE, "attention", "Needs attention"),
        row(*charts),
        panel(PAGE, "services", "Services", detail="last 24 h"),
        html.P(id=OWN, className="muted"),
    )


def register(app: Dash, reads: Reads, now: Now) -> None:
    """Health is read in one go; money comes by itself."""

    @app.callback(
        Output(BANNER, "children"),
        Output(TILES, "children"),
        *body_outputs(PAGE, "attention"),
        *body_outputs(PAGE, "services"),
        *(output for kind, _, _ in CHARTS for output in chart_outputs(PAGE, str(kind))),
        *(Output(ids.detail(PAGE, str(kind)), "children") for kind, _, _ in CHARTS),
        Output(OWN, "children"),
        Input(ids.VIEW, "data"),
        Input(ids.TICK, "data"),
    )
    def show(view: Json, _tick: int) -> list[Any]:
        question = asked(reads, now, view)
        return answer(reads, question.scope, question.seen)

    @app.callback(Output(SPEND, "children"), Input(ids.VIEW, "data"), Input(ids.TICK, "data"))
    def show_spend(view: Json, _tick: int) -> Component:
        return glance(reads, asked(reads, now, view).seen, filters(view))


def answer(reads: Reads, scope: Scope, seen: Seen) -> list[Any]:
    """Everything that the page shows, in the order of the outputs."""
    health = named(reads, reads.health.overview(scope))
    golden = named(reads, reads.metrics.golden(scope))
    needs = attention(
        entries(health.value.troubles), seen, calm=calm_words(health.value.resources, health, seen)
    )
    charts = [_chart(kind, golden, scope, seen) for kind, _, _ in CHARTS]
    return [
        banner(health, seen),
        overview_tiles(health.value, golden.value),
        *body_answer(needs, _said(health), seen, promise=PROMISE),
        *_services(health, seen),
        *(part for chart in charts for part in chart),
        *[period_words(golden.value.period_s)] * len(CHARTS),
        _own_calls(health.value.spending),
    ]


def overview_tiles(overview: Overview, golden: Golden) -> list[Component]:
    """Alarms, then what users meet."""
    return [
        _alarms_tile(overview),
        _signal_tile("Requests", golden.rate(), "all services that users meet"),
        _signal_tile("Errors", golden.errors(), "of these requests"),
        _signal_tile("Duration", golden.duration(), "slowest of these services"),
    ]


def _own_calls(bill: Spending) -> list[Any]:
    """What Watchdeck itself costs; near its cap it stands among what needs attention."""
    spent, cap = (written.value(usd, "usd") for usd in (bill.month_to_date, bill.cap))
    ending = f", {written.value(bill.projected, 'usd')} by its end" if bill.projected else ""
    return [link("Watchdeck's own calls", "/collection"), f" {spent} this month{ending}, of {cap}."]


def _alarms_tile(overview: Overview) -> Component:
    worst = [t.health for t in overview.troubles if t.kind == "alarm"]
    silenced = f" · {overview.silenced} silenced" if overview.silenced else ""
    return tile(
        "Alarms",
        float(overview.firing),
        "count",
        note=f"in ALARM of {overview.alarms}{silenced}",
        health=min(worst, key=lambda h: h.weight, default=Health.OK),
        href="/alarms",
    )


def _signal_tile(title: str, line: Line | None, note: str) -> Component:
    if line is None or line.empty:
        return tile(title, None, note="no data in this range")
    return tile(title, line.newest, line.unit, note=note, line=line)


def _chart(kind: SignalKind, golden: Reading[Golden], scope: Scope, seen: Seen) -> list[Any]:
    lines = golden.value.lines(kind)
    look = golden.look if lines or golden.look is not Look.DATA else Look.NOTHING
    reading = Reading(lines, look, golden.as_of, golden.problem, golden.since)
    answer = chart_answer(_figure(lines, scope), reading, seen, promise=PROMISE)
    return quietly(answer) if reading.problem is not None else answer


def _figure(lines: Sequence[Line], scope: Scope) -> Figure:
    return timeseries(lines, window=scope.window)


def _services(health: Reading[Overview], seen: Seen) -> list[Any]:
    body = tiles(*(service_tile(each, seen) for each in health.value.services))
    answer = body_answer(body, health, seen, promise=PROMISE)
    return quietly(answer) if health.problem is not None else answer


def service_tile(service: ServiceHealth, seen: Seen) -> Component:
    """One service: how many of its resources are not well, and its last day."""
    day = health_strip(
        service.strip.states, start=service.strip.start, step=timedelta(hours=1), zone=seen.zone
    )
    return tile(
        service.title,
        _state_words(service),
        note=day,
        health=service.health,
        href=service_href(service.id),
        why=service.reason,
    )


def _state_words(service: ServiceHealth) -> str:
    """ "2 not well", else how many are fine; the tile's edge tells how bad it is."""
    if service.open:
        return f"{service.open} not well"
    if service.firing:
        return f"{service.firing} in ALARM"
    return f"{service.resources} OK" if service.health is Health.OK else WORDS[service.health]


def _said(health: Reading[Overview]) -> Reading[Overview]:
    """The list speaks for itself, also when it says that nothing could be asked."""
    look = Look.DATA if health.look is Look.COULD_NOT_ASK else health.look
    return Reading(health.value, look, health.as_of)
