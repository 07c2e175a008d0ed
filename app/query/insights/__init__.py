"""CloudWatch Logs Insights QL, answered locally.

Source: Amazon CloudWatch Logs User Guide, "CloudWatch Logs Insights language
query syntax".
"""

from __future__ import annotations

from app.query.insights.answer import Answer, Cell, Limits, Result, Scanned, Watch
from app.query.insights.run import answer, counting, run_query
from app.query.insights.source import Contains, Equals, EventSource, Found, Need, Part
from app.query.lang import QueryError

__all__ = [
    "Answer",
    "Cell",
    "Contains",
    "Equals",
    "EventSource",
    "Found",
    "Limits",
    "Need",
    "Part",
    "QueryError",
    "Result",
    "Scanned",
    "Watch",
    "answer",
    "counting",
    "run_query",
]
