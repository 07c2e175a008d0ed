"""What to know before an expression watches something as an alarm.

An alarm asks for more points than it evaluates, so results that depend on the
number of points change with it.

Source: Amazon CloudWatch User Guide, "Using math expressions with CloudWatch metrics".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.query.lang import Span
from app.query.metric_math import tree
from app.query.metric_math.parse import parse

_SCALARS = ("AVG", "SUM", "MIN", "MAX", "STDDEV")
_SPREAD = {
    "DATAPOINT_COUNT": "counts the extra points that an alarm asks for",
    "RUNNING_SUM": "starts at the first point that an alarm happens to ask for",
    "REMOVE_EMPTY": "depends on the extra points that an alarm asks for",
    "RATE": "on sparse data depends on how far back an alarm asks",
}


@dataclass(frozen=True, slots=True)
class Caution:
    """A function that behaves differently in an alarm, why, and where it stands."""

    function: str
    message: str
    span: Span


def cautions(expression: str) -> list[Caution]:
    """The functions of an expression that AWS advises against in alarms."""
    return sorted(
        (
            caution
            for part in tree.parts(parse(expression))
            if isinstance(part, tree.Call)
            for caution in _of_call(part)
        ),
        key=lambda each: each.span,
    )


def _of_call(call: tree.Call) -> Iterator[Caution]:
    name = call.function
    if name in _SPREAD:
        yield Caution(name, f"{name} {_SPREAD[name]}", call.span)
    elif name == "FILL":
        text = "FILL hides missing data; with late data the newest point is always the filler"
        yield Caution(name, f"{text}. Evaluate M of N points with M below N", call.span)
    elif name in _SCALARS and call.arguments and not _is_array(call.arguments[0]):
        text = f"{name} of one series covers the extra points that an alarm asks for"
        yield Caution(name, text, call.span)


def _is_array(expr: tree.Expr) -> bool:
    """Whether a part gives several series; the Id of an expression is taken for one."""
    match expr:
        case tree.Array():
            return True
        case tree.Call():
            inner = expr.arguments[:1] if expr.function in _KEEPING else ()
            return expr.function in _ARRAYS or any(map(_is_array, inner))
        case tree.Binary():
            return _is_array(expr.left) or _is_array(expr.right)
        case tree.Negative():
            return _is_array(expr.operand)
        case _:
            return False


_ARRAYS = ("METRICS", "SEARCH", "SORT", "SLICE", "REMOVE_EMPTY", "ANOMALY_DETECTION_BAND")
_KEEPING = (
    "ABS",
    "CEIL",
    "FLOOR",
    "LOG",
    "LOG10",
    "DIFF",
    "DIFF_TIME",
    "RATE",
    "RUNNING_SUM",
    "FILL",
)
