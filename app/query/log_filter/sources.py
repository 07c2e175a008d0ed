"""Where a metric filter takes its value and its dimensions from: ``$.a.b``, ``$name``, ``$3``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.query.log_filter.parse import end, selector
from app.query.log_filter.run import Spelled, select
from app.query.log_filter.scan import Scanner
from app.query.log_filter.tree import JsonPattern, Pattern, Selector, Terms, Wildcard

_BOOLEANS = {True: "true", False: "false"}


@dataclass(frozen=True, slots=True)
class Source:
    """A place in a matching message: a path in its object, or the name of a field."""

    place: Selector | str

    def text(self, judged: Mapping[str, Any]) -> str | None:
        """The scalar there as text; None for what is absent, null, an object or an array."""
        if isinstance(self.place, str):
            return judged.get(self.place)
        for value in select(self.place, judged):
            return _BOOLEANS.get(value) if isinstance(value, bool) else _text(value)
        return None


def source(pattern: Pattern, written: str) -> Source:
    """Raises PatternError for what the form of the pattern does not allow."""
    scanner = Scanner(written)
    if isinstance(pattern, Terms):
        raise scanner.error(
            "a pattern of terms has no fields to take a value from", 0, len(written)
        )
    if isinstance(pattern, JsonPattern):
        path = selector(scanner)
        end(scanner)
        if Wildcard.ANY in path.steps:
            raise scanner.error("a wildcard names no single value", 0, len(written))
        return Source(path)
    scanner.need("$", "before the name of a field")
    name = scanner.run("_-")
    if not name:
        raise scanner.error("the name of a field is missing")
    end(scanner)
    return Source(name)


def _text(value: object) -> str | None:
    return str(value) if isinstance(value, str | Spelled) else None
