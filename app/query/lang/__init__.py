"""What the query languages share: places in a text, errors that draw them, suggestions.

Each language stands alone on this package and knows no other language.
"""

from __future__ import annotations

from app.query.lang.errors import QueryError, QueryErrors
from app.query.lang.span import Span
from app.query.lang.suggest import closest, did_you_mean
from app.query.lang.syntax import syntax_error

__all__ = ["QueryError", "QueryErrors", "Span", "closest", "did_you_mean", "syntax_error"]
