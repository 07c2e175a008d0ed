"""Metric filters: which events count, and how much, as CloudWatch Logs has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import pytest

from app.config import LogMetricFilterSettings
from app.model.ids import Place
from app.model.logs import LogGroup, LogGroupKey
from collectors.log_criteria import applies
from collectors.log_filters import Filters, MetricFilter, fed_by, filters_of

HOME = Place("111111111111", "eu-central-1")
KEY = LogGroupKey(HOME, "/aws/lambda/orders")


def events(messages: Sequence[str], arrived: Sequence[int] | None = None) -> pl.DataFrame:
    """Events a second apart, which arrive at their own time."""
    at = [1_000 * n for n in range(len(messages))]
    columns = {"event": range(len(messages)), "at": at, "ingested": arrived or at}
    return pl.DataFrame({**columns, "message": list(messages)})


def counted(messages: Sequence[str], **given: Any) -> list[tuple[Any, ...]]:
    """Number of the event, value and dimensions of each point."""
    made = MetricFilter("name", given.pop("pattern", ""), "Shop", "Orders", **given)
    return made.points(events(messages)).drop("at").sort("event").rows()


@pytest.mark.parametrize(
    ("given", "messages", "expected"),
    [
        pytest.param(
            {"pattern": "ERROR"}, ["ERROR a", "fine", "ERROR b"], [(0, 1.0), (2, 1.0)], id="count"
        ),
        pytest.param({}, ["a", "b"], [(0, 1.0), (1, 1.0)], id="empty pattern matches all"),
        pytest.param({"pattern": "E", "value": "2.5"}, ["E"], [(0, 2.5)], id="number"),
        pytest.param(
            {"pattern": "{ $.ms > 0 }", "value": "$.ms"},
            ['{"ms": 12.5}', '{"ms": 0}', '{"ms": "7"}', '{"ms": 1e3}'],
            [(0, 12.5), (3, 1000.0)],
            id="value of a member",
        ),
        pytest.param(
            {"pattern": '{ $.kind = "a" }', "value": "$.ms"},
            ['{"kind":"a","ms":"7"}', '{"kind":"a","ms":"fast"}', '{"kind":"a"}',
             '{"kind":"a","ms":true}', '{"kind":"a","ms":[1]}', '{"kind":"a","ms":"NaN"}'],
            [(0, 7.0)],
            id="numeric text counts and nothing else does",
        ),
        pytest.param(
            {"pattern": "[ip, size > 10]", "value": "$size"},
            ["h 12", "h 9", "h 30"],
            [(0, 12.0), (2, 30.0)],
            id="field between blanks",
        ),
        pytest.param(
            {"pattern": "[ip, , size]", "value": "$2"}, ["h 4 5"], [(0, 4.0)], id="numbered field"
        ),
        pytest.param(
            {"pattern": "ERROR", "value": "5", "default": 3.0},
            ["ERROR", "fine", "fine"],
            [(0, 5.0), (1, 3.0), (2, 3.0)],
            id="default for every event that does not match",
        ),
        pytest.param(
            {"pattern": '{ $.kind = "a" }', "value": "$.ms", "default": 0.0},
            ['{"kind":"a"}', "text"],
            [(1, 0.0)],
            id="a match without a value gives no default",
        ),
        pytest.param(
            {"pattern": "{ $.ms = * }", "value": "$.ms", "dimensions": {"Code": "$.code"}},
            ['{"ms":1,"code":200}', '{"ms":2,"code":"x"}', '{"ms":3}', '{"ms":4,"code":""}',
             '{"ms":5,"code":{"a":1}}'],
            [(0, 1.0, "200"), (1, 2.0, "x")],
            id="without a dimension there is no point",
        ),
        pytest.param(
            {"pattern": "[m, c]", "dimensions": {"Method": "$m", "Code": "$c"}},
            ["GET 200", "PUT 500"],
            [(0, 1.0, "GET", "200"), (1, 1.0, "PUT", "500")],
            id="two dimensions",
        ),
    ],
)  # fmt: skip
def test_points(given: dict[str, Any], messages: list[str], expected: list[Any]) -> None:
    assert counted(messages, **given) == expected


def test_default_and_matches_of_a_minute_add_up_as_recorded() -> None:
    messages = ["ERROR", *["fine"] * 14]
    found = counted(messages, pattern="ERROR", value="5", default=3.0)
    assert sum(value for _, value in found) == 47


def told(**changes: Any) -> Mapping[str, Any]:
    """A filter as DescribeMetricFilters tells it."""
    transformation = {"metricName": "Orders", "metricNamespace": "Shop", "metricValue": "1"}
    transformation |= changes.pop("transformation", {})
    base = {"filterName": "orders", "filterPattern": "ORDER", "creationTime": 0}
    return {**base, "metricTransformations": [transformation], **changes}


def imported(*told: Mapping[str, Any]) -> Filters:
    group = LogGroup(KEY, "arn", metric_filters=told)
    return filters_of(KEY, group, [], imported=True)


def test_a_filter_of_the_account_is_taken_over() -> None:
    transformation = {
        "metricValue": "$.n",
        "defaultValue": None,
        "dimensions": {"Kind": "$.kind"},
        "unit": "Count",
    }
    [made] = imported(told(filterPattern="{ $.n > 0 }", transformation=transformation)).usable
    found = made.points(events(['{"n":3,"kind":"a"}']))
    assert found.rows() == [(0, 0, 3.0, "a")]
    assert made.group == "derived/Shop/Orders/Kind"


def test_only_events_that_arrive_after_a_filter_was_made_count() -> None:
    [made] = imported(told(creationTime=5_000)).usable
    found = made.points(events(["ORDER a", "ORDER b"], arrived=[4_999, 5_000]))
    assert found["event"].to_list() == [1]


def test_system_fields_become_dimensions() -> None:
    [made] = imported(told(emitSystemFieldDimensions=["@aws.account", "@aws.region"])).usable
    found = made.points(events(["ORDER"]))
    assert found.columns == ["event", "at", "value", "d.@aws.account", "d.@aws.region"]
    assert found.row(0)[3:] == ("111111111111", "eu-central-1")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"applyOnTransformedLogs": True}, "transformed events", id="transformed"),
        pytest.param({"filterPattern": "{ $.a = }"}, "", id="pattern"),
        pytest.param({"fieldSelectionCriteria": "@aws.account ~ 1"}, "cannot be read", id="where"),
        pytest.param(
            {"transformation": {"metricNamespace": "AWS/Lambda"}}, "namespace of AWS", id="space"
        ),
        pytest.param({"transformation": {"metricValue": "$.a"}}, "", id="value beside terms"),
        pytest.param({"transformation": {"metricValue": "many"}}, "", id="no number"),
    ],
)
def test_what_cannot_be_worked_out_here_is_said_and_stops_no_other(
    changes: dict[str, Any], said: str
) -> None:
    found = imported(told(**changes), told(filterName="good"))
    assert [made.name for made in found.usable] == ["good"]
    [note] = found.notes
    assert note.startswith("the metric filter orders of /aws/lambda/orders is not worked out here")
    assert said in note


def test_a_filter_for_other_accounts_is_left_alone() -> None:
    found = imported(told(fieldSelectionCriteria='@aws.account = "222222222222"'))
    assert found == Filters()


def test_a_metric_that_counts_events_which_are_not_kept_is_left_to_cloudwatch() -> None:
    other = LogGroup(LogGroupKey(HOME, "/other"), "arn", metric_filters=(told(),))
    group = LogGroup(KEY, "arn", metric_filters=(told(),))
    found = filters_of(KEY, group, [], imported=True, lossy=fed_by([other]))
    assert found.usable == ()
    assert "it would count too little, for not all events of /other are kept" in found.notes[0]


def test_filters_of_accounts_are_taken_only_where_that_is_wanted() -> None:
    group = LogGroup(KEY, "arn", metric_filters=(told(),))
    assert filters_of(KEY, group, [], imported=False) == Filters()


@pytest.mark.parametrize(
    ("groups", "expected"), [([], True), (["/aws/lambda/*"], True), (["/ecs/*"], False)]
)
def test_own_filters_fit_groups_by_glob(groups: list[str], expected: bool) -> None:
    given = LogMetricFilterSettings(name="n", namespace="Shop", metric="Orders", groups=groups)
    assert bool(filters_of(KEY, None, [given], imported=False).usable) is expected


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        ("", True),
        ('@aws.account = "111111111111"', True),
        ("@aws.account = 111111111111", True),
        ("@aws.account != '111111111111'", False),
        ('@aws.region IN ["eu-central-1", "us-east-1"]', True),
        ('@aws.region not in ["eu-central-1"]', False),
        ('@aws.account = "2" OR @aws.region = "eu-central-1"', True),
        ('@aws.region = "x" AND @aws.region = "y" OR @aws.account = "111111111111"', True),
        ('@aws.region = "x" AND (@aws.region = "y" OR @aws.account = "111111111111")', False),
        ('@source.log = "/aws/lambda/orders"', True),
    ],
)
def test_criteria_choose_groups(criteria: str, expected: bool) -> None:
    assert applies(criteria, KEY) is expected


@pytest.mark.parametrize(
    "criteria",
    ["@aws.account", '@aws.account = ', '@other = "1"', '@aws.account = "1" "2"',
     "@aws.account = text", '@aws.region NOT ["x"]', '@aws.region IN "x"', '(@aws.account = "1"'],
)  # fmt: skip
def test_criteria_that_cannot_be_read_are_refused(criteria: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        applies(criteria, KEY)
