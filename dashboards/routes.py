"""From an address to a page."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any
from urllib.parse import parse_qsl, unquote

from dash import html
from dash.development.base_component import Component
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, RequestRedirect, Rule

from app.read import Reads

VIEW_PARAMETERS = frozenset({"range", "tz", "account", "region", "refresh"})
"""Query parameters that belong to the view; a page never sees them."""


NOT_FOUND = "Not found"


class Routes:
    """Matches ``PATH`` (a werkzeug rule such as ``/services/<service>``) of each page.

    ``layout`` (and ``title``, where there is one) gets the variables of its path,
    the query parameters it has a name for, and ``reads`` if it asks for them, so
    that it can be laid out at once.
    """

    def __init__(self, pages: Sequence[ModuleType], reads: Reads) -> None:
        self.pages, self._reads = tuple(pages), reads
        rules = [Rule(page.PATH, endpoint=n) for n, page in enumerate(self.pages)]
        self._map = Map(rules, strict_slashes=False, merge_slashes=False).bind("watchdeck")

    def open(self, path: str, search: str = "") -> tuple[Component, str]:
        """The page's content and title."""
        page, given = self._found(path, search)
        if page is None:
            return _missing(path), NOT_FOUND
        return page.layout(**_accepted(page.layout, given)), _title(page, given)

    def title(self, path: str) -> str:
        """The title alone, for the first paint."""
        page, given = self._found(path, "")
        return NOT_FOUND if page is None else _title(page, given)

    def _found(self, path: str, search: str) -> tuple[ModuleType | None, dict[str, Any]]:
        """The page and everything that it may be given."""
        try:
            number, variables = self._map.match(unquote(path))
        except (HTTPException, RequestRedirect):
            return None, {}
        query = {
            name: value
            for name, value in parse_qsl(search.removeprefix("?"))
            if name not in VIEW_PARAMETERS
        }
        return self.pages[number], {**query, **variables, "reads": self._reads}


def _title(page: ModuleType, given: dict[str, Any]) -> str:
    if hasattr(page, "title"):
        return str(page.title(**_accepted(page.title, given)))
    return str(page.TITLE)


def _accepted(function: Callable[..., Any], arguments: dict[str, Any]) -> dict[str, Any]:
    """Without those that the function has no parameter for: anybody can write a query."""
    parameters = inspect.signature(function).parameters
    if any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters.values()):
        unasked = {"reads"} - parameters.keys()
        return {name: value for name, value in arguments.items() if name not in unasked}
    return {name: value for name, value in arguments.items() if name in parameters}


def _missing(path: str) -> Component:
    return html.Section(
        [
            html.H2("There is no such page"),
            html.P(["Nothing is at ", html.Code(path), "."]),
            html.P(html.A("To the overview", href="/")),
        ],
        className="trouble",
    )
