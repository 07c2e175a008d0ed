"""Text to tree, by the grammar beside this file.

Words that are no keyword are told before anything else: somebody who wrote
``servce("x")`` wants to read of ``service``, not of a bracket.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from pathlib import Path

from lark import Lark
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from app.query.lang import QueryError, Span, did_you_mean, syntax_error
from app.query.trace_filter import tree
from app.query.trace_filter.build import Build
from app.query.trace_filter.check import ARGUMENTS, check
from app.query.trace_filter.keywords import keywords

LONGEST = 10_000
DEEPEST = 100
_WORDS = {
    "NAME": "a keyword", "_NOT": "`!`", "LPAR": "`(`", "RPAR": "`)`", "LBRACE": "`{`",
    "RBRACE": "`}`", "RSQB": "`]`", "COMMA": "`,`", "COLON": "`:`", "NUMBER": "a number",
    "STRING": "a text in double quotes", "TRUE": "true or false", "EQ": "a comparison",
    "_AND": "AND", "_OR": "OR", "ID_CALL": "id(…)", "$END": "the end",
    "KEY": "the key of an annotation", "LSQB": "`[`", "SERVICE_CALL": "service(…)",
    "EDGE_CALL": "edge(…)", "ANNOTATION": "annotation.key",
}  # fmt: skip
_QUOTED = re.compile(r'"(?:\\.|[^"\\])*("?)', re.S)
_WORD = re.compile(r'(?<![\w.\["#])[^\W\d][^\s(){}\[\],:!<>="#]*')
_OPENS_TEXT = re.compile(
    r"(=|<|>|:|,|\b(?:contains|beginswith|endswith)|\b(?:service|edge)\s*\()$", re.I
)
_SAID = {
    "and", "or", "not", "contains", "beginswith", "endswith", "true", "false", "service", "edge",
    "id", "null",
}  # fmt: skip
_GRAMMAR = Path(__file__).with_name("grammar.lark")


@lru_cache(maxsize=1024)
def parse(text: str) -> tree.Expression:
    """The tree of an expression, checked; QueryError with the place of each mistake."""
    if len(text) > LONGEST:
        message = f"an expression has at most {LONGEST:,} characters, this one {len(text):,}"
        raise QueryError(message, text, Span(LONGEST, LONGEST + 1))
    bare = _without_texts(text)
    _check_depth(bare, text)
    try:
        written = _parser().parse(text)
    except UnexpectedInput as error:
        raise _refusal(error, bare, text) from None
    parsed = Build().transform(written)
    check(parsed, text)
    return parsed


@cache
def _parser() -> Lark:
    return Lark(
        _GRAMMAR.read_text(encoding="utf-8"),
        start="whole",
        parser="lalr",
        lexer="contextual",
        propagate_positions=True,
    )


def _without_texts(text: str) -> str:
    """The same length, with blanks in place of what is quoted."""
    return _QUOTED.sub(lambda found: '"' + " " * (len(found[0]) - 2) + found[0][-1], text)


def _check_depth(bare: str, text: str) -> None:
    depth = 0
    for position, each in enumerate(bare):
        depth += (each in "([{") - (each in ")]}")
        if depth > DEEPEST:
            message = f"brackets nest deeper than {DEEPEST}"
            raise QueryError(message, text, Span(position, position + 1))
    row = re.search(rf"(?:(?:!|\bnot\b)\s*){{{DEEPEST + 1},}}", bare, re.I)
    if row:
        raise QueryError(f"more than {DEEPEST} negations in a row", text, Span(*row.span()))


def _refusal(error: UnexpectedInput, bare: str, text: str) -> QueryError:
    """The mistake that the writer most likely made, else the place where reading stopped."""
    stopped = _position(error, text)
    unclosed = next((m for m in _QUOTED.finditer(text) if not m[1]), None)
    if unclosed:
        span = Span(unclosed.start(), len(text))
        return QueryError('the text is not closed: a `"` is missing', text, span)
    word = _WORD.match(text, stopped)
    if word and _awaits_text(bare, stopped):
        message = f'`{word[0]}` stands bare; put text in double quotes: "{word[0]}"'
        return QueryError(message, text, Span(*word.span()))
    return _unknown_word(bare, stopped, text) or syntax_error(error, text, _WORDS)


def _position(error: UnexpectedInput, text: str) -> int:
    if isinstance(error, UnexpectedToken) and error.token.type != "$END":
        return error.token.start_pos or 0
    if isinstance(error, UnexpectedCharacters):
        return error.pos_in_stream or 0
    return len(text)


def _awaits_text(bare: str, position: int) -> bool:
    """Whether a value or the name of a service should stand at this place."""
    return bool(_OPENS_TEXT.search(bare[:position].rstrip()))


def _unknown_word(bare: str, stopped: int, text: str) -> QueryError | None:
    """The last word up to where reading stopped, when it is nothing that the language knows."""
    words = [m for m in _WORD.finditer(bare) if m.start() <= stopped]
    word = words[-1] if words else None
    if word is None or _is_known(word[0].lower()):
        return None
    known = [*keywords(), "service", "edge", "annotation"]
    message = f"unknown keyword `{word[0]}`{did_you_mean(word[0], known)}"
    return QueryError(message, text, Span(*word.span()))


def _is_known(word: str) -> bool:
    heads = ("annotation", "source.annotation", "destination.annotation", "rootcause")
    return word in keywords() or word in _SAID or word.startswith(heads) or word in ARGUMENTS
