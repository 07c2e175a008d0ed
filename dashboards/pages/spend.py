"""The first page about money: what the month costs, what it will have cost, and why."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dash import Dash, Input, Output, html
from dash.development.base_component import Component

from app.model import written
from app.model.readings import Look, Reading
from app.model.time import Window
from app.read import Forecast, Reads, SpendAnswer, SpendFilter, SpendRow
from dashboards import ids
from dashboards.figures import spend_bars
from dashboards.pages.asking import Json, Now, asked, named, quietly
from dashboards.pages.explorer_found import filters
from dashboards.pages.explorer_state import Chosen
from dashboards.pages.money_table import bill_banner, shown
from dashboards.pages.spend_ahead import interval_words, month_budget, month_figure
from dashboards.pages.spend_for_what import for_what_answer, for_what_outputs, for_what_row
from dashboards.pages.spend_frame import OVERVIEW, UNBLENDED, spend_page
from dashboards.pages.spend_month import DAY, month_start, question, so_far, this_month, whole_until
from dashboards.pages.spend_names import short
from dashboards.pages.spend_now import now_answer, now_outputs, now_panel
from dashboards.pages.spend_shown import (
    PROMISE,
    bands_of,
    calendar_of,
    cents,
    explained,
    missing_words,
    ratio,
    settled_words,
    span_words,
    spark_of,
    unsettled_from,
)
from dashboards.pages.spend_tiles import Month, tiles_of
from dashboards.pages.spend_why import why_answer, why_outputs, why_row
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

PATH, TITLE = OVERVIEW, "Spend"
PAGE = "spend"
TILES, BANNER = "spend:tiles", "spend:banner"
TOP = 5
SERVICES = (
    Column("name", "Service", Cell.NAME, flex=4, least=130, phone=True),
    Column("line", "By day, two months", Cell.SPARK, width=150),
    Column("month", "This month", Cell.NUMBER, unit="usd", width=110, phone=True, order="desc"),
    Column("share", "Share", Cell.SHARE, width=140),
    Column("before", "Same days before", Cell.NUMBER, unit="usd", width=130),
    Column("more", "Difference", Cell.NUMBER, unit="usd", width=104),
    Column("change", "Change", Cell.NUMBER, unit="change", width=92, phone=True),
)


def layout(**_: str) -> Component:
    """Tiles, the month's outlook beside its days, why it changed, services, what it is for."""
    return spend_page(
        PATH,
        html.Div(id=BANNER, className="banner"),
        html.Div(id=TILES, className="tiles-place"),
        row(
            chart_panel(PAGE, "ahead", "This month", unit="adding up", span=5, height=240),
            chart_panel(PAGE, "days", "Spend a day", unit="USD, by service", span=7, height=240),
        ),
        why_row(PAGE),
        table_panel(PAGE, "services", "Services", SERVICES, height=380),
        for_what_row(PAGE),
        now_panel(PAGE),
        note=UNBLENDED,
    )


def register(app: Dash, reads: Reads, now: Now) -> None:
    """The month first; why it changed and what it is for take longer and come by themselves."""

    @app.callback(
        Output(BANNER, "children"),
        Output(TILES, "children"),
        *chart_outputs(PAGE, "ahead"),
        Output(ids.detail(PAGE, "ahead"), "children"),
        *chart_outputs(PAGE, "days"),
        Output(ids.detail(PAGE, "days"), "children"),
        *table_outputs(PAGE, "services"),
        *now_outputs(PAGE),
        Input(ids.VIEW, "data"),
        Input(ids.TICK, "data"),
    )
    def show(view: Json, _tick: int) -> list[Any]:
        seen = asked(reads, now, view).seen
        return answer(reads, seen, filters(view))

    @app.callback(
        *why_outputs(PAGE),
        *for_what_outputs(PAGE),
        Input(ids.VIEW, "data"),
        Input(ids.TICK, "data"),
    )
    def explain(view: Json, _tick: int) -> list[Any]:
        seen = asked(reads, now, view).seen
        return reasons(reads, seen, filters(view))


def answer(reads: Reads, seen: Seen, where: tuple[SpendFilter, ...] = ()) -> list[Any]:
    """The month with its days, services and today, in the order of the outputs."""
    found = named(reads, reads.spend.ask(question(seen.now, where), seen.now))
    reading, empty = explained(found)
    told = found.value
    ahead = reads.costs.forecast(seen.now, where=where)
    budget = None if where else month_budget(reads, seen.now)
    aws = None if where else reads.costs.aws_forecast(seen.now).value
    today = reads.costs.today(seen.now, where)
    month = Month(told, ahead.value, budget, aws, today.value)
    return [
        bill_banner(reading, seen),
        tiles_of(month, seen) if reading.look is Look.DATA else None,
        *_ahead(month, ahead, seen),
        *_days(told, reading, seen, empty),
        *_services(told, reading, seen, empty),
        *now_answer(today, seen),
    ]


def reasons(reads: Reads, seen: Seen, where: tuple[SpendFilter, ...] = ()) -> list[Any]:
    """What moved, what was unusual, what costs when idle, what tags explain."""
    told = reads.spend.ask(question(seen.now, where), seen.now).value
    until, month = whole_until(told, seen.now), month_start(seen.now)
    return [
        *why_answer(reads, until, seen, where),
        *for_what_answer(reads, Window(month, max(month + DAY, until)), seen, where),
    ]


def _ahead(month: Month, found: Reading[Forecast | None], seen: Seen) -> list[Any]:
    """The fan; with too few days of bill only words."""
    if found.value is None:
        reading, empty = shown(found, "A forecast needs seven days of bill.", there=False)
        drawn = chart_answer({}, reading, seen, empty=empty, promise=PROMISE)
    else:
        spent = this_month(month.told, month.told.totals, seen.now)
        figure = month_figure(found.value, spent, month.budget, month.aws)
        drawn = chart_answer(figure, found, seen, promise=PROMISE)
    detail = interval_words(found.value.total) if found.value else ""
    return [*(quietly(drawn) if found.problem else drawn), detail]


def _days(told: SpendAnswer, reading: Reading[SpendAnswer], seen: Seen, empty: str) -> list[Any]:
    figure = spend_bars(
        bands_of(told, lambda key: short(key[0]), TOP),
        calendar_of(told),
        unsettled_from=unsettled_from(told),
    )
    drawn = chart_answer(figure, reading, seen, empty=empty, promise=PROMISE)
    return [*(quietly(drawn) if reading.problem else drawn), _days_detail(told)]


def _days_detail(told: SpendAnswer) -> str:
    parts = [span_words(told.question.window), settled_words(told), missing_words(told)]
    return " · ".join(part for part in parts if part)


def _services(
    told: SpendAnswer, reading: Reading[SpendAnswer], seen: Seen, empty: str
) -> list[Any]:
    rows = [_service(told, each, seen.now) for each in told.rows]
    kept = [each for each in rows if each["month"] or each["before"]]
    month = so_far(told, told.totals, seen.now)
    since = f"{written.value(month.spent, 'usd')} since {written.day(month_start(seen.now))}"
    answer = table_answer(
        kept,
        reading,
        seen,
        detail=since if kept else "",
        empty=empty,
        promise=PROMISE,
    )
    return quietly(answer) if reading.problem else answer


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
        "more": None if month.before is None else cents(month.spent - month.before),
        "change": ratio(month.spent, month.before),
    }
