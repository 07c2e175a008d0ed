"""The table of scalar functions: name, how many arguments, what it does, how it is built."""

from __future__ import annotations

from functools import cache

from app.query.insights.functions import general, ip, json, number, text, time
from app.query.insights.functions.entry import Clock, Function

__all__ = ["Clock", "Function", "functions"]


@cache
def functions() -> dict[str, Function]:
    """Every scalar function by its lower-case name."""
    parts = (general.FUNCTIONS, ip.FUNCTIONS, json.FUNCTIONS, number.FUNCTIONS)
    entries = [entry for part in (*parts, text.FUNCTIONS, time.FUNCTIONS) for entry in part]
    return {name.lower(): entry for entry in entries for name in (entry.name, *entry.aliases)}
