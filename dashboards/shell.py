"""What stands around every page: header, navigation, search, side panel.

It is laid out once and never drawn again; the scripts in ``assets`` work its
menus, and the URL holds its state. Only the counts in the navigation and the
search results come from the server.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from dash import dcc, html
from dash.development.base_component import Component

from app.model.states import Health
from app.model.traces import xray_id
from app.read import Found, Navigation, ServiceLink
from dashboards import ids
from dashboards.markup import markup
from dashboards.parts import icon, state_shape
from dashboards.parts.attributes import aria, data
from dashboards.parts.states import WORDS, css

REFRESHES = ((0, "Off"), (30, "30 s"), (60, "1 min"), (300, "5 min"))


@dataclass(frozen=True, slots=True)
class Entry:
    """A page in the navigation; ``key`` is the letter after ``g``."""

    group: str
    title: str
    path: str
    icon: str
    key: str


ENTRIES = (
    Entry("Observe", "Overview", "/", "overview", "o"),
    Entry("Observe", "Services", "/services", "services", "s"),
    Entry("Observe", "Metrics", "/explore", "metrics", "m"),
    Entry("Observe", "Logs", "/logs", "logs", "l"),
    Entry("Observe", "Service map", "/map", "map", "p"),
    Entry("Observe", "Traces", "/traces", "traces", "t"),
    Entry("Act", "Alarms", "/alarms", "alarms", "a"),
    Entry("Plan", "Spend", "/spend", "spend", "b"),
    Entry("Plan", "Collection", "/collection", "collection", "c"),
)
WITHIN = (
    ("Coverage", "/alarms/coverage"),
    ("Noise", "/alarms/noise"),
    ("Spend explorer", "/spend/explorer"),
    ("Budgets", "/spend/budgets"),
    ("Savings", "/spend/savings"),
    ("Free tier", "/spend/free-tier"),
    ("Unit cost", "/spend/unit-cost"),
    ("Observability cost", "/spend/observability"),
)
"""Pages behind another in the navigation; the search finds them too."""
_SERVICE_KEYS = "123456789"


def service_path(service: str) -> str:
    """The page of one AWS service."""
    return f"/services/{service}"


def resource_path(arn: str) -> str:
    """The page of one resource."""
    return f"/resource/{arn}"


def frame(navigation: Navigation, *, signed_in: bool) -> Component:
    """The whole document body; the page goes into ``ids.CONTENT``."""
    return html.Div(
        [
            dcc.Location(id=ids.LOCATION, refresh="callback-nav"),
            dcc.Store(id=ids.VIEW),
            dcc.Store(id=ids.QUERY),
            dcc.Store(id=ids.TICK, data=0),
            dcc.Store(id=ids.SEARCH),
            _header(navigation, signed_in=signed_in),
            html.Nav(menu(navigation), id=ids.NAV, className="nav", **aria(label="Pages")),
            html.Main(id=ids.CONTENT, className="content"),
            _side(),
            html.Div(id=ids.TROUBLE, role="alert", className="trouble-line"),
            html.Div(id="live", className="off-screen", **aria(live="polite")),
        ],
        className="shell",
    )


def picture(navigation: Navigation, title: str, path: str, *, signed_in: bool) -> str:
    """Header and navigation as markup, to be seen while the scripts are still loading."""
    here = f'href="{escape(path)}"'
    frame_ = [
        _header(navigation, title, signed_in=signed_in),
        html.Nav(menu(navigation), className="nav"),
    ]
    shown = markup(frame_).replace(here, f'{here} aria-current="page"')
    return f'<div class="picture" aria-hidden="true">{shown}</div>'


def menu(navigation: Navigation) -> list[Component]:
    """The navigation's children: three groups, a count only beside what is open."""
    overview, services, metrics, logs, map_, traces, act, spend, plan = ENTRIES
    firing, failing = navigation.alarms, navigation.collection
    return [
        html.H2(overview.group),
        _entry(overview),
        _entry(services),
        html.Div([_service(s, n) for n, s in enumerate(navigation.services)], className="below"),
        _entry(metrics),
        _entry(logs),
        _entry(map_),
        _entry(traces),
        html.H2(act.group),
        _entry(act, firing, navigation.alarms_health, f"{firing} alarms are firing"),
        html.H2(spend.group),
        _entry(spend),
        _entry(plan, failing, Health.COULD_NOT_ASK, f"{failing} groups could not be collected"),
        html.Span(f"{firing} alarms in ALARM", id="open-count", className="off-screen"),
        _foot(),
    ]


def results(text: str, found: Sequence[Found]) -> Component | None:
    """Pages, resources and the trace of that id, as links; None while nothing is asked."""
    words = text.casefold().split()
    if not words:
        return None
    pages = [*((e.title, e.path) for e in ENTRIES), *WITHIN]
    named = [each for each in pages if all(word in each[0].casefold() for word in words)]
    trace = xray_id(text)
    links = [_result(f"/trace/{trace}", f"Trace …{trace[-8:]}", trace)] if trace else []
    links += [_result(path, title, "Page") for title, path in named] + [
        _result(
            resource_path(one.arn),
            one.name,
            f"{one.service} {one.kind} · {one.place.account} {one.place.region}",
        )
        for one in found
    ]
    said = html.P(f"Nothing is named “{text}”. Tags, ids and ARNs are searched too.")
    return html.Div(links or said, className="nothing" if not links else "found")


def _result(href: str, name: str, detail: str) -> Component:
    return html.A([html.Strong(name), html.Small(detail)], href=href)


