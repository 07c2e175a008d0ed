"""The pages about alarms, one beside the other."""

from __future__ import annotations

from dash import dcc, html
from dash.development.base_component import Component

from dashboards.parts.attributes import aria

TABS = (("Alarms", "/alarms"), ("Coverage", "/alarms/coverage"), ("Noise", "/alarms/noise"))


def tabs(here: str) -> Component:
    """Links to all of them; ``here`` is the one that is shown."""
    return html.Nav(
        [_tab(text, path, here) for text, path in TABS],
        className="tabs",
        **aria(label="Pages about alarms"),
    )


def _tab(text: str, path: str, here: str) -> Component:
    current = aria(current="page") if path == here else {}
    return html.Span(dcc.Link(text, href=path, className="tab"), **current)
