"""Budgets of one's own and of AWS: what is spent and expected of each, and who was told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from dash import Dash, Input, Output, State, html, no_update
from dash.development.base_component import Component

from app.model import written
from app.model.budgets import BudgetStanding, ThresholdStanding
from app.model.readings import Look
from app.model.states import Health
from app.read import Reads
from dashboards import ids
from dashboards.pages.asking import Json, Now, asked, banner, named
from dashboards.pages.budget_side import (
    amount_words,
    beside,
    percent_words,
    scope_words,
    source_words,
)
from dashboards.pages.meter_cells import AHEAD, STATE, USED, meter_cells, meter_column
from dashboards.pages.money_table import money_table
from dashboards.pages.spend_frame import BUDGETS, number, spend_page
from dashboards.pages.spend_names import unit_words
from dashboards.parts import (
    Cell,
    Column,
    Seen,
    table_outputs,
    table_panel,
    tile,
    tiles,
)

PATH, TITLE = BUDGETS, "Budgets"
PAGE = "budgets"
TILES, BANNER = "budgets:tiles", "budgets:banner"
COLUMNS = (
    STATE,
    Column("name", "Budget", Cell.NAME, flex=3, phone=True),
    Column("scope", "Of what", flex=4),
    Column("period", "Each", width=76),
    Column("actual", "Used of limit", flex=3, least=172),
    meter_column(136),
    replace(USED, phone=True),
    replace(AHEAD, phone=True),
    Column("told", "Crossed", flex=3, wide=True),
    Column("source", "Set in", width=100, wide=True),
)


def layout(**_: str) -> Component:
    """Tiles, then every budget, the nearest to its limit first."""
    return spend_page(
        PATH,
        html.Div(id=BANNER, className="banner"),
        html.Div(id=TILES, className="tiles-place"),
        table_panel(PAGE, "list", "Budgets", COLUMNS, height=720, clickable=True),
        note=(
            "Budgets of config.yaml are of unblended cost and stand as the bill does, a day late; "
            "those of AWS as AWS told them last."
        ),
    )


def register(app: Dash, reads: Reads, now: Now) -> None:
    """Tiles and table, and the side panel of a budget."""

    @app.callback(
        Output(BANNER, "children"),
        Output(TILES, "children"),
        *table_outputs(PAGE, "list"),
        Input(ids.VIEW, "data"),
        Input(ids.TICK, "data"),
    )
    def show(view: Json, _tick: int) -> list[Any]:
        return answer(reads, asked(reads, now, view).seen)

    @app.callback(
        Output(ids.SIDE, "children", allow_duplicate=True),
        Input(ids.grid(PAGE, "list"), "cellClicked", allow_optional=True),
        State(ids.VIEW, "data"),
        prevent_initial_call=True,
    )
    def open_beside(clicked: Json, view: Json) -> Any:
        if not clicked:
            return no_update
        return beside(reads, str(clicked["rowId"]), asked(reads, now, view).seen)


def answer(reads: Reads, seen: Seen) -> list[Any]:
    """Everything that the page shows, in the order of the outputs."""
    found = named(reads, reads.budgets.standing(seen.now))
    rows = sorted(found.value, key=_order)
    table = money_table(
        [_row(reads, each, seen) for each in rows],
        found,
        seen,
        f"{len(rows)}, by trouble" if rows else "",
        "No budget is set; budgets in config.yaml sets one, and those of AWS come along.",
    )
    return [
        banner(found, seen),
        _tiles(rows) if found.look is Look.DATA else None,
        *table,
    ]


def _order(found: BudgetStanding) -> tuple[int, float]:
    return (found.health.weight, -max(found.actual_share or 0.0, found.forecast_share or 0.0))


def _tiles(rows: Sequence[BudgetStanding]) -> Component:
    over = [each for each in rows if each.health is Health.CRITICAL]
    ahead = [each for each in rows if each not in over and (each.forecast_share or 0.0) > 100]
    crossed = sum(each.is_crossed for row in rows for each in row.thresholds)
    first = rows[0] if rows else None
    return tiles(
        tile(
            "Over the limit",
            float(len(over)),
            "count",
            note=f"of {len(rows)} budgets",
            health=Health.CRITICAL if over else None,
        ),
        tile(
            "Will be over",
            float(len(ahead)),
            "count",
            note="by the forecast of their period",
            health=Health.WARNING if ahead else None,
        ),
        tile("Thresholds crossed", float(crossed), "count", note="each crossing is told once"),
        tile(
            "Nearest to its limit",
            first.actual_share if first else None,
            "percent",
            note=first.budget.name if first else "no budget is set",
        ),
    )


def _row(reads: Reads, found: BudgetStanding, seen: Seen) -> dict[str, Any]:
    budget = found.budget
    crossed = [each for each in found.thresholds if each.is_crossed]
    return {
        "id": budget.id,
        "name": budget.name,
        "scope": scope_words(budget, reads),
        "period": budget.period.value,
        "actual": _of_limit(found),
        **meter_cells(found.health, found.said, found.actual_share, found.forecast_share),
        "told": ", ".join(_crossed(each, seen) for each in crossed) or written.DASH,
        "source": source_words(budget),
    }


def _of_limit(found: BudgetStanding) -> str:
    budget = found.budget
    if budget.unit == "USD":
        return f"{amount_words(found.actual, 'USD')} of {amount_words(budget.limit, 'USD')}"
    used, limit = (written.value(number(each), "count") for each in (found.actual, budget.limit))
    return f"{used} of {limit} {unit_words(budget.unit)}"


def _crossed(each: ThresholdStanding, seen: Seen) -> str:
    since = f", {written.at(each.crossed_at, seen.zone, seen.now)}" if each.crossed_at else ""
    return f"{percent_words(each)}{since}"
