"""Spend split any way that is collected: group, filter, stack, compare, and a table of it all."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any
from urllib.parse import quote, unquote

from dash import Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from app.model import written
from app.model.spend import Dimension
from app.read import Reads, Scope, SpendAnswer, SpendFilter, SpendRow
from dashboards import ids
from dashboards.figures import Figure, spend_bars, spend_lines
from dashboards.pages import explorer_side
from dashboards.pages.asking import Json, Now, asked, quietly
from dashboards.pages.explorer_found import Found, exported, filters, find, words_of
from dashboards.pages.explorer_menus import menus
from dashboards.pages.explorer_state import METRICS, Chosen, answerable, name_of
from dashboards.pages.money_table import bill_banner
from dashboards.pages.spend_frame import EXPLORER, spend_page
from dashboards.pages.spend_names import value_words
from dashboards.pages.spend_shown import (
    PROMISE,
    Key,
    bands_of,
    calendar_of,
    cents,
    explained,
    floats,
    missing_words,
    ratio,
    settled_words,
    span_words,
    spark_of,
    together,
    unsettled_from,
)
from dashboards.parts import (
    Cell,
    Column,
    Seen,
    chart_answer,
    chart_outputs,
    chart_panel,
    column_defs,
    table_answer,
    table_outputs,
    table_panel,
)

PATH, TITLE = EXPLORER, "Spend explorer"
PAGE = "spend-explorer"
MENUS, BANNER, SAVE, FILE = (f"{PAGE}:{part}" for part in ("menus", "banner", "save", "file"))
COLUMNS = (
    Column("first", "", Cell.NAME, flex=4, least=130, phone=True),
    Column("second", "", Cell.NAME, flex=4),
    Column("line", "By day", Cell.SPARK, width=140),
    Column("total", "Total", Cell.NUMBER, unit="usd", width=104, phone=True),
    Column("share", "Share", Cell.SHARE, width=170),
    Column("before", "Before", Cell.NUMBER, unit="usd", width=104,
           says="Over as many slots of the period that it is compared with"),
    Column("more", "Difference", Cell.NUMBER, unit="usd", width=104, wide=True),
    Column("change", "Change", Cell.NUMBER, unit="change", width=92, phone=True),
)  # fmt: skip


def layout(**_: str) -> Component:
    """Menus, the chart, and the table."""
    save = html.Button("Save all rows as CSV", id=SAVE, className="text-button", type="button")
    return spend_page(
        PATH,
        html.Div(id=BANNER, className="banner"),
        html.Div(id=MENUS, className="stacked"),
        chart_panel(PAGE, "chart", "Spend", unit="USD", span=12, height=300),
        table_panel(PAGE, "rows", "Where it goes", COLUMNS, height=640, clickable=True),
        html.P([save, dcc.Download(id=FILE)]),
    )


def register(app: Dash, reads: Reads, now: Now) -> None:
    """The address holds every choice; the page follows it."""

    @app.callback(
        Output(BANNER, "children"),
        Output(MENUS, "children"),
        *chart_outputs(PAGE, "chart"),
        Output(ids.detail(PAGE, "chart"), "children"),
        *table_outputs(PAGE, "rows"),
        Output(ids.grid(PAGE, "rows"), "columnDefs"),
        Input(ids.QUERY, "data"),
        Input(ids.VIEW, "data"),
        Input(ids.TICK, "data"),
    )
    def show(query: Json, view: Json, _tick: int) -> list[Any]:
        question = asked(reads, now, view)
        return answer(reads, Chosen.of(query), question.scope, question.seen, filters(view))

    @app.callback(
        Output(ids.SIDE, "children", allow_duplicate=True),
        Input(ids.grid(PAGE, "rows"), "cellClicked", allow_optional=True),
        State(ids.QUERY, "data"),
        State(ids.VIEW, "data"),
        prevent_initial_call=True,
    )
    def open_beside(clicked: Json, query: Json, view: Json) -> Any:
        if not clicked or clicked.get("colId") in ("first", "second"):
            return no_update
        question, chosen = asked(reads, now, view), Chosen.of(query)
        found = find(reads, chosen, question.scope, filters(view))
        return explorer_side.beside(reads, chosen, found, key_of(str(clicked["rowId"])))

    @app.callback(
        Output(FILE, "data"),
        Input(SAVE, "n_clicks"),
        State(ids.QUERY, "data"),
        State(ids.VIEW, "data"),
        prevent_initial_call=True,
    )
    def save(clicks: int | None, query: Json, view: Json) -> Any:
        if not clicks:
            return no_update
        question, chosen = asked(reads, now, view), Chosen.of(query)
        return {
            "content": exported(reads, chosen, question.scope, filters(view)),
            "filename": "spend.csv",
            "type": "text/csv",
        }


def answer(
    reads: Reads,
    chosen: Chosen,
    scope: Scope,
    seen: Seen,
    also: tuple[SpendFilter, ...] = (),
) -> list[Any]:
    """Everything that the page shows, in the order of the outputs."""
    found = find(reads, chosen, scope, also)
    reading, empty = explained(found.reading)
    told = found.reading.value
    chart = chart_answer(figure(reads, found), reading, seen, empty=empty, promise=PROMISE)
    rows = [_row(reads, found, row) for row in _shown(told)] if told.slots else []
    table = table_answer(rows, reading, seen, detail=_counted(told), empty=empty, promise=PROMISE)
    return [
        bill_banner(reading, seen),
        menus(
            chosen,
            reads,
            reads.spend.cuts(),
            told.question.granularity,
            reads.spend.hours_why_not(told.question),
        ),
        *(quietly(chart) if reading.problem else chart),
        _detail(found),
        *(quietly(table) if reading.problem else table),
        _columns(found),
    ]


def figure(reads: Reads, found: Found) -> Figure:
    """Stacked bars, lines, or running totals, with the period before as a dashed line."""
    told = found.reading.value
    calendar = calendar_of(told)
    bands = bands_of(told, lambda key: words_of(reads, found.chosen, key))
    before = floats(found.before.totals)[: len(told.slots)] if found.before else ()
    if found.chosen.shown == "":
        return spend_bars(bands, calendar, unsettled_from=unsettled_from(told), before=before)
    running = found.chosen.shown == "running"
    total = floats(told.totals) if len(bands) > 1 else ()
    return spend_lines(bands, calendar, before=before, running=running, total=total)


def row_id(key: Key) -> str:
    """A row's key as one text."""
    return "/".join(quote(part, safe="") for part in key) or "total"


