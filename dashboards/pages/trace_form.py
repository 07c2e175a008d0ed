"""The filter of traces: one line with completion, what is wrong with it, and examples."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, dcc, html
from dash.development.base_component import Component

from app.read import FilterWords, Reads
from dashboards import ids
from dashboards.clientside import in_browser
from dashboards.pages.asking import Json, Now, asked
from dashboards.pages.log_answer import marked
from dashboards.parts.attributes import aria, data

TEXT, RUN, DRAFT = "traces:text", "traces:run", "traces:draft"
MARKED, SAID, OFFERS = "traces:marked", "traces:said", "traces:offers"
WORDS, WORDS_READ = "traces:words", "traces:words-read"

EXAMPLES = (
    ("Failed", "fault OR error OR throttle"),
    ("Slower than 1 s", "responsetime > 1"),
    ("5xx", "http.status >= 500"),
)


def filter_form(text: str, *, also: Component | None = None) -> Component:
    """The line, what is wrong with it, and ready filters; ``also`` stands beside these."""
    return html.Div(
        [
            html.Div([_editor(text), _run()], className="by"),
            html.Div(id=SAID, className="query-said", **aria(live="polite")),
            html.Div([*_examples(), also], className="filters ready"),
            dcc.Store(id=DRAFT, data=text),
            dcc.Store(id=WORDS),
            dcc.Store(id=WORDS_READ),
        ],
        className="query-form trace-filter",
    )


def register(app: Dash, reads: Reads, now: Now) -> None:
    """The filter is kept in the address, checked while it is typed, and completed."""
    in_browser(app, "words", Output(WORDS_READ, "data"), Input(WORDS, "data"))

    @app.callback(
        Output(ids.QUERY, "data", allow_duplicate=True),
        Input(RUN, "n_clicks"),
        State(TEXT, "value"),
        prevent_initial_call=True,
    )
    def keep(_clicks: int | None, text: str | None) -> dict[str, str]:
        return {"q": text or ""}

    @app.callback(Output(MARKED, "children"), Output(SAID, "children"), Input(DRAFT, "data"))
    def mark(draft: str | None) -> tuple[list[Any], list[Component]]:
        return marked(draft or "", reads.trace_page.mistakes(draft or ""))

    @app.callback(Output(WORDS, "data"), Input(ids.VIEW, "data"))
    def words(view: Json) -> dict[str, Any]:
        return words_data(reads.trace_page.words(asked(reads, now, view).scope))


def words_data(words: FilterWords) -> dict[str, Any]:
    """What the script completes to."""
    return {
        "keywords": [
            {"text": word.text, "says": word.says, "after": word.after} for word in words.keywords
        ],
        "annotations": [
            {"text": word.text, "says": word.says, "after": word.after}
            for word in words.annotations
        ],
        "values": {name: list(values) for name, values in words.values.items()},
    }


def _editor(text: str) -> Component:
    return html.Div(
        [
            html.Pre(id=MARKED, className="query-marks", **aria(hidden="true")),
            dcc.Textarea(
                id=TEXT,
                value=text,
                className="query",
                spellCheck=False,
                rows=1,
                placeholder='All traces. Filter: service("api") { fault }, responsetime > 1, '
                'annotation.tenant = "acme"',
                title="Filter expression of X-Ray; Enter runs it, Ctrl+Space completes",
            ),
            html.Div(id=OFFERS, className="menu left offers", role="listbox", hidden=True),
        ],
        className="editor one-line",
    )


def _run() -> Component:
    return html.Button(
        "Run", id=RUN, className="button main", type="button", title="Run the filter (Enter)"
    )


def _examples() -> list[Component]:
    ready = [
        html.Button(
            words,
            type="button",
            className="choice",
            title=f"Narrow to: {filter_}",
            **data(keep=f"({filter_})" if " OR " in filter_ else filter_),
        )
        for words, filter_ in EXAMPLES
    ]
    clear = html.Button("Clear", type="button", className="choice", **data(**{"filter-text": ""}))
    return [html.Span([*ready, clear], className="choice-row")]
