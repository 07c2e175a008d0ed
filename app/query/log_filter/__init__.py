"""CloudWatch Logs filter patterns: terms, JSON and space-delimited forms.

This is the language of metric filters, subscription filters and
FilterLogEvents; the ``filter`` command of Logs Insights is another one.

Source: Amazon CloudWatch Logs User Guide, "Filter pattern syntax for metric
filters, subscription filters, filter log events, and Live Tail".
"""

from __future__ import annotations

from app.query.log_filter.frames import extracted, mask
from app.query.log_filter.parse import compiled
from app.query.log_filter.run import holds, space_fields
from app.query.log_filter.scan import PatternError
from app.query.log_filter.tree import Pattern, SpacePattern

__all__ = ["Pattern", "PatternError", "compiled", "extract", "extracted", "mask", "matches"]


def matches(pattern: str, message: str) -> bool:
    """Whether one log message matches a filter pattern.

    An empty pattern matches everything. Raises PatternError, with the place,
    for a pattern that CloudWatch Logs refuses.
    """
    return holds(compiled(pattern), message)


def extract(pattern: str, message: str) -> dict[str, str] | None:
    """The ``extractedValues`` of TestMetricFilter; None where the message does not match.

    Space-delimited patterns give ``$name`` for named fields and ``$k`` for all
    others, counted from 1 in the message. Other forms give an empty mapping.
    Raises PatternError.
    """
    tree = compiled(pattern)
    if not isinstance(tree, SpacePattern):
        return {} if holds(tree, message) else None
    fields = space_fields(tree, message)
    return None if fields is None else {f"${name}": text for name, text in fields.items()}
