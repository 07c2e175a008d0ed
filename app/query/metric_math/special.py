"""Functions of metric math with rules of their own, over arguments that are of the right kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.query.lang import QueryError, Span, did_you_mean
from app.query.metric_math import points as on_points
from app.query.metric_math import search as searching
from app.query.metric_math import tree
from app.query.metric_math.parse import printed
from app.query.metric_math.values import Grid, Points, Series, SeriesArray, Value, placed

_STATISTICS = ("AVG", "MIN", "MAX", "SUM")
_NAMED = ("Average", "Sum", "Minimum", "Maximum", "SampleCount", "IQM")
_EXTENDED = re.compile(r"(p|tm|tc|ts|wm)\d{1,3}(\.\d+)?|(TM|TC|TS|WM|PR)\(.*\)", re.IGNORECASE)
_INSIGHTS_PERIODS = (1, 10, 30, 60, 300, 3600, 86_400)
MOST_FOUND = 500
TOO_MANY = "MaxMetricsExceeded"

Rows = Sequence[Sequence[float]]
Found = tuple[str, str, Rows]
Find = Callable[[str, str, int], Sequence[Found]]
Ask = Callable[[str, Sequence[object]], Sequence[Found]]


@dataclass(frozen=True, slots=True)
class Request:
    """What an expression is evaluated over, apart from its series."""

    grid: Grid
    find: Find | None
    ask: Ask | None
    alarm: bool
    messages: list[str]


@dataclass(frozen=True, slots=True)
class Asked:
    """A call with its arguments evaluated; ``metrics`` are those of the request, by Id."""

    request: Request
    metrics: Mapping[str, Series]
    text: str
    call: tree.Call
    arguments: Sequence[Value]

    def error(self, message: str, span: Span | None = None) -> QueryError:
        return QueryError(message, self.text, span or self.call.span)

    def array(self) -> SeriesArray:
        """The first argument, where the table says that it is an array."""
        first = self.arguments[0]
        assert isinstance(first, tuple)  # noqa: S101 - by the table's kinds
        return first

    def whole(self, position: int) -> int:
        value, span = self.arguments[position], self.call.arguments[position].span
        if not isinstance(value, float) or value < 0 or value != int(value):
            raise self.error("a whole number from 0 is needed", span)
        return int(value)

    def nothing(self) -> Series:
        return Series(np.full(self.request.grid.size, np.nan))


def _fill(asked: Asked) -> Value:
    value, how = asked.arguments
    if isinstance(how, str) and how not in ("REPEAT", "LINEAR"):
        near = did_you_mean(how, ("REPEAT", "LINEAR"))
        raise asked.error(
            f"FILL takes a number, a series, REPEAT or LINEAR{near}", asked.call.arguments[1].span
        )
    by = how.points if isinstance(how, Series) else how
    assert not isinstance(by, tuple)  # noqa: S101 - by the table's kinds
    if isinstance(value, Series):
        return value.with_points(on_points.filled(value.points, by))
    return tuple(s.with_points(on_points.filled(s.points, by)) for s in asked.array())


def _edge(asked: Asked) -> Value:
    """FIRST and LAST; in an alarm an empty array is a missing slot, elsewhere a mistake."""
    array = asked.array()
    if array:
        return array[0] if asked.call.function == "FIRST" else array[-1]
    if asked.request.alarm:
        return asked.nothing()
    raise asked.error(f"{asked.call.function} of an empty array")


def _count(asked: Asked) -> Value:
    return float(len(asked.array()))


def _if(asked: Asked) -> Value:
    condition, *branches = asked.arguments
    if isinstance(condition, float):
        if not all(isinstance(branch, Series) for branch in branches):
            raise asked.error("with a number as condition, IF chooses between series")
        if condition != 0 and not np.isnan(condition):
            return branches[0]
        taken = len(branches) > 1 and not np.isnan(condition)
        return branches[1] if taken else asked.nothing()
    assert isinstance(condition, Series)  # noqa: S101 - by the table's kinds
    yes = _branch(branches[0])
    no = _branch(branches[1]) if len(branches) > 1 else None
    return Series(on_points.chosen(condition.points, yes, no))


def _branch(value: Value) -> Points | float:
    assert isinstance(value, Series | float)  # noqa: S101 - by the table's kinds
    return value.points if isinstance(value, Series) else value


def _metrics(asked: Asked) -> Value:
    part = str(asked.arguments[0]) if asked.arguments else ""
    return tuple(series for name, series in asked.metrics.items() if part in name)


def _period(asked: Asked) -> Value:
    (argument,) = asked.call.arguments
    if not isinstance(argument, tree.Id) or argument.name not in asked.metrics:
        raise asked.error("PERIOD takes the Id of a metric, not an expression", argument.span)
    return float(asked.request.grid.period)


def _remove_empty(asked: Asked) -> Value:
    return tuple(series for series in asked.array() if not np.isnan(series.points).all())


def _sort(asked: Asked) -> Value:
    _, statistic, direction, *limit = asked.arguments
    words = asked.call.arguments
    if statistic not in _STATISTICS:
        near = did_you_mean(str(statistic), _STATISTICS)
        raise asked.error(f"SORT goes by {', '.join(_STATISTICS)}{near}", words[1].span)
    if direction not in ("ASC", "DESC"):
        near = did_you_mean(str(direction), ("ASC", "DESC"))
        raise asked.error(f"SORT is ASC or DESC{near}", words[2].span)
    most = asked.whole(3) if limit else None
    return on_points.ordered(asked.array(), str(statistic), str(direction), most)


def _slice(asked: Asked) -> Value:
    array, start = asked.array(), asked.whole(1)
    return array[start : asked.whole(2)] if len(asked.arguments) > 2 else array[start:]


def _time_series(asked: Asked) -> Value:
    (value,) = asked.arguments
    assert isinstance(value, float)  # noqa: S101 - by the table's kinds
    return Series(np.full(asked.request.grid.size, value))


def _search(asked: Asked) -> Value:
    text, statistic, *period = asked.arguments
    if asked.request.alarm:
        raise asked.error("SEARCH is not supported on Metric Alarms.")
    seconds = _search_period(asked, period[0]) if period else asked.request.grid.period
    _check_statistic(asked, str(statistic))
    searching.find(str(text), [])
    if asked.request.find is None:
        raise asked.error("SEARCH needs the list of metrics, which is not at hand")
    found = asked.request.find(str(text), str(statistic), seconds)
    if len(found) > MOST_FOUND:
        asked.request.messages.append(TOO_MANY)
    return _series(found[:MOST_FOUND], asked.request.grid)


def _search_period(asked: Asked, value: Value) -> int:
    if not isinstance(value, float) or value <= 0 or value % 60:
        raise asked.error(
            "the period of a SEARCH is a multiple of 60", asked.call.arguments[2].span
        )
    return int(value)


def _check_statistic(asked: Asked, name: str) -> None:
    if name in _NAMED or _EXTENDED.fullmatch(name):
        return
    near = did_you_mean(name, _NAMED)
    raise asked.error(f"unknown statistic `{name}`{near}", asked.call.arguments[1].span)


def _series(found: Sequence[Found], grid: Grid) -> SeriesArray:
    return tuple(Series(placed(points, grid), id_, label) for id_, label, points in found)


def remote(
    request: Request, text: str, call: tree.Call, give: Callable[[tree.Expr], object]
) -> Value:
    """What only CloudWatch, a database or a Lambda function can answer: asked where one may."""

    def error(message: str, span: Span) -> QueryError:
        return QueryError(message, text, span)

    if call.function == "DB_PERF_INSIGHTS":
        _check_insights(request, call, error)
    if request.ask is None:
        raise error(f"{call.function} can only be answered by CloudWatch", call.span)
    arguments = [give(argument) for argument in call.arguments]
    array = _series(request.ask(call.function, arguments), request.grid)
    wants_array = any(isinstance(argument, tree.Array) for argument in call.arguments)
    return array[0] if len(array) == 1 and not wants_array else array


def _check_insights(
    request: Request, call: tree.Call, error: Callable[[str, Span], QueryError]
) -> None:
    engine = call.arguments[0]
    if not isinstance(engine, tree.Text) or engine.value not in ("RDS", "DOCDB"):
        raise error("DB_PERF_INSIGHTS begins with 'RDS' or 'DOCDB'", engine.span)
    if request.grid.period not in _INSIGHTS_PERIODS:
        known = ", ".join(map(str, _INSIGHTS_PERIODS))
        raise error(f"the period of DB_PERF_INSIGHTS is one of {known} seconds", call.span)


def remote_argument(expr: tree.Expr) -> object:
    """An argument as it is handed on: texts, numbers, lists of texts; else as it is written."""
    if isinstance(expr, tree.Text | tree.Number):
        return expr.value
    if isinstance(expr, tree.Array):
        return [remote_argument(element) for element in expr.elements]
    return printed(expr)


SPECIAL: Mapping[str, Callable[[Asked], Value]] = {
    "FILL": _fill,
    "FIRST": _edge,
    "LAST": _edge,
    "METRIC_COUNT": _count,
    "IF": _if,
    "METRICS": _metrics,
    "PERIOD": _period,
    "REMOVE_EMPTY": _remove_empty,
    "SORT": _sort,
    "SLICE": _slice,
    "TIME_SERIES": _time_series,
    "SEARCH": _search,
}
