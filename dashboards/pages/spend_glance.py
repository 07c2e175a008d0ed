"""Spend in one tile of the overview: the month so far, where it ends, and against the last one."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from dash import html
from dash.development.base_component import Component

from app.model import written
from app.model.budgets import BudgetStanding
from app.model.readings import Look, Reading
from app.model.states import Health
from app.read import Forecast, Reads, SpendAnswer, SpendFilter
from dashboards.pages.asking import named
from dashboards.pages.spend_ahead import interval_words, month_budget
from dashboards.pages.spend_frame import OVERVIEW
from dashboards.pages.spend_month import (
    DAY,
    SoFar,
    last_known,
    month_start,
    question,
    so_far,
    this_month,
)
from dashboards.pages.spend_shown import floats
from dashboards.parts import Seen, tile

LABEL = "Spend this month, unblended"
SWITCH_ON = "collection.spend in config.yaml switches it on"


def glance(reads: Reads, seen: Seen, where: tuple[SpendFilter, ...] = ()) -> Component:
    """The tile; without a bill it says why, and never a sum."""
    asked = replace(question(seen.now, where), group=(), top=None)
    found = named(reads, reads.spend.ask(asked, seen.now))
    if found.look is not Look.DATA:
        return _untold(found)
    told = found.value
    so = so_far(told, told.totals, seen.now)
    ahead = reads.costs.forecast(seen.now, where=where).value
    budget = None if where else month_budget(reads, seen.now)
    return tile(
        LABEL,
        float(so.spent),
        "usd",
        note=[_ending(ahead, budget), html.Br(), _against(so, seen.now)],
        line=_running(told, seen.now),
        health=_trouble(budget),
        href=OVERVIEW,
        why="; ".join(_whole(told, so, ahead, budget)),
    )


def _whole(
    told: SpendAnswer, so: SoFar, ahead: Forecast | None, budget: BudgetStanding | None
) -> list[str]:
    """What there is no room for: up to when, how sure the end is, how the budget stands."""
    until = last_known(told)
    spent = f"{written.value(so.spent, 'usd')} unblended"
    return [
        f"{spent} up to {written.day(until)}" if until else spent,
        *([f"by its end {interval_words(ahead.total)}"] if ahead else []),
        *([budget.said] if budget else []),
    ]


def _untold(found: Reading[SpendAnswer]) -> Component:
    """No bill: not collected, not told for what is chosen, or could not be asked."""
    said: list[str | Component] = ["not collected;", html.Br(), SWITCH_ON]
    if found.look is Look.COULD_NOT_ASK:
        said = ["could not be asked for"]
    elif found.value.question.where:
        said = ["not told for what is chosen"]
    why = found.value.why_not or (found.problem.message if found.problem else "")
    return tile(LABEL, None, note=said, href=OVERVIEW, why=why)


def _ending(ahead: Forecast | None, budget: BudgetStanding | None) -> str:
    """ "$2,146 expected of $2,100"; without a budget there is nothing to hold it against."""
    limit = f" of {written.value(budget.budget.limit, 'usd')}" if budget else ""
    if ahead is None:
        share = written.value(budget.actual_share, "percent") if budget else ""
        return f"{share}{limit}" if budget else "a forecast needs 7 days"
    return f"{written.value(ahead.total.expected, 'usd')} expected{limit}"


def _against(so: SoFar, now: datetime) -> str:
    month = f"{month_start(now) - DAY:%B}"
    if so.before is None or so.before <= 0:
        return f"{month} is not collected"
    return f"{written.change(float(so.spent), float(so.before))} vs {month} by then"


def _running(told: SpendAnswer, now: datetime) -> list[float | None]:
    """The month as it adds up, as far as it is known."""
    total = 0.0
    line: list[float | None] = []
    for amount in floats(this_month(told, told.totals, now)):
        if amount is not None:
            total += amount
            line.append(total)
    return line


def _trouble(budget: BudgetStanding | None) -> Health | None:
    if budget is None or budget.health not in (Health.CRITICAL, Health.WARNING):
        return None
    return budget.health
