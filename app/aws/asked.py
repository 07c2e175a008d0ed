"""What was asked, in words, and texts without secrets in them."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from app.aws.actions import iam_action
from app.model.ids import Place

LONGEST_TEXT = 400
SHORTEST_SECRET = 8
"""Shorter ones are made up for tests; hiding them would eat ordinary words."""

_KEY_ID = re.compile(r"\b(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{12,}\b")
_LONG_TOKEN = re.compile(r"[A-Za-z0-9+/_=-]{80,}")
_MARKUP = re.compile(r"(?is)<(script|style|head)\b.*?</\1>|<[/!a-z][^>]*>")
_SIGNED = re.compile(r"(?i)((?:signature|credential|security-token|secret)\w*\s*[=:]\s*)\S+")


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked, where, and how to name it to a person."""

    place: Place
    api: str
    operation: str
    account: str = ""
    endpoint: str = ""
    about: str = ""
    """What of its kind the call is about, where a permission may be missing for that alone."""

    @property
    def action(self) -> str:
        return iam_action(self.api, self.operation)

    def __str__(self) -> str:
        place, name = self.place, ""
        if self.account and self.account != place.account:
            name = f" ({self.account})"
        return f"{self.api} {self.operation} in account {place.account}{name}, {place.region}"


def scrubbed(text: str, secrets: Collection[str] = ()) -> str:
    """``text`` on one line, without keys, tokens, signatures, markup and the secrets."""
    for secret in sorted((s for s in secrets if len(s) >= SHORTEST_SECRET), key=len, reverse=True):
        text = text.replace(secret, "***")
    text = _SIGNED.sub(r"\1***", text)
    text = _LONG_TOKEN.sub("***", _KEY_ID.sub("***", text))
    text = " ".join(_MARKUP.sub(" ", text).split())
    return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…"
