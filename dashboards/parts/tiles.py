"""Tiles: one number that answers one question, at most five in a row."""

from __future__ import annotations

from collections.abc import Sequence

from dash import dcc, html
from dash.development.base_component import Component

from app.model import written
from app.model.lines import Line
from app.model.states import Health
from dashboards.figures import sparkline
from dashboards.parts.attributes import aria
from dashboards.parts.notes import Words
from dashboards.parts.states import WORDS, css

MOST_POINTS = 60


def tile(
    label: str,
    value: written.Number | str | None,
    unit: str = "none",
    *,
    note: Words = "",
    line: Line | Sequence[float | None] | None = None,
    health: Health | None = None,
    href: str = "",
    why: str = "",
) -> Component:
    """Label, value with unit, comparison line, sparkline; an edge in the state colour if not fine.

    ``value`` may be ready text. ``why`` says on hover what the state comes from.
    """
    digits, tail = (value, "") if isinstance(value, str) else written.parted(value, unit)
    edge = f" edge state-{css(health)}" if health and health is not Health.OK else ""
    parts = [
        html.Span(label, className="tile-label"),
        html.Span([digits, html.Small(tail)], className="tile-value"),
        html.Span(note, className="tile-note"),
        spark(line, from_zero=unit != "availability") if line is not None else None,
    ]
    spoken = f"{label}: {digits}{tail}" + (f", {WORDS[health]}" if health else "")
    name = f"tile{edge}"
    if href:
        return dcc.Link(parts, href=href, className=name, title=why or spoken)
    return html.Div(parts, className=name, title=why or None, role="group", **aria(label=spoken))


def tiles(*children: Component) -> Component:
    """The row that tiles stand in."""
    return html.Div(list(children), className="tiles")


def spark(line: Line | Sequence[float | None], *, from_zero: bool = True) -> Component | None:
    """A sparkline in the colour of the text around it."""
    values = [float(v) for v in line.values] if isinstance(line, Line) else list(line)
    mask = sparkline(values[-MOST_POINTS:], from_zero=from_zero)
    if not mask:
        return None
    return html.Span(className="spark", style={"maskImage": mask}, **aria(hidden="true"))
