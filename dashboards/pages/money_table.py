"""How tables and panels about money look when there is nothing in them, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.model.readings import Look, Reading
from app.read import SpendFilter
from dashboards.pages.asking import quietly
from dashboards.pages.spend_shown import PROMISE
from dashboards.parts import Seen, table_answer

UNCOLLECTED = (
    "No spend is collected; collection.spend in config.yaml switches it on, or import a bill."
)
WHOLE_BILL = "whole bill, all accounts and Regions"
"""What is said where the accounts and Regions of the header do not count."""


def shown(found: Reading[Any], empty: str, *, there: bool) -> tuple[Reading[Any], str]:
    """The reading as a panel shows it, and what it says where nothing is there.

    Spend is off until it is switched on, so "not collected yet" would promise too much.
    """
    if found.look is Look.NOT_COLLECTED and found.problem is None:
        return Reading(found.value, Look.NOTHING, found.as_of), UNCOLLECTED
    look = Look.NOTHING if not there and found.look is Look.DATA else found.look
    return Reading(found.value, look, found.as_of, found.problem, found.since), empty


def of_all(detail: str, where: Sequence[SpendFilter]) -> str:
    """The words after a title that is about everything, also where a part is chosen."""
    return " · ".join(part for part in (WHOLE_BILL if where else "", detail) if part)


def money_table(
    rows: list[dict[str, Any]], found: Reading[Any], seen: Seen, detail: str, empty: str
) -> list[Any]:
    """For ``table_outputs``; what went wrong is told by the banner of the page."""
    reading, said = shown(found, empty, there=bool(rows))
    answer = table_answer(rows, reading, seen, detail=detail, empty=said, promise=PROMISE)
    return quietly(answer) if found.problem else answer
