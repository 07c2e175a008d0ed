"""What single pages say, as values."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from plotly.utils import PlotlyJSONEncoder

from app.model.alarms import ATTRIBUTES, AlarmDefinition, Transition
from app.model.ids import SeriesKey
from app.model.rounds import Result
from app.model.states import AlarmState
from app.read.promptness import promptness
from dashboards.pages import alarm, alarms, collection, overview, resource, service, silencing
from dashboards.pages.alarms import matches
from dashboards.parts import Seen
from tests.support.shelf import AWAY, HOME, NOW, Shelf, errors_alarm, function
from tests.support.spend import days, fill, statements, steady


def said(found: Any) -> str:
    return json.dumps(found, cls=PlotlyJSONEncoder, ensure_ascii=False)


def rows(answer: list[Any]) -> list[dict[str, Any]]:
    """The first table of an answer."""
    return next(
        each for each in answer if isinstance(each, list) and each and isinstance(each[0], dict)
    )


def test_the_overview_names_what_fires_and_where_to_look(shelf: Shelf, seen: Seen) -> None:
    words = said(overview.answer(shelf.reads, shelf.scope(), seen))
    assert "failing: Errors 60, above 0" in words
    assert "/alarm/111111111111/eu-central-1/failing-errors" in words
    assert "1 not well" in words


def test_good_news_is_said_with_what_it_rests_on(empty: Shelf, seen: Seen) -> None:
    empty.resources(function("well"))
    empty.cover("AWS/Lambda", timedelta(hours=1), end=NOW - timedelta(minutes=2))
    words = said(overview.answer(empty.reads, empty.scope(), seen))
    assert "Nothing needs you. 1 resources checked, oldest answer 2\u00a0min." in words


def test_one_cause_is_told_once_by_the_name_of_the_account(shelf: Shelf, seen: Seen) -> None:
    shelf.round(
        "metrics", "metrics/AWS/Lambda/60", Result.DENIED, action="cloudwatch:GetMetricData"
    )
    words = said(overview.answer(shelf.reads, shelf.scope(), seen))
    assert words.count("Not allowed to read metrics in prod eu-central-1.") == 1
    assert words.count("look-stale") == 3  # services, requests and errors


def test_a_policy_is_offered_only_where_it_helps(shelf: Shelf, seen: Seen) -> None:
    shelf.round(
        "metrics", "metrics/AWS/Lambda/60", Result.THROTTLED, action="cloudwatch:GetMetricData"
    )
    words = said(overview.answer(shelf.reads, shelf.scope(), seen))
    assert "AWS is throttling metrics in prod eu-central-1." in words
    assert "Copy policy" not in words


def test_the_table_of_a_service_is_in_the_order_of_trouble(shelf: Shelf, seen: Seen) -> None:
    found = rows(service.answer(shelf.reads, "lambda", shelf.scope(), seen))
    assert [(row["name"], row["state"]) for row in found] == [
        ("failing", "critical"),
        ("well", "ok"),
    ]
    assert (found[0]["c0"], found[0]["c1"]) == (10.0, 60.0)
    assert found[0]["place"] == "prod eu-central-1"


def test_reading_held_back_by_the_cap_says_what_how_rarely_and_why(
    shelf: Shelf, seen: Seen
) -> None:
    shelf.plan(("metrics/AWS/Lambda/60", "0.05", 5, 30), ("alarmed/AWS/SQS/60", "0.001", 1, 1))
    words = said(collection.answer(shelf.reads, shelf.scope(), seen))
    assert "1 group is read every 30\u00a0min instead of 5\u00a0min" in words
    assert "metrics/AWS/Lambda/60 of prod eu-central-1" in words
    assert "would end at $104.46; the cap is $50" in words
    assert "by the plan, held back" in words


def test_the_projection_says_what_it_goes_by(shelf: Shelf, seen: Seen) -> None:
    assert "if it goes on like this" in said(collection.answer(shelf.reads, shelf.scope(), seen))
    shelf.plan(("metrics/AWS/Lambda/60", "0.01", 5, 5))
    words = said(collection.answer(shelf.reads, shelf.scope(), seen))
    assert "by the plan" in words
    assert "instead of" not in words


def test_charts_without_data_give_way_and_are_named(shelf: Shelf, seen: Seen) -> None:
    answer = service.answer(shelf.reads, "lambda", shelf.scope(), seen)
    styles, names = answer[-2], answer[-1]
    assert styles[0] == {}
    assert {"display": "none"} in styles
    assert "kafka lag" in names
    assert len(styles) == len(shelf.catalogue.services["lambda"].panels)


def test_a_resource_tells_why_it_is_as_it_is(shelf: Shelf, seen: Seen) -> None:
    words = said(resource.answer(shelf.reads, function("failing").arn, shelf.scope(), seen))
    assert words.count("Alarm failing-errors is in ALARM.") == 2  # on the badge and beside it
    assert "10\u00a0% of the runs of failing fail." in words
    assert "prod eu-central-1" in words


@pytest.mark.parametrize(
    ("text", "state", "expected"),
    [
        pytest.param("", "", ["failing-errors", "well-errors"], id="all"),
        pytest.param("WELL", "", ["well-errors"], id="by name, in any case"),
        pytest.param("errors above", "firing", ["failing-errors"], id="words and state"),
        pytest.param("", "silenced", [], id="none in the state"),
    ],
)
def test_alarms_are_filtered_by_words_and_state(
    shelf: Shelf, text: str, state: str, expected: list[str]
) -> None:
    found = shelf.reads.alarms.current(shelf.scope()).value
    assert [a.name for a in found if matches(a, text, state)] == expected


def test_a_filter_that_leaves_nothing_says_how_many_there_are(shelf: Shelf, seen: Seen) -> None:
    words = said(alarms.answer(shelf.reads, "teapot", "", shelf.scope(), seen))
    assert "No alarm matches; 2 alarms without the filter." in words


def test_a_silence_needs_a_reason_and_says_until_when(shelf: Shelf, seen: Seen) -> None:
    id_ = errors_alarm(function("failing")).id
    assert silencing.started(shelf.reads, id_, "4h", " ", seen) == "Write a reason first."
    assert silencing.started(shelf.reads, id_, "4h", "known", seen) == "Silenced until 16:00."
    [silence] = shelf.reads.alarms.silences(NOW)
    assert (silence.comment, silence.end) == ("known", NOW + timedelta(hours=4))
    assert silencing.ended(shelf.reads, str(silence.id), NOW) == "The silence has ended."
    assert shelf.reads.alarms.silences(NOW) == ()


def test_the_side_panel_of_an_alarm_has_its_line_and_the_form(shelf: Shelf, seen: Seen) -> None:
    id_ = errors_alarm(function("failing")).id
    words = said(alarms.beside(shelf.reads, id_, shelf.scope(), seen))
    assert "Errors (Sum) above 0 in 3 of 3 periods" in words
    assert '"data"' in words
    assert '"Silence"' in words


def test_an_alarm_tells_who_was_told(shelf: Shelf, seen: Seen) -> None:
    answer = alarm.answer(shelf.reads, errors_alarm(function("failing")).id, shelf.scope(), seen)
    assert [row["told"] for row in rows(answer)] == ["console: on its way"]


def test_a_change_tells_how_long_after_its_period_it_was_decided(shelf: Shelf, seen: Seen) -> None:
    reading = shelf.reads.alarms.one(errors_alarm(function("failing")).id, shelf.scope())
    assert reading.value is not None
    [change] = reading.value.transitions
    end = change.at - timedelta(seconds=186)
    points = [{"timestamp": f"{end:%Y-%m-%dT%H:%M:%S}.000+0000", "value": 1.0}]
    told = replace(change, reason_data={"period": 60, "evaluatedDatapoints": points})
    prompt = promptness(told, timedelta(minutes=1))
    assert prompt is not None
    detail = replace(reading.value, transitions=(told,), prompt={told.id: prompt})
    [shown] = alarm.history(detail)
    assert shown["prompt"].replace("\u00a0", " ") == "2 min 6 s · 2.1 intervals"


def test_an_alarm_over_several_series_shows_those_in_alarm(shelf: Shelf, seen: Seen) -> None:
    definition = errors_alarm(function("failing"))
    team = {
        "attributes": {"Team": "a"},
        "reason": "too many",
        "since": "2026-11-24T12:00:00.000+0000",
    }
    status = shelf.store.ledger.statuses()[definition.id]
    data = {"contributors": {"5f0c9d0f6a1c4c1d": team}}
    attributes = {ATTRIBUTES: {"Team": "a"}}
    change = Transition(
        definition.id, NOW, AlarmState.OK, AlarmState.ALARM, "too many", attributes, contributor="5"
    )
    shelf.store.ledger.record([replace(status, reason_data=data)], [(change, ["console"])], NOW)
    detail = shelf.reads.alarms.one(definition.id, shelf.scope()).value
    assert detail is not None
    [shown] = alarm.contributors(detail)
    assert (shown["group"], shown["reason"], shown["since"]) == (
        "Team=a",
        "too many",
        int(NOW.timestamp() * 1000),
    )
    assert alarm.history(detail)[0]["reason"] == "Team=a: too many"
    assert change.at not in [each.at for each in detail.transitions]


def test_an_alarm_that_nobody_defined_is_said_so(shelf: Shelf, seen: Seen) -> None:
    words = said(alarm.answer(shelf.reads, f"{HOME}/never", shelf.scope(), seen))
    assert "No alarm is defined under “111111111111/eu-central-1/never”" in words


def test_collection_tells_whether_log_events_are_all_there(shelf: Shelf, seen: Seen) -> None:
    assert "No log group has been counted" in said(
        collection.answer(shelf.reads, shelf.scope(), seen)
    )
    for metric, value in (("EventsArrived", "1200"), ("EventsMissing", "7")):
        key = SeriesKey.of(HOME, "Watchdeck/Logs", metric, {"LogGroupName": "/app"})
        shelf.put(key, value, end=NOW - timedelta(hours=1))
    answer = collection.answer(shelf.reads, shelf.scope(), seen)
    assert "1 of 1 log groups, 7 events missing" in said(answer)
    [found] = [
        row for each in answer if isinstance(each, list)
        for row in each if isinstance(row, dict) and "arrived" in row
    ]  # fmt: skip
    assert (found["group"], found["state"], found["arrived"], found["missing"]) == (
        "/app", "warning", 1200, 7,
    )  # fmt: skip


def test_collection_says_which_account_two_payers_tell(shelf: Shelf, seen: Seen) -> None:
    window = days("2026-11-20", "2026-11-22")
    members = steady(window, {"AmazonS3": "1"}, account=AWAY.account)
    for payer in (HOME.account, AWAY.account):
        both = [*members, *(steady(window, {"AmazonS3": "2"}) if payer == HOME.account else [])]
        fill(shelf.store, shelf.lease, statements(both, window, NOW, payer=payer), NOW)
    words = said(collection.answer(shelf.reads, shelf.scope(), seen))
    assert "Spend of an account is told twice" in words
    assert f"by the reading of payer {HOME.account}" in words


def test_collection_says_what_fails_and_what_to_do(shelf: Shelf, seen: Seen) -> None:
    shelf.round("inventory", "rds", Result.DENIED, action="rds:DescribeDBInstances")
    words = said(collection.answer(shelf.reads, shelf.scope(), seen))
    assert "inventory/rds of prod eu-central-1: not allowed" in words
    assert "Allow rds:DescribeDBInstances for the role of account prod" in words


def test_the_page_of_a_composite_shows_its_rule_as_a_tree(shelf: Shelf, seen: Seen) -> None:
    put = {"AlarmName": "both", "AlarmRule": 'ALARM("failing-errors") AND ALARM("well-errors")'}
    shelf.alarm(AlarmDefinition(HOME, put), AlarmState.OK, NOW - timedelta(hours=1))
    id_ = f"{HOME.account}/{HOME.region}/both"
    answer = alarm.answer(shelf.reads, id_, shelf.scope(), seen)
    words = said(answer[1])
    assert "all of" in words
    assert words.index("failing-errors") < words.index("well-errors")
    assert '"className": "false decides"' in words
    assert '"className": "true"' in words
    assert "/alarm/111111111111/eu-central-1/failing-errors" in words
    assert answer[2] is True  # there is no metric to draw


def test_the_page_of_any_other_alarm_has_no_tree(shelf: Shelf, seen: Seen) -> None:
    answer = alarm.answer(shelf.reads, errors_alarm(function("failing")).id, shelf.scope(), seen)
    assert answer[1:3] == [None, False]
