"""What of ``collection.logs`` only the whole program can check: patterns and expressions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from app.config.mistakes import Location
from app.query.log_filter import PatternError, compiled, extracted

Found = Iterator[tuple[Location, str]]
_LOGS: Location = ("collection", "logs")


def mistakes(value: Mapping[str, Any]) -> Found:
    """Filter patterns and regular expressions that cannot be read."""
    logs = _dict(_dict(value.get("collection")).get("logs"))
    for part in ("groups", "files"):
        for i, rule in _dicts(logs.get(part)):
            yield from _kept(rule, (*_LOGS, part, i))
    for i, given in _dicts(_dict(logs.get("metrics")).get("filters")):
        yield from _metric_filter(given, (*_LOGS, "metrics", "filters", i))
    for i, own in _dicts(_dict(logs.get("redact")).get("patterns")):
        yield from _regex(own.get("regex"), (*_LOGS, "redact", "patterns", i, "regex"))


def services_of_rules(value: Mapping[str, Any]) -> Iterator[tuple[Location, Any]]:
    """The lists of services in rules for log groups, with their places."""
    logs = _dict(_dict(value.get("collection")).get("logs"))
    for i, rule in _dicts(logs.get("groups")):
        yield (*_LOGS, "groups", i, "services"), rule.get("services")


def _kept(rule: dict[str, Any], at: Location) -> Found:
    yield from _pattern(rule.get("include"), (*at, "include"))
    for j, pattern in enumerate(_list(rule.get("exclude"))):
        yield from _pattern(pattern, (*at, "exclude", j))
    for j, sample in _dicts(rule.get("sample")):
        yield from _pattern(sample.get("pattern"), (*at, "sample", j, "pattern"))


def _metric_filter(given: dict[str, Any], at: Location) -> Found:
    pattern = given.get("pattern") or ""
    wrong = list(_pattern(pattern, (*at, "pattern")))
    yield from wrong
    if wrong or not isinstance(pattern, str):
        return
    dimensions = _dict(given.get("dimensions"))
    sources = {(*at, "dimensions", str(name)): text for name, text in dimensions.items()}
    for where, text in {(*at, "value"): given.get("value"), **sources}.items():
        if isinstance(text, str) and text.startswith("$"):
            try:
                extracted(pattern, pl.Series([""], dtype=pl.String), [text])
            except PatternError as error:
                yield where, f"does not go with the pattern: {error.message}"


def _pattern(pattern: object, at: Location) -> Found:
    if not isinstance(pattern, str):
        return
    try:
        compiled(pattern)
    except PatternError as error:
        where = error.span.start + 1
        yield at, f"is no filter pattern: {error.message} (at character {where})"


def _regex(regex: object, at: Location) -> Found:
    if not isinstance(regex, str):
        return
    try:
        pl.Series([""], dtype=pl.String).str.contains(regex)
    except pl.exceptions.ComputeError as error:
        told = [line for line in str(error).splitlines() if line.startswith("error: ")]
        said = told[0].removeprefix("error: ") if told else "it cannot be read"
        yield at, f"is no regular expression that can be used: {said}"


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _dicts(value: object) -> list[tuple[int, dict[str, Any]]]:
    return [(i, item) for i, item in enumerate(_list(value)) if isinstance(item, dict)]
