"""Small parts for facts about one thing: definitions, tags, breadcrumbs, links."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from app.model.written import DASH
from dashboards.parts.attributes import aria
from dashboards.parts.icons import icon
from dashboards.parts.notes import Words, copy_button

_CODE_FROM = 60


def definitions(facts: Mapping[str, Any]) -> Component:
    """Names and values as a list; nested configuration is folded, an ARN can be copied."""
    rows = [part for name, value in facts.items() for part in (html.Dt(name), _definition(value))]
    return html.Dl(rows, className="definitions")


def tags(pairs: Mapping[str, str]) -> Component:
    """Each tag as a pill, sorted by key."""
    if not pairs:
        return html.P("No tags.", className="nothing")
    pills = [
        html.Span([html.Span(key), html.Strong(value)], className="pill", title=f"{key}={value}")
        for key, value in sorted(pairs.items())
    ]
    return html.Div(pills, className="pills")


def breadcrumbs(*steps: tuple[str, str]) -> Component:
    """The way to this page: (text, href) from the outermost; the last one is where we are."""
    last = len(steps) - 1
    items = [
        html.Li(dcc.Link(text, href=href) if n < last and href else html.Span(text))
        for n, (text, href) in enumerate(steps)
    ]
    return html.Nav(html.Ol(items), className="breadcrumbs", **aria(label="Breadcrumbs"))


def link(text: Words, href: str) -> Component:
    """A way to another page here; range, accounts and Regions come along by themselves."""
    return dcc.Link(text, href=href, className="link")


def outside(text: str, href: str) -> Component:
    """A way out, in a new tab, that does not tell where it was followed from."""
    return html.A([text, icon("external")], href=href, target="_blank", rel="noopener noreferrer")


def row(*children: Component | None) -> Component:
    """Panels side by side in twelfths."""
    return html.Div([child for child in children if child is not None], className="row")


def page(*children: Component | None) -> Component:
    """A page's content, top to bottom."""
    return html.Div([child for child in children if child is not None], className="page")


def listed(items: Iterable[Words]) -> Component:
    """A plain list, one line each."""
    return html.Ul([html.Li(item) for item in items], className="listed")


def code(text: str) -> Component:
    """Text to read and copy: an ARN, a query, a policy."""
    return html.Span([html.Code(text), copy_button("Copy", text)], className="copyable")


def _definition(value: Any) -> Component:
    if isinstance(value, Component):
        return html.Dd(value)
    if isinstance(value, Mapping | list | tuple):
        return html.Dd(_nested(value))
    if value is None or value == "":
        return html.Dd(DASH, className="muted")
    if isinstance(value, bool):
        return html.Dd("yes" if value else "no")
    text = str(value)
    return html.Dd(code(text) if text.startswith("arn:") or len(text) > _CODE_FROM else text)


def _nested(value: Mapping[str, Any] | Sequence[Any]) -> Component:
    if not value:
        return html.Span(DASH, className="muted")
    if isinstance(value, list | tuple) and all(isinstance(item, str | int) for item in value):
        return html.Span(", ".join(str(item) for item in value))
    text = json.dumps(value, indent=2, default=str, ensure_ascii=False)
    return html.Details([html.Summary(f"{len(value)} entries"), html.Pre(text)])
