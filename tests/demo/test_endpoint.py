"""The endpoint through real boto3 clients."""

from __future__ import annotations

from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from app.demo.faults import Fault, FaultKind
from tests.demo.asking import at, key, query, told

NOW = at("2026-11-24 10:00")
SERIES = key("AWS/Lambda", "Invocations", FunctionName="posts-api")


def ask(cloudwatch, *queries, start, end, **more):
    return cloudwatch.get_metric_data(
        MetricDataQueries=list(queries), StartTime=start, EndTime=end, **more
    )


def test_metric_data_is_what_the_world_tells(aws, client):
    start, end = NOW - timedelta(hours=2), NOW - timedelta(hours=1)
    answer = ask(client("cloudwatch"), query(SERIES, "Sum"), start=start, end=end)
    assert (
        answer["MetricDataResults"][0]["Values"]
        == told(aws.world, SERIES, start, end).total[::-1].tolist()
    )


def test_pages_together_hold_every_point_once(aws, client):
    cloudwatch, got, token = client("cloudwatch"), [], {}
    while True:
        answer = ask(
            cloudwatch, query(SERIES, "Sum"), start=NOW - timedelta(hours=3),
            end=NOW - timedelta(hours=1), MaxDatapoints=50, **token,
        )  # fmt: skip
        got += answer["MetricDataResults"][0]["Timestamps"]
        if "NextToken" not in answer:
            break
        token = {"NextToken": answer["NextToken"]}
    assert len(got) == len(set(got)) == 120


def test_one_minute_points_are_kept_for_fifteen_days(aws, client):
    start = NOW - timedelta(days=20)
    end = start + timedelta(hours=1)
    cloudwatch = client("cloudwatch")
    fine = ask(cloudwatch, query(SERIES, "Sum", 60), start=start, end=end)
    coarse = ask(cloudwatch, query(SERIES, "Sum", 300), start=start, end=end)
    assert fine["MetricDataResults"][0]["Values"] == []
    assert len(coarse["MetricDataResults"][0]["Values"]) == 12


def test_more_than_five_hundred_queries_are_refused(aws, client):
    queries = [query(SERIES, "Sum", name=f"m{n}") for n in range(501)]
    with pytest.raises(ClientError, match="size greater than 500"):
        ask(client("cloudwatch"), *queries, start=NOW - timedelta(hours=1), end=NOW)


def test_metrics_are_listed(aws, client):
    pages = client("cloudwatch").get_paginator("list_metrics").paginate(Namespace="AWS/SQS")
    listed = [m for page in pages for m in page["Metrics"]]
    assert {m["Namespace"] for m in listed} == {"AWS/SQS"}


def test_a_role_asks_for_its_external_id(aws, client):
    role = "arn:aws:iam::222222222222:role/watchdeck-reader"
    sts = client("sts")
    with pytest.raises(ClientError, match="AccessDenied"):
        sts.assume_role(RoleArn=role, RoleSessionName="test")
    given = sts.assume_role(RoleArn=role, RoleSessionName="test", ExternalId="watchdeck-demo")
    assert given["AssumedRoleUser"]["Arn"].startswith("arn:aws:sts::222222222222:assumed-role/")


def test_a_wrong_signature_is_refused(aws, client):
    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        client("sqs", aws_secret_access_key="wrong").list_queues()


def test_a_planted_throttle_hits_as_often_as_it_says(aws, client):
    aws.faults.add(Fault(FaultKind.THROTTLE, api="cloudwatch", times=1))
    cloudwatch = client("cloudwatch")
    with pytest.raises(ClientError, match="Throttling"):
        cloudwatch.list_metrics()
    assert cloudwatch.list_metrics()["Metrics"]


def test_containers_run_as_many_tasks_as_wanted_while_nothing_is_wrong(aws, client):
    service = client("ecs").describe_services(cluster="blog", services=["worker"])["services"][0]
    assert (service["runningCount"], service["desiredCount"]) == (2, 2)


@pytest.mark.parametrize("operation", ["list", "get", "configuration"])
def test_a_function_names_the_queue_of_its_failed_events(aws, client, operation):
    functions = client("lambda", account="222222222222")
    ask = {
        "list": lambda: next(
            f for f in functions.list_functions()["Functions"]
            if f["FunctionName"] == "legacy-import"
        ),
        "get": lambda: functions.get_function(FunctionName="legacy-import")["Configuration"],
        "configuration": lambda: functions.get_function_configuration(FunctionName="legacy-import"),
    }  # fmt: skip
    assert ask[operation]()["DeadLetterConfig"] == {
        "TargetArn": "arn:aws:sqs:eu-central-1:222222222222:legacy-import-failed"
    }


def test_a_function_without_such_a_queue_names_none(aws, client):
    assert "DeadLetterConfig" not in client("lambda").get_function_configuration(
        FunctionName="posts-api"
    )


def test_five_statistics_of_a_metric_are_one_billed_unit(aws, client):
    stats = ("Sum", "Average", "Minimum", "Maximum", "SampleCount")
    queries = [query(SERIES, stat, name=f"m{n}") for n, stat in enumerate(stats)]
    ask(client("cloudwatch"), *queries, start=NOW - timedelta(hours=1), end=NOW)
    assert aws.counters.units("cloudwatch", "GetMetricData") == 1
