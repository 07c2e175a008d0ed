"""The panels of a service's file as a row of charts, on the service's and the resource's page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from dash import ALL, Output, html
from dash.development.base_component import Component

from app.catalogue.schema import Panel
from app.model.readings import Reading
from app.read import Chart, Scope
from dashboards import ids
from dashboards.pages.charts import UNIT_WORDS, detail_of, figure_of, one_reading
from dashboards.parts import Seen, chart_answer, chart_outputs, chart_panel, row

PROMISE = timedelta(minutes=5)


def chart_row(page: str, panels: Sequence[Panel]) -> Component:
    """One chart panel for each, three in a row."""
    return row(*(_chart_panel(page, at, panel) for at, panel in enumerate(panels)))


def chart_row_outputs(page: str) -> list[Output]:
    """Filled by :func:`chart_row_answer`."""
    return [*chart_outputs(page, ALL), Output(ids.detail(page, ALL), "children")]


def chart_row_answer(
    charts: Sequence[Chart], reading: Reading[Any], scope: Scope, seen: Seen
) -> list[Any]:
    """One list an output, with one entry a chart."""
    answers = [
        chart_answer(
            figure_of(chart, scope.window),
            one_reading(reading, chart),
            seen,
            empty="No data in this range.",
            promise=PROMISE,
        )
        for chart in charts
    ]
    details = [detail_of(chart) for chart in charts]
    if not answers:
        return [[] for _ in range(5)]
    return [*(list(column) for column in zip(*answers, strict=True)), details]


def _chart_panel(page: str, at: int, panel: Panel) -> Component:
    unit = str(panel.measures[0].unit)
    return chart_panel(
        page,
        f"{at}",
        html.Span(panel.title, title=panel.says),
        unit=UNIT_WORDS.get(unit, unit),
    )
