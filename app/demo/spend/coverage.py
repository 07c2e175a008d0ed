"""How well commitments are used, and how much they cover."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import numpy as np

from app.demo.refusal import Refused
from app.demo.spend.book import ONE_USD, SpendBook, Statement
from app.demo.spend.charges import COVERED, RECURRING, RESERVED, USAGE, Charge
from app.demo.spend.days import number_of
from app.demo.spend.explorer import sees
from app.demo.spend.lines import EC2, ECS, LAMBDA, RDS
from app.demo.spend.machines import RESERVATION, SAVINGS_PLAN
from app.demo.spend.periods import Span, granularity, history, periods, told
from app.demo.telemetry.fields import Request

Json = dict[str, object]
Figures = Callable[[Span], Json]

_ELIGIBLE = (EC2, ECS, LAMBDA)


def savings_plans_coverage(book: SpendBook, account: str, request: Request, now: datetime) -> Json:
    """How much of eligible spend the savings plan paid for."""
    statement = _covered_statement(book, account, now, COVERED)

    def figures(period: Span) -> Json:
        paid = _usd(statement, period, lambda c: c.record_type == COVERED)
        rest = _usd(statement, period, lambda c: c.service in _ELIGIBLE and c.record_type == USAGE)
        return {
            "SpendCoveredBySavingsPlans": _text(paid),
            "OnDemandCost": _text(rest),
            "TotalCost": _text(paid + rest),
            "CoveragePercentage": _percent(paid, paid + rest),
        }

    told_ = [
        {"Attributes": {}, "Coverage": figures(period), "TimePeriod": told(period)}
        for period in _periods(request, now)
    ]
    return {"SavingsPlansCoverages": told_}


def savings_plans_utilization(
    book: SpendBook, account: str, request: Request, now: datetime
) -> Json:
    """How much of the commitment was used."""
    statement = _covered_statement(book, account, now, COVERED)

    def figures(period: Span) -> Json:
        committed = _usd(statement, period, lambda c: c.record_type == RECURRING)
        on_demand = _usd(statement, period, lambda c: c.record_type == COVERED)
        used = min(on_demand * SAVINGS_PLAN, committed)
        return {
            "Utilization": {
                "TotalCommitment": _text(committed),
                "UsedCommitment": _text(used),
                "UnusedCommitment": _text(committed - used),
                "UtilizationPercentage": _percent(used, committed),
            },
            "Savings": {
                "NetSavings": _text(on_demand - committed),
                "OnDemandCostEquivalent": _text(on_demand),
            },
            "AmortizedCommitment": {
                "AmortizedRecurringCommitment": _text(committed),
                "AmortizedUpfrontCommitment": "0",
                "TotalAmortizedCommitment": _text(committed),
            },
        }

    return _by_time("SavingsPlansUtilizationsByTime", figures, request, now)


def reservation_coverage(book: SpendBook, account: str, request: Request, now: datetime) -> Json:
    """How many database hours were reserved."""
    statement = _covered_statement(book, account, now, RESERVED)

    def figures(period: Span) -> Json:
        reserved = _hours(statement, period, lambda c: c.record_type == RESERVED)
        on_demand = _hours(statement, period, _is_open_database)
        hours = {
            "OnDemandHours": _text(on_demand),
            "ReservedHours": _text(reserved),
            "TotalRunningHours": _text(on_demand + reserved),
            "CoverageHoursPercentage": _percent(reserved, on_demand + reserved),
        }
        cost = {"OnDemandCost": _text(_usd(statement, period, _is_open_database))}
        return {"CoverageHours": hours, "CoverageCost": cost}

    def of(period: Span) -> Json:
        return {"Groups": [], "Total": figures(period)}

    return _by_time("CoveragesByTime", of, request, now, lambda span: figures(span))


def reservation_utilization(book: SpendBook, account: str, request: Request, now: datetime) -> Json:
    """How many of the reserved hours were used."""
    statement = _covered_statement(book, account, now, RESERVED)

    def figures(period: Span) -> Json:
        used = _hours(statement, period, lambda c: c.record_type == RESERVED)
        paid = _amortized(statement, period)
        on_demand = paid / RESERVATION
        return {
            "UtilizationPercentage": _percent(used, used),
            "PurchasedHours": _text(used),
            "TotalActualHours": _text(used),
            "UnusedHours": "0",
            "OnDemandCostOfRIHoursUsed": _text(on_demand),
            "NetRISavings": _text(on_demand - paid),
            "TotalPotentialRISavings": _text(on_demand - paid),
            "AmortizedUpfrontFee": "0",
            "AmortizedRecurringFee": _text(paid),
            "TotalAmortizedFee": _text(paid),
            "RICostForUnusedHours": "0",
            "RealizedSavings": _text(on_demand - paid),
            "UnrealizedSavings": "0",
        }

    def of(period: Span) -> Json:
        return {"Groups": [], "Total": figures(period)}

    return _by_time("UtilizationsByTime", of, request, now, lambda span: figures(span))


def _covered_statement(book: SpendBook, account: str, now: datetime, record_type: str) -> Statement:
    """The bill, if the account has any such commitment."""
    statement = book.known(now)
    visible = sees(book, account)
    if not any(c.record_type == record_type and visible(c) for c in statement.charges):
        raise Refused("DataUnavailableException", "The requested data is unavailable.")
    return statement


def _by_time(
    name: str, figures: Figures, request: Request, now: datetime, total: Figures | None = None
) -> Json:
    spans = _periods(request, now)
    by_time = [{"TimePeriod": told(period), **figures(period)} for period in spans]
    whole = (spans[0][0], spans[-1][1])
    return {name: by_time, "Total": (total or figures)(whole)}


def _periods(request: Request, now: datetime) -> list[Span]:
    grain = granularity({"Granularity": "MONTHLY", **request})
    return list(periods(history(request, now.date()), grain))


def _is_open_database(charge: Charge) -> bool:
    hours = "InstanceUsage" in charge.usage_type or "Multi-AZUsage" in charge.usage_type
    return charge.service == RDS and hours and charge.record_type == USAGE


def _rows(statement: Statement, wanted: Callable[[Charge], bool]) -> list[int]:
    return [row for row, charge in enumerate(statement.charges) if wanted(charge)]


def _columns(statement: Statement, period: Span) -> slice:
    return slice(*(statement.column(number_of(day)) for day in period))


def _usd(statement: Statement, period: Span, wanted: Callable[[Charge], bool]) -> float:
    rows = _rows(statement, wanted)
    return float(statement.unblended[rows, _columns(statement, period)].sum()) / ONE_USD


def _hours(statement: Statement, period: Span, wanted: Callable[[Charge], bool]) -> float:
    rows = _rows(statement, wanted)
    return float(statement.quantity[rows, _columns(statement, period)].sum())


def _amortized(statement: Statement, period: Span) -> float:
    rows = _rows(statement, lambda c: c.record_type == RESERVED)
    return float(np.sum(statement.amortized[rows, _columns(statement, period)])) / ONE_USD


def _text(value: float) -> str:
    return f"{value:.10f}".rstrip("0").rstrip(".")


def _percent(part: float, whole: float) -> str:
    return _text(round(100.0 * part / whole, 6)) if whole else "0"
