"""What Cost Explorer expects and what it finds odd, as facts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from app.model.errors import NotEnabled
from app.model.rounds import Batch
from app.model.spend import FactKind, SpendFacts
from app.model.time import floor
from collectors.spend_asking import Asking
from collectors.spend_windows import month_start

METRIC, LEVEL = "UNBLENDED_COST", 80
DAY = timedelta(days=1)
KEPT = timedelta(days=89)
"""Anomalies are told for the last 90 days, today among them."""

Content = dict[str, Any]


def forecast(asking: Asking) -> Batch:
    """Each day from today to the end of the next month, with an interval.

    Days and not months, because a sum of days is the same whatever was asked.
    """
    end = month_start(asking.now, 2)
    params = {
        "TimePeriod": {"Start": f"{asking.now:%Y-%m-%d}", "End": f"{end:%Y-%m-%d}"},
        "Metric": METRIC,
        "Granularity": "DAILY",
        "PredictionIntervalLevel": LEVEL,
    }
    try:
        answer = asking.ask("GetCostForecast", params)
    except NotEnabled as error:
        return Batch(notes=[f"AWS makes no forecast yet: {error.message}"])
    days = {
        each["TimePeriod"]["Start"]: _day(each)
        for each in answer.get("ForecastResultsByTime") or ()
    }
    return _batch(FactKind.FORECAST, asking, days)


def anomalies(asking: Asking, most: int) -> Batch:
    """All anomalies of the last three months, with what caused them."""
    start = floor(asking.now, DAY) - KEPT
    interval = {"StartDate": f"{start:%Y-%m-%d}", "EndDate": f"{asking.now:%Y-%m-%d}"}
    pages, more = asking.pages("GetAnomalies", {"DateInterval": interval}, most)
    if more:
        # A list that was cut must not make those that it leaves out look gone.
        return Batch(notes=["there are more cost anomalies than requests left today; none is told"])
    found = [each for page in pages for each in page.get("Anomalies") or ()]
    contents = {str(each["AnomalyId"]): _anomaly(each) for each in found}
    return _batch(FactKind.ANOMALY, asking, contents)


def _batch(kind: FactKind, asking: Asking, contents: Mapping[str, Content]) -> Batch:
    return Batch(spend_facts=[SpendFacts(kind, asking.place.account, asking.now, contents)])


def _day(each: Mapping[str, Any]) -> Content:
    return {
        "metric": METRIC,
        "day": each["TimePeriod"]["Start"],
        "mean": str(each.get("MeanValue") or "0"),
        "low": str(each.get("PredictionIntervalLowerBound") or "0"),
        "high": str(each.get("PredictionIntervalUpperBound") or "0"),
        "level": LEVEL,
    }


def _anomaly(each: Mapping[str, Any]) -> Content:
    score, impact = each.get("AnomalyScore") or {}, each.get("Impact") or {}
    return {
        "start": _date(each.get("AnomalyStartDate")),
        "end": _date(each.get("AnomalyEndDate")),
        "dimension": str(each.get("DimensionValue") or ""),
        "max_score": score.get("MaxScore"),
        "current_score": score.get("CurrentScore"),
        "impact": _usd(impact.get("TotalImpact")),
        "max_impact": _usd(impact.get("MaxImpact")),
        "expected": _usd(impact.get("TotalExpectedSpend")),
        "actual": _usd(impact.get("TotalActualSpend")),
        "impact_percent": impact.get("TotalImpactPercentage"),
        "feedback": str(each.get("Feedback") or ""),
        "monitor": str(each.get("MonitorArn") or ""),
        "causes": [_cause(cause) for cause in each.get("RootCauses") or ()],
    }


def _cause(cause: Mapping[str, Any]) -> Content:
    return {
        "service": str(cause.get("Service") or ""),
        "region": str(cause.get("Region") or ""),
        "account": str(cause.get("LinkedAccount") or ""),
        "account_name": str(cause.get("LinkedAccountName") or ""),
        "usage_type": str(cause.get("UsageType") or ""),
        "impact": _usd((cause.get("Impact") or {}).get("Contribution")),
    }


def _date(text: Any) -> str | None:
    """A day; AWS writes some with a time behind."""
    return str(text)[:10] if text else None


def _usd(value: Any) -> str | None:
    return None if value is None else str(value)
