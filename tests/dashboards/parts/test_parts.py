"""Small parts as values."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from app.model.alarms import Severity
from app.model.lines import Line
from app.model.states import AlarmState, Health
from dashboards.parts import (
    Attention,
    Cell,
    Column,
    Seen,
    alarm_health,
    attention,
    breadcrumbs,
    definitions,
    health_strip,
    outside,
    state_badge,
    table,
    tags,
    tile,
)
from tests.support.components import of_type, text, with_class

NOW = datetime(2026, 11, 24, 14, 8, tzinfo=UTC)
SEEN = Seen(NOW, UTC)


def props(component):
    return component.to_plotly_json()["props"]


@pytest.mark.parametrize(
    ("state", "word", "css"),
    [
        (Health.CRITICAL, "Critical", "badge state-critical"),
        (Health.COULD_NOT_ASK, "Could not ask", "badge state-could-not-ask"),
        (AlarmState.ALARM, "Critical", "badge state-critical"),
        (AlarmState.INSUFFICIENT_DATA, "No data", "badge state-no-data"),
    ],
)
def test_a_state_is_a_shape_a_word_and_a_colour(state, word, css):
    badge = state_badge(state, why="because")
    assert (text(badge), badge.className, badge.title) == (word, css, "because")
    assert with_class(badge, "shape")


def test_an_alarm_that_only_warns_is_no_critical_state():
    assert alarm_health(AlarmState.ALARM, Severity.WARNING) is Health.WARNING


def test_a_tile_says_label_value_and_note():
    made = tile("Errors", 1.7, "percent", note="×4.2 vs last week", health=Health.CRITICAL)
    assert text(made) == "Errors1.7\u00a0%×4.2 vs last week"
    assert made.className == "tile edge state-critical"
    assert props(made)["aria-label"] == "Errors: 1.7\u00a0%, Critical"


def test_a_tile_that_is_fine_has_no_edge():
    assert tile("Errors", 0, "percent", health=Health.OK).className == "tile"


def test_a_tile_without_a_value_shows_a_dash_and_not_zero():
    assert text(with_class(tile("Errors", None, "percent"), "tile-value")) == "–"


def test_a_tile_draws_the_newest_points_of_its_line():
    values = np.arange(500, dtype=float)
    line = Line("a", NOW, timedelta(minutes=1), values, "count")
    mask = with_class(tile("A", 1, line=line), "spark")[0].style["maskImage"]
    assert mask.count("L") == 59


def test_a_tile_that_leads_somewhere_is_a_link():
    assert tile("A", 1, href="/alarms").href == "/alarms"


def test_attention_puts_the_worst_first():
    items = [
        Attention(Health.WARNING, "b", "slow", NOW - timedelta(hours=1)),
        Attention(Health.CRITICAL, "a", "down", NOW - timedelta(days=2), "Open", "/alarms"),
    ]
    rows = with_class(attention(items, SEEN, calm="x"), "attention-row")
    assert [text(row) for row in rows] == [
        "Criticala · down22 Nov 14:08Open",
        "Warningb · slow13:08",
    ]


def test_good_news_is_said():
    assert text(attention([], SEEN, calm="Nothing needs you.")) == "Nothing needs you."


def test_a_long_attention_list_is_folded_and_counted():
    items = [Attention(Health.WARNING, str(n), "") for n in range(12)]
    made = attention(items, SEEN, calm="", most=8)
    assert text(of_type(made, "Summary")) == "4 more"
    assert len(with_class(made, "attention-row")) == 12


def test_a_strip_leaves_a_hole_where_nothing_was_collected():
    slots = [Health.OK, None, Health.CRITICAL]
    made = health_strip(slots, start=NOW, step=timedelta(minutes=30), zone=UTC)
    assert [getattr(i, "className", None) for i in of_type(made, "I")] == [
        "state-ok",
        None,
        "state-critical",
    ]
    assert [i.title for i in of_type(made, "I")] == [
        "14:08 OK",
        "14:38 not collected",
        "15:08 Critical",
    ]
    assert props(made)["aria-label"] == "Worst state Critical, 50\u00a0% of the time OK"


def test_definitions_write_each_kind_of_value():
    made = definitions({"On": True, "None": None, "List": ["a", "b"], "Nested": {"k": [1, {}]}})
    values = [text(one) for one in of_type(made, "Dd")]
    assert values[:3] == ["yes", "–", "a, b"]
    assert json.loads(values[3].removeprefix("1 entries")) == {"k": [1, {}]}


def test_an_arn_can_be_copied():
    made = definitions({"ARN": "arn:aws:sqs:eu-central-1:111111111111:q"})
    assert props(of_type(made, "Button")[0])["data-copy"] == (
        "arn:aws:sqs:eu-central-1:111111111111:q"
    )


def test_tags_are_sorted_pills():
    assert [text(one) for one in with_class(tags({"b": "2", "a": "1"}), "pill")] == ["a1", "b2"]
    assert text(tags({})) == "No tags."


def test_breadcrumbs_link_all_but_the_last():
    made = breadcrumbs(("Services", "/services"), ("Lambda", "/services/lambda"), ("f", ""))
    assert [one.href for one in of_type(made, "A") + of_type(made, "Link")] == [
        "/services",
        "/services/lambda",
    ]


def test_a_way_out_does_not_tell_where_it_was_followed_from():
    assert outside("Console", "https://console.aws.amazon.com/").rel == "noopener noreferrer"


def columns():
    return [
        Column("state", "Status", Cell.STATE, width=150, order="desc", phone=True),
        Column("errors", "Errors", Cell.NUMBER, "percent"),
        Column("p95", "p95, 1 h", Cell.SPARK),
    ]


def test_a_table_knows_its_columns_order_and_units():
    state, errors, spark = table("p", "k", columns()).columnDefs
    assert (state["sort"], state["cellRenderer"], state["width"]) == ("desc", "WatchdeckState", 150)
    assert (errors["type"], errors["context"]["unit"]) == ("rightAligned", "percent")
    assert (spark["cellRenderer"], spark["cellDataType"]) == ("WatchdeckSpark", False)


def test_a_table_keeps_rows_by_their_id_and_runs_no_code_from_values():
    made = table("p", "k", columns(), row_id="arn")
    assert made.getRowId == "params.data.arn"
    assert made.dangerously_allow_code is False
