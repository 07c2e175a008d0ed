"""Turns what lark says of a text that does not parse into an error of ours.

``words`` names tokens of a grammar in plain language, so that nobody reads
``__ANON_3`` in a message.
"""

from __future__ import annotations

from collections.abc import Mapping

from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, UnexpectedToken

from app.query.lang.errors import QueryError
from app.query.lang.span import Span

_SHOWN = 6


def syntax_error(error: UnexpectedInput, query: str, words: Mapping[str, str]) -> QueryError:
    """The place where the text stops making sense, and what could stand there."""
    expected = _expected(error, words)
    if isinstance(error, UnexpectedToken) and error.token.type != "$END":
        start = error.token.start_pos or 0
        found = str(error.token)
        span = Span(start, start + max(1, len(found)))
        return QueryError(f"unexpected `{found}`{expected}", query, span)
    if isinstance(error, UnexpectedCharacters):
        start = error.pos_in_stream or 0
        return QueryError(
            f"unexpected `{query[start : start + 1]}`{expected}", query, Span(start, start + 1)
        )
    end = len(query.rstrip())
    return QueryError(f"the query ends too early{expected}", query, Span(end, end + 1))


def _expected(error: UnexpectedInput, words: Mapping[str, str]) -> str:
    names: set[str] = set()
    if isinstance(error, UnexpectedToken | UnexpectedEOF):
        names = set(error.expected or ())
    elif isinstance(error, UnexpectedCharacters):
        names = set(error.allowed or ())
    told = sorted({words.get(name, "") for name in names} - {""})
    if not told:
        return ""
    more = f" or {len(told) - _SHOWN} other things" if len(told) > _SHOWN else ""
    return f"; expected {', '.join(told[:_SHOWN])}{more}"
