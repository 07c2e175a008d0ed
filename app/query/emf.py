"""Embedded Metric Format: log lines that carry metrics.

A broken part is dropped at its own level (directive, dimension set, metric)
and its siblings survive; only a document that gives nothing is invalid.

Source: Amazon CloudWatch User Guide, "Specification: Embedded metric format".
How much a mistake takes with it is not documented there; that is ours.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeGuard

import polars as pl

LARGEST_MESSAGE_BYTES = 1_048_576
LONGEST_NAME = 1024
LONGEST_DIMENSION_NAME = 250
MOST_DIMENSIONS = 30
MOST_METRICS = 100
MOST_VALUES = 100

_AMOUNTS = ("", "Kilo", "Mega", "Giga", "Tera")
_COUNTED = (
    *(f"{amount}{what}".capitalize() for what in ("bytes", "bits") for amount in _AMOUNTS),
    "Count",
)
UNITS = frozenset(
    {"Seconds", "Microseconds", "Milliseconds", "Percent", "None", *_COUNTED}
    | {f"{unit}/Second" for unit in _COUNTED}
)


@dataclass(frozen=True, slots=True)
class EmfMetric:
    """One metric of one line; ``timestamp`` is milliseconds since 1970, resolution seconds."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    values: list[int | float]
    unit: str
    storage_resolution: int
    timestamp: int


@dataclass(frozen=True, slots=True)
class EmfResult:
    """What a line holds.

    ``kind`` is ``metrics``, ``invalid`` (meant as EMF, gave nothing) or
    ``not_emf`` (an ordinary line). ``dropped`` says in words what was left out,
    also when other metrics survived. ``timestamp`` is the line's own, or the
    default where it has none, so that a validation error can be counted at
    its time.
    """

    kind: Literal["metrics", "invalid", "not_emf"]
    metrics: list[EmfMetric]
    dropped: tuple[str, ...]
    timestamp: int


def parse(message: str, *, default_timestamp: int) -> EmfResult:
    """Read one log event; ``default_timestamp`` is the event's own time in milliseconds."""
    root = _root(message)
    aws = root.get("_aws") if root is not None else None
    if root is None or not isinstance(aws, dict) or "CloudWatchMetrics" not in aws:
        return EmfResult("not_emf", [], (), default_timestamp)
    at, directives = aws.get("Timestamp"), aws["CloudWatchMetrics"]
    if not isinstance(at, int) or isinstance(at, bool):
        return EmfResult("invalid", [], ("Timestamp is not an integer",), default_timestamp)
    if not isinstance(directives, list):
        return EmfResult("invalid", [], ("CloudWatchMetrics is not an array",), at)
    dropped: list[str] = []
    metrics = [m for d in directives for m in _of_directive(d, root, at, dropped)]
    kind: Literal["metrics", "invalid"] = "invalid" if dropped and not metrics else "metrics"
    return EmfResult(kind, metrics, tuple(dropped), at)


def worth_parsing(message: pl.Expr) -> pl.Expr:
    """True for every line that :func:`parse` calls anything but ``not_emf``, and for few others."""
    named = message.str.contains("_aws", literal=True)
    escaped = message.str.contains("\\u00", literal=True)  # any character may be spelled so
    opened = message.str.strip_chars_start(" \t\n\r").str.starts_with("{")
    return (opened & (named | escaped)).fill_null(value=False)


def _root(message: str) -> dict[str, Any] | None:
    if len(message.encode("utf-8", "surrogatepass")) > LARGEST_MESSAGE_BYTES:
        return None
    try:
        root = json.loads(message, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None
    return root if isinstance(root, dict) else None


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _of_directive(
    directive: object, root: Mapping[str, Any], at: int, dropped: list[str]
) -> Iterator[EmfMetric]:
    problem = _directive_problem(directive)
    if problem or not isinstance(directive, dict):
        dropped.append(problem)
        return
    sets = list(_dimension_sets(directive["Dimensions"], root, dropped))
    metrics = list(_definitions(directive["Metrics"], root, dropped))
    for dimensions in sets:
        for name, values, unit, resolution in metrics:
            yield EmfMetric(directive["Namespace"], name, dimensions, values, unit, resolution, at)


def _directive_problem(directive: object) -> str:
    if not isinstance(directive, dict):
        return "a directive is not an object"
    namespace = directive.get("Namespace")
    if not _is_text(namespace, LONGEST_NAME):
        return f"Namespace is not a string of 1 to {LONGEST_NAME} characters"
    dimensions, metrics = directive.get("Dimensions"), directive.get("Metrics")
    if not isinstance(dimensions, list) or not dimensions:
        return f"Dimensions of {namespace} is not an array with at least one set"
    if not isinstance(metrics, list) or len(metrics) > MOST_METRICS:
        return f"Metrics of {namespace} is not an array of at most {MOST_METRICS}"
    return ""


def _is_text(value: object, longest: int) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= longest


def _dimension_sets(
    sets: list[object], root: Mapping[str, Any], dropped: list[str]
) -> Iterator[dict[str, str]]:
    for keys in sets:
        if not isinstance(keys, list) or len(keys) > MOST_DIMENSIONS:
            dropped.append(f"a dimension set is not an array of at most {MOST_DIMENSIONS} keys")
            continue
        bad = [k for k in keys if not _is_dimension(k, root)]
        if bad:
            dropped.append(
                f"dimension {bad[0]!r} names no string of 1 to {LONGEST_NAME} characters"
            )
            continue
        yield {key: root[key] for key in keys}


def _is_dimension(key: object, root: Mapping[str, Any]) -> bool:
    return (
        isinstance(key, str)
        and _is_text(key, LONGEST_DIMENSION_NAME)
        and _is_text(root.get(key), LONGEST_NAME)
    )


def _definitions(
    definitions: list[object], root: Mapping[str, Any], dropped: list[str]
) -> Iterator[tuple[str, list[int | float], str, int]]:
    for definition in definitions:
        problem = _definition_problem(definition)
        if problem or not isinstance(definition, dict):
            dropped.append(problem)
            continue
        name = definition["Name"]
        values = _values(root.get(name))
        if values is None:
            dropped.append(f"metric {name!r} names no number and no array of 1 to {MOST_VALUES}")
            continue
        yield name, values, definition.get("Unit", "None"), definition.get("StorageResolution", 60)


def _definition_problem(definition: object) -> str:
    if not isinstance(definition, dict):
        return "a metric definition is not an object"
    name, unit = definition.get("Name"), definition.get("Unit", "None")
    if not _is_text(name, LONGEST_NAME):
        return f"a metric's Name is not a string of 1 to {LONGEST_NAME} characters"
    if not isinstance(unit, str) or unit not in UNITS:
        return f"metric {name!r} has an unknown Unit {unit!r}"
    resolution = definition.get("StorageResolution", 60)
    if not isinstance(resolution, int) or isinstance(resolution, bool) or resolution not in (1, 60):
        return f"metric {name!r} has a StorageResolution other than 1 and 60"
    return ""


def _values(target: object) -> list[int | float] | None:
    given: list[object] = target if isinstance(target, list) else [target]
    numbers = [value for value in given if _is_number(value)]
    if not 1 <= len(given) <= MOST_VALUES or len(numbers) < len(given):
        return None
    return numbers


def _is_number(value: object) -> TypeGuard[int | float]:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer beyond what a metric can be
        return False
