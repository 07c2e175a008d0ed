"""Regular expressions of a query, in the dialect of the engine that runs them.

CloudWatch's are RE2's: classes are ASCII, ``{`` that counts nothing is itself,
``$`` also stands before a last line break, as logs end lines with one. The
engine is Rust's (through polars). Look-around and back references exist in
neither and are refused here, before anything runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import polars as pl
from polars.exceptions import PolarsError

_CLASSES = {"d": "0-9", "w": "0-9A-Za-z_", "s": r"\t\n\x0B\f\r "}
_OUTSIDE = {
    "b": r"(?-u:\b)",
    "h": r"[ \t]",
    "R": r"(?:\r\n|[\n\r])",
    "Z": r"(?:\n?\z)",
    "e": r"\x1B",
    "<": "<",
    ">": ">",
}
_INSIDE = {"b": r"\x08", "h": r" \t", "e": r"\x1B", "<": "<", ">": ">"}
_AROUND = ("?=", "?!", "?<=", "?<!")
_COUNT = re.compile(r"\{\d+(?:,\d*)?\}")
_FLAGS = re.compile(r"\(\?[a-zA-Z]*m")
_NAMED = re.compile(r"\?P?<([A-Za-z_][A-Za-z0-9_]*)>")
_BRACED = re.compile(r"\\[pPxuU]\{[^{}]*\}")
_PLAIN = re.compile(r"[^\\.^$*+?{}\[\]()|]+")
_POSIX = re.compile(r"\[:\^?[a-z]+:\]")


class Refused(Exception):
    """An expression that cannot be run, and why."""


@lru_cache(maxsize=512)
def translated(pattern: str) -> str:
    """The expression for Rust's engine; raises Refused."""
    return "".join(pieces(pattern))


def problem(pattern: str) -> str:
    """Why an expression is refused, or nothing."""
    try:
        pl.Series([""]).str.contains(translated(pattern))
    except Refused as refused:
        return f"the regular expression is refused: {refused}"
    except PolarsError as error:
        lines = [line.strip() for line in str(error).splitlines()]
        reasons = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
        return f"the regular expression is refused: {(reasons or lines)[0]}"
    return ""


def texts_of(pattern: str) -> tuple[str, ...]:
    """The fixed texts of which an expression finds any; none if it is more than that."""
    inner = pattern[1:-1] if pattern[:1] == "(" and pattern[-1:] == ")" else pattern
    texts = tuple(inner.split("|"))
    return texts if all(_PLAIN.fullmatch(text) for text in texts) else ()


def beginning_of(pattern: str) -> str:
    """The fixed text that an expression finds at the start only; empty if it is more than that."""
    return pattern[1:] if pattern[:1] == "^" and _PLAIN.fullmatch(pattern[1:]) else ""


def group_names(pattern: str) -> list[str | None]:
    """The capture groups in order; None for one without a name."""
    found: list[str | None] = []
    for piece in pieces(pattern):
        if piece == "(":
            found.append(None)
        elif piece.startswith("(?") and (named := _NAMED.match(piece, 1)):
            found.append(named[1])
    return found


def unnamed(pattern: str) -> str:
    """The translated expression with its groups without names, so that numbers name them."""
    return "".join("(" if _NAMED.match(piece, 1) else piece for piece in pieces(pattern))


def pieces(pattern: str) -> Iterator[str]:
    """The translated expression bit by bit; a group's opening is one piece."""
    many_lines = bool(_FLAGS.search(pattern))
    at = 0
    while at < len(pattern):
        char = pattern[at]
        if char == "\\":
            piece, at = _escape(pattern, at)
        elif char == "[":
            piece, at = _class(pattern, at)
        elif char == "(":
            piece, at = _group(pattern, at)
        elif char == "{" and not _COUNT.match(pattern, at):
            piece, at = r"\{", at + 1
        elif char == "$" and not many_lines:
            piece, at = r"(?:\n?\z)", at + 1
        else:
            piece, at = char, at + 1
        yield piece


def _escape(pattern: str, at: int) -> tuple[str, int]:
    follower = pattern[at + 1 : at + 2]
    braced = _BRACED.match(pattern, at)
    if braced:
        return braced[0], braced.end()
    if not follower:
        raise Refused("it ends in a backslash")
    if follower in "123456789k" or pattern.startswith("g{", at + 1):
        raise Refused("back references are not supported")
    if follower == "Q":
        end = pattern.find("\\E", at + 2)
        literal = pattern[at + 2 : end if end >= 0 else len(pattern)]
        return escaped(literal), end + 2 if end >= 0 else len(pattern)
    if follower.lower() in _CLASSES:
        negated = "^" if follower.isupper() else ""
        return f"[{negated}{_CLASSES[follower.lower()]}]", at + 2
    return _OUTSIDE.get(follower, "\\" + follower), at + 2


def _group(pattern: str, at: int) -> tuple[str, int]:
    rest = pattern[at + 1 : at + 4]
    if rest.startswith(_AROUND):
        raise Refused("look-around is not supported")
    if rest.startswith("?P="):
        raise Refused("back references are not supported")
    if rest.startswith("?>"):
        raise Refused("atomic groups are not supported")
    if rest.startswith("?#"):
        end = pattern.find(")", at)
        return "", end + 1 if end >= 0 else len(pattern)
    named = _NAMED.match(pattern, at + 1)
    if named:
        return f"({named[0]}", named.end()
    return ("(?", at + 2) if rest.startswith("?") else ("(", at + 1)


def _class(pattern: str, at: int) -> tuple[str, int]:
    out = ["["]
    at += 1
    if pattern.startswith("^", at):
        out.append("^")
        at += 1
    first = True
    while at < len(pattern) and (first or pattern[at] != "]"):
        piece, at = _member(pattern, at)
        out.append(piece)
        first = False
    if at >= len(pattern):
        raise Refused("a `[` is not closed")
    return "".join(out) + "]", at + 1


def _member(pattern: str, at: int) -> tuple[str, int]:
    """One thing inside ``[...]``; what Rust would take as nesting or set algebra is literal."""
    char, follower = pattern[at], pattern[at + 1 : at + 2]
    braced = _BRACED.match(pattern, at)
    if braced:
        return braced[0], braced.end()
    if char == "\\" and follower:
        if follower in _CLASSES:
            return _CLASSES[follower], at + 2
        if follower.lower() in _CLASSES:
            return f"[^{_CLASSES[follower.lower()]}]", at + 2
        return _INSIDE.get(follower, "\\" + follower), at + 2
    whole = _POSIX.match(pattern, at)
    if whole:
        return whole[0], whole.end()
    if char in "[]&~" or (char == "-" and follower == "-"):
        return "\\" + char, at + 1
    return char, at + 1


def escaped(literal: str) -> str:
    """An expression that matches exactly a text."""
    return re.sub(r"([\\.+*?()|\[\]{}^$#&~-])", r"\\\1", literal)
