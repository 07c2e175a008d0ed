"""Evaluates a tree: Ids, operators and functions over series on one grid."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from app.query.lang import QueryError, Span, did_you_mean
from app.query.metric_math import functions as table
from app.query.metric_math import search as searching
from app.query.metric_math import tree
from app.query.metric_math.parse import parse
from app.query.metric_math.values import (
    Grid,
    Points,
    Series,
    SeriesArray,
    Value,
    applied,
    both_series,
    placed,
    series_and_number,
)

_STATISTICS = ("AVG", "MIN", "MAX", "SUM")
Find = Callable[[str, str, int], Sequence[tuple[str, str, Sequence[Sequence[float]]]]]


@dataclass(slots=True)
class Math:
    """The series, expressions and bands of a request, and what is known of them so far."""

    grid: Grid
    series: Mapping[str, Series]
    expressions: dict[str, str]
    bands: Mapping[str, Points]
    find: Find | None
    known: dict[str, Value] = field(default_factory=dict)
    open: list[str] = field(default_factory=list)

    def whole(self, text: str) -> Value:
        parsed = parse(text)
        _check_bands(parsed, text)
        return _Evaluation(self, text).value(parsed)

    def by_id(self, name: str, text: str, span: Span) -> Value:
        if name in self.series:
            return self.series[name]
        if name in self.known:
            return self.known[name]
        if name not in self.expressions:
            near = did_you_mean(name, [*self.series, *self.expressions])
            raise QueryError(f"unknown Id `{name}`{near}", text, span)
        if name in self.open:
            raise QueryError(f"`{name}` refers to itself", text, span)
        self.open.append(name)
        value = self.whole(self.expressions[name])
        self.open.pop()
        self.known[name] = _named(value, name)
        return self.known[name]


def _named(value: Value, name: str) -> Value:
    return Series(value.points, name, value.label) if isinstance(value, Series) else value


def _calls(expr: tree.Expr) -> Iterable[tree.Call]:
    match expr:
        case tree.Call():
            yield expr
            for argument in expr.arguments:
                yield from _calls(argument)
        case tree.Binary():
            yield from _calls(expr.left)
            yield from _calls(expr.right)
        case tree.Negative():
            yield from _calls(expr.operand)
        case tree.Array():
            for element in expr.elements:
                yield from _calls(element)


def _check_bands(expr: tree.Expr, text: str) -> None:
    calls = list(_calls(expr))
    bands = [call for call in calls if call.function == "ANOMALY_DETECTION_BAND"]
    if len(bands) > 1:
        raise QueryError("at most one band in an expression", text, bands[1].span)
    others = {"METRICS", "SEARCH", "DB_PERF_INSIGHTS"}
    mixed = [call for call in calls if call.function in others]
    if bands and mixed:
        raise QueryError(
            f"ANOMALY_DETECTION_BAND does not go with {mixed[0].function}", text, mixed[0].span
        )


@dataclass(frozen=True, slots=True)
class _Evaluation:
    math: Math
    text: str

    def error(self, message: str, span: Span) -> QueryError:
        return QueryError(message, self.text, span)

    def value(self, expr: tree.Expr) -> Value:
        match expr:
            case tree.Number():
                return expr.value
            case tree.Text():
                return expr.value
            case tree.Id():
                return self.math.by_id(expr.name, self.text, expr.span)
            case tree.Word():
                raise self.error(f"`{expr.value}` stands only inside a function", expr.span)
            case tree.Negative():
                return self._negative(expr)
            case tree.Binary():
                return self._binary(expr)
            case tree.Array():
                return self._array(expr)
            case tree.Call():
                return self._call(expr)

    # -- operators -----------------------------------------------------------------

    def _negative(self, expr: tree.Negative) -> Value:
        value = self.value(expr.operand)
        if isinstance(value, float):
            return -value
        if isinstance(value, Series):
            return value.with_points(-value.points)
        if isinstance(value, tuple):
            return tuple(series.with_points(-series.points) for series in value)
        raise self.error("a text has no negative", expr.span)

    def _binary(self, expr: tree.Binary) -> Value:
        left, right = self.value(expr.left), self.value(expr.right)
        if isinstance(left, str) or isinstance(right, str):
            raise self.error(f"`{expr.operator}` takes no text", expr.span)
        if isinstance(left, tuple) and isinstance(right, tuple):
            raise self.error("two arrays cannot be combined", expr.span)
        if isinstance(left, tuple):
            return tuple(s.with_points(self._points(expr, s, right)) for s in left)  # type: ignore[arg-type] # right is no array here
        if isinstance(right, tuple):
            return tuple(s.with_points(self._points(expr, left, s)) for s in right)
        if isinstance(left, float) and isinstance(right, float):
            return self._numbers(expr, left, right)
        return Series(self._points(expr, left, right))

    def _points(self, expr: tree.Binary, left: Series | float, right: Series | float) -> Points:
        if isinstance(left, Series) and isinstance(right, Series):
            return both_series(expr.operator, left.points, right.points)
        size = self.math.grid.size
        one = left.points if isinstance(left, Series) else np.full(size, left)
        other = right.points if isinstance(right, Series) else np.full(size, right)
        there = left.points if isinstance(left, Series) else other
        return series_and_number(expr.operator, one, other, there)

    def _numbers(self, expr: tree.Binary, left: float, right: float) -> float:
        if expr.operator == "/" and right == 0:
            raise self.error("a number is divided by zero", expr.span)
        return float(applied(expr.operator, np.array([left]), np.array([right]))[0])

    def _array(self, expr: tree.Array) -> SeriesArray:
        flat: list[Series] = []
        for element in expr.elements:
            value = self.value(element)
            if isinstance(value, Series):
                flat.append(value)
            elif isinstance(value, tuple):
                flat += value
            else:
                raise self.error("an array holds time series", element.span)
        return tuple(flat)

    # -- functions -----------------------------------------------------------------

    def _call(self, call: tree.Call) -> Value:
        function = table.functions().get(call.function)
        if function is None:
            raise self.error(self._unknown(call.function), call.span)
        if function.remote:
            raise self.error(f"{function.name} can only be answered by CloudWatch", call.span)
        most, given = len(function.takes), len(call.arguments)
        if not most - function.optional <= given <= most:
            least = most - function.optional
            wanted = str(most) if least == most else f"{least} to {most}"
            raise self.error(f"{function.name} takes {wanted} arguments, not {given}", call.span)
        arguments = [
            self._argument(function, n, argument) for n, argument in enumerate(call.arguments)
        ]
        return self._applied(call, arguments)

    def _unknown(self, name: str) -> str:
        if name.upper() in table.functions():
            return f"functions are written in upper case: {name.upper()}"
        return f"unknown function `{name}`{did_you_mean(name, table.functions())}"

    def _argument(self, function: table.Function, position: int, expr: tree.Expr) -> Value:
        takes = function.takes[position]
        if isinstance(expr, tree.Word) and "word" in takes:
            return expr.value
        value = self.value(expr)
        kind = (
            "number"
            if isinstance(value, float)
            else "text"
            if isinstance(value, str)
            else "series"
            if isinstance(value, Series)
            else "array"
        )
        if kind not in takes:
            wanted = " or ".join(takes)
            raise self.error(
                f"argument {position + 1} of {function.name} is {wanted}, not {kind}", expr.span
            )
        return value

    def _applied(self, call: tree.Call, arguments: list[Value]) -> Value:
        name, first = call.function, arguments[0] if arguments else None
        if name in table.each():
            return self._each(name, first)
        if name in table.REDUCERS:
            return self._reduced(name, first)
        if name in table.CALENDAR_NAMES:
            return Series(table.calendar(name, self.math.grid))
        special = _SPECIAL[name]
        return special(self, call, arguments)

    def _each(self, name: str, value: Value | None) -> Value:
        apply = table.each()[name]
        if isinstance(value, Series):
            return value.with_points(apply(value.points, self.math.grid))
        assert isinstance(value, tuple)  # noqa: S101 - by the table's kinds
        return tuple(s.with_points(apply(s.points, self.math.grid)) for s in value)

    def _reduced(self, name: str, value: Value | None) -> Value:
        if isinstance(value, Series):
            reduced = table.reduce_series(name, value.points)
            return float("nan") if reduced is None else reduced
        assert isinstance(value, tuple)  # noqa: S101 - by the table's kinds
        return Series(table.reduce_array(name, value, self.math.grid.size))

    def _fill(self, call: tree.Call, arguments: list[Value]) -> Value:
        value, how = arguments
        if isinstance(how, str) and how not in ("REPEAT", "LINEAR"):
            near = did_you_mean(how, ("REPEAT", "LINEAR"))
            raise self.error(f"FILL takes a number, a series, REPEAT or LINEAR{near}", call.span)
        by = how.points if isinstance(how, Series) else how
        assert not isinstance(by, tuple)  # noqa: S101 - by the table's kinds
        if isinstance(value, Series):
            return value.with_points(table.filled(value.points, by))
        assert isinstance(value, tuple)  # noqa: S101 - by the table's kinds
        return tuple(s.with_points(table.filled(s.points, by)) for s in value)

    def _edge(self, call: tree.Call, arguments: list[Value]) -> Value:
        (array,) = arguments
        assert isinstance(array, tuple)  # noqa: S101 - by the table's kinds
        if not array:
            raise self.error(f"{call.function} of an empty array", call.span)
        return array[0] if call.function == "FIRST" else array[-1]

    def _count(self, call: tree.Call, arguments: list[Value]) -> Value:
        (array,) = arguments
        return float(len(array)) if isinstance(array, tuple) else 0.0

    def _if(self, call: tree.Call, arguments: list[Value]) -> Value:
        condition, *branches = arguments
        if isinstance(condition, float):
            if not all(isinstance(branch, Series) for branch in branches):
                raise self.error("with a number as condition, IF chooses between series", call.span)
            if condition != 0:
                return branches[0]
            empty = Series(np.full(self.math.grid.size, np.nan))
            return branches[1] if len(branches) > 1 else empty
        assert isinstance(condition, Series)  # noqa: S101 - by the table's kinds
        yes, no = (self._branch(branches, n) for n in (0, 1))
        assert yes is not None  # noqa: S101 - the first branch is required
        return Series(table.chosen(condition.points, yes, no))

    def _branch(self, branches: list[Value], position: int) -> Points | float | None:
        if position >= len(branches):
            return None
        branch = branches[position]
        if isinstance(branch, Series):
            return branch.points
        return branch if isinstance(branch, float) else None

    def _metrics(self, call: tree.Call, arguments: list[Value]) -> Value:
        part = arguments[0] if arguments else ""
        return tuple(s for name, s in self.math.series.items() if str(part) in name)

    def _period(self, call: tree.Call, arguments: list[Value]) -> Value:
        (argument,) = call.arguments
        if not isinstance(argument, tree.Id) or argument.name not in self.math.series:
            raise self.error("PERIOD takes the Id of a metric, not an expression", call.span)
        return float(self.math.grid.period)

    def _remove_empty(self, call: tree.Call, arguments: list[Value]) -> Value:
        (array,) = arguments
        assert isinstance(array, tuple)  # noqa: S101 - by the table's kinds
        return tuple(series for series in array if not np.isnan(series.points).all())

    def _sort(self, call: tree.Call, arguments: list[Value]) -> Value:
        array, statistic, direction, *limit = arguments
        if statistic not in _STATISTICS:
            raise self.error(f"SORT goes by {', '.join(_STATISTICS)}", call.arguments[1].span)
        if direction not in ("ASC", "DESC"):
            raise self.error("SORT is ASC or DESC", call.arguments[2].span)
        most = self._whole(limit[0], call.arguments[3].span) if limit else None
        assert isinstance(array, tuple)  # noqa: S101 - by the table's kinds
        return table.ordered(array, str(statistic), str(direction), most)

    def _slice(self, call: tree.Call, arguments: list[Value]) -> Value:
        array, *bounds = arguments
        places = [self._whole(b, call.arguments[n + 1].span) for n, b in enumerate(bounds)]
        assert isinstance(array, tuple)  # noqa: S101 - by the table's kinds
        return array[places[0] : places[1]] if len(places) > 1 else array[places[0] :]

    def _whole(self, value: Value, span: Span) -> int:
        if not isinstance(value, float) or value < 0 or value != int(value):
            raise self.error("a whole number from 0 is needed", span)
        return int(value)

    def _time_series(self, call: tree.Call, arguments: list[Value]) -> Value:
        (value,) = arguments
        assert isinstance(value, float)  # noqa: S101 - by the table's kinds
        return Series(np.full(self.math.grid.size, value))

    def _search(self, call: tree.Call, arguments: list[Value]) -> Value:
        text, statistic, *period = arguments
        seconds = self._whole(period[0], call.span) if period else self.math.grid.period
        if seconds <= 0 or seconds % 60:
            raise self.error("the period of a SEARCH is a multiple of 60", call.span)
        searching.find(str(text), [])
        if self.math.find is None:
            raise self.error("SEARCH needs the list of metrics, which is not at hand", call.span)
        found = self.math.find(str(text), str(statistic), seconds)
        grid = self.math.grid
        return tuple(Series(placed(points, grid), id_, label) for id_, label, points in found)

    def _band(self, call: tree.Call, arguments: list[Value]) -> Value:
        bands = self.math.bands
        if not {"lower", "upper"} <= bands.keys():
            raise self.error("the band's model is not at hand", call.span)
        return (Series(bands["lower"], "lower"), Series(bands["upper"], "upper"))


_SPECIAL: dict[str, Callable[[_Evaluation, tree.Call, list[Value]], Value]] = {
    "FILL": _Evaluation._fill,
    "FIRST": _Evaluation._edge,
    "LAST": _Evaluation._edge,
    "METRIC_COUNT": _Evaluation._count,
    "IF": _Evaluation._if,
    "METRICS": _Evaluation._metrics,
    "PERIOD": _Evaluation._period,
    "REMOVE_EMPTY": _Evaluation._remove_empty,
    "SORT": _Evaluation._sort,
    "SLICE": _Evaluation._slice,
    "TIME_SERIES": _Evaluation._time_series,
    "SEARCH": _Evaluation._search,
    "ANOMALY_DETECTION_BAND": _Evaluation._band,
}
