"""Makes secrets in messages unreadable before anything is stored.

Fields are discovered in what is left, so they hold none either. A secret must not
hide behind JSON's escapes: those of printable characters are resolved first. What is
found becomes ``***name***``; a bare number in JSON becomes such a text in quotes, so
that the message stays JSON.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import polars as pl

from app.config import RedactionSettings

_CARD = r"(?-u:\b)[2-6](?:[ -]?[0-9]){12,18}(?-u:\b)"
_CARD_IN_TEXT = re.compile(r"\b[2-6](?:[ -]?[0-9]){12,18}\b")
_BARE = re.compile(r"(?<=[:\[,])(\s*)([2-6][0-9]{12,18})(?=\s*[,\]}])")
_FRACTION = re.compile(r"\.\d|[eE][+\d-]")
_ESCAPE = re.compile(r"(\\+)u00([2-7][0-9a-fA-F])")
_KEPT = frozenset('"\\')
"""Characters that JSON may not hold as they are."""

_NAMES = (
    "password", "passwd", "pwd", "secret", "client_secret", "clientsecret", "api_key", "apikey",
    "access_token", "accesstoken", "refresh_token", "refreshtoken", "id_token", "idtoken",
    "authorization", "x-api-key",
)  # fmt: skip
"""Names of members and parameters whose values are secret."""

_NAMED = "|".join(_NAMES)
_KEY_NAMES = "secret_?access_?key|session_?token|security-token"


@dataclass(frozen=True, slots=True)
class Rule:
    """What ``pattern`` finds is replaced, in messages that hold one of ``needles``, in any case.

    No needles: in every message.
    """

    pattern: str
    replacement: str
    needles: tuple[str, ...] = ()

    def apply(self, messages: pl.Series) -> pl.Series:
        return messages.str.replace_all(self.pattern, self.replacement)


_RULES: Mapping[str, Sequence[Rule]] = {
    "email": [
        Rule(r"[A-Za-z0-9._%+-]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}", "***email***", ("@",)),
    ],
    "token": [
        Rule(
            r"(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----",
            "***token***",
            ("private key-----",),
        ),
        Rule(
            r"(?i)\b(bearer|basic)(\s+)"
            r"(?:[a-z]*[0-9._~+/\\=-][a-z0-9._~+/\\=-]{5,}|[a-z]{24,})",
            "${1}${2}***token***",
            ("bearer", "basic"),
        ),
        Rule(r"\beyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]*", "***token***", ("eyj",)),
        Rule(
            r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|xox[abeprs]-[A-Za-z0-9-]{10,})",
            "***token***",
            ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "xox"),
        ),
        Rule(rf'(?i)("(?:{_NAMED})"\s*:\s*")(?:[^"\\]|\\.)+', "${1}***token***", _NAMES),
        Rule(rf'(?i)(\\"(?:{_NAMED})\\"\s*:\s*\\")(?:[^"\\]|\\[^"])+', "${1}***token***", _NAMES),
        Rule(rf"(?i)\b((?:{_NAMED})\s*=\s*)[^\s&,;\"'*]+", "${1}***token***", _NAMES),
    ],
    "aws_key": [
        Rule(
            r"\b(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b",
            "***aws_key***",
            ("a3t", "akia", "asia", "abia", "acca"),
        ),
        Rule(
            rf"(?i)((?:{_KEY_NAMES})\\?[\"']?\s*[:=]\s*\\?[\"']?)[A-Za-z0-9/+=\\]{{20,}}",
            "${1}***aws_key***",
            ("accesskey", "access_key", "sessiontoken", "session_token", "security-token"),
        ),
    ],
}


@dataclass(frozen=True, slots=True)
class Redaction:
    """Rules in the order in which they are applied; ``cards`` looks for card numbers as well."""

    rules: tuple[Rule, ...]
    cards: bool

    @classmethod
    def of(cls, settings: RedactionSettings) -> Redaction:
        chosen = [rule for name in settings.builtin for rule in _RULES.get(name, ())]
        own = [Rule(each.regex, f"***{each.name}***") for each in settings.patterns]
        return cls((*chosen, *own), "card" in settings.builtin)

    def __bool__(self) -> bool:
        return bool(self.rules) or self.cards

    def apply(self, messages: pl.Series) -> pl.Series:
        """The messages without what the rules find."""
        if not self or not len(messages):
            return messages
        plain = found = _rewritten(messages, r"\\u00[2-7]", _unescaped)
        suspects = _holding(found, [needle for rule in self.rules for needle in rule.needles])
        for needles, rules in groupby(self.rules, key=lambda rule: rule.needles):
            found = _replaced(found, needles, list(rules), suspects)
        if self.cards:
            found = _rewritten(found, _CARD, _without_cards)
        # A message in which nothing was found stays as it was, escapes and all.
        return messages.zip_with(found == plain, found).alias(messages.name)


def _holding(messages: pl.Series, needles: Sequence[str]) -> pl.Series:
    """Numbers of the messages that hold one of the needles, in any case."""
    if not needles:
        return pl.Series(dtype=pl.UInt32)
    return messages.str.contains_any(list(needles), ascii_case_insensitive=True).arg_true()


def _replaced(
    messages: pl.Series, needles: Sequence[str], rules: Sequence[Rule], suspects: pl.Series
) -> pl.Series:
    """The messages under rules with the same needles; ``suspects`` are those that hold any."""
    if not needles:
        for rule in rules:
            messages = rule.apply(messages)
        return messages
    rows = suspects.gather(_holding(messages.gather(suspects), needles))
    if not len(rows):
        return messages
    some = messages.gather(rows)
    for rule in rules:
        some = rule.apply(some)
    return messages.clone().scatter(rows, some)


def _rewritten(messages: pl.Series, where: str, rewrite: Callable[[str], str]) -> pl.Series:
    """The messages with those rewritten, one by one, that match; they are few."""
    rows = messages.str.contains(where).arg_true()
    if not len(rows):
        return messages
    some = [rewrite(message) for message in messages.gather(rows).to_list()]
    return messages.clone().scatter(rows, pl.Series(some, dtype=pl.String))


def _unescaped(message: str) -> str:
    def plain(found: re.Match[str]) -> str:
        slashes, character = found[1], chr(int(found[2], 16))
        if character in _KEPT or len(slashes) % 2 == 0:
            return found[0]
        return slashes[:-1] + character

    return _ESCAPE.sub(plain, message)


def _without_cards(message: str) -> str:
    def in_text(found: re.Match[str]) -> str:
        is_part = _is_part_of_a_number(message, found.start(), found.end())
        return "***card***" if not is_part and _is_card(found[0]) else found[0]

    def bare(found: re.Match[str]) -> str:
        return f'{found[1]}"***card***"' if _is_card(found[2]) else found[0]

    if message.lstrip().startswith(("{", "[")):
        message = _BARE.sub(bare, message)
    return _CARD_IN_TEXT.sub(in_text, message)


def _is_part_of_a_number(message: str, start: int, end: int) -> bool:
    """Whether digits have a fraction, an exponent or a sign, as numbers in JSON may."""
    before, after = message[:start], message[end : end + 2]
    if _FRACTION.match(after) or (before[-2:-1].isdecimal() and before.endswith(".")):
        return True
    return before.endswith("-") and before[:-1].rstrip()[-1:] in (":", ",", "[")


def _is_card(text: str) -> bool:
    """Whether digits are a card number by Luhn's check digit."""
    digits = [int(c) for c in text if c.isdecimal()]
    if len(set(digits)) == 1:
        return False
    doubled = [sum(divmod(2 * d, 10)) for d in digits[-2::-2]]
    return (sum(doubled) + sum(digits[-1::-2])) % 10 == 0
