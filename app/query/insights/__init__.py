"""CloudWatch Logs Insights QL, answered locally.

Source: Amazon CloudWatch Logs User Guide, "CloudWatch Logs Insights language
query syntax".
"""

from __future__ import annotations

from app.query.insights.answer import Answer, Limits, Result, Scanned, Watch
from app.query.insights.run import answer, run_query
from app.query.insights.source import Contains, Equals, EventSource, Found, Need, Part
from app.query.lang import QueryError

__all__ = [
    "Answer",
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
    "run_query",
]
