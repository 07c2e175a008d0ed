"""The numbers on top of the first page about money."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from dash.development.base_component import Component

from app.model import written
from app.model.budgets import BudgetStanding
from app.model.states import Health
from app.read import AwsForecast, Forecast, SpendAnswer, Today
from dashboards.pages.spend_ahead import chance_words, interval_words
from dashboards.pages.spend_month import last_known, month_start, so_far
from dashboards.pages.spend_now import now_tile
from dashboards.parts import Seen, tile, tiles

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Month:
    """What is known of this month: its days, its forecast, the budget of everything, today."""

    told: SpendAnswer
    ahead: Forecast | None
    budget: BudgetStanding | None
    aws: AwsForecast | None
    today: Today | None


def tiles_of(month: Month, seen: Seen) -> Component:
    """Month to date, forecast, budget, and the same days of the month before."""
    told = month.told
    so = so_far(told, told.totals, seen.now)
    last = last_known(told)
    until = f"unblended, up to {written.day(last)}" if last else "unblended"
    return tiles(
        tile("Month to date", float(so.spent), "usd", note=until),
        _forecast(month),
        _budget(month),
        _change(so.spent, so.before, seen.now),
        now_tile(month.today),
    )


def _forecast(month: Month) -> Component:
    found = month.ahead
    if found is None:
        return tile("Forecast", None, note="needs seven days of bill")
    return tile(
        "By the month's end",
        float(found.total.expected),
        "usd",
        note=interval_words(found.total),
    )


def _budget(month: Month) -> Component:
    """How much of it is spent, and how likely it is to be passed."""
    standing = month.budget
    if standing is None:
        return tile("Budget", "none", note="of everything, a month", href="/spend/budgets")
    budget, ahead = standing.budget, month.ahead
    limit = written.value(budget.limit, "usd")
    said = f"of {limit} · {chance_words(ahead, budget.limit)}" if ahead else f"of {limit}"
    return tile(
        f"Budget {budget.name}",
        standing.actual_share,
        "percent",
        note=said,
        health=standing.health if standing.health is not Health.OK else None,
        href="/spend/budgets",
        why=standing.said,
    )


def _change(spent: Decimal, before: Decimal | None, now: datetime) -> Component:
    month = f"{month_start(now) - DAY:%B}"
    if before is None or before <= 0:
        return tile("Against the month before", None, note=f"{month} is not collected")
    return tile(
        "Against the month before",
        written.change(float(spent), float(before)),
        note=f"{written.value(before, 'usd')} by then in {month}",
    )
