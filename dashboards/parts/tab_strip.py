"""Links to the pages that belong together, the one that is shown among them."""

from __future__ import annotations

from collections.abc import Sequence

from dash import dcc, html
from dash.development.base_component import Component

from dashboards.parts.attributes import aria


def tab_strip(tabs: Sequence[tuple[str, str]], here: str, label: str) -> Component:
    """``tabs`` are texts with paths; ``here`` is the path of the page."""
    return html.Nav(
        [_tab(text, path, here) for text, path in tabs], className="tabs", **aria(label=label)
    )


def _tab(text: str, path: str, here: str) -> Component:
    current = aria(current="page") if path == here else {}
    return html.Span(dcc.Link(text, href=path, className="tab"), **current)
