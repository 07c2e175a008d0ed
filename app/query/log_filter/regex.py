"""The regular expressions that filter patterns may hold, and their form for our engine.

CloudWatch Logs allows a small dialect without groups; everything else is
refused here before any engine sees it. The engine is Rust's (through polars),
which takes linear time; classes are written out because its own are Unicode,
and characters as their code because its sets know operators such as ``--``.

Source: Amazon CloudWatch Logs User Guide, "Supported regular expressions
(regex) syntax".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import polars as pl

_LITERALS = frozenset(":_#=@/;,- ")
_OPERATORS = frozenset("^$?[]{}|\\*+.")
_CLASSES = {"d": "0-9", "w": "0-9A-Za-z_", "s": r"\t\n\f\r\x0B "}
_CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v"}
_COUNT = re.compile(r"\{(?:(\d{1,9})(,)?(\d{1,9})?|,(\d{1,9}))\}", re.ASCII)
_HEX = re.compile(r"x[0-9A-Fa-f]{2}")
_MOST_REPEATS = 1000


@dataclass(frozen=True, slots=True)
class _Piece:
    """One character, or a class of them: then ``char`` is empty."""

    char: str
    ranges: str = ""

    @property
    def alone(self) -> str:
        return f"[{self.ranges}]" if self.ranges else _coded(self.char)

    @property
    def member(self) -> str:
        negated = self.ranges.startswith("^")
        return self.alone if negated else self.ranges or _coded(self.char)


class _Refused(Exception):
    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.message, self.at = message, at


def refused(written: str) -> tuple[str, int] | None:
    """Why an expression is not allowed and at which character, or None."""
    if not written:
        return "an empty regular expression", 0
    try:
        compiled = _translate(written)
    except _Refused as problem:
        return problem.message, problem.at
    return None if _fits(compiled) else ("this regular expression is too large", 0)


def translated(written: str) -> str:
    """An allowed expression in the dialect of Rust's regex crate."""
    return _translate(written)


@lru_cache(maxsize=512)
def _fits(compiled: str) -> bool:
    """Whether the engine takes it: repeats of repeats can grow past its bound."""
    try:
        pl.Series([""]).str.contains(compiled)
    except pl.exceptions.ComputeError:
        return False
    return True


def _coded(char: str) -> str:
    return char if char.isalnum() and char.isascii() else f"\\x{{{ord(char):x}}}"


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
        piece, end = _escaped(text, at)
        return piece.alone, end
    if char == "[":
        return _set(text, at)
    if char in "^$|.":
        return char, at + 1
    return _Piece(char if char in "{}]" else _literal(text, at)).alone, at + 1


def _literal(text: str, at: int) -> str:
    char = text[at]
    if not (char.isascii() and (char.isalnum() or char in _LITERALS)):
        raise _Refused(f"`{char}` is not allowed in a regular expression", at)
    return char


def _escaped(text: str, at: int) -> tuple[_Piece, int]:
    follower = text[at + 1 : at + 2]
    if follower in _CONTROLS:
        return _Piece(_CONTROLS[follower]), at + 2
    if follower.lower() in _CLASSES:
        negation = "^" if follower.isupper() else ""
        return _Piece("", negation + _CLASSES[follower.lower()]), at + 2
    if _HEX.match(text, at + 1):
        return _Piece(chr(int(text[at + 2 : at + 4], 16))), at + 4
    if follower in _OPERATORS or follower in _LITERALS:
        return _Piece(follower), at + 2
    raise _Refused(f"`\\{follower}` is not allowed in a regular expression", at)


def _set(text: str, start: int) -> tuple[str, int]:
    at = start + 1
    negated = text.startswith("^", at)
    at += negated
    members: list[str] = []
    while at < len(text) and (not members or text[at] != "]"):
        member, at = _member(text, at)
        members.append(member)
    if at >= len(text):
        raise _Refused("the closing ] is missing", start)
    return f"[{'^' if negated else ''}{''.join(members)}]", at + 1


def _member(text: str, start: int) -> tuple[str, int]:
    """One member of a set: a character, a class, or a range between two characters."""
    low, at = _set_piece(text, start)
    if not low.char or text[at : at + 1] != "-" or text[at + 1 : at + 2] in ("", "]"):
        return low.member, at
    high, end = _set_piece(text, at + 1)
    if not high.char or low.char > high.char:
        raise _Refused(f"the range {text[start:end]} runs backwards or to a class", start)
    return f"{_coded(low.char)}-{_coded(high.char)}", end


def _set_piece(text: str, at: int) -> tuple[_Piece, int]:
    char = text[at]
    if char == "\\":
        return _escaped(text, at)
    if char == "[" and text[at + 1 : at + 2] in (":", ".", "="):
        raise _Refused("named classes are not allowed", at)
    return _Piece(char if char in _OPERATORS else _literal(text, at)), at + 1
