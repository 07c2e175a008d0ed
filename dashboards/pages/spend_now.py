"""Today before the bill lands: usage that is counted at the rates of the last days."""

from __future__ import annotations

from typing import Any

from dash import Output
from dash.development.base_component import Component

from app.model import written
from app.model.readings import Reading
from app.read import Today, TodayLine
from dashboards.pages.money_table import money_table
from dashboards.pages.spend_names import short
from dashboards.parts import Cell, Column, Seen, table_outputs, table_panel, tile

LEAST_USUAL = 0.005
COLUMNS = (
    Column("name", "Service", Cell.NAME, flex=2, phone=True),
    Column("type", "Usage type", flex=4),
    Column("usd", "So far", Cell.NUMBER, unit="usd", width=90, phone=True),
    Column("usual", "A usual day", Cell.NUMBER, unit="usd", width=104, phone=True),
    Column("said", "Worked out from", flex=4),
)


def now_panel(page: str) -> Component:
    """The table of what today's estimate is made of."""
    return table_panel(page, "today", "Today, before the bill lands", COLUMNS, height=270)


def now_outputs(page: str) -> list[Output]:
    """Filled by :func:`now_answer`."""
    return table_outputs(page, "today")


def now_answer(found: Reading[Today | None], seen: Seen) -> list[Any]:
    """Every usage type that can be told, the dearest first."""
    told = found.value
    rows = [_row(line) for line in told.lines if _counts(line)] if told else []
    empty = "No usage type has both a bill of the last days and a counter of today."
    return money_table(rows, found, seen, _detail(told) if told else "", empty)


def now_tile(told: Today | None) -> Component:
    """The estimate beside what would usually have come up by now."""
    if told is None:
        return tile("Today", None, note="needs some days of bill")
    usual = written.value(told.usual_so_far, "usd")
    return tile(
        "Today so far, estimated",
        float(told.usd),
        "usd",
        note=f"usually {usual} by now",
        why=_detail(told),
    )


def _detail(told: Today) -> str:
    covered, measured = (
        written.value(100 * share, "percent") for share in (told.covered_share, told.measured_share)
    )
    return f"{covered} of a usual day's bill can be told, {measured} from counters"


def _counts(line: TodayLine) -> bool:
    return float(line.usd) >= LEAST_USUAL or float(line.usual) >= LEAST_USUAL


def _row(line: TodayLine) -> dict[str, Any]:
    return {
        "id": f"{line.service}|{line.usage_type}|{line.region}",
        "name": short(line.service),
        "type": line.usage_type,
        "usd": float(line.usd),
        "usual": float(line.usual),
        "said": line.said,
    }