def _header(navigation: Navigation, title: str = "", *, signed_in: bool) -> Component:
    return html.Header(
        [
            html.Button(
                icon("menu"), id="burger", className="burger control square", title="Pages"
            ),
            html.Div(
                [
                    html.A([icon("brand"), "Watchdeck"], href="/", className="brand"),
                    html.H1(title, id=ids.TITLE),
                    _scope(navigation),
                ],
                className="place",
            ),
            _search(),
            _range(),
            _refresh(),
            _button("theme", "theme", "Theme"),
            _button("help-button", "keys", "Keys", "hide-narrow"),
            _sign_out() if signed_in else None,
        ],
        className="top",
    )


def _button(name: str, picture: str, title: str, also: str = "") -> Component:
    return html.Button(
        icon(picture),
        id=name,
        type="button",
        className=f"control square {also}".rstrip(),
        title=title,
        **aria(label=title),
    )


def _sign_out() -> Component:
    """A link; leaving is confirmed by a form there, so a picture elsewhere cannot sign out."""
    return html.A(
        icon("sign-out"),
        href="/sign-out",
        className="control square",
        title="Sign out",
        **aria(label="Sign out"),
    )


def _scope(navigation: Navigation) -> Component:
    accounts = [(number, name, number) for number, name in navigation.accounts]
    regions = [(region, region, "") for region in navigation.regions]
    every = f"{len(accounts)} accounts" if len(accounts) > 1 else accounts[0][1]
    everywhere = f"{len(regions)} Regions" if len(regions) > 1 else regions[0][0]
    return html.Details(
        [
            html.Summary(
                [html.Span(f"{every} · {everywhere}", id="scope-label"), icon("down")],
                className="control",
                title="Accounts and Regions",
            ),
            html.Div(
                [
                    *_choices("accounts", "Accounts", "All accounts", accounts),
                    *_choices("regions", "Regions", "All Regions", regions),
                ],
                className="menu left",
            ),
        ],
        id="scope",
        className="scope popover",
        **data(**{"all-accounts": every, "all-regions": everywhere}),
    )


def _choices(
    kind: str, title: str, every: str, values: Sequence[tuple[str, str, str]]
) -> list[Component]:
    return [
        html.Div(title, className="menu-title"),
        _choice(kind, "", every, ""),
        *(_choice(kind, value, name, detail) for value, name, detail in values),
    ]


def _choice(kind: str, value: str, name: str, detail: str) -> Component:
    return html.Button(
        [name, html.Span(detail, className="id") if detail else None],
        type="button",
        role="menuitemcheckbox",
        **aria(checked="false"),
        **data(filter=kind, value=value, name=name),
    )


def _search() -> Component:
    return html.Div(
        [
            icon("search"),
            html.Div("Search resources and pages", className="search-field"),
            html.Kbd("/"),
            html.Div(id=ids.RESULTS, className="search-results menu left"),
        ],
        id="search-box",
        className="search-box",
        role="search",
    )


def _range() -> Component:
    return html.Details(
        [
            html.Summary(
                [
                    icon("clock"),
                    html.Span(id="range-label"),
                    html.Span(id="range-zone", className="range-zone zone"),
                    icon("down"),
                ],
                className="control range",
                title="Time range",
            ),
            html.Div(className="picker"),
        ],
        id="range",
        className="popover",
    )


def _refresh() -> Component:
    choices = [
        html.Button(
            text,
            type="button",
            role="menuitemradio",
            **aria(checked="false"),
            **data(refresh=str(every)),
        )
        for every, text in REFRESHES
    ]
    return html.Details(
        [
            html.Summary(
                [icon("refresh"), html.Span(id="refresh-label"), icon("down")],
                className="control",
                title="Refresh",
            ),
            html.Div(
                [
                    html.Button("Refresh now", type="button", **data(refresh="now")),
                    html.Div("Every", className="menu-title"),
                    *choices,
                ],
                className="menu",
            ),
        ],
        className="popover hide-narrow",
    )


def _entry(
    entry: Entry, count: int = 0, health: Health = Health.OK, why: str | None = None
) -> Component:
    return html.A(
        [
            icon(entry.icon),
            html.Span(entry.title, className="name"),
            _count(count, health, why),
        ],
        href=entry.path,
        title=entry.title,
        **data(key=entry.key, name=entry.title),
    )


def _count(count: int, health: Health, why: str | None) -> Component | None:
    if not count:
        return None
    return html.Span(str(count), className=f"count state-{css(health)}", title=why)


def _service(link: ServiceLink, number: int) -> Component:
    key = _SERVICE_KEYS[number] if number < len(_SERVICE_KEYS) else ""
    trouble = link.health in (Health.CRITICAL, Health.WARNING)
    return html.A(
        [
            html.Span(link.title, className="name"),
            state_shape(link.health) if trouble else None,
            _count(link.open, link.health, f"{link.open} resources need somebody"),
        ],
        href=service_path(link.id),
        title=f"{link.title}: {WORDS[link.health]}",
        **data(key=key, name=link.title),
    )


def _foot() -> Component:
    return html.Div(
        html.Button(
            icon("fold"), id="fold", type="button", className="fold icon-button", title="Fold"
        ),
        className="foot",
    )


def _side() -> Component:
    close = html.Button(
        icon("close"),
        type="button",
        className="icon-button",
        title="Close",
        **aria(label="Close"),
        **data(**{"close-side": ""}),
    )
    return html.Aside(
        [close, html.Div(id=ids.SIDE)],
        id="side-frame",
        className="side-frame",
        **aria(label="Details"),
    )
