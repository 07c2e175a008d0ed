"""CloudWatch Logs Insights QL, answered locally.

Source: Amazon CloudWatch Logs User Guide, "CloudWatch Logs Insights language
query syntax".
"""

from __future__ import annotations

from app.query.insights.run import Result, run_query
from app.query.lang import QueryError

__all__ = ["QueryError", "Result", "run_query"]
