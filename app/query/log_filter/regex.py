"""The regular expressions that filter patterns may hold, and their form for our engine.

CloudWatch Logs allows a small dialect without groups; everything else is
refused here before any engine sees it. The engine is Rust's (through polars),
which takes linear time; classes are written out because its own are Unicode.

Source: Amazon CloudWatch Logs User Guide, "Supported regular expressions
(regex) syntax".
"""

from __future__ import annotations

import re

_LITERALS = frozenset(":_#=@/;,- ")
_OPERATORS = frozenset("^$?[]{}|\\*+.")
_CLASSES = {
    "d": "0-9",
    "w": "0-9A-Za-z_",
    "s": r"\t\n\f\r\x0B ",
}
_CONTROLS = {"t": r"\t", "n": r"\n", "r": r"\r", "f": r"\f", "v": r"\x0B"}
_COUNT = re.compile(r"\{(?:(\d+)(,)?(\d+)?|,(\d+))\}")
_HEX = re.compile(r"x[0-9A-Fa-f]{2}")
_MOST_REPEATS = 1000


def refused(written: str) -> tuple[str, int] | None:
    """Why an expression is not allowed and at which character, or None."""
    if not written:
        return "an empty regular expression", 0
    try:
        _translate(written)
    except _Refused as problem:
        return problem.message, problem.at
    return None


def translated(written: str) -> str:
    """An allowed expression in the dialect of Rust's regex crate."""
    return _translate(written)


class _Refused(Exception):
    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.message, self.at = message, at


def _translate(text: str) -> str:
    out: list[str] = []
    at, repeatable, repeated = 0, False, False
    while at < len(text):
        quantifier, end = _quantifier(text, at)
        if quantifier:
            if repeated:
                raise _Refused("lazy, possessive and double repeats are not allowed", at)
            if not repeatable:
                raise _Refused(f"nothing stands before `{text[at:end]}` to repeat", at)
            out.append(quantifier)
            at, repeated = end, True
            continue
        piece, end = _atom(text, at)
        repeatable, repeated = text[at] not in "^|", False
        out.append(piece)
        at = end
    return "".join(out)


def _quantifier(text: str, at: int) -> tuple[str, int]:
    if text[at] in "?*+":
        return text[at], at + 1
    count = _COUNT.match(text, at)
    if count is None:
        return "", at
    least, comma, most, only_most = count.groups()
    if any(int(n) > _MOST_REPEATS for n in (least, most, only_most) if n):
        raise _Refused(f"at most {_MOST_REPEATS} repeats", at)
    if least and most and int(least) > int(most):
        raise _Refused("the smaller count comes first", at)
    if only_most is not None:
        return f"{{0,{only_most}}}", count.end()
    return f"{{{least}{comma or ''}{most or ''}}}", count.end()


def _atom(text: str, at: int) -> tuple[str, int]:
    char = text[at]
    if char == "\\":
        return _escape(text, at, inside=False)
    if char == "[":
        return _set(text, at)
    if char in "^$|.":
        return char, at + 1
    if char in "{}]":
        return f"\\{char}", at + 1
    return _literal(text, at), at + 1


def _literal(text: str, at: int) -> str:
    char = text[at]
    if not (char.isascii() and (char.isalnum() or char in _LITERALS)):
        raise _Refused(f"`{char}` is not allowed in a regular expression", at)
    return re.escape(char)


def _escape(text: str, at: int, *, inside: bool) -> tuple[str, int]:
    follower = text[at + 1 : at + 2]
    if follower in _CONTROLS and follower:
        return _CONTROLS[follower], at + 2
    kind = follower.lower()
    if kind in _CLASSES and kind:
        negated = "^" if follower.isupper() else ""
        plain = inside and not negated
        return (_CLASSES[kind] if plain else f"[{negated}{_CLASSES[kind]}]"), at + 2
    if _HEX.match(text, at + 1):
        return rf"\x{text[at + 2 : at + 4]}", at + 4
    if follower and (follower in _OPERATORS or follower in _LITERALS):
        return re.escape(follower) if follower not in "-#" else f"\\{follower}", at + 2
    raise _Refused(f"`\\{follower}` is not allowed in a regular expression", at)


def _set(text: str, at: int) -> tuple[str, int]:
    start = at
    out = ["["]
    at += 1
    if text[at : at + 1] == "^":
        out.append("^")
        at += 1
    first = True
    while at < len(text) and (first or text[at] != "]"):
        piece, at = _set_member(text, at)
        out.append(piece)
        first = False
    if at >= len(text):
        raise _Refused("the closing ] is missing", start)
    _check_ranges(text[start : at + 1], start)
    return "".join(out) + "]", at + 1


def _set_member(text: str, at: int) -> tuple[str, int]:
    char = text[at]
    if char == "\\":
        return _escape(text, at, inside=True)
    if char == "[" and text[at + 1 : at + 2] in (":", ".", "="):
        raise _Refused("named classes are not allowed", at)
    if char == "-":
        edge = text[at - 1] in "[^" or text[at + 1 : at + 2] == "]"
        return (r"\-" if edge else "-"), at + 1
    if char in _OPERATORS:
        return f"\\{char}", at + 1
    return _literal(text, at), at + 1


def _check_ranges(written: str, at: int) -> None:
    for low, high in re.findall(r"(?<![\\])(\w)-(\w)", written):
        if low > high:
            raise _Refused(f"the range {low}-{high} runs backwards", at)
