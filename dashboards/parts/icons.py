"""The icon set: shapes in ``assets/21-icons.css``, coloured by the text around them."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboards.parts.attributes import aria


def icon(name: str) -> Component:
    """A 16 px picture that says nothing to a screen reader; put words beside it."""
    return html.Span(className=f"icon icon-{name}", **aria(hidden="true"))
