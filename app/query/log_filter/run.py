"""Whether a message matches, and which fields it gives.

A missing path makes every comparison false, also ``!=``; objects, arrays,
booleans and null are reached by no comparison.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from operator import ge, gt, le, lt
from typing import Any

import polars as pl

from app.query.log_filter.scan import NUMERIC_WORD, number
from app.query.log_filter.tokens import fields_of
from app.query.log_filter.tree import (
    AllOf,
    AnyOf,
    Compare,
    Comparison,
    Condition,
    Is,
    JsonPattern,
    Mark,
    NotExists,
    Number,
    Pattern,
    Regex,
    Selector,
    SpacePattern,
    Step,
    Term,
    Terms,
    Text,
    Value,
    Wildcard,
)

_ORDER = {"<": lt, "<=": le, ">": gt, ">=": ge}


class Spelled(str):
    """A JSON number as it is spelled in the message."""

    __slots__ = ()


def found(regex: Regex, text: str) -> bool:
    """Whether an expression is found somewhere in a text."""
    whole = text.encode("utf-8", "replace").decode()  # half a surrogate pair has no encoding
    return bool(pl.Series([whole], dtype=pl.String).str.contains(regex.compiled)[0])


Finder = Callable[[Regex, str], bool]
"""What answers :func:`found`; who has many messages can answer for all of them at once."""


def holds(pattern: Pattern, message: str, finder: Finder = found) -> bool:
    """Whether the message matches."""
    if isinstance(pattern, Terms):
        return _terms_hold(pattern.terms, message, finder)
    if isinstance(pattern, JsonPattern):
        root = json_object(message)
        return root is not None and condition_holds(pattern.condition, root, finder)
    return space_fields(pattern, message, finder) is not None


# -- terms ---------------------------------------------------------------------


def _terms_hold(terms: Sequence[Term], message: str, finder: Finder) -> bool:
    def occurs(what: str | Regex) -> bool:
        return finder(what, message) if isinstance(what, Regex) else what in message

    needed = [term for term in terms if term.mark is not Mark.OPTIONAL]
    if not needed:
        return not terms or any(occurs(term.what) for term in terms)
    return all(occurs(term.what) is (term.mark is Mark.PLAIN) for term in needed)


# -- JSON ----------------------------------------------------------------------


def json_object(message: str) -> dict[str, Any] | None:
    """The object that the whole message is, numbers as spelled; None for anything else."""
    try:
        root = json.loads(
            message, parse_float=Spelled, parse_int=Spelled, parse_constant=_no_constant
        )
    except (ValueError, RecursionError):
        return None
    return root if isinstance(root, dict) else None


def _no_constant(name: str) -> str:
    raise ValueError(f"{name} is not JSON")


def condition_holds(condition: Condition, root: Mapping[str, Any], finder: Finder) -> bool:
    """Whether a JSON object fulfils a condition."""
    if isinstance(condition, AllOf):
        return all(condition_holds(each, root, finder) for each in condition.conditions)
    if isinstance(condition, AnyOf):
        return any(condition_holds(each, root, finder) for each in condition.conditions)
    assert isinstance(condition.subject, Selector)  # noqa: S101 - the JSON parser makes no other
    values = select(condition.subject, root)
    if isinstance(condition, NotExists):
        return not values
    if isinstance(condition, Is):
        return any(_is(condition.value, value) for value in values)
    return any(_compares(condition, value, finder) for value in values)


def select(selector: Selector, root: Mapping[str, Any]) -> list[Any]:
    """Every value at the path; a null there is a value, an absent path gives none."""
    values: list[Any] = [root]
    for step in selector.steps:
        values = [below for value in values for below in _below(value, step)]
    return values


def _below(value: Any, step: Step) -> list[Any]:
    if step is Wildcard.ANY:
        if isinstance(value, dict):
            return list(value.values())
        return value if isinstance(value, list) else []
    if isinstance(step, int):
        return [value[step]] if isinstance(value, list) and step < len(value) else []
    return [value[step]] if isinstance(value, dict) and step in value else []


def _is(wanted: bool | None, value: object) -> bool:
    if wanted is None and isinstance(value, list):
        return None in value
    return value is wanted


def _compares(condition: Compare, value: object, finder: Finder) -> bool:
    if isinstance(value, Spelled):
        return _compare_number(condition.comparison, condition.value, value, finder)
    if isinstance(value, str):
        return _compare_text(condition.comparison, condition.value, value, finder)
    return False


def _compare_number(comparison: Comparison, wanted: Value, spelled: str, finder: Finder) -> bool:
    if isinstance(wanted, Number):
        return _compare_values(comparison, number(spelled), wanted.value)
    return _matches_text(wanted, spelled, finder) is (comparison == "=")


def _compare_text(comparison: Comparison, wanted: Value, text: str, finder: Finder) -> bool:
    if comparison in _ORDER:
        return False
    if isinstance(wanted, Number):
        return (text == wanted.written) is (comparison == "=")
    return _matches_text(wanted, text, finder) is (comparison == "=")


def _compare_values(comparison: Comparison, left: Decimal, right: Decimal) -> bool:
    if comparison in _ORDER:
        return bool(_ORDER[comparison](left, right))
    return (left == right) is (comparison == "=")


def _matches_text(wanted: Regex | Text, text: str, finder: Finder) -> bool:
    return finder(wanted, text) if isinstance(wanted, Regex) else _like(wanted.parts, text)


def _like(parts: tuple[str, ...], text: str) -> bool:
    """Whether text is the parts with anything between them; linear in the text."""
    first, *rest = parts
    if not rest:
        return text == first
    *middle, last = rest
    if len(text) < len(first) + len(last) or not text.startswith(first):
        return False
    at, end = len(first), len(text) - len(last)
    for part in middle:
        found = text.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return text.endswith(last)


# -- space-delimited -------------------------------------------------------------


def space_fields(
    pattern: SpacePattern, message: str, finder: Finder = found
) -> dict[str, str] | None:
    """The fields by name, ``1`` and so on for unnamed ones; None if the message does not match."""
    fields = fields_of(message)
    wanted = len(pattern.entries)
    if not fields or len(fields) < wanted:
        return None
    if not wanted and pattern.ellipsis is None:
        return {str(k): field.text for k, field in enumerate(fields, 1)}
    texts = [field.text for field in fields]
    if pattern.ellipsis is None and len(fields) > wanted:
        texts = [*texts[: wanted - 1], message[fields[wanted - 1].start :]]
    names, values = _placed(pattern, texts)
    for entry, value in zip(pattern.entries, values, strict=True):
        if entry.condition is not None and not _space_holds(entry.condition, value, finder):
            return None
    return {
        name or str(k): text for k, (name, text) in enumerate(zip(names, texts, strict=True), 1)
    }


def _placed(pattern: SpacePattern, texts: list[str]) -> tuple[list[str], list[str]]:
    """A name for every field of the message, and the value of every entry."""
    names = [entry.name for entry in pattern.entries]
    if pattern.ellipsis is None:
        return names, texts
    head, absorbed = pattern.ellipsis, len(texts) - len(names)
    return (
        names[:head] + [""] * absorbed + names[head:],
        texts[:head] + texts[head + absorbed :],
    )


def _space_holds(condition: Condition, text: str, finder: Finder) -> bool:
    if isinstance(condition, AllOf):
        return all(_space_holds(each, text, finder) for each in condition.conditions)
    if isinstance(condition, AnyOf):
        return any(_space_holds(each, text, finder) for each in condition.conditions)
    assert isinstance(condition, Compare)  # noqa: S101 - the space parser makes no other
    wanted = condition.value
    if not isinstance(wanted, Number):
        return _matches_text(wanted, text, finder) is (condition.comparison == "=")
    if NUMERIC_WORD.match(text):
        return _compare_values(condition.comparison, number(text), wanted.value)
    return condition.comparison == "!="
