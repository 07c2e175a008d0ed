"""Dates and periods in requests of Cost Explorer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from app.demo.spend.book import first_day
from app.demo.spend.days import date_of, number_of
from app.demo.spend.filters import validation
from app.demo.telemetry.fields import Request, mapping, text

Span = tuple[date, date]


def dates(request: Request, name: str = "TimePeriod") -> Span:
    """Start (inside) and end (outside)."""
    given = mapping(request.get(name))
    ends = ("Start", "End") if name == "TimePeriod" else ("StartDate", "EndDate")
    start, end = (_date(text(given.get(key))) for key in ends)
    if start >= end and name == "TimePeriod":
        raise validation("Start date (and hour) should be before end date (and hour)")
    return start, end


def history(request: Request, today: date) -> Span:
    """Dates of a question about the past: not too old, not past the next month."""
    start, end = dates(request)
    if number_of(start) < first_day(number_of(today)):
        raise validation(
            "The given start date is too old. Historical data is available for 14 months."
        )
    if end > _next_month(_next_month(today)):
        raise validation("end date past the beginning of next month")
    return start, end


def granularity(request: Request) -> str:
    """DAILY or MONTHLY; hours are a feature that is not switched on."""
    given = text(request.get("Granularity"))
    if given == "HOURLY":
        raise validation("Hourly data is not enabled for this account.")
    if given not in ("DAILY", "MONTHLY"):
        raise validation(f"Granularity {given or 'missing'} is not one of DAILY, MONTHLY.")
    return given


def periods(span: Span, grain: str) -> Iterator[Span]:
    """The days or (parts of) months of a span."""
    start, end = span
    while start < end:
        after = start + timedelta(days=1) if grain == "DAILY" else _next_month(start)
        yield start, min(after, end)
        start = after


def told(span: Span) -> dict[str, str]:
    return {"Start": span[0].isoformat(), "End": span[1].isoformat()}


def today_of(number: int) -> date:
    return date_of(number)


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _date(given: str) -> date:
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise validation(f"`{given}` is not a date of the form YYYY-MM-DD.") from None
