"""JMESPath with the few functions that AWS's answers need.

- ``after(text, mark)``: what follows the first ``mark``, null without one;
- ``split(text, mark)``: the parts between the marks, none of a null;
- ``multiply(a, b)``: the product, null where one of them is;
- ``parse_json(text)``: the value of a member that holds JSON as text, null if it is none.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

import jmespath
from jmespath import functions
from jmespath.exceptions import JMESPathError
from jmespath.parser import ParsedResult

_F = TypeVar("_F", bound=Callable[..., Any])


def _takes(*types: dict[str, list[str]]) -> Callable[[_F], _F]:
    marked: Callable[[_F], _F] = functions.signature(*types)
    return marked


class _Functions(functions.Functions):  # type: ignore[misc]  # jmespath ships no types
    @_takes({"types": ["string", "null"]}, {"types": ["string"]})
    def _func_after(self, text: str | None, mark: str) -> str | None:
        _, found, rest = (text or "").partition(mark)
        return rest if found else None

    @_takes({"types": ["string", "null"]}, {"types": ["string"]})
    def _func_split(self, text: str | None, mark: str) -> list[str]:
        return text.split(mark) if text else []

    @_takes({"types": ["number", "null"]}, {"types": ["number", "null"]})
    def _func_multiply(self, a: float | None, b: float | None) -> float | None:
        return None if a is None or b is None else a * b

    @_takes({"types": ["string", "null"]})
    def _func_parse_json(self, text: str | None) -> Any:
        try:
            return json.loads(text or "")
        except ValueError:
            return None


@cache
def compiled(expression: str) -> ParsedResult:
    """The parsed expression; raises ValueError that says what is wrong with it."""
    try:
        return jmespath.compile(expression)
    except JMESPathError as error:
        why = str(error).splitlines()[0].removeprefix("Invalid jmespath expression: ")
        raise ValueError(f"`{expression}` is no JMESPath: {why.rstrip(':').lower()}") from error


def search(expression: str, value: Any) -> Any:
    """What ``expression`` gives on ``value``; None also where a type does not fit."""
    try:
        return compiled(expression).search(value, _OPTIONS)
    except JMESPathError:
        return None


_OPTIONS = jmespath.Options(custom_functions=_Functions())
