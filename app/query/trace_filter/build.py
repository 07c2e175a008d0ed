"""Tree of lark to tree of ours. How deep it may nest was checked before."""

from __future__ import annotations

import re
from typing import cast

from lark import Token, Transformer, v_args
from lark.tree import Meta

from app.query.lang import Span
from app.query.trace_filter import tree

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.S)
_META = v_args(meta=True, inline=True)


@v_args(inline=True)
class Build(Transformer[Token, tree.Expression]):
    """One method for each rule of the grammar that has an alias or a name."""

    def whole(self, inner: tree.Expression | None = None) -> tree.Expression:
        return tree.All() if inner is None else inner

    def either(self, *parts: tree.Expression) -> tree.Expression:
        return tree.Any(parts)

    def both(self, *parts: tree.Expression) -> tree.Expression:
        return tree.All(parts)

    def negation(self, inner: tree.Expression) -> tree.Expression:
        return tree.Not(inner)

    def bracketed(self, inner: tree.Expression) -> tree.Expression:
        return inner

    def simple(self, name: Token, comparison: tree.Comparison | None = None) -> tree.Expression:
        return tree.Simple(str(name).lower(), comparison, _of(name))

    def annotated(
        self, subject: tree.Annotation, comparison: tree.Comparison | None = None
    ) -> tree.Expression:
        return tree.Annotation(
            subject.key, subject.side, comparison, subject.span, dotted=subject.dotted
        )

    @_META
    def annotation(self, meta: Meta, head: Token, key: Token | None = None) -> tree.Annotation:
        first, _, rest = str(head).partition(".")
        side = first.lower() if first.lower() in ("source", "destination") else ""
        if key is None:
            written = rest.partition(".")[2] if side else rest
        else:
            written = _unescaped(key) if key.type == "STRING" else str(key).strip()
        return tree.Annotation(written, side, None, _span(meta), dotted=key is None)

    @_META
    def compared(self, meta: Meta, operator: Token, value: Token) -> tree.Comparison:
        return tree.Comparison(_operator(operator), _value(value), _span(meta))

    def operator(self, token: Token) -> Token:
        return token

    def value(self, token: Token) -> Token:
        return token

    def braces(self, inner: tree.Expression) -> tree.Expression:
        return inner

    @_META
    def service(self, meta: Meta, _head: Token, *rest: object) -> tree.Expression:
        selectors, inner = _called(rest)
        return tree.Service(selectors, inner, _span(meta))

    @_META
    def edge(self, meta: Meta, _head: Token, *rest: object) -> tree.Expression:
        selectors, inner = _called(rest)
        return tree.Edge(selectors, inner, _span(meta))

    @_META
    def named(self, meta: Meta, name: Token) -> tree.Selector:
        return tree.Selector((("name", _unescaped(name)),), False, _span(meta))

    @_META
    def identified(
        self, meta: Meta, _head: Token, *arguments: tuple[str, tree.Value]
    ) -> tree.Selector:
        return tree.Selector(arguments, True, _span(meta))

    def argument(self, name: Token, value: Token) -> tuple[str, tree.Value]:
        return str(name).lower(), _value(value)

    def cause(self, head: Token, inner: tree.Expression | None = None) -> tree.Expression:
        kind, _, part = str(head).lower().removeprefix("rootcause.").partition(".")
        return tree.Cause(kind, part, inner, _of(head))

    @_META
    def cause_json(self, meta: Meta, _head: Token, operator: Token, text: str) -> tree.Expression:
        return tree.CauseJson(_operator(operator), text, _span(meta))

    def json(self, _hash: Token, text: str) -> str:
        return text

    def array(self, *elements: str) -> str:
        return f"[{','.join(elements)}]"

    def object(self, *pairs: str) -> str:
        return f"{{{','.join(pairs)}}}"

    def pair(self, key: str, value: str) -> str:
        return f"{key}:{value}"


def _span(meta: Meta) -> Span:
    return Span(meta.start_pos, meta.end_pos)


def _of(token: Token) -> Span:
    start = token.start_pos or 0
    return Span(start, start + len(token))


def _operator(token: Token) -> tree.Operator:
    return cast("tree.Operator", str(token).upper())


def _value(token: Token) -> tree.Value:
    if token.type == "STRING":
        return _unescaped(token)
    return float(token) if token.type == "NUMBER" else token.type == "TRUE"


def _called(rest: tuple[object, ...]) -> tuple[tuple[tree.Selector, ...], tree.Expression | None]:
    """The selectors, and what stands in the braces behind them."""
    selectors = tuple(each for each in rest if isinstance(each, tree.Selector))
    inner = rest[-1] if len(rest) > len(selectors) else None
    return selectors, cast("tree.Expression | None", inner)


def _unescaped(token: str) -> str:
    """What stands between the quotes, with JSON's escapes taken out."""

    def plain(found: re.Match[str]) -> str:
        if found[1]:
            return chr(int(found[1], 16))
        return _ESCAPES.get(found[2], found[2])

    text = _ESCAPE.sub(plain, token[1:-1])
    # Two escapes may be one character; half of one is none.
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
