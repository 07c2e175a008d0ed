"""Text to tree, by the grammar beside this file."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedInput, VisitError

from app.query.insights.build import Builder
from app.query.insights.tree import Query
from app.query.insights.walk import depth
from app.query.lang import QueryError, Span, did_you_mean, syntax_error

LONGEST_QUERY = 10_000
DEEPEST = 150
"""Levels of expressions inside one another; a person writes ten."""
COMMANDS = (
    "fields",
    "display",
    "filter",
    "where",
    "filterIndex",
    "stats",
    "sort",
    "limit",
    "parse",
    "json",
    "dedup",
    "unnest",
    "expand",
    "lookup",
    "cidrlookup",
    "accum",
    "autoregress",
    "filldown",
    "fillmissing",
    "outlier",
    "sessionize",
    "addtotals",
    "appendcols",
    "countFrequent",
    "pattern",
    "diff",
    "anomaly",
    "relevantfields",
    "logcompare",
    "unmask",
    "estimate",
    "join",
)
_REFUSED = {
    "tail": "`tail` is no command; sort the other way and use `limit`",
    "search": '`search` is no command; use `filter @message like "text"`',
}
_WORDS = {
    "COMPARE": "a comparison",
    "LIKE": "`like`",
    "IN": "`in`",
    "_AND": "`and`",
    "_OR": "`or`",
    "AS": "`as`",
    "BY": "`by`",
    "VBAR": "`|`",
    "COMMA": "`,`",
    "LPAR": "`(`",
    "RPAR": "`)`",
    "LSQB": "`[`",
    "RSQB": "`]`",
    "NAME": "a field name",
    "NUMBER": "a number",
    "STRING": "a text in quotes",
    "REGEX": "a regular expression between slashes",
    "PERIOD": "a period such as 5m",
    "FIELDS": "a command",
    "WHERE": "`where`",
    "INTO": "`into`",
    "OUTPUT": "`OUTPUT`",
    "SOURCE": "`SOURCE`",
    "$END": "the end of the query",
}


def parse(text: str) -> Query:
    """The tree of a query; raises QueryError with the place of the first syntax error."""
    if len(text) > LONGEST_QUERY:
        raise QueryError(
            f"a query has at most {LONGEST_QUERY:,} characters, this one {len(text):,}",
            text,
            Span(LONGEST_QUERY, len(text)),
        )
    try:
        tree: Tree[Token] = _parser().parse(text)
    except UnexpectedInput as error:
        raise _explained(error, text) from None
    try:
        query: Query = Builder(text).transform(tree)
    except VisitError as error:
        if isinstance(error.orig_exc, QueryError):
            raise error.orig_exc from None
        raise
    except RecursionError:
        raise _too_deep(text) from None
    if depth(query) > DEEPEST:
        raise _too_deep(text)
    return query


@cache
def _parser() -> Lark:
    grammar = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", propagate_positions=True, maybe_placeholders=True)


def _too_deep(text: str) -> QueryError:
    return QueryError("the query is nested too deeply", text, Span(0, len(text)))


def _explained(error: UnexpectedInput, text: str) -> QueryError:
    plain = syntax_error(error, text, _WORDS)
    word = _word_at(text, plain.span.start)
    is_command = word.lower() in {name.lower() for name in COMMANDS}
    span = Span(plain.span.start, plain.span.start + max(1, len(word)))
    if not _command_expected(text, plain.span.start) or not word:
        missing = f"; is a `|` missing before `{word}`?" if is_command else ""
        return QueryError(plain.message + missing, text, plain.span)
    if word.lower() in _REFUSED:
        return QueryError(_REFUSED[word.lower()], text, span)
    if is_command:
        return plain
    return QueryError(f"unknown command `{word}`{did_you_mean(word, COMMANDS)}", text, span)


def _word_at(text: str, start: int) -> str:
    end = start
    while end < len(text) and (text[end].isalnum() or text[end] == "_"):
        end += 1
    return text[start:end]


def _command_expected(text: str, start: int) -> bool:
    before = "\n".join(
        line for line in text[:start].split("\n") if not line.lstrip().startswith("#")
    )
    return not before.strip() or before.rstrip().endswith("|")
