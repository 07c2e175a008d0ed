"""Every metric that was collected, catalogued or not: namespace, metric, series."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from dash import Dash, Input, Output, State, dcc, html
from dash.development.base_component import Component

from app.model import written
from app.model.readings import Look, Reading
from app.read import Browsed, Item, Reads, Scope
from dashboards import ids
from dashboards.figures import timeseries
from dashboards.pages.asking import Json, Now, asked, explore_href, named
from dashboards.pages.charts import period_words
from dashboards.pages.tables import spark
from dashboards.parts import (
    Cell,
    Column,
    Seen,
    breadcrumbs,
    chart_answer,
    chart_outputs,
    chart_panel,
    page,
    table_answer,
    table_outputs,
    table_panel,
)

PATH, TITLE = "/explore", "Metrics"
PAGE = "explore"
WHERE, TEXT = "explore:where", "explore:text"
PROMISE = timedelta(minutes=5)
MOST_LINES = 10
COLUMNS = {
    "namespaces": (
        Column("name", "Namespace", Cell.NAME, flex=2, phone=True),
        Column("metrics", "Metrics", Cell.NUMBER, unit="count", width=100),
        Column("series", "Series", Cell.NUMBER, unit="count", width=100, phone=True),
        Column("says", "What it is", flex=5),
    ),
    "metrics": (
        Column("name", "Metric", Cell.NAME, flex=2, phone=True),
        Column("newest", "Newest", width=110, phone=True),
        Column("line", "In the range", Cell.SPARK, width=150),
        Column("statistic", "Statistic", width=110),
        Column("series", "Series", Cell.NUMBER, unit="count", width=90),
        Column("says", "What it says", flex=5),
    ),
    "series": (
        Column("name", "Series", flex=4, phone=True),
        Column("newest", "Newest", width=110, phone=True),
        Column("line", "In the range", Cell.SPARK, width=150),
        Column("statistic", "Statistic", width=110),
        Column("says", "Account, Region", flex=2),
    ),
}
_TITLES = {"namespaces": "Namespaces", "metrics": "Metrics", "series": "Series"}


def layout(namespace: str = "", metric: str = "", q: str = "", **_: str) -> Component:
    """The way here, a search, and one table; the level of series has a chart above."""
    level = level_of(namespace, metric)
    return page(
        dcc.Store(id=WHERE, data={"namespace": namespace, "metric": metric}),
        html.Div(
            [
                breadcrumbs(*_steps(namespace, metric)),
                dcc.Input(
                    id=TEXT,
                    value=q,
                    type="search",
                    placeholder=f"Search {_TITLES[level].lower()}",
                    className="input",
                    debounce=0.3,
                ),
            ],
            className="filters",
        ),
        chart_panel(PAGE, "chart", metric or "Metric", span=12, height=280)
        if level == "series"
        else None,
        table_panel(PAGE, level, _TITLES[level], COLUMNS[level], height=720),
    )


def level_of(namespace: str, metric: str) -> str:
    """Which of the three levels the address leads to."""
    if not namespace:
        return "namespaces"
    return "series" if metric else "metrics"


def register(app: Dash, reads: Reads, now: Now) -> None:
    """One callback a level, since each level has its own table."""
    for level in COLUMNS:
        _register_level(app, reads, now, level)

    @app.callback(
        Output(ids.QUERY, "data", allow_duplicate=True),
        Input(TEXT, "value"),
        State(WHERE, "data"),
        prevent_initial_call=True,
    )
    def keep(text: str | None, where: dict[str, str]) -> dict[str, str]:
        return {**where, "q": text or ""}


def _register_level(app: Dash, reads: Reads, now: Now, level: str) -> None:
    charts = chart_outputs(PAGE, "chart") if level == "series" else []

    @app.callback(
        *table_outputs(PAGE, level),
        *charts,
        Input(WHERE, "data"),
        Input(TEXT, "value"),
        Input(ids.VIEW, "data"),
        Input(ids.TICK, "data"),
    )
    def show(where: dict[str, str], text: str | None, view: Json, _tick: int) -> list[Any]:
        question = asked(reads, now, view)
        return answer(reads, where, text or "", question.scope, question.seen)


def answer(reads: Reads, where: dict[str, str], text: str, scope: Scope, seen: Seen) -> list[Any]:
    """The table, and on the last level the chart."""
    namespace, metric = where.get("namespace", ""), where.get("metric", "")
    reading = named(reads, reads.metrics.browse(scope, namespace, metric, text))
    browsed = reading.value
    rows = [_row(item, at, namespace) for at, item in enumerate(browsed.items)]
    table = table_answer(
        rows, reading, seen, detail=_detail(browsed), empty=_empty(text), promise=PROMISE
    )
    if browsed.level != "series":
        return table
    lines = [replace(i.line, name=i.name) for i in browsed.items[:MOST_LINES] if i.line]
    there = Reading(
        lines,
        Look.DATA if any(not line.empty for line in lines) else Look.NOTHING,
        reading.as_of,
        reading.problem,
        reading.since,
    )
    figure = timeseries(lines, window=scope.window)
    return [*table, *chart_answer(figure, there, seen, promise=PROMISE)]


def _row(item: Item, at: int, namespace: str) -> dict[str, Any]:
    line = item.line
    row: dict[str, Any] = {
        "id": str(item.key or item.name) if item.key is None else f"{at}",
        "name": item.name,
        "says": item.says,
        "series": item.series,
        "metrics": item.metrics,
        "statistic": item.statistic,
        "newest": written.value(line.newest, line.unit) if line else written.DASH,
        "line": spark(line),
    }
    if item.key is None:
        row["name_href"] = explore_href(namespace or item.name, item.name if namespace else "")
    return row


def _steps(namespace: str, metric: str) -> list[tuple[str, str]]:
    steps = [("Metrics", explore_href())]
    if namespace:
        steps.append((namespace, explore_href(namespace)))
    if metric:
        steps.append((metric, ""))
    return steps


def _detail(browsed: Browsed) -> str:
    said = [str(len(browsed.items))]
    if browsed.left_out:
        said = [f"{said[0]} of {len(browsed.items) + browsed.left_out}, search for the others"]
    if browsed.level != "namespaces":
        said.append(period_words(browsed.period_s))
    return " · ".join(said)


def _empty(text: str) -> str:
    return f"Nothing matches “{text}”." if text else "No metric was found here."
