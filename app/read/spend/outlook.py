"""The bill of a month or a quarter as it will be, and what AWS thinks it will be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from app.model.readings import Look, Reading
from app.model.spend import FactKind
from app.read.spend.daily import Bill, Where, told, totals_of
from app.read.spend.forecast import Forecast, forecast, month_of, quarter_of
from app.read.spend.rolling import LOOK_BACK


class Period(StrEnum):
    """What is forecast."""

    MONTH = "month"
    QUARTER = "quarter"

    def of(self, day: date) -> tuple[date, date]:
        """Its first day, and that of the next."""
        return month_of(day) if self is Period.MONTH else quarter_of(day)


@dataclass(frozen=True, slots=True)
class AwsForecast:
    """AWS's own forecast of the days from ``start`` to before ``end``, as a comparison."""

    start: date
    end: date
    usd: Decimal
    read_at: datetime


def outlook(bill: Bill, period: Period, where: Where = ()) -> Reading[Forecast | None]:
    """The forecast of the period that today lies in; None with too few days of bill."""
    reading = bill.last(LOOK_BACK, where=where)
    if reading.look is not Look.DATA:
        return told(reading, None)
    history = totals_of(reading.value)
    return told(reading, forecast(history, *period.of(bill.now.date())))


def aws_forecast(bill: Bill) -> Reading[AwsForecast | None]:
    """What AWS expects of the rest of this month, today included."""
    reading = bill.spend.facts(FactKind.FORECAST)
    start, end = month_of(bill.now.date())
    days = {
        date.fromisoformat(str(fact.content["day"])): Decimal(str(fact.content["mean"]))
        for fact in reading.value
        if fact.content.get("metric", "UNBLENDED_COST") == "UNBLENDED_COST"
    }
    ahead = {day: usd for day, usd in days.items() if start <= day < end}
    value = None
    if ahead and reading.as_of is not None:
        total = sum(ahead.values(), Decimal(0))
        value = AwsForecast(min(ahead), end, total, reading.as_of)
    return Reading(value, reading.look, reading.as_of, reading.problem, reading.since)
