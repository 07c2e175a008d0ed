"""The month as it adds up: spent so far, the forecast as a fan, the budget, AWS's forecast."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import accumulate

from app.model import written
from app.model.budgets import BudgetStanding, Period
from app.model.time import Window
from app.read import AwsForecast, Forecast, Reads, Spread
from dashboards.figures import Calendar, Fan, Figure, Threshold, outlook

DAY = timedelta(days=1)
Amounts = list[float | None]


def month_budget(reads: Reads, now: datetime) -> BudgetStanding | None:
    """The budget of a month that everything counts for; one's own before those of AWS."""
    return next(
        (
            each
            for each in reads.budgets.standing(now).value
            if each.budget.period is Period.MONTH
            and not each.budget.where
            and each.budget.unit == "USD"
        ),
        None,
    )


def month_figure(
    found: Forecast,
    spent: Sequence[Decimal | None],
    budget: BudgetStanding | None,
    aws: AwsForecast | None,
) -> Figure:
    """``spent`` are the days of the month as far as they are known."""
    calendar = Calendar.days(Window(_midnight(found.start), _midnight(found.end)))
    known = (found.known_until - found.start).days
    running = list(accumulate(float(amount or 0) for amount in spent[:known]))
    drawn: Amounts = [*running, *[None] * (len(calendar.starts) - len(running))]
    limit = budget.budget.limit if budget else None
    return outlook(
        calendar,
        drawn,
        _fan(found, running, len(calendar.starts)),
        budget=Threshold(float(limit), f"budget {written.value(limit, 'usd')}") if limit else None,
        passed=limit is not None and found.total.expected > limit,
        aws=_aws(aws, found, spent, len(calendar.starts)) if aws else (),
    )


def aws_total(
    aws: AwsForecast | None, found: Forecast, spent: Sequence[Decimal | None]
) -> float | None:
    """The month's end as AWS sees it: what is spent before its forecast begins, and that."""
    if aws is None:
        return None
    days = spent[: max(0, (aws.start - found.start).days)]
    return float(sum((day or Decimal(0) for day in days), aws.usd))


def interval_words(spread: Spread) -> str:
    """ "80 %: $2,040 to $2,190"."""
    low, high = written.value(spread.low80, "usd"), written.value(spread.high80, "usd")
    return f"80 %: {low} to {high}"


def chance_words(found: Forecast, limit: Decimal) -> str:
    """How likely the month is to pass a limit; never quite sure while it lasts."""
    percent = min(99, max(1, round(100 * found.chance_over(limit))))
    if percent in (1, 99):
        return f"{'under' if percent == 1 else 'over'} as things go"
    return f"over at {percent}{written.NBSP}%"


def _fan(found: Forecast, running: list[float], count: int) -> Fan | None:
    """From the last known day on; there all lines begin at what is spent."""
    if not found.days:
        return None
    start = (found.days[0].day - found.start).days
    now = running[-1] if running else 0.0

    def line(name: str) -> Amounts:
        ahead = [float(getattr(day.so_far, name)) for day in found.days]
        before: Amounts = [None] * max(0, start - 1) + ([now] if start else [])
        filled = [*before, *ahead]
        return [*filled, *[None] * (count - len(filled))]

    return Fan(line("expected"), line("low80"), line("high80"), line("low95"), line("high95"))


def _aws(aws: AwsForecast, found: Forecast, spent: Sequence[Decimal | None], count: int) -> Amounts:
    """A straight line to where AWS sees the month end; it tells the sum of the rest."""
    end = aws_total(aws, found, spent)
    first = max(0, (aws.start - found.start).days)
    if end is None or first >= count:
        return []
    begin = end - float(aws.usd)
    step = float(aws.usd) / (count - first)
    ahead = [begin + step * (n + 1) for n in range(count - first)]
    before: Amounts = [None] * max(0, first - 1) + ([begin] if first else [])
    return [*before, *ahead]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
