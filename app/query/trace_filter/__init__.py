"""X-Ray filter expressions: ``service("api") { fault } AND responsetime > 1``.

Source: AWS X-Ray Developer Guide, "Using filter expressions".
"""

from __future__ import annotations

from app.query.lang import QueryError
from app.query.trace_filter.frames import matching, needs_documents
from app.query.trace_filter.keywords import COMPLEX, Keyword, keywords
from app.query.trace_filter.parse import parse
from app.query.trace_filter.run import evaluate
from app.query.trace_filter.tree import Expression, annotation_name, literal, quoted

__all__ = [
    "COMPLEX", "Expression", "Keyword", "QueryError", "annotation_name", "evaluate", "keywords",
    "literal", "matching", "needs_documents", "parse", "quoted",
]  # fmt: skip
