"""The first page about money: what the month costs, what it will have cost, and why."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dash import Dash, Input, Output, html
from dash.development.base_component import Component

from app.model import written
from app.model.readings import Look, Reading
from app.read import Reads, SpendAnswer, SpendFilter, SpendRow
from dashboards import ids
from dashboards.figures import spend_bars
from dashboards.pages.asking import Json, Now, asked, banner, named, quietly
from dashboards.pages.explorer_found import filters
from dashboards.pages.explorer_state import Chosen
from dashboards.pages.spend_frame import OVERVIEW, UNBLENDED, spend_page
from dashboards.pages.spend_month import last_known, month_start, question, so_far
from dashboards.pages.spend_names import short
from dashboards.pages.spend_shown import (
    PROMISE,
    bands_of,
    calendar_of,
    explained,
    missing_words,
    ratio,
    settled_words,
    span_words,
    spark_of,
    unsettled_from,
)
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
    tile,
    tiles,
)

PATH, TITLE = OVERVIEW, "Spend"
PAGE = "spend"
TILES, BANNER = "spend:tiles", "spend:banner"
TOP = 5
SERVICES = (
    Column("name", "Service", Cell.NAME, flex=4, phone=True),
    Column("line", "By day, two months", Cell.SPARK, width=150),
    Column("month", "This month", Cell.NUMBER, unit="usd", width=110, phone=True, order="desc"),
    Column("share", "Share", Cell.SHARE, width=170),
    Column("before", "Same days before", Cell.NUMBER, unit="usd", width=130),
    Column("more", "Difference", Cell.NUMBER, unit="usd", width=104),
    Column("change", "Change", Cell.NUMBER, unit="change", width=92, phone=True),
)


def layout(**_: str) -> Component:
    """Tiles, the month's outlook beside its days, then services."""
    return spend_page(
        PATH,
        html.Div(id=BANNER, className="banner"),
        html.Div(id=TILES, className="tiles-place"),
        row(
            chart_panel(PAGE, "days", "Spend a day", unit="USD, by service", span=7, height=240),
        ),
        table_panel(PAGE, "services", "Services", SERVICES, height=520),
        note=UNBLENDED,
    )


def register(app: Dash, reads: Reads, now: Now) -> None:
    """One callback: the page is read in one go."""

    @app.callback(
        Output(BANNER, "children"),
        Output(TILES, "children"),
        *chart_outputs(PAGE, "days"),
        Output(ids.detail(PAGE, "days"), "children"),
        *table_outputs(PAGE, "services"),
        Input(ids.VIEW, "data"),
        Input(ids.TICK, "data"),
    )
    def show(view: Json, _tick: int) -> list[Any]:
        seen = asked(reads, now, view).seen
        return answer(reads, seen, filters(view))


def answer(reads: Reads, seen: Seen, where: tuple[SpendFilter, ...] = ()) -> list[Any]:
    """Everything that the page shows, in the order of the outputs."""
    found = named(reads, reads.spend.ask(question(seen.now, where), seen.now))
    reading, empty = explained(found)
    told = found.value
    days = chart_answer(
        spend_bars(
            bands_of(told, lambda key: short(key[0]), TOP),
            calendar_of(told),
            unsettled_from=unsettled_from(told),
        ),
        reading,
        seen,
        empty=empty,
        promise=PROMISE,
    )
    services = _services(told, reading, seen, empty)
    return [
        banner(reading, seen),
        _tiles(told, seen.now) if reading.look is Look.DATA else None,
        *(quietly(days) if reading.problem else days),
        _days_detail(told),
        *(quietly(services) if reading.problem else services),
    ]


def _tiles(told: SpendAnswer, now: datetime) -> Component:
    month = so_far(told, told.totals, now)
    last = last_known(told)
    until = f"unblended, up to {written.day(last)}" if last else "unblended"
    return tiles(tile("Month to date", float(month.spent), "usd", note=until))


def _days_detail(told: SpendAnswer) -> str:
    parts = [span_words(told.question.window), settled_words(told), missing_words(told)]
    return " · ".join(part for part in parts if part)


def _services(
    told: SpendAnswer, reading: Reading[SpendAnswer], seen: Seen, empty: str
) -> list[Any]:
    rows = [_service(told, each, seen.now) for each in told.rows]
    shown = [each for each in rows if each["month"] or each["before"]]
    month = so_far(told, told.totals, seen.now)
    return table_answer(
        shown,
        reading,
        seen,
        detail=f"{written.value(month.spent, 'usd')} since {written.day(month_start(seen.now))}",
        empty=empty,
        promise=PROMISE,
    )


def _service(told: SpendAnswer, each: SpendRow, now: datetime) -> dict[str, Any]:
    month = so_far(told, each.amounts, now)
    whole = so_far(told, told.totals, now).spent
    (service,) = each.key
    chosen = Chosen().keeping(told.question.group[0], service)
    return {
        "id": service,
        "name": short(service),
        "name_href": chosen.href(by="USAGE_TYPE", period="month"),
        "line": spark_of(each.amounts),
        "month": float(month.spent),
        "share": float(100 * month.spent / whole) if whole > 0 else None,
        "before": None if month.before is None else float(month.before),
        "more": None if month.before is None else float(month.spent - month.before),
        "change": ratio(month.spent, month.before),
    }
