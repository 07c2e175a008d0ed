"""Subject and body as CloudWatch publishes them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from alerts.message import Notice
from alerts.notifiers.sns import Sns, body, subject
from app.model.errors import Denied, Expired, NotifyFailed
from tests.support.notices import ALARM, DEFINITION, NAMES, TEAM, notice


def test_the_body_is_the_one_of_the_reference() -> None:
    told = body(notice(ALARM))
    told.pop("NewStateReason")
    assert told == {
        "AlarmName": "orders-5xx",
        "AlarmDescription": None,
        "AWSAccountId": "111122223333",
        "AlarmConfigurationUpdatedTimestamp": "2026-01-01T11:00:00.000+0000",
        "NewStateValue": "ALARM",
        "StateChangeTime": "2026-01-01T12:00:00.401+0000",
        "Region": "US East (N. Virginia)",
        "AlarmArn": "arn:aws:cloudwatch:us-east-1:111122223333:alarm:orders-5xx",
        "OldStateValue": "OK",
        "ActionExecutedAfterMuteWindow": False,
        "OKActions": [],
        "AlarmActions": [],
        "InsufficientDataActions": [],
        "Trigger": {
            "MetricName": "5XXError",
            "Namespace": "AWS/ApiGateway",
            "StatisticType": "Statistic",
            "Statistic": "SUM",
            "Unit": None,
            "Dimensions": [{"value": "orders", "name": "ApiName"}],
            "Period": 60,
            "EvaluationPeriods": 1,
            "DatapointsToAlarm": 1,
            "ComparisonOperator": "GreaterThanThreshold",
            "Threshold": 21.0,
            "TreatMissingData": "notBreaching",
            "EvaluateLowSampleCountPercentile": "",
        },
    }


def test_the_message_of_a_contributor_names_it() -> None:
    told = body(notice(TEAM))
    assert told["AlarmContributorId"] == "5f0c9d0f6a1c4c1d"
    assert told["AlarmContributorAttributes"] == {"Team": "a"}


def test_the_keys_come_in_the_order_of_cloudwatch() -> None:
    assert list(body(notice(ALARM)))[4:8] == [
        "NewStateValue", "NewStateReason", "StateChangeTime", "Region",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"Statistic": "SampleCount"}, ("Statistic", "SAMPLE_COUNT")),
        ({"Statistic": "Average"}, ("Statistic", "AVERAGE")),
        ({"Statistic": None, "ExtendedStatistic": "p99"}, ("ExtendedStatistic", "p99")),
    ],
)
def test_a_statistic_is_written_as(fields: dict[str, str], expected: tuple[str, str]) -> None:
    trigger = body(notice(ALARM, **fields))["Trigger"]
    assert (trigger["StatisticType"], trigger[expected[0]]) == expected


def test_what_was_not_set_is_empty() -> None:
    trigger = body(notice(ALARM, TreatMissingData=None, DatapointsToAlarm=None))["Trigger"]
    assert trigger["TreatMissingData"] == ""
    assert "DatapointsToAlarm" not in trigger


COMPOSITE = {"AlarmName": "top", "AlarmRule": "ALARM(a)"}
CHILD = {"arn": "arn:a", "state": {"value": "ALARM", "timestamp": "2026-01-01T12:00:00.000+0000"}}
LOG = {
    "AlarmName": "lines", "QueryResultsToEvaluate": 1, "Threshold": 5.0,
    "ComparisonOperator": "GreaterThanThreshold",
    "ScheduledQueryConfiguration": {
        "QueryString": "fields @message", "AggregationExpression": "count(*)",
        "LogGroupIdentifiers": ["/app"],
    },
}  # fmt: skip


def told(put: dict[str, Any], data: dict[str, Any], **more: Any) -> dict[str, Any]:
    alarm = replace(DEFINITION, put=put)
    change = replace(ALARM, reason_data=data)
    return body(replace(Notice.of(change, alarm, NAMES), **more))


def test_a_composite_names_its_rule_and_the_children_that_decided() -> None:
    message = told(COMPOSITE, {"triggeringAlarms": [CHILD]})
    assert list(message)[-2:] == ["AlarmRule", "TriggeringChildren"]
    assert "AlarmConfigurationUpdatedTimestamp" not in message
    assert message["TriggeringChildren"] == [
        {
            "Arn": "arn:a",
            "State": {"Value": "ALARM", "Timestamp": "2026-01-01T12:00:00.000+0000"},
        }
    ]


def test_a_log_alarm_names_its_query() -> None:
    message = told(LOG, {})
    assert list(message)[-3:] == ["LogGroups", "QueryString", "AggregationExpression"]
    assert message["LogGroups"] == ["/app"]


def test_an_alarm_on_metrics_has_the_period_of_its_metrics() -> None:
    stat = {"Metric": {"Namespace": "A", "MetricName": "m"}, "Period": 300, "Stat": "Sum"}
    put = {"AlarmName": "x", "Metrics": [{"Id": "m", "MetricStat": stat}]}
    assert told(put, {})["Trigger"]["Period"] == 300


def test_a_message_that_waited_for_a_mute_says_so() -> None:
    assert told(COMPOSITE, {}, after_mute=True)["ActionExecutedAfterMuteWindow"] is True


@pytest.mark.parametrize(
    ("put", "data", "expected"),
    [
        (COMPOSITE, {}, "ALARM(a)"),
        (LOG, {"results": [{"value": 7.0}]}, "count(*): 7 (alarm when > 5)"),
        (LOG, {"contributors": {"a": {}, "b": {}}}, "count(*): 2 in ALARM (alarm when > 5)"),
    ],
)
def test_every_kind_says_what_it_holds_against_what(
    put: dict[str, Any], data: dict[str, Any], expected: str
) -> None:
    change = replace(ALARM, reason_data=data)
    assert Notice.of(change, replace(DEFINITION, put=put), NAMES).against == expected


def test_the_subject_names_state_alarm_and_region() -> None:
    assert subject(notice(ALARM)) == 'ALARM: "orders-5xx" in US East (N. Virginia)'


def test_a_long_name_is_cut_so_that_the_subject_has_a_hundred_characters() -> None:
    written = subject(notice(ALARM, AlarmName="n" * 255))
    assert len(written) == 100
    assert written.endswith('nnn..." in US East (N. Virginia)')


def test_a_run_of_other_letters_becomes_one_underscore() -> None:
    assert subject(notice(ALARM, AlarmName="CPU 알람 high")) == (
        'ALARM: "CPU _ high" in US East (N. Virginia)'
    )


@pytest.mark.parametrize(
    ("error", "permanent"),
    [
        pytest.param(Denied("the role lacks sns:Publish"), True, id="denied"),
        pytest.param(Expired("the credentials have run out"), False, id="expired"),
    ],
)
def test_an_error_of_aws_is_told_with_its_words(error: Exception, permanent: bool) -> None:
    def publish(*_: str) -> None:
        raise error

    channel = Sns("ops", "arn:aws:sns:us-east-1:111122223333:ops", "blog-prod", publish)
    with pytest.raises(NotifyFailed, match=str(error)) as caught:
        channel.send(channel.render([notice(ALARM)]))
    assert caught.value.permanent is permanent
