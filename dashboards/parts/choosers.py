"""Choices that are links: each leads to the address of the same page with one thing changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dash import dcc, html
from dash.development.base_component import Component

from dashboards.parts.attributes import aria
from dashboards.parts.icons import icon


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of a menu; ``why`` tells on hover why it leads to nothing, and mutes it."""

    text: str
    href: str
    chosen: bool = False
    why: str = ""


def chooser(label: str, choices: Sequence[Choice]) -> Component:
    """A menu with its name and what is chosen on its button."""
    now = next((choice.text for choice in choices if choice.chosen), "")
    return html.Details(
        [
            html.Summary([f"{label} ", html.Strong(now), icon("down")], className="control"),
            html.Div([_line(choice) for choice in choices], className="menu left"),
        ],
        className="popover",
    )


def condition(name: str, value: str, *, exclude: bool, other: str, drop: str) -> Component:
    """A filter that holds: ``other`` turns it round, ``drop`` takes it away (both addresses)."""
    sign, turned = ("is not", "is") if exclude else ("is", "is not")
    return html.Span(
        [
            html.Span(name),
            dcc.Link(sign, href=other, title=f"Make it: {turned}"),
            html.Strong(value),
            dcc.Link(icon("close"), href=drop, className="icon-button", title="Without this"),
        ],
        className="pill condition",
        title=f"{name} {sign} {value}",
    )


def _line(choice: Choice) -> Component:
    known = aria(current="true") if choice.chosen else {}
    return html.Span(
        dcc.Link(
            choice.text,
            href=choice.href,
            className="muted" if choice.why else "",
            title=choice.why or None,
        ),
        **known,
    )
