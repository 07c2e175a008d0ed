"""What holds for every page: it answers all of its outputs, small, and says nothing of machines."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from dash import Dash
from dash.development.base_component import Component
from plotly.utils import PlotlyJSONEncoder

from app.config import WebSettings
from app.read import Scope, TraceQuestion
from dashboards.mount import all_pages, create_app
from dashboards.pages import (
    alarm,
    alarms,
    budgets,
    collection,
    coverage,
    explore,
    free_tier,
    noise,
    observability,
    overview,
    resource,
    savings,
    service,
    service_map,
    services,
    spend,
    spend_explorer,
    trace,
    traces,
    unit_cost,
)
from dashboards.pages.explorer_state import Chosen
from dashboards.parts import Seen
from dashboards.routes import Routes
from tests.support.figures import size, valid
from tests.support.shelf import NOW, Shelf, errors_alarm, function, queue
from tests.support.traces import trace_id

FUNCTION, QUEUE = function("failing").arn, queue("orders").arn
ALARM = errors_alarm(function("failing")).id
LARGEST_FIGURE = 60_000

Answer = Callable[[Shelf, Scope, Seen], list[Any]]
ANSWERS: dict[str, Answer] = {
    "overview": lambda s, scope, seen: overview.answer(s.reads, scope, seen),
    "services": lambda s, scope, seen: services.answer(s.reads, scope, seen),
    "service": lambda s, scope, seen: service.answer(s.reads, "lambda", scope, seen),
    "resource": lambda s, scope, seen: resource.answer(s.reads, FUNCTION, scope, seen),
    "alarms": lambda s, scope, seen: alarms.answer(s.reads, "", "", scope, seen),
    "alarm": lambda s, scope, seen: alarm.answer(s.reads, ALARM, scope, seen),
    "coverage": lambda s, scope, seen: coverage.answer(s.reads, scope, seen),
    "noise": lambda s, scope, seen: noise.answer(s.reads, "", scope, seen),
    "collection": lambda s, scope, seen: collection.answer(s.reads, scope, seen),
    "spend": lambda s, scope, seen: spend.answer(s.reads, seen),
    "spend-reasons": lambda s, scope, seen: spend.reasons(s.reads, seen),
    "spend-explorer": lambda s, scope, seen: spend_explorer.answer(s.reads, Chosen(), scope, seen),
    "free-tier": lambda s, scope, seen: free_tier.answer(s.reads, seen),
    "unit-cost": lambda s, scope, seen: unit_cost.answer(s.reads, "", scope, seen),
    "observability": lambda s, scope, seen: observability.answer(s.reads, scope, seen),
    "budgets": lambda s, scope, seen: budgets.answer(s.reads, seen),
    "savings": lambda s, scope, seen: savings.answer(s.reads, scope, seen),
    "traces": lambda s, scope, seen: traces.answer(s.reads, TraceQuestion("", scope), seen),
    "map": lambda s, scope, seen: service_map.answer(s.reads, TraceQuestion("", scope), seen),
    "trace": lambda s, scope, seen: trace.answer(s.reads, trace_id(1), scope, seen),
    "explore-namespaces": lambda s, scope, seen: explore.answer(s.reads, {}, "", scope, seen),
    "explore-metrics": lambda s, scope, seen: explore.answer(
        s.reads, {"namespace": "AWS/Lambda"}, "", scope, seen
    ),
    "explore-series": lambda s, scope, seen: explore.answer(
        s.reads, {"namespace": "AWS/Lambda", "metric": "Errors"}, "", scope, seen
    ),
}
OUTPUTS = {
    "overview": "overview:tiles",
    "services": '"page":"services"',
    "service": "service:tiles",
    "resource": "resource:head",
    "alarms": '"key":"list","page":"alarms"',
    "alarm": "alarm:head",
    "coverage": '"key":"services","page":"coverage"',
    "noise": '"key":"list","page":"noise"',
    "collection": "collection:tiles",
    "spend": "spend:tiles",
    "spend-reasons": '"key":"movers","page":"spend"',
    "spend-explorer": "spend-explorer:menus",
    "free-tier": "free-tier:tiles",
    "unit-cost": '"key":"units","page":"unit-cost"',
    "observability": "observability:tiles",
    "budgets": "budgets:tiles",
    "savings": "savings:tiles",
    "traces": "traces:tiles",
    "map": "map:elements",
    "trace": "trace:head",
    "explore-namespaces": '"key":"namespaces","page":"explore"',
    "explore-metrics": '"key":"metrics"',
    "explore-series": '"key":"series"',
}
each_page = pytest.mark.parametrize("page", list(ANSWERS))


def figures(found: Any) -> list[dict[str, Any]]:
    """Every figure in an answer, also inside lists and components."""
    if isinstance(found, dict) and "data" in found and "layout" in found:
        return [found]
    if isinstance(found, Component):
        found = [getattr(found, "figure", None), getattr(found, "children", None)]
    if isinstance(found, list | tuple):
        return [figure for each in found for figure in figures(each)]
    return []


@pytest.fixture(scope="module")
def shelf(filled: Path) -> Iterator[Shelf]:
    """One for all pages: none of them changes it."""
    made = Shelf(filled)
    yield made
    made.store.release(made.lease)
    made.close()


@pytest.fixture(scope="module")
def app(shelf: Shelf) -> Dash:
    return create_app(shelf.reads, settings=WebSettings(), now=lambda: NOW)


@each_page
def test_an_answer_fills_every_output(app: Dash, shelf: Shelf, seen: Seen, page: str) -> None:
    found = [
        output for output in app.callback_map if OUTPUTS[page] in output and output.count("...") > 1
    ]
    outputs = {output.strip(".").count("...") + 1 for output in found}
    assert outputs == {len(ANSWERS[page](shelf, shelf.scope(), seen))}


@each_page
@pytest.mark.parametrize(
    "length", [timedelta(hours=1), timedelta(days=1), timedelta(days=30)], ids=str
)
def test_no_figure_is_larger_than_60_kb(
    shelf: Shelf, seen: Seen, page: str, length: timedelta
) -> None:
    for figure in figures(ANSWERS[page](shelf, shelf.scope(length), seen)):
        assert size(valid(figure)) < LARGEST_FIGURE


@pytest.mark.parametrize("page", [page for page in ANSWERS if page != "resource"])
def test_an_answer_can_be_sent_also_from_an_empty_store(
    empty: Shelf, seen: Seen, page: str
) -> None:
    json.dumps(ANSWERS[page](empty, empty.scope(), seen), cls=PlotlyJSONEncoder)


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/", "Overview"),
        ("/services", "Services"),
        ("/services/lambda", "Lambda"),
        (f"/resource/{FUNCTION}", "failing"),
        ("/alarms", "Alarms"),
        (f"/alarm/{ALARM}", "failing-errors"),
        ("/alarms/edit", "New alarm"),
        ("/explore", "Metrics"),
        ("/logs", "Logs"),
        ("/map", "Service map"),
        ("/traces", "Traces"),
        (f"/trace/{trace_id(1)}", f"Trace …{trace_id(1)[-8:]}"),
        ("/collection", "Collection"),
        ("/spend", "Spend"),
        ("/spend/explorer", "Spend explorer"),
        ("/spend/budgets", "Budgets"),
        ("/spend/free-tier", "Free tier"),
        ("/spend/unit-cost", "Unit cost"),
        ("/spend/observability", "Observability cost"),
        ("/spend/savings", "Savings"),
    ],
)
def test_every_page_has_an_address_and_a_title(shelf: Shelf, path: str, title: str) -> None:
    content, found = Routes(all_pages(), shelf.reads).open(path, "")
    assert found == title
    assert content.className == "page"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/services/teapot", "The catalogue has no service “teapot”."),
        ("/resource/arn:aws:lambda:nowhere", "The inventory does not know this resource"),
        ("/alarms?state=purple", "There is no state “purple”; all alarms are shown."),
    ],
)
def test_an_address_that_means_nothing_says_so(shelf: Shelf, path: str, words: str) -> None:
    address, _, search = path.partition("?")
    content, _ = Routes(all_pages(), shelf.reads).open(address, f"?{search}")
    assert words in json.dumps(content, cls=PlotlyJSONEncoder, ensure_ascii=False)
