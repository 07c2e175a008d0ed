"""Makes the Dash app from readers and settings. Nothing happens at import.

A page is a module with ``PATH``, ``TITLE``, ``layout`` and ``register``; the
list of them is here. The router is ours, not ``dash.register_page``: that one
keeps a list in a module, and mounts the page anew for each change of the query.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from html import escape
from types import ModuleType
from typing import Any

from dash import Dash, Input, Output, State, html, no_update, set_props
from dash.development.base_component import Component
from flask import request

from app.config import WebSettings
from app.model.errors import OpsError
from app.read import Reads
from app.web.errors import reference
from app.web.flask import guard
from dashboards import ids, shell
from dashboards.clientside import in_browser
from dashboards.known import LastKnown
from dashboards.routes import Routes
from dashboards.theme import ASSETS

LOG = logging.getLogger("watchdeck.pages")

INDEX = """<!DOCTYPE html>
<html lang="en">
<head>
{%metas%}
<title>{%title%}</title>
<script src="/assets/first.js"></script>
{%favicon%}
{%css%}
</head>
<body>
{%app_entry%}
<footer>
{%config%}
{%scripts%}
{%renderer%}
</footer>
</body>
</html>"""


class Deck(Dash):
    """A Dash app whose first answer already shows header and navigation."""

    picture: Callable[[str], tuple[str, str]]
    """From a path to the page's title and the markup that stands there until React has drawn."""

    def interpolate_index(self, **parts: Any) -> str:  # type: ignore[override]  # Dash names each part
        title, shown = self.picture(request.path)
        parts["app_entry"] = shown + parts["app_entry"]
        parts["title"] = escape(f"{title} · Watchdeck")
        return str(super().interpolate_index(**parts))  # type: ignore[no-untyped-call]  # Dash ships it untyped


def create_app(
    reads: Reads,
    *,
    settings: WebSettings,
    now: Callable[[], datetime],
    pages: Sequence[ModuleType] | None = None,
    counters: Callable[[], Mapping[str, float]] | None = None,
) -> Dash:
    """The whole dashboard as a WSGI app (``.server``)."""
    app = Deck(
        "watchdeck",
        title="Watchdeck",
        update_title="",
        assets_folder=str(ASSETS),
        assets_ignore=r"^first\.js$|LICENSE|OFL",
        index_string=INDEX,
        suppress_callback_exceptions=True,
        add_log_handler=False,
        on_error=_tell,
        meta_tags=[{"name": "viewport", "content": "width=device-width, initial-scale=1"}],
    )
    routes = Routes(all_pages() if pages is None else pages, reads)
    signed_in = settings.sign_in is not None
    known = LastKnown(reads, now)
    app.layout = lambda: shell.frame(known.navigation, signed_in=signed_in)

    def picture(path: str) -> tuple[str, str]:
        title = routes.title(path)
        return title, shell.picture(known.navigation, title, path, signed_in=signed_in)

    app.picture = picture
    _register(app, routes, reads, known)
    for page in routes.pages:
        page.register(app, reads, now)
    guard(
        app.server,
        settings=settings,
        reads=reads,
        now=now,
        script_hashes=app.csp_hashes,
        counters=counters,
    )
    return app


def all_pages() -> tuple[ModuleType, ...]:
    """Every page, in the order of the navigation; they are loaded where they are needed only."""
    from dashboards.every_page import PAGES

    return PAGES


def _register(app: Dash, routes: Routes, reads: Reads, known: LastKnown) -> None:
    in_browser(
        app,
        "opened",
        Output(ids.VIEW, "data"),
        Output(ids.QUERY, "data"),
        Input(ids.LOCATION, "id"),
    )
    in_browser(app, "queried", Input(ids.QUERY, "data"), at_start=False)

    @app.callback(
        Output(ids.CONTENT, "children"),
        Output(ids.TITLE, "children"),
        Input(ids.LOCATION, "pathname"),
        State(ids.LOCATION, "search"),
    )
    def open_page(path: str | None, search: str | None) -> tuple[Component, str]:
        try:
            return routes.open(path or "/", search or "")
        except Exception as error:  # a page that cannot be drawn must not take the shell along
            return _broken(error), "Something went wrong"

    @app.callback(Output(ids.NAV, "children"), Input(ids.TICK, "data"))
    def count_open(_: int) -> list[Component]:
        return shell.menu(known.asked())

    @app.callback(
        Output(ids.RESULTS, "children"), Input(ids.SEARCH, "data"), prevent_initial_call=True
    )
    def search(text: str | None) -> Component | None:
        words = (text or "").strip()
        found = reads.inventory.search(words).value if words else ()
        return shell.results(words, found)


def _broken(error: Exception) -> Component:
    """What stands in place of a page that failed."""
    return html.Section(
        [
            html.H2("This page could not be drawn"),
            html.P(_said(error)),
            html.P(html.A("To the overview", href="/")),
        ],
        className="trouble",
    )


def _tell(error: Exception) -> Any:
    """A callback that failed leaves the page as it was, and says so once."""
    set_props(ids.TROUBLE, {"children": html.P(_said(error), className="toast")})
    return no_update


def _said(error: Exception) -> str:
    """An error that people can act on speaks for itself; any other gets a number for the log."""
    if isinstance(error, OpsError):
        return str(error)
    number = reference()
    LOG.error("reference %s", number, exc_info=error)
    return f"Something went wrong. The log tells more under reference {number}."
