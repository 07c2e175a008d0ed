"""Files as people and tools write them, and what cannot be made out of them."""

from __future__ import annotations

import json

import pytest

from alerts.exchange import Kind, Unreadable, kind_of, parameters, read_text, write_text
from app.model.ids import Place

PLACE = Place("111111111111", "eu-central-1")
LATE = {
    "AlarmName": "orders are late", "Namespace": "AWS/SQS", "MetricName": "Age", "Period": 60,
    "Dimensions": [{"Name": "QueueName", "Value": "orders"}], "Statistic": "Maximum",
    "EvaluationPeriods": 5, "DatapointsToAlarm": 3, "Threshold": 300.0,
    "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "notBreaching",
}  # fmt: skip


def test_an_answer_of_describe_alarms_loses_its_state() -> None:
    answer = {
        "MetricAlarms": [
            {**LATE, "AlarmArn": "arn", "StateValue": "OK", "StateReason": "r", "Unit": None,
             "ActionsEnabled": True, "OKActions": [], "StateUpdatedTimestamp": "2026-01-01"}
        ],
        "CompositeAlarms": [{"AlarmName": "all", "AlarmRule": "ALARM(x)", "StateValue": "OK"}],
        "LogAlarms": [{"AlarmName": "log", "QueryResultsToEvaluate": 3, "Threshold": 1.0}],
    }  # fmt: skip
    found = read_text(json.dumps(answer), "alarms.json")
    assert found.alarms[0] == LATE
    assert [kind_of(alarm) for alarm in found.alarms] == [Kind.METRIC, Kind.COMPOSITE, Kind.LOG]


TEMPLATE = """
AWSTemplateFormatVersion: 2010-09-09
Parameters:
  Limit: {Type: Number, Default: 300}
  Stage: {Type: String}
Resources:
  Queue: {Type: AWS::SQS::Queue}
  Late:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmName: !Sub "late in ${AWS::Region}"
      Namespace: AWS/SQS
      MetricName: Age
      Statistic: Maximum
      Period: 60
      EvaluationPeriods: 5
      Threshold: !Ref Limit
      ComparisonOperator: GreaterThanThreshold
      Dimensions: [{Name: QueueName, Value: !GetAtt Queue.QueueName}]
      AlarmActions: [!Join [":", [arn, !Ref AWS::AccountId]]]
      AlarmDescription: !Sub "in ${Stage}"
  All:
    Type: AWS::CloudWatch::CompositeAlarm
    Properties:
      AlarmRule: !Sub "ALARM(${Late}) OR ALARM(${Late.Arn})"
"""


def test_a_template_is_read_as_far_as_it_tells() -> None:
    late, all_ = read_text(TEMPLATE, "alarms.yaml", PLACE).alarms
    assert late["AlarmName"] == "late in eu-central-1"
    assert late["Threshold"] == 300
    assert late["AlarmActions"] == ["arn:111111111111"]
    arn = "arn:aws:cloudwatch:eu-central-1:111111111111:alarm:late in eu-central-1"
    assert all_ == {"AlarmName": "All", "AlarmRule": f"ALARM(late in eu-central-1) OR ALARM({arn})"}


def test_what_only_deployment_knows_is_noted() -> None:
    found = read_text(TEMPLATE, "alarms.yaml", PLACE)
    assert found.notes == [
        "Late.Dimensions[0].Value: !GetAtt Queue.QueueName is known only when it is deployed",
        "Late.AlarmDescription: !Sub in ${Stage} is known only when it is deployed",
    ]


HCL = """
# alarms of the orders team
variable "limit" { default = 300 }
locals {
  name = "orders are late"
}
resource "aws_sqs_queue" "orders" { name = "orders" }
resource "aws_cloudwatch_metric_alarm" "late" {
  alarm_name          = local.name
  comparison_operator = "GreaterThanThreshold" // strictly
  evaluation_periods  = 5
  threshold           = var.limit
  alarm_description   = <<-EOT
    First "line"
      second
  EOT
  alarm_actions       = [aws_sns_topic.ops.arn]
  tags = merge(local.tags, { team = "orders" })
  metric_query {
    id          = "e1"
    expression  = "m1 / ${var.limit}"
    return_data = true
  }
  metric_query {
    id = "m1"
    metric {
      metric_name = "Age"
      namespace   = "AWS/SQS"
      period      = 60
      stat        = "Maximum"
      dimensions  = { QueueName = "orders" }
    }
  }
}
resource "aws_cloudwatch_composite_alarm" "all" {
  alarm_name = "all"
  alarm_rule = "ALARM(${aws_cloudwatch_metric_alarm.late.alarm_name})"
  actions_suppressor {
    alarm            = "deployment"
    extension_period = 60
    wait_period      = 120
  }
}
"""


