"""Where an imported metric filter applies: ``fieldSelectionCriteria`` of PutMetricFilter.

Comparisons of the system fields ``@aws.account``, ``@aws.region`` and ``@source.log``
with ``=``, ``!=``, ``IN`` and ``NOT IN``, joined by AND, which binds closer, and OR.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from app.model.logs import LogGroupKey

FIELDS = ("@aws.account", "@aws.region", "@source.log")
_TOKEN = re.compile(
    r"\s*(?:(?P<field>@[\w.]+)|(?P<text>\"[^\"]*\"|'[^']*'|\d+)|(?P<mark>!=|=|\[|\]|\(|\)|,)"
    r"|(?P<word>[A-Za-z]+))"
)
_OPEN, _CLOSE = ("[", "("), ("]", ")")


def system_fields(key: LogGroupKey) -> Mapping[str, str]:
    """What the system fields hold for events of a group."""
    return dict(zip(FIELDS, (key.place.account, key.place.region, key.name), strict=True))


def applies(criteria: str, key: LogGroupKey) -> bool:
    """Whether the events of a group are meant; ValueError for what cannot be read."""
    if not criteria.strip():
        return True
    reader = _Reader(list(_tokens(criteria)), system_fields(key))
    found = reader.alternatives()
    if reader.rest:
        raise ValueError(f"`{reader.rest[0]}` was not expected")
    return found


def _tokens(criteria: str) -> Iterator[str]:
    at, end = 0, len(criteria.rstrip())
    while at < end:
        found = _TOKEN.match(criteria, at)
        if found is None:
            raise ValueError(f"`{criteria[at:].strip()}` cannot be read")
        yield found[0].strip()
        at = found.end()


class _Reader:
    def __init__(self, tokens: list[str], fields: Mapping[str, str]) -> None:
        self.rest, self._fields = tokens, fields

    def alternatives(self) -> bool:
        found = self._all()
        while self._word("OR"):
            found = self._all() or found
        return found

    def _all(self) -> bool:
        found = self._one()
        while self._word("AND"):
            found = self._one() and found
        return found

    def _one(self) -> bool:
        if self.rest and self.rest[0] == "(":
            self._take()
            found = self.alternatives()
            self._closing()
            return found
        field = self._take()
        if field not in self._fields:
            raise ValueError(f"`{field}` is no system field")
        return self._compared(self._fields[field])

    def _compared(self, value: str) -> bool:
        if self._word("NOT"):
            if not self._word("IN"):
                raise ValueError("IN is missing after NOT")
            return value not in self._list()
        if self._word("IN"):
            return value in self._list()
        mark = self._take()
        if mark not in ("=", "!="):
            raise ValueError(f"`{mark}` is no comparison")
        return (value == self._text()) is (mark == "=")

    def _list(self) -> list[str]:
        if self._take() not in _OPEN:
            raise ValueError("a list begins with `[`")
        found = [self._text()]
        while self.rest and self.rest[0] == ",":
            self._take()
            found.append(self._text())
        self._closing()
        return found

    def _text(self) -> str:
        token = self._take()
        if token[:1] in ("'", '"'):
            return token[1:-1]
        if token.isdecimal():
            return token
        raise ValueError(f"`{token}` is no text in quotes")

    def _closing(self) -> None:
        if self._take() not in _CLOSE:
            raise ValueError("a closing bracket is missing")

    def _word(self, word: str) -> bool:
        if self.rest and self.rest[0].upper() == word:
            self._take()
            return True
        return False

    def _take(self) -> str:
        if not self.rest:
            raise ValueError("it breaks off")
        return self.rest.pop(0)
