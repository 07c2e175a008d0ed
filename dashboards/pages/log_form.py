"""What is filled in on the page of logs: groups and the query.

The script in ``assets`` ticks groups, tells what is being typed as a draft, and
hides marks that belong to an older draft.
"""

from __future__ import annotations

from collections.abc import Sequence

from dash import dcc, html
from dash.development.base_component import Component

from dashboards.parts import icon
from dashboards.parts.attributes import aria, data

TEXT, GROUPS, RUN, CANCEL = "logs:text", "logs:groups", "logs:run", "logs:cancel"
FORM, PROGRESS, SOUGHT = "logs:form", "logs:progress", "logs:sought"
DRAFT, MARKED, SAID = "logs:draft", "logs:marked", "logs:said"
FIRST = "fields @timestamp, @log, @message\n| sort @timestamp desc\n| limit 100"
IDLE, RUNNING = "query-form", "query-form running"


def form(names: Sequence[str], text: str, group: str) -> Component:
    """Groups, query, what is wrong with it, and the way to run or stop it."""
    return html.Div(
        [
            html.Div([_choice(names), _groups(group)], className="by"),
            _editor(text),
            html.Div(id=SAID, className="query-said", **aria(live="polite")),
            _actions(),
            dcc.Store(id=DRAFT, data=text),
        ],
        id=FORM,
        className=IDLE,
    )


def _actions() -> Component:
    run = html.Button(
        "Run", id=RUN, className="button main", type="button", title="Run the query (Ctrl+Enter)"
    )
    free = "Logs Insights QL over the stored events, free of charge."
    return html.Div(
        [
            run,
            html.Span(id=PROGRESS, className="said", **aria(live="polite")),
            html.Button("Cancel", id=CANCEL, className="button", type="button"),
            html.Span(free, className="said when-idle"),
        ],
        className="filters",
    )


def _choice(names: Sequence[str]) -> Component:
    """The log groups there are, to be ticked; the script in ``assets`` keeps them in the box."""
    ticks = [
        html.Button(name, type="button", role="menuitemcheckbox", **data(group=name))
        for name in names
    ]
    search = dcc.Input(
        id=SOUGHT, type="text", placeholder="Search log groups", className="input", debounce=False
    )
    none = html.P("No log group has been collected yet.", className="nothing")
    return html.Details(
        [
            html.Summary([html.Span("Log groups"), icon("down")], className="control"),
            html.Div(
                [search, html.Div(ticks, className="group-list")] if ticks else none,
                className="menu left group-menu",
            ),
        ],
        id="logs:choice",
        className="popover",
    )


def _groups(group: str) -> Component:
    return dcc.Input(
        id=GROUPS,
        value=group,
        type="text",
        placeholder="All log groups; a name, with * for any text, or several by comma",
        className="input",
        debounce=True,
        autoComplete="off",
        spellCheck=False,
    )


def _editor(text: str) -> Component:
    return html.Div(
        [
            html.Pre(id=MARKED, className="query-marks", **aria(hidden="true")),
            dcc.Textarea(
                id=TEXT,
                value=text,
                className="query",
                spellCheck=False,
                title="Query in Logs Insights QL; Ctrl+Enter runs it",
            ),
        ],
        className="editor",
    )
