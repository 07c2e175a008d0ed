"""Functions of maps and lists, which are held as JSON text.

Source: Amazon CloudWatch Logs User Guide, "Supported operations and functions".
"""

from __future__ import annotations

from collections.abc import Sequence

import orjson
import polars as pl

from app.query.insights.functions.entry import Clock, Function
from app.query.insights.functions.rowwise import each_pair, each_text
from app.query.insights.values import Kind, Value, boolean, number, structure, text


def parsed(json: str) -> str | None:
    """The JSON text of a map or list in canonical form; None for anything else."""
    try:
        value = orjson.loads(json)
    except orjson.JSONDecodeError:
        return None
    return orjson.dumps(value).decode() if isinstance(value, dict | list) else None


def _size(json: str) -> float | None:
    try:
        value = orjson.loads(json)
    except orjson.JSONDecodeError:
        return None
    return float(len(value)) if isinstance(value, list) else None


def _contains(json: str, wanted: str) -> bool:
    try:
        value = orjson.loads(json)
    except orjson.JSONDecodeError:
        return False
    if not isinstance(value, list):
        return False
    return wanted in {_spelled(element) for element in value}


def _spelled(element: object) -> str:
    if isinstance(element, str):
        return element
    if isinstance(element, float) and element.is_integer():
        return str(int(element))
    return orjson.dumps(element).decode()


def _raw(value: Value) -> pl.Expr:
    return value.expr if value.kind is Kind.STRUCTURE else value.text()


def _json_parse(arguments: Sequence[Value], clock: Clock) -> Value:
    return structure(each_text(_raw(arguments[0]), parsed, pl.String()))


def _json_stringify(arguments: Sequence[Value], clock: Clock) -> Value:
    value = arguments[0]
    return text(value.expr if value.kind is Kind.STRUCTURE else pl.lit(None, dtype=pl.String))


def _array_size(arguments: Sequence[Value], clock: Clock) -> Value:
    return number(each_text(_raw(arguments[0]), _size, pl.Float64()))


def _array_contains(arguments: Sequence[Value], clock: Clock) -> Value:
    left, right = _raw(arguments[0]), arguments[1].text()
    return boolean(each_pair(left, right, _contains, pl.Boolean()))


FUNCTIONS = (
    Function("jsonParse", 1, 1, "Map or list from JSON text; absent otherwise.", _json_parse),
    Function("jsonStringify", 1, 1, "JSON text of a map or list.", _json_stringify),
    Function("jsonArraySize", 1, 1, "Elements of a JSON list.", _array_size),
    Function(
        "jsonArrayContains",
        2,
        2,
        "1 if a JSON list holds the value; 0 for bad JSON.",
        _array_contains,
    ),
)
