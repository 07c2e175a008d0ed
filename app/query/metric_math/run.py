"""Evaluates metric math over series on one grid.

Series lie in float64 arrays, one slot a period, so every function is one pass
over an array and costs the same for an alarm and for a chart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from app.query.lang import QueryError, Span
from app.query.metric_math.evaluation import Find, Math
from app.query.metric_math.values import Grid, Series, Value, placed

Point = tuple[int, float]


@dataclass(frozen=True, slots=True)
class Element:
    """One series of an array result."""

    id: str | None
    values: list[Point]
    label: str | None = None


@dataclass(frozen=True, slots=True)
class MathResult:
    """Exactly one of ``series``, ``array`` and ``scalar`` is set; times are epoch seconds."""

    series: list[Point] | None = None
    array: list[Element] | None = None
    scalar: float | None = None


def evaluate(
    expression: str,
    series: Mapping[str, Sequence[Sequence[float]]],
    period: int,
    start: int,
    end: int,
    *,
    expressions: Mapping[str, str] | None = None,
    bands: Mapping[str, Sequence[Sequence[float]]] | None = None,
    context: Literal["graph", "alarm"] = "graph",
    final: bool = True,
    find: Find | None = None,
) -> MathResult:
    """Evaluate one metric math expression.

    ``series`` maps the Id of each metric of the request, in its order, to
    ``[epoch second, value]`` pairs; a missing point is absent. The grid runs
    from ``start`` to ``end`` (epoch seconds, end exclusive) every ``period``
    seconds; points off the grid are left out. ``expressions`` are further
    expressions by Id. ``bands`` holds ``lower`` and ``upper`` for
    ANOMALY_DETECTION_BAND. In the context of an alarm the result must be one
    series; ``final=False`` allows a number. ``find(search, statistic, period)``
    answers SEARCH with (id, label, points). Raises QueryError.

    Source: Amazon CloudWatch User Guide, "Using math expressions with
    CloudWatch metrics".
    """
    grid = Grid.over(start, end, period)
    given = {name: Series(placed(points, grid), name) for name, points in series.items()}
    held = {name: placed(points, grid) for name, points in (bands or {}).items()}
    math = Math(grid, given, dict(expressions or {}), held, find)
    value = math.whole(expression)
    if final:
        _check_final(value, expression, context)
    return _result(value, grid)


def _check_final(value: Value, text: str, context: str) -> None:
    whole = Span(0, len(text))
    if isinstance(value, float | str):
        raise QueryError("the result must be a time series, not a single value", text, whole)
    if context == "alarm" and not isinstance(value, Series):
        raise QueryError("in an alarm the result must be one time series", text, whole)


def _result(value: Value, grid: Grid) -> MathResult:
    if isinstance(value, Series):
        return MathResult(series=_pairs(value, grid))
    if isinstance(value, tuple):
        return MathResult(array=[Element(s.id, _pairs(s, grid), s.label) for s in value])
    return MathResult(scalar=value if isinstance(value, float) else None)


def _pairs(series: Series, grid: Grid) -> list[Point]:
    there = ~np.isnan(series.points)
    times = grid.times()[there].tolist()
    return list(zip(times, series.points[there].tolist(), strict=True))
