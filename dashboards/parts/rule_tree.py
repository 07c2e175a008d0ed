"""The rule of a composite alarm as nested lists; true and false are told by shape and word."""

from __future__ import annotations

from collections.abc import Callable

from dash import html
from dash.development.base_component import Component

from app.model import written
from app.read import Branch
from dashboards.parts.attributes import aria
from dashboards.parts.facts import link
from dashboards.parts.panel import Seen
from dashboards.parts.states import state_badge

_TRUTHS = {True: "true", False: "false", None: "unknown"}


def rule_tree(branch: Branch, seen: Seen, href: Callable[[str], str]) -> Component:
    """The whole tree; ``href`` leads from the id of an alarm to its page."""
    return html.Ul(_item(branch, seen, href), className="rule-tree")


def _item(branch: Branch, seen: Seen, href: Callable[[str], str]) -> Component:
    inner = [_item(part, seen, href) for part in branch.parts]
    kind = f"{_TRUTHS[branch.holds]}{' decides' if branch.decides else ''}"
    return html.Li(
        [html.Div(_words(branch, seen, href), className="node"), html.Ul(inner) if inner else None],
        className=kind,
    )


def _words(branch: Branch, seen: Seen, href: Callable[[str], str]) -> list[Component | str | None]:
    """Truth first, then what is asked, for a leaf of whom and how that stands."""
    truth = html.Span(
        [html.Span(className="shape", **aria(hidden="true")), _TRUTHS[branch.holds]],
        className="truth",
    )
    if not branch.title:
        return [truth, html.Span(branch.says, className="says"), _decides(branch)]
    since = f"since {written.at(branch.since, seen.zone, seen.now)}" if branch.since else ""
    return [
        truth,
        link(branch.title, href(branch.alarm)) if branch.alarm else html.Strong(branch.title),
        html.Span(branch.says, className="says"),
        state_badge(branch.health) if branch.health else None,
        html.Span(since, className="muted") if since else None,
        _decides(branch),
    ]


def _decides(branch: Branch) -> Component | None:
    return html.Span("decides", className="muted") if branch.decides and branch.title else None
