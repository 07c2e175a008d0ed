"""Evaluates a tree: Ids, operators and functions over series on one grid."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from app.query.lang import QueryError, Span, did_you_mean
from app.query.metric_math import points as on_points
from app.query.metric_math import tree
from app.query.metric_math.band import MOST_HISTORY, band
from app.query.metric_math.functions import Function, functions
from app.query.metric_math.parse import parse
from app.query.metric_math.special import (
    SPECIAL,
    Asked,
    Found,
    Request,
    Rows,
    remote,
    remote_argument,
)
from app.query.metric_math.values import (
    Grid,
    Points,
    Series,
    SeriesArray,
    Value,
    both_series,
    kind_of,
    placed,
    series_and_number,
)

BAND = "ANOMALY_DETECTION_BAND"
_NOT_WITH_BAND = {"METRICS", "SEARCH", "DB_PERF_INSIGHTS"}
_MOST_METRICS = 10
_SIDES = ("lower", "upper")


@dataclass(slots=True)
class Math:
    """The series, expressions and bands of a request, and what is known of them so far.

    ``rows`` are the points of each metric by Id; those before the grid are what a
    band is learnt from. ``arrays`` are results of queries that give several series.
    """

    request: Request
    rows: Mapping[str, Rows]
    expressions: Mapping[str, str]
    arrays: Mapping[str, Sequence[Found]] = field(default_factory=dict)
    bands: Mapping[str, Rows] = field(default_factory=dict)
    excluded: Sequence[tuple[float, float]] = ()
    series: dict[str, Series] = field(default_factory=dict)
    known: dict[str, Value] = field(default_factory=dict)
    open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        grid = self.request.grid
        self.series = {name: Series(placed(rows, grid), name) for name, rows in self.rows.items()}
        for name, found in self.arrays.items():
            self.known[name] = tuple(
                Series(placed(rows, grid), i, label) for i, label, rows in found
            )

    def whole(self, text: str) -> Value:
        parsed = parse(text)
        self._check_bands(parsed, text)
        return _Evaluation(self, text).value(parsed)

    def by_id(self, name: str, text: str, span: Span) -> Value:
        if name in self.series:
            return self.series[name]
        if name in self.known:
            return self.known[name]
        if name not in self.expressions:
            near = did_you_mean(name, [*self.series, *self.known, *self.expressions])
            raise QueryError(f"unknown Id `{name}`{near}", text, span)
        if name in self.open:
            raise QueryError(f"`{name}` refers to itself", text, span)
        self.open.append(name)
        value = self.whole(self.expressions[name])
        self.open.pop()
        self.known[name] = _named(value, name)
        return self.known[name]

    def wider(self, slots: int) -> Math:
        """The same request over a grid that begins ``slots`` earlier."""
        grid = self.request.grid
        start = grid.start - slots * grid.period
        wide = replace(self.request, grid=Grid(start, grid.period, grid.size + slots))
        return replace(self, request=wide, known={}, open=[])

    def history(self) -> int:
        """Slots before the grid that points reach back to, as far as a band looks."""
        grid = self.request.grid
        since = min((row[0] for rows in self.rows.values() for row in rows), default=grid.start)
        reach = min(grid.start - since, MOST_HISTORY)
        return max(0, int(reach) // grid.period)

    def _check_bands(self, expr: tree.Expr, text: str) -> None:
        calls = list(_calls(expr))
        bands = [call for call in calls if call.function == BAND]
        if not bands:
            return
        if len(bands) > 1:
            raise QueryError("at most one band in an expression", text, bands[1].span)
        mixed = [call for call in calls if call.function in _NOT_WITH_BAND]
        if mixed:
            raise QueryError(f"{BAND} does not go with {mixed[0].function}", text, mixed[0].span)
        if not 60 <= self.request.grid.period <= 3600:
            raise QueryError(f"{BAND} needs a period of 60 to 3,600 seconds", text, bands[0].span)
        if len(set(_ids(expr)) & set(self.rows)) > _MOST_METRICS:
            raise QueryError(f"{BAND} takes at most {_MOST_METRICS} metrics", text, bands[0].span)


def _named(value: Value, name: str) -> Value:
    return Series(value.points, name, value.label) if isinstance(value, Series) else value


def _calls(expr: tree.Expr) -> Iterable[tree.Call]:
    return (part for part in tree.parts(expr) if isinstance(part, tree.Call))


def _ids(expr: tree.Expr) -> Iterable[str]:
    return (part.name for part in tree.parts(expr) if isinstance(part, tree.Id))


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
        size = self.math.request.grid.size
        one = left.points if isinstance(left, Series) else np.full(size, left)
        other = right.points if isinstance(right, Series) else np.full(size, right)
        return series_and_number(expr.operator, one, other)

    def _numbers(self, expr: tree.Binary, left: float, right: float) -> float:
        if expr.operator == "/" and right == 0:
            raise self.error("a number is divided by zero", expr.span)
        return float(series_and_number(expr.operator, np.array([left]), np.array([right]))[0])

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
        function = functions().get(call.function)
        if function is None:
            raise self.error(self._unknown(call.function), call.span)
        self._check_count(function, call)
        if function.remote:
            return remote(self.math.request, self.text, call, remote_argument)
        arguments = [
            self._argument(function, n, argument) for n, argument in enumerate(call.arguments)
        ]
        return self._applied(call, arguments)

    def _check_count(self, function: Function, call: tree.Call) -> None:
        most, given = len(function.takes), len(call.arguments)
        least = most - function.optional
        if least <= given and (given <= most or function.more):
            return
        wanted = str(most) if least == most else f"{least} to {most}"
        if function.more:
            wanted = f"at least {least}"
        ending = "" if wanted in ("1", "at least 1") else "s"
        raise self.error(f"{function.name} takes {wanted} argument{ending}, not {given}", call.span)

    def _unknown(self, name: str) -> str:
        if name.upper() in functions():
            return f"functions are written in upper case: {name.upper()}"
        return f"unknown function `{name}`{did_you_mean(name, functions())}"

    def _argument(self, function: Function, position: int, expr: tree.Expr) -> Value:
        takes = function.takes[position]
        if isinstance(expr, tree.Word) and "word" in takes:
            return expr.value
        value = self.value(expr)
        kind = kind_of(value)
        if kind not in takes:
            wanted = " or ".join(takes)
            raise self.error(
                f"argument {position + 1} of {function.name} is {wanted}, not {kind}", expr.span
            )
        return value

    def _applied(self, call: tree.Call, arguments: list[Value]) -> Value:
        name, first = call.function, arguments[0] if arguments else None
        if name in on_points.each():
            return self._each(name, first)
        if name in on_points.REDUCERS:
            return self._reduced(name, first)
        if name in on_points.CALENDAR_NAMES:
            return Series(on_points.calendar(name, self.math.request.grid))
        if name == BAND:
            return self._band(call, arguments)
        asked = Asked(self.math.request, self.math.series, self.text, call, arguments)
        return SPECIAL[name](asked)

    def _each(self, name: str, value: Value | None) -> Value:
        apply, grid = on_points.each()[name], self.math.request.grid
        if isinstance(value, Series):
            return value.with_points(apply(value.points, grid))
        assert isinstance(value, tuple)  # noqa: S101 - by the table's kinds
        return tuple(s.with_points(apply(s.points, grid)) for s in value)

    def _reduced(self, name: str, value: Value | None) -> Value:
        if isinstance(value, Series):
            reduced = on_points.reduce_series(name, value.points)
            return float("nan") if reduced is None else reduced
        assert isinstance(value, tuple)  # noqa: S101 - by the table's kinds
        return Series(on_points.reduce_array(name, value, self.math.request.grid.size))

    def _band(self, call: tree.Call, arguments: list[Value]) -> Value:
        """The lower and the upper bound, as they were given, else by the model of our own."""
        width = arguments[1] if len(arguments) > 1 else 2.0
        if not isinstance(width, float) or not width > 0:
            raise self.error("the width of a band is a number above 0", call.arguments[1].span)
        math, grid = self.math, self.math.request.grid
        if set(_SIDES) <= math.bands.keys():
            return tuple(Series(placed(math.bands[side], grid), side) for side in _SIDES)
        slots = math.history()
        if not slots:
            raise self.error(
                "a band is learnt from points before the start, and none are", call.span
            )
        wide = math.wider(slots)
        value = _Evaluation(wide, self.text).value(call.arguments[0])
        assert isinstance(value, Series)  # noqa: S101 - by the table's kinds
        found = band(value.points, wide.request.grid, width, slots, math.excluded)
        return tuple(Series(side, name) for side, name in zip(found, _SIDES, strict=True))