def test_terraform_is_read_as_far_as_it_tells() -> None:
    found = read_text(HCL, "alarms.tf")
    late, all_ = found.alarms
    assert late["AlarmName"] == "orders are late"
    assert late["Threshold"] == 300
    assert late["AlarmDescription"] == 'First "line"\n  second\n'
    assert late["Metrics"][0] == {"Id": "e1", "Expression": "m1 / 300", "ReturnData": True}
    assert late["Metrics"][1]["ReturnData"] is False
    assert late["Metrics"][1]["MetricStat"]["Metric"]["Dimensions"] == [
        {"Name": "QueueName", "Value": "orders"}
    ]
    assert all_ == {
        "AlarmName": "all", "AlarmRule": "ALARM(orders are late)",
        "ActionsSuppressor": "deployment", "ActionsSuppressorWaitPeriod": 120,
        "ActionsSuppressorExtensionPeriod": 60,
    }  # fmt: skip
    where = "aws_cloudwatch_metric_alarm.late"
    assert found.notes == [
        f"{where}.alarm_actions[0]: aws_sns_topic.ops.arn is known only when it is deployed",
        f'{where}.tags: merge(local.tags, {{ team = "orders" }}) is known only when it is deployed',
    ]


def test_terraform_in_json_and_its_plan_are_read() -> None:
    arguments = {
        "alarm_name": "a", "namespace": "App", "metric_name": "m", "statistic": "Sum",
        "period": 60, "evaluation_periods": 1, "threshold": "5",
        "comparison_operator": "GreaterThanThreshold", "unit": "", "dimensions": None,
    }  # fmt: skip
    kind = "aws_cloudwatch_metric_alarm"
    resource = {"type": kind, "address": f"{kind}.a", "values": arguments}
    module = {"child_modules": [{"resources": [resource]}]}
    for value in ({"resource": {kind: {"a": arguments}}}, {"values": {"root_module": module}}):
        [alarm] = read_text(json.dumps(value), "a.json").alarms
        assert (alarm["AlarmName"], alarm["Threshold"]) == ("a", 5.0)
        assert "Unit" not in alarm


def test_what_terraform_cannot_say_is_said_in_a_comment() -> None:
    clock = {"EvaluationWindow": {"WallClockWindow": {"Timezone": "UTC"}}}
    text = write_text("terraform", [{**LATE, **clock}], PLACE)
    assert "  # not written, Terraform has no argument for it: EvaluationWindow\n" in text
    assert write_text("terraform", [{"AlarmName": "l", "QueryResultsToEvaluate": 1}], PLACE) == (
        '# "l" is left out: no resource for PutLogAlarm\n'
    )


def test_logical_ids_are_unique() -> None:
    alarms = [{**LATE, "AlarmName": name} for name in ("a b", "a-b", "1")]
    text = write_text("cloudformation", alarms, PLACE)
    assert [line for line in text.splitlines() if line.endswith(":") and line[2:3].isalpha()][:4]
    assert all(f"  {name}:" in text for name in ("AB", "AB2", "Alarm1"))


@pytest.mark.parametrize(
    ("text", "name", "message"),
    [
        pytest.param("{}", "a.json", "holds no alarms", id="nothing"),
        pytest.param("a: [", "a.yaml", "neither JSON nor YAML", id="broken"),
        pytest.param("Resources: {Q: {Type: AWS::SQS::Queue}}", "a.yaml", "holds no alarms",
                     id="no alarms"),
        pytest.param('resource "a" {', "a.tf", "cannot be read as Terraform", id="broken HCL"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_why(text: str, name: str, message: str) -> None:
    with pytest.raises(Unreadable, match=message):
        read_text(text, name)


def test_parameters_leave_out_what_says_nothing() -> None:
    assert parameters({**LATE, "ActionsEnabled": True, "Tags": []}) == LATE
    assert parameters({**LATE, "ActionsEnabled": False})["ActionsEnabled"] is False
