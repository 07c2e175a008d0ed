"""What pydantic found wrong in a service file, in words that name the remedy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from app.catalogue.schema import Service
from app.config.explain import location_of, message_of
from app.config.mistakes import Location

_STATISTICS = "Average, Sum, Minimum, Maximum, SampleCount, IQM, p99, tm95, ..."


def explained(error: ValidationError, raw: Any) -> Iterator[tuple[Location, str]]:
    """Where in the file each mistake stands and what to do about it."""
    for detail in error.errors(include_url=False):
        if detail["type"].startswith("float") and isinstance(detail["input"], Mapping):
            # A threshold is a number or a mapping; for a mapping the other branch says more.
            continue
        location = location_of(detail, raw)
        if detail["type"] == "string_pattern_mismatch":
            yield location, _pattern(detail)
        else:
            yield location, message_of(detail, Service, location, raw)


def _pattern(detail: ErrorDetails) -> str:
    if "SampleCount" in detail["ctx"]["pattern"]:
        return f"`{detail['input']}` is no statistic of CloudWatch; known are {_STATISTICS}"
    return f"`{detail['input']}` must be small letters, digits and dashes, as in `load-balancer`"
