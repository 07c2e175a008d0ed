"""Following tokens to the end of a list.

Written by hand because botocore's paginator raises when the same token comes
twice, which AWS does on empty pages. What must not happen is a loop without
end, so repeats and pages are bounded, and a cut list says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import botocore.session
import jmespath
from botocore.exceptions import DataNotFoundError, UnknownServiceError
from botocore.loaders import Loader

from app.aws.asked import Asked

MAX_PAGES = 2_000
MAX_REPEATS = 10

Page = dict[str, Any]

DECLARED = (
    ("NextToken", "NextToken"),
    ("nextToken", "nextToken"),
    ("NextPageToken", "NextPageToken"),
    ("Marker", "NextMarker"),
    ("Marker", "Marker"),
    ("NextMarker", "NextMarker"),
    ("position", "position"),
    ("ContinuationToken", "NextContinuationToken"),
)
"""Request and answer members to try where botocore declares no paginator."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """Which members carry the place in the list.

    ``declared`` is False for a guess by name; a repeated token then means the end,
    as it does for GetLogEvents.
    """

    sent: tuple[str, ...]
    found: tuple[str, ...]
    more: str = ""
    declared: bool = True

    @classmethod
    def of_paginator(cls, config: Mapping[str, Any]) -> Tokens:
        """From an entry of botocore's paginators-1.json."""
        return cls(
            _tuple(config["input_token"]),
            _tuple(config["output_token"]),
            str(config.get("more_results") or ""),
        )

    @classmethod
    def guessed(cls, takes: frozenset[str], gives: frozenset[str]) -> Tokens | None:
        """From the members that the request takes and the answer gives."""
        for sent, found in DECLARED:
            if sent in takes and found in gives:
                return cls((sent,), (found,), declared=False)
        return None

    def next(self, page: Page) -> dict[str, Any]:
        """Parameters that ask for the page after this one, empty at the end."""
        if self.more and not jmespath.search(self.more, page):
            return {}
        values = {s: jmespath.search(f, page) for s, f in zip(self.sent, self.found, strict=True)}
        return {name: value for name, value in values.items() if value}


class TokenBook:
    """Finds the tokens of an operation: botocore's paginators first, then by name."""

    def __init__(self, loader: Loader) -> None:
        self._session = botocore.session.Session()
        self._session.register_component("data_loader", loader)
        self._known: dict[tuple[str, str], Tokens | None] = {}

    def of(self, api: str, operation: str) -> Tokens | None:
        key = (api, operation)
        if key not in self._known:
            self._known[key] = self._find(api, operation)
        return self._known[key]

    def _find(self, api: str, operation: str) -> Tokens | None:
        try:
            return Tokens.of_paginator(
                self._session.get_paginator_model(api).get_paginator(operation)
            )
        except (ValueError, DataNotFoundError, UnknownServiceError):
            model = self._session.get_service_model(api).operation_model(operation)
        takes, gives = model.input_shape, model.output_shape
        return Tokens.guessed(
            frozenset(takes.members if takes else ()), frozenset(gives.members if gives else ())
        )


class Pages(Iterator[Page]):
    """The pages of one list. After the last one ``cut`` says whether anything was left out."""

    def __init__(
        self,
        ask: Callable[[Mapping[str, Any]], Page],
        params: Mapping[str, Any],
        tokens: Tokens | None,
        asked: Asked,
        max_pages: int = MAX_PAGES,
    ) -> None:
        self._ask, self._params, self._tokens = ask, dict(params), tokens
        self._asked, self._max_pages = asked, max_pages
        self._token: dict[str, Any] = {}
        self._repeats = 0
        self._done = False
        self.count = 0
        self.cut = ""

    def __next__(self) -> Page:
        if self._done:
            raise StopIteration
        page = self._ask(self._params | self._token)
        self.count += 1
        self._turn(page)
        return page

    def _turn(self, page: Page) -> None:
        following = self._tokens.next(page) if self._tokens else {}
        if not following or self._tokens is None:
            self._done = True
        elif following == self._token:
            self._repeated(self._tokens)
        else:
            self._repeats = 0
        if not self._done and self.count >= self._max_pages:
            self._stop(f"was cut after {self.count} pages")
        self._token = following

    def _repeated(self, tokens: Tokens) -> None:
        self._repeats += 1
        if not tokens.declared:
            self._done = True
        elif self._repeats >= MAX_REPEATS:
            self._stop(f"kept giving the same token and was cut after {self.count} pages")

    def _stop(self, why: str) -> None:
        self._done = True
        self.cut = f"the list of {self._asked} {why}; what comes after is missing"


def _tuple(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)
