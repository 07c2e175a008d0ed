"""Root causes as the summary of a trace tells them, and whether they have a given shape."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from app.query.trace_filter.subjects import OfCause

_LISTS = {
    "fault": "FaultRootCauses",
    "error": "ErrorRootCauses",
    "responsetime": "ResponseTimeRootCauses",
}
_WAYS = {
    "service": ("Services",),
    "entity": ("Services", "EntityPath"),
    "exception": ("Services", "EntityPath", "Exceptions"),
}


def elements(summary: Mapping[str, Any], kind: str, part: str) -> Iterator[OfCause]:
    """Every service, entity or exception of the root causes of a kind, with its position."""
    *outer, last = _WAYS[part]
    holders = _objects(summary, _LISTS[kind])
    for name in outer:
        holders = [element for holder in holders for element in _objects(holder, name)]
    for holder in holders:
        found = _objects(holder, last)
        yield from (OfCause(element, index, len(found)) for index, element in enumerate(found))


def has_shape(summary: Mapping[str, Any], shape: Any) -> bool:
    """Whether the list of root causes of some kind contains ``shape``."""
    return any(_contains(_objects(summary, name), shape) for name in _LISTS.values())


def _objects(raw: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    found = raw.get(key)
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


def _contains(actual: Any, shape: Any) -> bool:
    """Objects by their given keys, arrays in order with others between, scalars as they are."""
    if isinstance(shape, dict):
        return isinstance(actual, Mapping) and all(
            key in actual and _contains(actual[key], wanted) for key, wanted in shape.items()
        )
    if isinstance(shape, list):
        return isinstance(actual, list) and _in_order(actual, shape)
    if isinstance(shape, bool) or isinstance(actual, bool):
        return shape is actual
    return bool(shape == actual)


def _in_order(actual: list[Any], shapes: list[Any]) -> bool:
    """Each shape is found behind the one before it: the first that fits is the best."""
    rest = iter(actual)
    return all(any(_contains(each, shape) for each in rest) for shape in shapes)
