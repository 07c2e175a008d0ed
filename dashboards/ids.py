"""Ids that more than one module names. No id is typed twice."""

from __future__ import annotations

from typing import Any

VIEW = "view"
"""Store: range, zone, accounts, Regions, refresh. Filled from the URL at load."""
TICK = "tick"
"""Store: counts the refreshes that the refresh menu asked for."""
QUERY = "query"
"""Store: the query parameters that belong to the page and not to the view."""
LOCATION = "location"
CONTENT = "content"
SIDE = "side"
"""The side panel's body; fill it to open the panel, empty it to close."""

TITLE = "title"
NAV = "nav"
SEARCH = "search-text"
"""Store: what stands in the search box, a moment after the typing stops."""
RESULTS = "search-results"
TROUBLE = "trouble"
"""Where a failed callback leaves its reference number."""

Id = dict[str, Any]


def graph(page: str, key: str | Any) -> Id:
    """The graph of a chart panel (``figure``)."""
    return {"part": "graph", "page": page, "key": key}


def state_line(page: str, key: str | Any) -> Id:
    """The line under a panel's header that tells what is wrong (``children``)."""
    return {"part": "state-line", "page": page, "key": key}


def age(page: str, key: str | Any) -> Id:
    """The freshness at the right of a panel's header (``children``)."""
    return {"part": "age", "page": page, "key": key}


def detail(page: str, key: str | Any) -> Id:
    """The muted words after a panel's title (``children``)."""
    return {"part": "detail", "page": page, "key": key}


def panel(page: str, key: str | Any) -> Id:
    """The panel itself (``className`` tells its look)."""
    return {"part": "panel", "page": page, "key": key}


def body(page: str, key: str | Any) -> Id:
    """The body of a panel that holds parts and not a chart or grid (``children``)."""
    return {"part": "body", "page": page, "key": key}


def grid(page: str, key: str | Any) -> Id:
    """The grid of a table panel (``rowData``)."""
    return {"part": "grid", "page": page, "key": key}
