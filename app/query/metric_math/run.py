"""Evaluates metric math over series on one grid.

Series lie in float64 arrays, one slot a period, so every function is one pass
over an array and costs the same for an alarm and for a chart. The source of its rules
is the Amazon CloudWatch User Guide, "Using math expressions with CloudWatch metrics".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from app.query.lang import QueryError, Span
from app.query.metric_math.evaluation import Math
from app.query.metric_math.special import Ask, Find, Found, Request, Rows
from app.query.metric_math.values import Grid, Series, Value

Point = tuple[int, float]
_ID = re.compile(r"[a-z][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Element:
    """One series of an array result."""

    id: str | None
    values: list[Point]
    label: str | None = None


@dataclass(frozen=True, slots=True)
class MathResult:
    """At most one of ``series``, ``array`` and ``scalar`` is set; times are epoch seconds.

    None is set for a number that there is not, such as the maximum of a series
    without points. ``messages`` are AWS's, such as MaxMetricsExceeded.
    """

    series: list[Point] | None = None
    array: list[Element] | None = None
    scalar: float | None = None
    messages: tuple[str, ...] = ()


def evaluate(
    expression: str,
    series: Mapping[str, Rows],
    period: int,
    start: int,
    end: int,
    *,
    expressions: Mapping[str, str] | None = None,
    arrays: Mapping[str, Sequence[Found]] | None = None,
    bands: Mapping[str, Rows] | None = None,
    excluded: Sequence[tuple[float, float]] = (),
    context: Literal["graph", "alarm"] = "graph",
    final: bool = True,
    find: Find | None = None,
    ask: Ask | None = None,
) -> MathResult:
    """Evaluate one metric math expression.

    The keys of a sample line of kind ``math`` are the arguments: ``series`` maps the
    Id of each metric of the request, in its order, to ``[epoch second, value]`` pairs;
    a missing point is absent. The grid runs from ``start`` to ``end`` (epoch seconds,
    end exclusive) every ``period`` seconds; points off the grid are left out.
    ``expressions`` are further expressions by Id. In the ``context`` of an alarm the
    result must be one series; ``final=False`` allows a number. ``expected`` is compared
    with ``series``, ``array`` or ``scalar`` of the answer, ``"error"`` is a QueryError.

    ``bands`` holds ``lower`` and ``upper`` for ANOMALY_DETECTION_BAND, as CloudWatch gave
    them. Without it the band is learnt from the points of ``series`` before ``start``,
    best two weeks of them, except those between the pairs of ``excluded`` (epoch
    seconds); where these are too few, the band has no points.

    ``arrays`` are results of Metrics Insights queries with GROUP BY: by Id the series
    as (id, label, points). ``find(search, statistic, period)`` answers SEARCH in the
    same form, and ``ask(function, arguments)`` the functions that only CloudWatch, a
    database or a Lambda function can answer; without it they are errors.
    Series of different periods are brought to one by ``aligned`` before.
    """
    _check_request(expression, {**series, **(expressions or {}), **(arrays or {})}, period)
    grid, messages = Grid.over(start, end, period), list[str]()
    request = Request(grid, find, ask, context == "alarm", messages)
    math = Math(request, series, expressions or {}, arrays or {}, bands or {}, excluded)
    try:
        value = math.whole(expression)
    except RecursionError:
        raise _whole("the expression is nested too deeply", expression) from None
    if final:
        _check_final(value, expression, context)
    return _result(value, grid, tuple(messages))


def _whole(message: str, text: str) -> QueryError:
    return QueryError(message, text, Span(0, len(text)))


def _check_request(text: str, ids: Mapping[str, object], period: int) -> None:
    if period <= 0:
        raise _whole("the period is a positive number of seconds", text)
    for name in ids:
        if not _ID.fullmatch(name):
            raise _whole(f"the Id `{name}` must match [a-z][A-Za-z0-9_]*", text)


def _check_final(value: Value, text: str, context: str) -> None:
    if isinstance(value, float | str):
        raise _whole("the result must be a time series, not a single value", text)
    if context == "alarm" and not isinstance(value, Series):
        raise _whole("in an alarm the result must be one time series", text)


def _result(value: Value, grid: Grid, messages: tuple[str, ...]) -> MathResult:
    if isinstance(value, Series):
        return MathResult(series=_pairs(value, grid), messages=messages)
    if isinstance(value, tuple):
        array = [Element(s.id, _pairs(s, grid), s.label) for s in value]
        return MathResult(array=array, messages=messages)
    known = isinstance(value, float) and not np.isnan(value)
    return MathResult(scalar=float(value) if known else None, messages=messages)


def _pairs(series: Series, grid: Grid) -> list[Point]:
    there = ~np.isnan(series.points)
    times = grid.times()[there].tolist()
    return list(zip(times, series.points[there].tolist(), strict=True))
