"""What a thousand requests, invocations or messages cost: the bill over the metrics."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from dash import Dash, Input, Output
from dash.development.base_component import Component

from app.model.readings import Look, Reading
from app.model.time import Window
from app.read import Reads, Scope, SpendFilter, UnitCost
from dashboards import ids
from dashboards.figures import Band, Calendar, spend_bars, spend_lines
from dashboards.pages.asking import Json, Now, asked, named
from dashboards.pages.explorer_found import filters
from dashboards.pages.explorer_state import Chosen
from dashboards.pages.money_table import shown
from dashboards.pages.spend_frame import UNBLENDED, UNIT_COST, number, spend_page
from dashboards.pages.spend_shown import PROMISE, span_words, spark_of
from dashboards.parts import (
    Cell,
    Column,
    Seen,
    chart_answer,
    chart_outputs,
    chart_panel,
    row,
    table_answer,
    table_outputs,
    table_panel,
)

PATH, TITLE = UNIT_COST, "Unit cost"
PAGE = "unit-cost"
DAY = timedelta(days=1)
COLUMNS = (
    Column("name", "Service", Cell.NAME, flex=3, phone=True),
    Column("unit", "For", flex=3, phone=True),
    Column("per", "Costs", Cell.NUMBER, unit="usd_fine", width=110, phone=True),
    Column("line", "By day", Cell.SPARK, width=150),
    Column("change", "Change", Cell.NUMBER, unit="change", width=92,
           says="The newer half of the days against the older"),
    Column("count", "Counted", Cell.NUMBER, unit="count", width=110),
    Column("usd", "Spend", Cell.NUMBER, unit="usd", width=110),
)  # fmt: skip


def layout(**_: str) -> Component:
    """The chosen service's cost a unit over its traffic, then all services."""
    return spend_page(
        PATH,
        row(
            chart_panel(PAGE, "per", "Cost of a unit", span=6, height=220),
            chart_panel(PAGE, "count", "Counted", span=6, height=220),
        ),
        table_panel(PAGE, "units", "Services", COLUMNS, height=560),
        note=f"Spend of a service over what its metrics counted on the same days. {UNBLENDED}",
    )


def register(app: Dash, reads: Reads, now: Now) -> None:
    """One callback; which service the charts show stands in the address."""

    @app.callback(
        *chart_outputs(PAGE, "per"),
        Output(ids.detail(PAGE, "per"), "children"),
        *chart_outputs(PAGE, "count"),
        Output(ids.detail(PAGE, "count"), "children"),
        *table_outputs(PAGE, "units"),
        Input(ids.QUERY, "data"),
        Input(ids.VIEW, "data"),
        Input(ids.TICK, "data"),
    )
    def show(query: Json, view: Json, _tick: int) -> list[Any]:
        question = asked(reads, now, view)
        of = str((query or {}).get("of", ""))
        return answer(reads, of, question.scope, question.seen, filters(view))


def answer(
    reads: Reads, of: str, scope: Scope, seen: Seen, where: tuple[SpendFilter, ...] = ()
) -> list[Any]:
    """Everything that the page shows, in the order of the outputs."""
    window = Chosen().window(scope.window, scope.now)
    found = named(reads, reads.costs.unit_costs(window, seen.now, where))
    chosen = next((u for u in found.value if key_of(u) == of), next(iter(found.value), None))
    empty = (
        "No whole day in this period has both a bill and metrics that count the work of a service."
    )
    if found.look is Look.NOT_COLLECTED and not reads.spend.cuts():
        found = replace(found, said="")  # there is no bill at all, whatever it would not tell
    found, empty = shown(found, empty, there=bool(found.value))
    return [
        *_chart(chosen, "per", window, found, seen),
        f"{chosen.unit} of {chosen.title}" if chosen else "",
        *_chart(chosen, "count", window, found, seen),
        f"{chosen.what} of {chosen.title}" if chosen else "",
        *table_answer(
            [_row(each) for each in found.value],
            found,
            seen,
            detail=_detail(found, window),
            empty=empty,
            promise=PROMISE,
        ),
    ]


def _detail(found: Reading[tuple[UnitCost, ...]], window: Window) -> str:
    """How many, over which days, and what is in the bill that nobody counted."""
    if not found.value:
        return ""
    said = f" · {found.said}" if found.said else ""
    return f"{len(found.value)} · {span_words(window)}{said}"


def key_of(unit: UnitCost) -> str:
    """How the address calls it: a service may be counted by more than one thing."""
    return f"{unit.service}/{unit.what}"


def _chart(
    unit: UnitCost | None, what: str, window: Window, found: Reading[Any], seen: Seen
) -> list[Any]:
    calendar = Calendar.days(window)
    if unit is None:
        return chart_answer(spend_lines([], calendar), found, seen, promise=PROMISE)
    if what == "per":
        band = Band(unit.unit, _by_slot(unit, calendar, "per_unit"))
        return chart_answer(
            spend_lines([band], calendar, unit="usd_fine"), found, seen, promise=PROMISE
        )
    band = Band(unit.what, _by_slot(unit, calendar, "count"))
    return chart_answer(spend_bars([band], calendar, unit="count"), found, seen, promise=PROMISE)


def _by_slot(unit: UnitCost, calendar: Calendar, what: str) -> list[float | None]:
    """The days of a unit on the slots of a chart; a day without an answer is a gap."""
    known = {datetime.combine(day.day, time(), UTC): getattr(day, what) for day in unit.days}
    values = [known.get(start) for start in calendar.starts]
    return [None if value is None else float(value) for value in values]


def _row(unit: UnitCost) -> dict[str, Any]:
    per = [day.per_unit for day in unit.days]
    return {
        "id": key_of(unit),
        "name": unit.title,
        "name_href": f"{PATH}?{urlencode({'of': key_of(unit)})}",
        "unit": unit.unit,
        "per": number(unit.per_unit),
        "line": spark_of(per),
        "change": None if unit.change is None else 1 + unit.change,
        "count": unit.count,
        "usd": number(unit.usd),
    }
