"""Budgets of one's own and of AWS: what is spent and expected of each, and who was told."""

from __future__ import annotations

from collections.abc import Sequence
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
from dashboards.pages.money_table import money_table
from dashboards.pages.spend_frame import BUDGETS, number, spend_page
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
    Column("state", "State", Cell.STATE, width=112, phone=True),
    Column("name", "Budget", Cell.NAME, flex=2, phone=True),
    Column("scope", "Of what", flex=3),
    Column("actual", "Spent of limit", flex=3),
    Column("meter", "Spent, then expected", Cell.METER, width=170),
    Column("share", "Spent", Cell.NUMBER, unit="percent", width=76, phone=True),
    Column("ahead", "Expected", Cell.NUMBER, unit="percent", width=92, phone=True),
    Column("told", "Crossed", flex=3, wide=True),
    Column("source", "Set in", width=100, wide=True),
)  # fmt: skip


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
        "state": found.health.value,
        "state_why": found.said,
        "name": budget.name,
        "scope": f"{scope_words(budget, reads)}, a {budget.period.value}",
        "actual": _of_limit(found),
        "meter": found.actual_share,
        "meter_forecast": found.forecast_share,
        "meter_state": found.health.value,
        "share": found.actual_share,
        "ahead": found.forecast_share,
        "told": ", ".join(_crossed(each, seen) for each in crossed) or written.DASH,
        "source": source_words(budget),
    }


def _of_limit(found: BudgetStanding) -> str:
    budget = found.budget
    if budget.unit == "USD":
        return f"{amount_words(found.actual, 'USD')} of {amount_words(budget.limit, 'USD')}"
    used = written.value(number(found.actual), "count")
    return f"{used} of {amount_words(budget.limit, budget.unit)}"


def _crossed(each: ThresholdStanding, seen: Seen) -> str:
    since = f", {written.at(each.crossed_at, seen.zone, seen.now)}" if each.crossed_at else ""
    return f"{percent_words(each)}{since}"
