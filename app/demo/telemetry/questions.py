"""What a GetMetricData request asks, checked by AWS's rules."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.demo.refusal import Refused, invalid
from app.demo.telemetry.fields import (
    Request,
    items,
    mapping,
    moment,
    number,
    required,
    series,
    text,
)
from app.demo.telemetry.statistics import Statistic, statistic
from app.model.ids import Place, SeriesKey

MOST_QUERIES = 500
MOST_POINTS = 100_800
_ID = re.compile(r"[a-z][a-zA-Z0-9_]*")
_HIGH_RESOLUTION = {1, 5, 10, 20, 30}
_MINUTE, _FIVE, _HOUR, _DAY = 60, 300, 3600, 86_400
# Retention of each resolution: "Metrics retention" in the CloudWatch user guide.
_KEPT = ((_MINUTE, 3 * _HOUR), (_FIVE, 15 * _DAY), (_HOUR, 63 * _DAY))
_KEPT_LONGEST = 455 * _DAY


@dataclass(frozen=True, slots=True)
class Query:
    """One metric with one statistic."""

    id: str
    key: SeriesKey
    period: int
    statistic: Statistic
    label: str


@dataclass(frozen=True, slots=True)
class Question:
    """A whole request; ``start_s`` is rounded as CloudWatch rounds it."""

    queries: tuple[Query, ...]
    start_s: int
    end_s: float
    newest_first: bool
    most_points: int


def question(place: Place, request: Request, now_s: float) -> Question:
    """The checked question, or Refused."""
    asked = items(required(request, "MetricDataQueries"))
    if len(asked) > MOST_QUERIES:
        raise invalid(
            f"The collection MetricDataQueries must not have a size greater than {MOST_QUERIES}."
        )
    start, end = window(request)
    queries = [query(place, mapping(item)) for item in asked]
    ids = [q.id for q in queries if q is not None]
    if len(set(ids)) < len(ids):
        raise invalid("The values for parameter id in MetricDataQueries are not unique.")
    return Question(
        tuple(q for q in queries if q is not None),
        rounded_start(start, now_s),
        end,
        _newest_first(request),
        _most_points(request),
    )


def window(request: Request) -> tuple[float, float]:
    """Start and end in epoch seconds."""
    start = moment(required(request, "StartTime"), "StartTime")
    end = moment(required(request, "EndTime"), "EndTime")
    if start >= end:
        raise invalid("The parameter StartTime must be less than the parameter EndTime.")
    return start, end


def rounded_start(start_s: float, now_s: float) -> int:
    """Down to the minute, five minutes or hour, by age; to the second within three hours."""
    age = now_s - start_s
    if age <= 3 * _HOUR:
        return int(start_s)
    step = _MINUTE if age < 15 * _DAY else _FIVE if age < 63 * _DAY else _HOUR
    return int(start_s // step) * step


def kept_for(period: int) -> int:
    """Seconds for which points that can be read with this period are kept."""
    for finer_than, seconds in _KEPT:
        if period % finer_than:
            return seconds
    return _KEPT_LONGEST


def query(place: Place, asked: Request) -> Query | None:
    """One query; None for one that only feeds others (ReturnData false)."""
    identity = text(asked.get("Id"))
    if not _ID.fullmatch(identity):
        raise invalid(
            "The value for parameter id in MetricDataQueries must match ^[a-z][a-zA-Z0-9_]*$"
            f", not `{identity}`."
        )
    if "Expression" in asked:
        raise invalid("The pretend AWS does not evaluate expressions; ask for MetricStat.")
    stat = mapping(asked.get("MetricStat"))
    if not stat:
        raise invalid(f"Query {identity} needs either a MetricStat or an Expression.")
    if str(asked.get("ReturnData", "true")).lower() == "false":
        return None
    return _of_metric(place, identity, stat, text(asked.get("Label")))


def _of_metric(place: Place, identity: str, stat: Request, label: str) -> Query:
    wanted = statistic(text(required(stat, "Stat")))
    if wanted is None:
        raise invalid(f"The value {stat['Stat']!r} for parameter Stat is not a valid statistic.")
    metric = mapping(required(stat, "Metric"))
    for name in ("Namespace", "MetricName"):
        required(metric, name)
    period = checked_period(number(required(stat, "Period"), "Period"))
    key = series(place, metric)
    return Query(identity, key, period, wanted, label)


def checked_period(period: float) -> int:
    """1, 5, 10, 20, 30 or a multiple of 60 seconds."""
    whole = int(period)
    if whole != period or whole < 1 or (whole % _MINUTE and whole not in _HIGH_RESOLUTION):
        raise invalid(
            "The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60"
            f" seconds, not {period:g}."
        )
    return whole


def _newest_first(request: Request) -> bool:
    order = text(request.get("ScanBy")) or "TimestampDescending"
    if order not in {"TimestampAscending", "TimestampDescending"}:
        raise Refused("InvalidParameterValue", f"{order} is not a valid ScanBy.")
    return order == "TimestampDescending"


def _most_points(request: Request) -> int:
    asked = request.get("MaxDatapoints")
    if asked is None:
        return MOST_POINTS
    most = int(number(asked, "MaxDatapoints"))
    if not 1 <= most <= MOST_POINTS:
        raise invalid(f"MaxDatapoints must be between 1 and {MOST_POINTS}, not {most}.")
    return most
