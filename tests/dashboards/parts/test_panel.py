"""The four looks of a panel, and that data which stays is never taken for fresh."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from app.model.ids import Place
from app.model.readings import Look, Reading
from app.model.rounds import Result, Round
from dashboards.parts import (
    GRAPH_CONFIG,
    Seen,
    body_answer,
    chart_answer,
    chart_outputs,
    chart_panel,
    panel,
    panel_answer,
    table_answer,
    table_outputs,
)
from dashboards.parts.notes import explained
from tests.support.components import every, of_type, text, with_class

NOW = datetime(2026, 11, 24, 14, 2, tzinfo=UTC)
SEEN = Seen(NOW, UTC)
PLACE = Place("111111111111", "eu-central-1")


def failed(result, **more):
    values = {"rows": 0, "calls": 1, "usd": Decimal(0), **more}
    return Round("metrics", PLACE, "Lambda", NOW, NOW, result, **values)


def reading(look, **more):
    return Reading(None, look, **more)


DENIED = failed(Result.DENIED, action="cloudwatch:GetMetricData")


@pytest.mark.parametrize(
    ("answer", "look"),
    [
        pytest.param(reading(Look.DATA), "panel look-data", id="data"),
        pytest.param(reading(Look.NOTHING), "panel look-nothing", id="nothing there"),
        pytest.param(reading(Look.NOT_COLLECTED), "panel look-not-collected", id="not collected"),
        pytest.param(
            reading(Look.COULD_NOT_ASK, problem=DENIED), "panel look-could-not-ask", id="no answer"
        ),
        pytest.param(reading(Look.DATA, problem=DENIED), "panel look-stale", id="older data"),
    ],
)
def test_each_look_has_its_class(answer, look):
    assert panel_answer(answer, SEEN)[0] == look


def test_data_says_nothing_but_its_age():
    _, line, age = panel_answer(reading(Look.DATA, as_of=NOW - timedelta(seconds=48)), SEEN)
    assert line is None
    assert text(age) == "48\u00a0s old"


def test_nothing_there_is_one_muted_line():
    line = panel_answer(reading(Look.NOTHING), SEEN, empty="No errors in the last hour.")[1]
    assert (text(line), line.className) == ("No errors in the last hour.", "nothing")


def test_not_collected_yet_is_not_nothing_there():
    line = panel_answer(reading(Look.NOT_COLLECTED), SEEN, empty="No errors.")[1]
    assert text(line) == "Not collected yet; the first round is on its way."


def test_could_not_ask_says_what_since_when_and_offers_the_policy():
    since = NOW - timedelta(minutes=22)
    answer = reading(Look.COULD_NOT_ASK, problem=DENIED, since=since)
    line = panel_answer(answer, SEEN)[1]
    assert text(line) == (
        "Not allowed to read metrics in 111111111111 eu-central-1. Since 13:40. "
        "Missing: cloudwatch:GetMetricData.Copy policy"
    )
    copied = of_type(line, "Button")[0].to_plotly_json()["props"]["data-copy"]
    assert '"cloudwatch:GetMetricData"' in copied


def test_older_data_is_shown_with_the_time_it_is_from():
    answer = reading(Look.DATA, problem=DENIED, as_of=NOW - timedelta(hours=1))
    assert "Showing 13:02." in text(panel_answer(answer, SEEN)[1])


@pytest.mark.parametrize("result", [r for r in Result if r not in (Result.OK, Result.PARTIAL)])
def test_every_outcome_has_a_claim_and_a_next_step(result):
    claim, remedy = explained(failed(result, action="x:Y", message="What AWS said."))
    assert claim.endswith(".")
    assert remedy.endswith(".")
    assert "None" not in claim + remedy


def test_data_older_than_twice_its_promise_is_marked():
    promise = timedelta(minutes=1)
    old = reading(Look.DATA, as_of=NOW - timedelta(seconds=121))
    new = reading(Look.DATA, as_of=NOW - timedelta(seconds=119))
    assert panel_answer(old, SEEN, promise=promise)[2].className == "age late"
    assert panel_answer(new, SEEN, promise=promise)[2].className == "age"


def test_answers_fit_their_outputs():
    fresh = reading(Look.DATA)
    assert len(chart_answer({}, fresh, SEEN)) == len(chart_outputs("p", "k"))
    assert len(table_answer([], fresh, SEEN)) == len(table_outputs("p", "k"))
    assert len(body_answer(None, fresh, SEEN)) == 4


def test_a_panel_begins_in_its_final_shape_and_loading():
    made = chart_panel("p", "k", "Errors", unit="% of requests", height=170)
    section = of_type(made, "Section")[0]
    assert section.className == "panel look-loading"
    assert of_type(made, "Graph")[0].style == {"height": "170px"}
    assert text(with_class(made, "unit")) == "% of requests"


def test_ids_of_a_page_are_different():
    parts = [chart_panel("p", "a", "A"), chart_panel("p", "b", "B"), panel("q", "a", "C")]
    found = [str(one.id) for one in every(parts) if getattr(one, "id", None)]
    assert len(found) == len(set(found))


def test_no_chart_offers_a_way_out_of_the_house():
    graph = of_type(chart_panel("p", "k", "T"), "Graph")[0]
    assert graph.config is GRAPH_CONFIG
    assert GRAPH_CONFIG["showSendToCloud"] is False
    assert GRAPH_CONFIG["plotlyServerURL"] == ""
    assert GRAPH_CONFIG["displaylogo"] is False
    assert GRAPH_CONFIG["displayModeBar"] is False
