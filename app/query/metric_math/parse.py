"""Text to tree, by the grammar beside this file; and back."""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from lark import Lark, Token, Transformer, Tree, v_args
from lark.exceptions import UnexpectedInput, VisitError
from lark.tree import Meta

from app.query.lang import QueryError, Span, syntax_error
from app.query.metric_math import tree

LONGEST = 2048
_WORDS = {
    "NUMBER": "a number",
    "STRING": "a text in quotes",
    "ID": "the Id of a metric",
    "FUNCTION": "a function",
    "LPAR": "`(`",
    "RPAR": "`)`",
    "LSQB": "`[`",
    "RSQB": "`]`",
    "COMMA": "`,`",
    "COMPARE": "a comparison",
    "PLUS": "`+`",
    "MINUS": "`-`",
    "STAR": "`*`",
    "SLASH": "`/`",
    "CARET": "`^`",
    "$END": "the end",
}
_SYMBOLS = {"||": "OR", "&&": "AND"}
_HINTS = {
    "and": "operators are written in upper case: AND",
    "or": "operators are written in upper case: OR",
    "=": "a comparison is `==`",
    "%": "there is no remainder",
    "!": "there is no NOT: compare with 0",
    "+": "a number has no sign `+`",
}


@lru_cache(maxsize=4096)
def parse(text: str) -> tree.Expr:
    """The tree of an expression; raises QueryError with the place of the mistake.

    Trees are kept: an alarm asks for the same one at every tick.
    """
    if not 1 <= len(text) <= LONGEST:
        raise QueryError(f"an expression has 1 to {LONGEST:,} characters", text, Span(0, len(text)))
    try:
        parsed: Tree[Token] = _parser().parse(text)
    except UnexpectedInput as error:
        raise _hinted(syntax_error(error, text, _WORDS), text) from None
    try:
        found: tree.Expr = _Builder().transform(parsed)
    except VisitError as error:
        if not isinstance(error.orig_exc, RecursionError):
            raise
        raise QueryError("the expression is nested too deeply", text, Span(0, len(text))) from None
    except RecursionError:
        raise QueryError("the expression is nested too deeply", text, Span(0, len(text))) from None
    return found


def _hinted(error: QueryError, text: str) -> QueryError:
    """The mistake with what to do about it, where that is known."""
    found = text[error.span.start : error.span.end]
    hint = _HINTS.get(found)
    if hint is None and text[: error.span.start].rstrip().endswith("NOT"):
        hint = _HINTS["!"]
    return QueryError(f"unexpected `{found}`; {hint}", text, error.span) if hint else error


@cache
def _parser() -> Lark:
    grammar = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", propagate_positions=True, maybe_placeholders=False)


def _span(meta: Meta) -> Span:
    return Span(getattr(meta, "start_pos", 0), getattr(meta, "end_pos", 0))


@v_args(meta=True)
class _Builder(Transformer[Token, Any]):
    def number(self, meta: Meta, parts: list[Token]) -> tree.Number:
        return tree.Number(float(parts[0]), span=_span(meta))

    def text(self, meta: Meta, parts: list[Token]) -> tree.Text:
        quote, body = parts[0][0], parts[0][1:-1]
        return tree.Text(body.replace(f"\\{quote}", quote), span=_span(meta))

    def word(self, meta: Meta, parts: list[Token]) -> tree.Word:
        return tree.Word(str(parts[0]), span=_span(meta))

    def id(self, meta: Meta, parts: list[Token]) -> tree.Id:
        return tree.Id(str(parts[0]), span=_span(meta))

    def negative(self, meta: Meta, parts: list[Any]) -> tree.Negative:
        return tree.Negative(parts[1], span=_span(meta))

    def binary(self, meta: Meta, parts: list[Any]) -> tree.Binary:
        operator = _SYMBOLS.get(parts[1], str(parts[1]))
        return tree.Binary(operator, parts[0], parts[2], span=_span(meta))

    def call(self, meta: Meta, parts: list[Any]) -> tree.Call:
        return tree.Call(str(parts[0]), tuple(parts[1:]), span=_span(meta))

    def array(self, meta: Meta, parts: list[Any]) -> tree.Array:
        return tree.Array(tuple(parts), span=_span(meta))


def printed(expr: tree.Expr) -> str:
    """Text that parses to an equal tree; parentheses wherever two operators meet."""
    match expr:
        case tree.Number():
            return repr(expr.value)
        case tree.Text():
            quote = '"' if '"' not in expr.value else "'"
            return quote + expr.value.replace(quote, f"\\{quote}") + quote
        case tree.Word():
            return expr.value
        case tree.Id():
            return expr.name
        case tree.Negative():
            return f"-{_operand(expr.operand)}"
        case tree.Binary():
            return f"{_operand(expr.left)} {expr.operator} {_operand(expr.right)}"
        case tree.Call():
            return f"{expr.function}({', '.join(map(printed, expr.arguments))})"
        case tree.Array():
            return f"[{', '.join(map(printed, expr.elements))}]"


def _operand(expr: tree.Expr) -> str:
    compound = isinstance(expr, tree.Binary | tree.Negative)
    return f"({printed(expr)})" if compound else printed(expr)