def key_of(id_: str) -> Key:
    """The key that a row's id stands for."""
    return () if id_ in ("total", "other rows") else tuple(unquote(p) for p in id_.split("/"))


def _shown(told: SpendAnswer) -> list[SpendRow]:
    return [*told.rows, *([told.rest] if told.rest else [])]


def _row(reads: Reads, found: Found, row: SpendRow) -> dict[str, Any]:
    told, chosen = found.reading.value, found.chosen
    old = _before(found, row)
    now = together(row.amounts, found.before.totals) if found.before else None
    first, second = _cells(reads, found, row)
    share = float(100 * row.total / told.total) if told.total > 0 else None
    is_rest = row is told.rest and bool(chosen.group)
    return {
        "id": "other rows" if is_rest else row_id(row.key),
        **first,
        **second,
        "line": spark_of(row.amounts),
        "total": float(row.total),
        "share": share,
        "before": None if old is None else float(old),
        "more": None if old is None or now is None else cents(now - old),
        "change": ratio(now, old),
    }


def _before(found: Found, row: SpendRow) -> Decimal | None:
    """What the same row was over the slots that are known now; 0 where it did not exist."""
    told, before = found.reading.value, found.before
    if before is None:
        return None
    old = before.rest if row is told.rest else before.row(*row.key)
    return Decimal(0) if old is None else together(old.amounts, told.totals)


def _cells(reads: Reads, found: Found, row: SpendRow) -> tuple[dict[str, Any], dict[str, Any]]:
    """The names of a row; the first leads deeper where what is below is collected."""
    chosen, told = found.chosen, found.reading.value
    if not row.key:
        rest = f"{told.of_rest:,} others" if row is told.rest else "Total"
        return {"first": rest}, {"second": ""}
    names = [
        value_words(dimension, value, reads)
        for dimension, value in zip(chosen.group, row.key, strict=True)
    ]
    first: dict[str, Any] = {"first": names[0]}
    deeper = chosen.deeper(chosen.group[0], row.key[0])
    if deeper.by != chosen.by and answerable(reads.spend.cuts(), _needed(deeper)):
        first["first_href"] = deeper.href()
    return first, {"second": names[1] if len(names) > 1 else ""}


def _needed(chosen: Chosen) -> list[Dimension]:
    return [*chosen.group, *(one.dimension for one in chosen.where)]


def _columns(found: Found) -> list[dict[str, Any]]:
    """Named by what the rows are told apart by; what compares only where something does."""
    names = [_title(name_of(dimension)) for dimension in found.chosen.group] or ["Spend"]
    titles = dict(zip(("first", "second"), names, strict=False))
    titles["line"] = f"By {found.reading.value.question.granularity}"
    gone = set() if len(names) > 1 else {"second"}
    if found.before is None:
        gone |= {"before", "more", "change"}
    shown = [column for column in COLUMNS if column.field not in gone]
    return column_defs([replace(c, title=titles.get(c.field, c.title)) for c in shown])


def _title(name: str) -> str:
    return f"{name[:1].upper()}{name[1:]}"


def _counted(told: SpendAnswer) -> str:
    if not told.slots:
        return ""
    exact = f"{written.value(told.total, 'usd')} in all"
    if told.rest is not None and told.question.group:
        return f"{exact} · the {len(told.rows):,} dearest of {len(told.rows) + told.of_rest:,}"
    return f"{exact} · {len(told.rows):,}, by amount" if told.question.group else exact


def _detail(found: Found) -> str:
    told, chosen = found.reading.value, found.chosen
    by = " and ".join(name_of(dimension) for dimension in chosen.group)
    said = [
        f"{METRICS[chosen.metric]}{f' by {by}' if by else ''}",
        span_words(told.question.window),
    ]
    if found.before is not None:
        said.append(f"against {span_words(found.before.question.window)}")
    return " · ".join([*said, *filter(None, (settled_words(told), missing_words(told)))])
