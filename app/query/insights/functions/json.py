"""Functions of maps and lists, which are held as JSON text.

Source: Amazon CloudWatch Logs User Guide, "Supported operations and functions".
"""

from __future__ import annotations

from collections.abc import Sequence

import orjson
import polars as pl

from app.query.insights.functions.entry import Clock, Function
from app.query.insights.functions.rowwise import each_text, each_texts
from app.query.insights.values import Kind, Value, boolean, number, structure, text


def parsed(json: pl.Expr) -> pl.Expr:
    """The JSON text of a map or list in canonical form; absent for anything else."""
    return pl.when(json.str.contains(r"^\s*[{\[]")).then(json.str.json_path_match("$"))


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
    structured = value.kind is Kind.STRUCTURE or value.nested is not None
    return value.expr if structured else value.text()


def _json_parse(arguments: Sequence[Value], clock: Clock) -> Value:
    return structure(parsed(_raw(arguments[0])))


def _json_stringify(arguments: Sequence[Value], clock: Clock) -> Value:
    return text(arguments[0].json())


def _array_size(arguments: Sequence[Value], clock: Clock) -> Value:
    return number(each_text(_raw(arguments[0]), _size, pl.Float64()))


def _array_contains(arguments: Sequence[Value], clock: Clock) -> Value:
    whole, wanted = arguments
    return boolean(each_texts([text(_raw(whole)), wanted], _contains, pl.Boolean()))


FUNCTIONS = (
    Function(
        "jsonParse", 1, 1, "Map or list from JSON text; absent otherwise.", _json_parse, json=True
    ),
    Function("jsonStringify", 1, 1, "JSON text of a map or list.", _json_stringify, json=True),
    Function("jsonArraySize", 1, 1, "Elements of a JSON list.", _array_size, json=True),
    Function(
        "jsonArrayContains",
        2,
        2,
        "1 if a JSON list holds the value; 0 for bad JSON.",
        _array_contains,
        json=True,
    ),
)
