"""CloudWatch metric math: expressions over series, and SEARCH.

Source: Amazon CloudWatch User Guide, "Using math expressions with CloudWatch
metrics" and "CloudWatch search expression syntax".
"""

from __future__ import annotations

from app.query.lang import QueryError
from app.query.metric_math.align import aligned
from app.query.metric_math.band_calls import BandCall, band_calls, ids_of
from app.query.metric_math.cautions import Caution, cautions
from app.query.metric_math.labels import labels
from app.query.metric_math.run import Element, MathResult, evaluate
from app.query.metric_math.search import search_ids, tokens

__all__ = [
    "BandCall",
    "Caution",
    "Element",
    "MathResult",
    "QueryError",
    "aligned",
    "band_calls",
    "cautions",
    "evaluate",
    "ids_of",
    "labels",
    "search_ids",
    "tokens",
]
