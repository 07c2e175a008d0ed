"""CloudWatch Metrics Insights SQL, answered locally.

Source: Amazon CloudWatch User Guide, "Metrics Insights query components and syntax".
"""

from __future__ import annotations

from app.query.lang import QueryError
from app.query.metrics_sql.parse import parse, printed
from app.query.metrics_sql.run import Element, SqlResult, evaluate

__all__ = ["Element", "QueryError", "SqlResult", "evaluate", "parse", "printed"]
