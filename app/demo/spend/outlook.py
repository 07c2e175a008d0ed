"""What Cost Explorer expects and what it finds odd: GetCostForecast and GetAnomalies."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

import numpy as np

from app.demo.spend.book import ONE_USD, SpendBook, Statement
from app.demo.spend.charges import Charge
from app.demo.spend.days import date_of, day_of, number_of
from app.demo.spend.explorer import amount, sees
from app.demo.spend.filters import expression, validation
from app.demo.spend.periods import Span, dates, granularity, periods, told
from app.demo.telemetry.fields import Request, mapping, number, text

Json = dict[str, object]

_METRICS = {
    "UNBLENDED_COST": "UnblendedCost",
    "BLENDED_COST": "BlendedCost",
    "AMORTIZED_COST": "AmortizedCost",
    "NET_UNBLENDED_COST": "NetUnblendedCost",
    "NET_AMORTIZED_COST": "NetAmortizedCost",
}
_FURTHEST = {"DAILY": 93, "MONTHLY": 366}
_HALF_WIDTH = 0.11
_DETECTED_AFTER = timedelta(days=1)
_LOOKED_BACK = timedelta(days=90)


def cost_forecast(book: SpendBook, account: str, request: Request, now: datetime) -> Json:
    """What AWS would predict: the truth, smoothed, with a band around it."""
    span, grain = dates(request), granularity(request)
    if span[0] < now.date():
        raise validation("Start date must be greater than or equal to today.")
    if (span[1] - now.date()).days > _FURTHEST[grain]:
        raise validation(f"{grain} forecasts reach {_FURTHEST[grain]} days ahead at most.")
    metric = _METRICS.get(text(request.get("Metric")))
    if metric is None:
        raise validation("Metric is not one of " + ", ".join(_METRICS))
    level = number(request.get("PredictionIntervalLevel", 80), "PredictionIntervalLevel")
    if not 51 <= level <= 99:
        raise validation("PredictionIntervalLevel must be between 51 and 99.")
    wanted = _visible(book, account, request)
    means = [(p, _expected(book.whole(now), wanted, p, metric)) for p in periods(span, grain)]
    share = _HALF_WIDTH * level / 80.0
    return {
        "Total": {"Amount": amount(sum(mean for _, mean in means)), "Unit": "USD"},
        "ForecastResultsByTime": [_predicted(period, mean, share) for period, mean in means],
    }


def anomalies(book: SpendBook, account: str, request: Request, now: datetime) -> Json:
    """The floods of traffic through the NAT gateways, a day after they began."""
    start, end = dates(request, "DateInterval")
    if start < now.date() - _LOOKED_BACK:
        raise validation("Anomalies are available for the last 90 days.")
    known = (now - _DETECTED_AFTER).date()
    found = [
        anomaly
        for begun, anomaly in found_anomalies(book, account, now)
        if start <= begun <= min(end, known)
    ]
    return {"Anomalies": found}


def found_anomalies(book: SpendBook, account: str, now: datetime) -> Iterator[tuple[date, Json]]:
    """Every anomaly of the history with the day on which it began."""
    statement = book.known(now)
    for row, charge in enumerate(statement.charges):
        if not charge.usage_type.endswith("NatGateway-Bytes") or not sees(book, account)(charge):
            continue
        days = book.days(charge, statement.calendar)
        spiking = days.spikes("nat") > 0
        for column in np.flatnonzero(spiking[1:] & ~spiking[:-1]) + 1:
            if statement.first + column < day_of(now):
                begun = date_of(statement.first + int(column))
                yield begun, _anomaly(book, statement, row, int(column))


def _anomaly(book: SpendBook, statement: Statement, row: int, column: int) -> Json:
    charge = statement.charges[row]
    spend = statement.unblended[row] / ONE_USD
    actual = float(spend[column : column + 2].sum())
    expected = float(np.median(spend[max(column - 14, 0) : column])) * 2.0
    impact = actual - expected
    begun = date_of(statement.first + column)
    account = charge.place.account
    cause: Json = {
        "Service": charge.service,
        "Region": charge.place.region,
        "LinkedAccount": account,
        "LinkedAccountName": book.account_name(account),
        "UsageType": charge.usage_type,
        "Impact": {"Contribution": round(impact, 2)},
    }
    name = hashlib.sha256(f"{account}/{charge.usage_type}/{begun}".encode()).hexdigest()
    return {
        "AnomalyId": f"{name[:8]}-{name[8:12]}-{name[12:16]}-{name[16:20]}-{name[20:32]}",
        "AnomalyStartDate": begun.isoformat(),
        "AnomalyEndDate": (begun + timedelta(days=1)).isoformat(),
        "DimensionValue": charge.service,
        "RootCauses": [cause],
        "AnomalyScore": {"MaxScore": 0.91, "CurrentScore": 0.44},
        "Impact": {
            "MaxImpact": round(impact * 0.6, 2),
            "TotalImpact": round(impact, 2),
            "TotalActualSpend": round(actual, 2),
            "TotalExpectedSpend": round(expected, 2),
            "TotalImpactPercentage": round(100.0 * impact / expected, 2) if expected else 0.0,
        },
        "MonitorArn": f"arn:aws:ce::{book.payer}:anomalymonitor/{name[32:40]}",
    }


def _visible(book: SpendBook, account: str, request: Request) -> Callable[[Charge], bool]:
    visible, passes = sees(book, account), expression(mapping(request.get("Filter")))
    return lambda charge: visible(charge) and passes(charge)


def _expected(
    statement: Statement, wanted: Callable[[Charge], bool], period: Span, metric: str
) -> int:
    first, end = (statement.column(number_of(day)) for day in period)
    rows = [row for row, charge in enumerate(statement.charges) if wanted(charge)]
    return int(statement.of(metric)[rows, first:end].sum() * 1.02)


def _predicted(period: Span, mean: int, share: float) -> Json:
    low, high = int(mean * (1.0 - share)), int(mean * (1.0 + share))
    return {
        "TimePeriod": told(period),
        "MeanValue": amount(mean),
        "PredictionIntervalLowerBound": amount(low),
        "PredictionIntervalUpperBound": amount(high),
    }
