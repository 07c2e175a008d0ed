"""Components as markup, without ids: a picture of them, to be replaced by the real ones."""

from __future__ import annotations

from html import escape

from dash.development.base_component import Component

_RENAMED = {"className": "class"}
_LEFT_OUT = frozenset({"children", "id", "style"})
_HTML = "dash_html_components"


def markup(component: object) -> str:
    """The HTML of ``dash.html`` components; others and their ids are left out."""
    if component is None or isinstance(component, bool):
        return ""
    if isinstance(component, list | tuple):
        return "".join(markup(one) for one in component)
    if not isinstance(component, Component):
        return escape(str(component))
    parts = component.to_plotly_json()  # type: ignore[no-untyped-call]  # Dash ships it untyped
    if parts["namespace"] != _HTML:
        return ""
    tag = str(parts["type"]).lower()
    named = {
        n: v for n, v in parts["props"].items() if n not in _LEFT_OUT and v not in (None, False)
    }
    attributes = "".join(
        f' {_RENAMED.get(name, name)}="{escape(str(value))}"' for name, value in named.items()
    )
    return f"<{tag}{attributes}>{markup(parts['props'].get('children'))}</{tag}>"
