"""What of ``collection.traces`` only the whole program can check: the filter expression."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from app.config.mistakes import Location
from app.query.trace_filter import QueryError, parse

FILTER: Location = ("collection", "traces", "filter")


def mistakes(value: Mapping[str, Any]) -> Iterator[tuple[Location, str]]:
    """A filter expression that X-Ray would refuse."""
    found: Any = value
    for key in FILTER:
        found = found.get(key) if isinstance(found, Mapping) else None
    if not isinstance(found, str):
        return
    try:
        parse(found)
    except QueryError as error:
        where = error.span.start + 1
        yield FILTER, f"is no filter expression: {error.message} (at character {where})"
