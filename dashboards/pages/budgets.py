"""Budgets of one's own and of AWS: what is spent and expected of each, and who was told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from dash import Dash, Input, Output, State, html, no_update
from dash.development.base_component import Component

from app.model import written
from app.model.budgets import Budget, BudgetStanding, Of, Source, ThresholdStanding
from app.model.readings import Look
from app.model.spend import Dimension, dimension_of
from app.model.states import Health
from app.read import Reads, SpendFilter
from dashboards import ids
from dashboards.pages.asking import Json, Now, alarm_href, asked, banner, named, quietly
from dashboards.pages.explorer_state import Chosen, name_of
from dashboards.pages.spend_frame import BUDGETS, number, spend_page
from dashboards.pages.spend_names import value_words
from dashboards.pages.spend_shown import PROMISE
from dashboards.parts import (
    Cell,
    Column,
    Seen,
    definitions,
    link,
    listed,
    meter,
    nothing,
    state_badge,
    table_answer,
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
    table = table_answer(
        [_row(reads, each, seen) for each in rows],
        found,
        seen,
        detail=f"{len(rows)}, by trouble" if rows else "",
        empty="No budget is set; budgets in config.yaml sets one, and those of AWS come along.",
        promise=PROMISE,
    )
    return [
        banner(found, seen),
        _tiles(rows) if found.look is Look.DATA else None,
        *(quietly(table) if found.problem else table),
    ]


def beside(reads: Reads, id_: str, seen: Seen) -> Component:
    """One budget: how it stands, its thresholds with who was told, and where the money goes."""
    found = next((s for s in reads.budgets.standing(seen.now).value if s.budget.id == id_), None)
    if found is None:
        return nothing("This budget is not set any more.")
    budget = found.budget
    said = f"{found.said[:1].upper()}{found.said[1:]}."
    return html.Div(
        [
            html.H2(budget.name),
            html.P([state_badge(found.health), " ", _span(found)]),
            meter(
                found.actual_share,
                forecast=found.forecast_share,
                health=found.health,
                marks=[each.threshold.percent for each in found.thresholds],
                label=budget.name,
            ),
            html.P(said),
            html.H3("Thresholds"),
            listed([_threshold(reads, budget, each, seen) for each in found.thresholds])
            if found.thresholds
            else nothing("None; nobody is told."),
            definitions(
                {
                    "Of what": scope_words(budget, reads),
                    "Set in": _source(budget),
                    "Told": ", ".join(budget.channels) or "nobody",
                }
            ),
            html.P(_ways(budget)),
        ],
        className="beside",
    )


def scope_words(budget: Budget, reads: Reads) -> str:
    """What counts for a budget, as people call it."""
    said = [_condition(name, values, reads) for name, values in budget.where.items()]
    return " · ".join(said) or "everything"


def _condition(name: str, values: Sequence[str], reads: Reads) -> str:
    dimension = _dimension(name)
    if dimension is None:
        return f"{name} {', '.join(values)}"
    said = ", ".join(value_words(dimension, value, reads) for value in values)
    return f"{name_of(dimension)} {said}"


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
        tile("Thresholds crossed", float(crossed), "count", note="each told once a period"),
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
        "source": _source(budget),
    }


def amount_words(amount: Decimal | None, unit: str) -> str:
    """Dollars, or a quantity with its unit."""
    if unit == "USD":
        return written.value(number(amount), "usd")
    return f"{written.value(number(amount), 'count')} {unit}"


def _of_limit(found: BudgetStanding) -> str:
    budget = found.budget
    if budget.unit == "USD":
        return f"{amount_words(found.actual, 'USD')} of {amount_words(budget.limit, 'USD')}"
    used = written.value(number(found.actual), "count")
    return f"{used} of {amount_words(budget.limit, budget.unit)}"


def _crossed(each: ThresholdStanding, seen: Seen) -> str:
    since = f", {written.at(each.crossed_at, seen.zone, seen.now)}" if each.crossed_at else ""
    return f"{_percent(each)}{since}"


def _percent(each: ThresholdStanding) -> str:
    what = "spent" if each.threshold.of is Of.ACTUAL else "expected"
    return f"{each.threshold.percent:g} % {what}"


def _threshold(
    reads: Reads, budget: Budget, each: ThresholdStanding, seen: Seen
) -> list[Component | str]:
    """A threshold, its amount, and whether it was crossed; it is an alarm like any other."""
    alarm = alarm_href(budget.alarm_id(each.threshold, reads.budgets.place))
    if each.crossed_at is not None:
        told = f"crossed {written.at(each.crossed_at, seen.zone, seen.now)}"
    else:
        told = "crossed" if each.is_crossed else "not crossed"
    amount = amount_words(each.amount, budget.unit)
    return [link(_percent(each), alarm), f" · {amount} · {told}"]


def _span(found: BudgetStanding) -> str:
    return f"a {found.budget.period.value}, {found.start:%Y-%m-%d} to before {found.end:%Y-%m-%d}"


def _source(budget: Budget) -> str:
    return "config.yaml" if budget.source is Source.OWN else "AWS Budgets"


def _ways(budget: Budget) -> list[Component]:
    """The same cut of the bill in the explorer, where the budget's conditions are the bill's."""
    chosen = Chosen(period="month")
    for name, values in budget.where.items():
        dimension = _dimension(name)
        if dimension is None:
            return []
        where = (*chosen.where, SpendFilter(dimension, values))
        chosen = replace(chosen, where=where)
    return [link("Where it goes", chosen.href())]


def _dimension(name: str) -> Dimension | None:
    """Also from the names that AWS Budgets has for its filters; None for one the bill lacks."""
    try:
        return dimension_of(_OF_AWS.get(name, name))
    except ValueError:
        return None


_OF_AWS = {
    "Service": "SERVICE",
    "LinkedAccount": "LINKED_ACCOUNT",
    "Region": "REGION",
    "UsageType": "USAGE_TYPE",
    "Operation": "OPERATION",
    "RecordType": "RECORD_TYPE",
}
