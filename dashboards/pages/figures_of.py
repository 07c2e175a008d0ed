"""The panels of a service's file as a row of charts, on the service's and the resource's page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from dash import ALL, Output, html
from dash.development.base_component import Component

from app.catalogue.schema import Panel
from app.model.readings import Reading
from app.model.time import epoch_ms
from app.read import Chart, Exemplar, Scope
from dashboards import ids
from dashboards.pages.asking import quietly
from dashboards.pages.charts import UNIT_WORDS, detail_of, figure_of, one_reading
from dashboards.parts import Seen, chart_answer, chart_outputs, chart_panel, row

PROMISE = timedelta(minutes=5)
_PER_MS = {"milliseconds": 1.0, "seconds": 0.001}


def chart_row(page: str, panels: Sequence[Panel]) -> Component:
    """One chart panel for each, three in a row, and the names of those with nothing to show."""
    placed = [_placed(page, at, panel) for at, panel in enumerate(panels)]
    return html.Div([row(*placed), html.P(id=_unpublished(page), className="unpublished")])


def chart_row_outputs(page: str) -> list[Output]:
    """Filled by :func:`chart_row_answer`."""
    return [
        *chart_outputs(page, ALL),
        Output(ids.detail(page, ALL), "children"),
        Output(_place(page, ALL), "style"),
        Output(_unpublished(page), "children"),
    ]


def chart_row_answer(
    charts: Sequence[Chart],
    reading: Reading[Any],
    scope: Scope,
    seen: Seen,
    examples: Sequence[Exemplar] = (),
) -> list[Any]:
    """One list an output, with one entry a chart; charts without data give way to the others.

    ``examples`` are traces that stand as points on the charts of durations.
    """
    if not charts:
        return [[] for _ in range(6)] + [""]
    answers = [_answer(chart, reading, scope, seen) for chart in charts]
    for chart, answer in zip(charts, answers, strict=True):
        if chart.signal == "duration" and chart.unit in _PER_MS:
            answer[0]["layout"]["meta"]["exemplars"] = _points(examples, _PER_MS[chart.unit])
    shown = [at for at, chart in enumerate(charts) if not chart.empty] or list(range(3))
    styles = [{} if at in shown else {"display": "none"} for at in range(len(charts))]
    hidden = ", ".join(c.title.lower() for at, c in enumerate(charts) if at not in shown)
    return [
        *(list(column) for column in zip(*answers, strict=True)),
        [detail_of(chart) for chart in charts],
        styles,
        f"Nothing was published in this range for: {hidden}." if hidden else "",
    ]


def _points(examples: Sequence[Exemplar], per_ms: float) -> list[list[Any]]:
    """Time, value, trace and outcome of each, as the browser places them over the chart."""
    return [
        [epoch_ms(one.at), one.ms * per_ms, one.trace_id, one.outcome.value] for one in examples
    ]


def _answer(chart: Chart, reading: Reading[Any], scope: Scope, seen: Seen) -> list[Any]:
    """One chart; what is wrong with all of them stands in the banner, an empty one says so."""
    own = one_reading(reading, chart)
    answer = chart_answer(figure_of(chart, scope.window), own, seen, promise=PROMISE)
    return quietly(answer) if own.problem is not None else answer


def _place(page: str, key: Any) -> dict[str, Any]:
    return {"part": "chart-place", "page": page, "key": key}


def _unpublished(page: str) -> str:
    return f"{page}:unpublished"


def _placed(page: str, at: int, panel: Panel) -> Component:
    placed: Any = _chart_panel(page, at, panel)
    placed.id = _place(page, f"{at}")
    framed: Component = placed
    return framed


def _chart_panel(page: str, at: int, panel: Panel) -> Component:
    unit = str(panel.measures[0].unit)
    return chart_panel(
        page,
        f"{at}",
        html.Span(panel.title, title=panel.says),
        unit=UNIT_WORDS.get(unit, unit),
    )
