"""CloudWatch metric math: expressions over series, and SEARCH.

Source: Amazon CloudWatch User Guide, "Using math expressions with CloudWatch
metrics" and "CloudWatch search expression syntax".
"""

from __future__ import annotations

from app.query.lang import QueryError
from app.query.metric_math.run import Element, MathResult, evaluate
from app.query.metric_math.search import search_ids, tokens

__all__ = ["Element", "MathResult", "QueryError", "evaluate", "search_ids", "tokens"]
