"""How tables and panels about money look when there is nothing in them, and why."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dash import html
from dash.development.base_component import Component

from app.model.readings import Look, Reading
from app.read import SpendAnswer
from dashboards.pages.asking import banner, quietly
from dashboards.pages.spend_shown import PROMISE
from dashboards.parts import Seen, table_answer

UNCOLLECTED = (
    "No spend is collected; collection.spend in config.yaml switches it on, or import a bill."
)


def shown(found: Reading[Any], empty: str, *, there: bool) -> tuple[Reading[Any], str]:
    """The reading as a panel shows it, and what it says where nothing is there.

    Spend is off until it is switched on, so "not collected yet" would promise too much.
    """
    if found.look is Look.NOT_COLLECTED and found.problem is None:
        return replace(found, look=Look.NOTHING), found.said or UNCOLLECTED
    if not there and found.look is Look.DATA:
        return replace(found, look=Look.NOTHING), " ".join(filter(None, (empty, found.said)))
    return found, empty


def bill_banner(found: Reading[SpendAnswer], seen: Seen) -> list[Component]:
    """What went wrong with the bill, and what it tells twice or otherwise than was asked."""
    wrong = banner(found, seen)
    said = [html.P(warning, className="said") for warning in found.value.warnings]
    return [*([wrong] if wrong else []), *said]


def money_table(
    rows: list[dict[str, Any]], found: Reading[Any], seen: Seen, detail: str, empty: str
) -> list[Any]:
    """For ``table_outputs``; what went wrong is told by the banner of the page."""
    reading, said = shown(found, empty, there=bool(rows))
    answer = table_answer(rows, reading, seen, detail=detail, empty=said, promise=PROMISE)
    return quietly(answer) if found.problem else answer
