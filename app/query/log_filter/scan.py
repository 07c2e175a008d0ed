"""Reads a pattern character by character and knows where it is.

Filter patterns have three lexicons in one (terms, JSON, space-delimited) and
a word ends where its context says so, which is why this is no lark grammar.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from string import ascii_letters, digits

from app.query.lang import QueryError, Span
from app.query.log_filter.regex import refused, translated
from app.query.log_filter.tree import Comparison, Number, Regex, Text, Value

MOST_REGEXES = 2
NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?\Z")
"""A number as patterns and JSON write it."""

NUMERIC_WORD = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\Z")
"""A word of a message that reads as a number."""

_COMPARISONS: tuple[Comparison, ...] = ("!=", "<=", ">=", "=", "<", ">")
BLANKS = " \t\n\r\f\v"
"""What separates tokens and fields; other white space of Unicode is ordinary text."""

_WORD = frozenset(ascii_letters + digits)
_BARE = "_-.*+"


def number(text: str) -> Decimal:
    """The value of a text that NUMBER matches, exact unless its exponent is beyond reason."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal(float(text))


class PatternError(QueryError):
    """A filter pattern that CloudWatch Logs would refuse."""


class Scanner:
    """A cursor over a pattern; every complaint carries its place."""

    def __init__(self, text: str) -> None:
        self.text, self.at, self.depth, self._regexes = text, 0, 0, 0
        lone = next((i for i, char in enumerate(text) if "\ud800" <= char <= "\udfff"), None)
        if lone is not None:
            raise self.error("half of a surrogate pair is no character", lone, lone + 1)

    def error(self, message: str, start: int | None = None, end: int | None = None) -> PatternError:
        begin = self.at if start is None else start
        return PatternError(message, self.text, Span(begin, max(begin + 1, end or self.at)))

    @property
    def rest(self) -> bool:
        return self.at < len(self.text)

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def blanks(self) -> None:
        while self.rest and self.peek() in BLANKS:
            self.at += 1

    def took(self, token: str) -> bool:
        """Step over ``token`` if it stands here."""
        if not self.text.startswith(token, self.at):
            return False
        self.at += len(token)
        return True

    def need(self, token: str, what: str) -> None:
        self.blanks()
        if not self.took(token):
            found = f"found `{self.peek()}`" if self.rest else "the pattern ends"
            raise self.error(f"expected `{token}` {what}, but {found}")

    def run(self, extra: str) -> str:
        """The longest run of ASCII letters, digits and ``extra`` from here."""
        start = self.at
        while self.rest and (self.peek() in _WORD or self.peek() in extra):
            self.at += 1
        return self.text[start : self.at]

    def quoted(self, mark: str) -> str:
        """What stands between two marks; a backslash protects a mark or a backslash."""
        start, out = self.at, []
        self.at += 1
        while self.rest:
            char = self.peek()
            follower = self.text[self.at + 1 : self.at + 2]
            if char == "\\" and follower in (mark, "\\") and follower:
                out.append(follower)
                self.at += 2
                continue
            self.at += 1
            if char == mark:
                return "".join(out)
            out.append(char)
        raise self.error(f"the closing {mark} is missing", start, len(self.text))

    def regex(self) -> Regex:
        """A ``%...%`` expression, checked against what CloudWatch Logs allows."""
        start = self.at
        end = self.text.find("%", start + 1)
        if end < 0:
            raise self.error("the closing % of the regular expression is missing", start)
        written, self.at = self.text[start + 1 : end], end + 1
        problem = refused(written)
        if problem is not None:
            message, offset = problem
            place = start + 1 + offset
            raise self.error(message, place, place + 1)
        self._regexes += 1
        if self._regexes > MOST_REGEXES:
            raise self.error(f"at most {MOST_REGEXES} regular expressions in a pattern", start)
        return Regex(written, translated(written))

    def comparison(self) -> Comparison | None:
        for sign in _COMPARISONS:
            if self.took(sign):
                if self.peek() == "=":
                    raise self.error(f"`{sign}=` is no comparison; write `{sign}`")
                return sign
        return None

    def value(self, comparison: Comparison, *, null: bool = True) -> Value:
        """What stands behind a comparison; ``null`` says whether this bare word is a text."""
        self.blanks()
        start = self.at
        if not null and self.run(_BARE) == "null":
            raise self.error("null cannot be compared; write IS NULL", start)
        self.at = start
        value = self._value()
        if comparison not in ("=", "!=") and not isinstance(value, Number):
            raise self.error(f"`{comparison}` needs a number without quotes", start)
        return value

    def _value(self) -> Value:
        if self.peek() == "%":
            return self.regex()
        if self.peek() == '"':
            return Text(tuple(self.quoted('"').split("*")))
        word = self.run(_BARE)
        if not word:
            found = f"`{self.peek()}`" if self.rest else "the end"
            raise self.error(f"expected a value, found {found}; quote anything unusual")
        if NUMBER.match(word):
            return Number(word, number(word))
        return Text(tuple(word.split("*")))
