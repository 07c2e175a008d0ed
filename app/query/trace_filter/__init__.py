"""X-Ray filter expressions: so far their grammar and the mistakes it can name.

Source: AWS X-Ray Developer Guide, "Using filter expressions".
"""

from __future__ import annotations

from app.query.lang import QueryError
from app.query.trace_filter.parse import parse

__all__ = ["QueryError", "parse"]
