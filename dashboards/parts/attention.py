"""What needs a person, worst first; and good news said in words when nothing does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dash import dcc, html
from dash.development.base_component import Component

from app.model import written
from app.model.states import Health
from dashboards.parts.icons import icon
from dashboards.parts.panel import Seen
from dashboards.parts.states import state_badge


@dataclass(frozen=True, slots=True)
class Attention:
    """One thing that is not fine: its name with the number, why, since when, where to go."""

    health: Health
    name: str
    text: str
    since: datetime | None = None
    link: str = "Open"
    href: str = ""


def attention(items: Sequence[Attention], seen: Seen, *, calm: str, most: int = 8) -> Component:
    """The list, or ``calm`` ("Nothing needs you. 214 resources checked.")."""
    if not items:
        return html.P([icon("ok"), calm], className="calm")
    ranked = sorted(items, key=lambda item: item.health.weight)
    rows = [_row(item, seen) for item in ranked[:most]]
    if len(ranked) > most:
        rows.append(_rest([_row(item, seen) for item in ranked[most:]]))
    return html.Div(rows, className="attention")


def _rest(rows: list[Component]) -> Component:
    return html.Details([html.Summary(f"{len(rows)} more"), *rows])


def _row(item: Attention, seen: Seen) -> Component:
    moment = written.at(item.since, seen.zone, seen.now) if item.since else ""
    exact = written.exact(item.since, seen.zone) if item.since else None
    detail = f" · {item.text}" if item.text else ""
    return html.Div(
        [
            state_badge(item.health),
            html.Span([html.Strong(item.name), detail], className="what", title=item.text),
            html.Time(moment, title=exact),
            dcc.Link(item.link, href=item.href) if item.href else html.Span(),
        ],
        className="attention-row",
    )
