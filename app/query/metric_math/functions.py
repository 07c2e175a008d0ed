"""The table of metric math functions: names, arguments, one sentence each.

Source: Amazon CloudWatch User Guide, "Using math expressions with CloudWatch metrics".
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from app.query.metric_math.values import Kind


@dataclass(frozen=True, slots=True)
class Function:
    """``takes`` lists for each argument the kinds it may have; ``optional`` of the last are.

    With ``more`` any number may follow.
    """

    name: str
    takes: tuple[tuple[Kind, ...], ...]
    says: str
    optional: int = 0
    remote: bool = False
    more: bool = False


_SERIES: tuple[Kind, ...] = ("series",)
_ARRAY: tuple[Kind, ...] = ("array",)
_BOTH: tuple[Kind, ...] = ("series", "array")
_NUMBER: tuple[Kind, ...] = ("number",)
_TEXT: tuple[Kind, ...] = ("text",)
_WORD: tuple[Kind, ...] = ("word",)
_BRANCH: tuple[Kind, ...] = ("series", "number")

_EACH = {
    "ABS": "Each point without its sign.",
    "CEIL": "Each point rounded up.",
    "FLOOR": "Each point rounded down.",
    "LOG": "Natural logarithm; of 0 and below there is none.",
    "LOG10": "Logarithm to base 10; of 0 and below there is none.",
    "DIFF": "Value minus the preceding existing one; the first point has none.",
    "DIFF_TIME": "Seconds since the preceding existing point; the first point has none.",
    "RATE": "Change per second since the preceding existing point.",
    "RUNNING_SUM": "Sum of the existing points so far.",
}
_REDUCERS = {
    "AVG": "Of a series its sum by the number of slots; of an array by the number of series.",
    "SUM": "Sum of the points of a series, or of all series in each slot.",
    "MIN": "Lowest existing point of a series, or of all series in each slot.",
    "MAX": "Highest existing point of a series, or of all series in each slot.",
    "STDDEV": "Standard deviation of the existing points, as of a population.",
    "DATAPOINT_COUNT": "Points of a series, or series with a point in each slot.",
}
_CALENDAR = {
    "MINUTE": "Minute of every slot in UTC, 0 to 59.",
    "HOUR": "Hour of every slot in UTC, 0 to 23.",
    "DAY": "Day of the week of every slot in UTC, 1 is Monday.",
    "DATE": "Day of the month of every slot in UTC.",
    "MONTH": "Month of every slot in UTC, 1 to 12.",
    "YEAR": "Year of every slot in UTC.",
    "EPOCH": "Seconds since 1970 of every slot.",
}
_GIVEN = (
    Function("METRIC_COUNT", (_ARRAY,), "Number of series, with points or without."),
    Function(
        "FILL",
        (_BOTH, ("number", "series", "word")),
        "Gaps filled by a number, a series, the last value (REPEAT) or a line (LINEAR).",
    ),
    Function("FIRST", (_ARRAY,), "First series; in an alarm the first of none has no points."),
    Function("LAST", (_ARRAY,), "Last series; of a band the upper bound."),
    Function(
        "IF",
        (_BRANCH, _BRANCH, _BRANCH),
        "One or the other by a condition; where the condition is missing there is no point.",
        optional=1,
    ),
    Function(
        "METRICS",
        (_TEXT,),
        "Metrics of the request in order, or those with a text in the Id; no expressions.",
        optional=1,
    ),
    Function("PERIOD", (_SERIES,), "Seconds of a metric's period."),
    Function("REMOVE_EMPTY", (_ARRAY,), "Without series that have no point."),
    Function(
        "SORT",
        (_ARRAY, _WORD, _WORD, _NUMBER),
        "By AVG, MIN, MAX or SUM, ASC or DESC, at most so many; ties keep their order.",
        optional=1,
    ),
    Function(
        "SLICE",
        (_ARRAY, _NUMBER, _NUMBER),
        "Series from a place counted from 0, up to another one that is left out.",
        optional=1,
    ),
    Function("TIME_SERIES", (_NUMBER,), "A constant in every slot."),
    Function(
        "SEARCH",
        (_TEXT, _TEXT, _NUMBER),
        "Metrics that a search finds, by label, at most 500; never in an alarm.",
        optional=1,
    ),
    Function(
        "ANOMALY_DETECTION_BAND",
        (_SERIES, _NUMBER),
        "Lower and upper bound of what is normal, 2 deviations wide or as said.",
        optional=1,
    ),
)
_REMOTE = (
    Function("INSIGHT_RULE_METRIC", (_TEXT, _TEXT), "Contributor Insights.", remote=True),
    Function(
        "DB_PERF_INSIGHTS",
        (_TEXT, _TEXT, ("text", "array")),
        "Performance Insights.",
        remote=True,
    ),
    Function("LAMBDA", (_TEXT,), "An external source.", remote=True, more=True),
    Function("SERVICE_QUOTA", (_SERIES,), "The quota of a usage metric.", remote=True),
)


@cache
def functions() -> dict[str, Function]:
    """Every function by its name."""
    table = (
        *(Function(name, (_BOTH,), says) for name, says in {**_EACH, **_REDUCERS}.items()),
        *(Function(name, (_SERIES,), says) for name, says in _CALENDAR.items()),
        *_GIVEN,
        *_REMOTE,
    )
    return {function.name: function for function in table}
