"""CloudWatch metric math: expressions over series, and SEARCH.

Source: Amazon CloudWatch User Guide, "Using math expressions with CloudWatch
metrics" and "CloudWatch search expression syntax".
"""

from __future__ import annotations

from app.query.lang import QueryError
from app.query.metric_math.align import aligned
from app.query.metric_math.cautions import Caution, cautions
from app.query.metric_math.run import Element, MathResult, evaluate
from app.query.metric_math.search import search_ids, tokens

__all__ = [
    "Caution",
    "Element",
    "MathResult",
    "QueryError",
    "aligned",
    "cautions",
    "evaluate",
    "search_ids",
    "tokens",
]
