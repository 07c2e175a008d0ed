"""CloudWatch Logs Insights QL, answered locally.

Source: Amazon CloudWatch Logs User Guide, "CloudWatch Logs Insights language
query syntax".
"""

from __future__ import annotations

from app.query.insights.answer import Answer, Cell, Result
from app.query.insights.explain import Explanation
from app.query.insights.limits import Limits, Scanned, Watch
from app.query.insights.run import (
    answer,
    asked_fields,
    counting,
    explain,
    frequent,
    mistakes,
    run_query,
    spelled,
)
from app.query.insights.source import EventSource, Found, Need, Part, Skipped
from app.query.lang import QueryError

__all__ = [
    "Answer",
    "Cell",
    "EventSource",
    "Explanation",
    "Found",
    "Limits",
    "Need",
    "Part",
    "QueryError",
    "Result",
    "Scanned",
    "Skipped",
    "Watch",
    "answer",
    "asked_fields",
    "counting",
    "explain",
    "frequent",
    "mistakes",
    "run_query",
    "spelled",
]
