"""Text to a syntax tree, by the grammar beside this file."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedInput

from app.query.lang import QueryError, Span, did_you_mean, syntax_error

_BOOLEAN = frozenset(
    ["ok", "error", "throttle", "fault", "partial", "inferred", "first", "last", "remote", "root"]
)
_NUMBER = frozenset(["responsetime", "duration", "http.status", "index", "coverage"])
_STRING = frozenset(
    [
        "http.url",
        "http.method",
        "http.useragent",
        "http.clientip",
        "user",
        "name",
        "type",
        "message",
        "availabilityzone",
        "instance.id",
        "resource.arn",
        "group.name",
        "group.arn",
    ]
)
_KNOWN = _BOOLEAN | _NUMBER | _STRING | {"service", "edge", "annotation"}
_ARGUMENTS = frozenset({"name", "type", "account.id"})
_WORDS = {
    "KEYWORD": "a keyword",
    "ANNOTATION": "an annotation",
    "STRING": "a text in double quotes",
    "NUMBER": "a number",
    "BOOLEAN": "`true` or `false`",
    "COMPARE": "a comparison",
    "RPAR": "`)`",
    "RBRACE": "`}`",
    "COMMA": "`,`",
    "$END": "the end",
}


def parse(text: str) -> Tree[Token]:
    """The syntax tree of an expression; QueryError has the place of the mistake."""
    try:
        tree: Tree[Token] = _parser().parse(text)
    except UnexpectedInput as error:
        raise _mistyped(text, error) or syntax_error(error, text, _WORDS) from None
    for plain in tree.find_data("plain"):
        _check_plain(plain, text)
    for argument in tree.find_data("argument"):
        _known(argument.children[0], _ARGUMENTS, "argument of id()", text)
    for cause in tree.find_data("rootcause"):
        token = cause.children[0]
        if isinstance(token, Token) and token.lower() == "rootcause.responsetime.exception":
            raise QueryError("response-time causes hold no exceptions", text, _span(token))
    return tree


@cache
def _parser() -> Lark:
    grammar = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", maybe_placeholders=False)


def _mistyped(text: str, error: UnexpectedInput) -> QueryError | None:
    """The unknown keyword before the place of a syntax error, which is its likely cause."""
    interactive = _parser().parse_interactive(text)
    try:
        for token in interactive.iter_parse():
            if token.type == "KEYWORD" and token.lower() not in _KNOWN | _ARGUMENTS:
                message = f"unknown keyword `{token}`{did_you_mean(token, _KNOWN)}"
                return QueryError(message, text, _span(token))
    except type(error):
        return None
    return None


def _span(token: Token) -> Span:
    start = token.start_pos or 0
    return Span(start, start + len(token))


def _known(token: object, known: frozenset[str], what: str, text: str) -> str:
    if not isinstance(token, Token):
        raise TypeError("the grammar puts a word here")
    name = token.lower()
    if name not in known:
        message = f"unknown {what} `{token}`{did_you_mean(name, known)}"
        raise QueryError(message, text, _span(token))
    return name


def _check_plain(plain: Tree[Token], text: str) -> None:
    word, *rest = plain.children
    annotation = isinstance(word, Token) and word.type == "ANNOTATION"
    name = "" if annotation else _known(word, _KNOWN, "keyword", text)
    if not rest:
        return
    operator, value = (next(each.scan_values(lambda _: True)) for each in rest)  # type: ignore[union-attr]
    kind = value.type
    if name in _BOOLEAN and (kind != "BOOLEAN" or operator not in ("=", "!=")):
        raise QueryError(f"`{name}` takes = or != and true or false", text, _span(operator))
    if name in _NUMBER and (kind != "NUMBER" or operator.type != "COMPARE"):
        raise QueryError(f"`{name}` is compared with a number", text, _span(operator))
    ordered = operator in ("<", "<=", ">", ">=")
    if name in _STRING and (kind != "STRING" or ordered):
        raise QueryError(f"`{name}` is compared with a text in quotes", text, _span(operator))
    if operator.type == "MATCH" and kind != "STRING":
        raise QueryError(f"`{operator}` needs a text in quotes", text, _span(value))
