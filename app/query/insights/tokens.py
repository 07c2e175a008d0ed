"""What single tokens of a query say: texts in quotes, regular expressions, names."""

from __future__ import annotations

import re

from lark import Token

from app.query.insights import tree
from app.query.lang import Span

_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", '"': '"', "'": "'"}
_SEGMENT = re.compile(r"`([^`]*)`|([^.`]+)")


def text_of(token: str) -> str:
    """The characters of a quoted text; an unknown escape stays as it is."""
    quote = token[0]
    out, body, at = [], token[1:-1], 0
    while at < len(body):
        follower = body[at + 1 : at + 2]
        if body[at] == "\\" and follower in _ESCAPES and follower not in {"'", '"'} - {quote}:
            out.append(_ESCAPES[follower])
            at += 2
            continue
        out.append(body[at])
        at += 1
    return "".join(out)


def regex_of(token: str) -> str:
    return token[1:-1].replace("\\/", "/")


def name_of(token: Token) -> tree.Name:
    """A field name; leading ``@`` stands before a backtick or inside the first segment."""
    raw = str(token)
    marks = len(raw) - len(raw.lstrip("@"))
    found = [quoted or plain for quoted, plain in _SEGMENT.findall(raw[marks:])]
    found[0] = raw[:marks] + found[0]
    return tree.Name(tuple(found), span=place_of(token))


def place_of(token: Token) -> Span:
    start = token.start_pos or 0
    return Span(start, token.end_pos or start + len(token))
