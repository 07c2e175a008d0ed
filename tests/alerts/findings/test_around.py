"""What stands around an application: names, topics, archives, images, builds, alarms, logs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from alerts.findings import RULES
from app.model.account_alarms import AccountAlarm
from app.model.findings import FindingStatus
from app.model.ids import Place, Resource, SeriesKey
from app.model.logs import LogGroup, LogGroupKey
from app.model.rounds import Batch
from app.model.states import AlarmState
from tests.alerts.findings.yard import alarms, covered, hours, judged, resource, rule_of
from tests.support.shelf import HOME, NOW, Shelf

PRICES = {
    "HostedZone": "0.50", "DeliveryAttempts-SMTP": "0.00002", "TimedStorage-ByteHrs": "0.10",
    "activePipeline": "1", "CW:AlarmMonitorUsage": "0.10", "CW:HighResAlarmMonitorUsage": "0.30",
    "CW:MetricMonitorUsage": "0.30", "ReadRequestUnits": "0.000000125",
    "WriteRequestUnits": "0.000000625", "ReadCapacityUnit-Hrs": "0.00013",
    "WriteCapacityUnit-Hrs": "0.00065",
}  # fmt: skip
GB = 2**30


def says(shelf: Shelf, check: str) -> list[tuple[str, str | None]]:
    run, found = judged(shelf, rule_of(RULES, check), PRICES)
    assert run.message == ""
    return alarms(found)


def days_ago(days: int) -> str:
    return (NOW - timedelta(days=days)).isoformat()


def is_blind(shelf: Shelf, check: str, action: str) -> bool:
    _, found = judged(shelf, rule_of(RULES, check), PRICES)
    told = [(each.status, f"allow {action}" in each.reason) for each in found]
    return told == [(FindingStatus.ERROR, True)]


# Route 53


def zone(name: str, **known: Any) -> Resource:
    return resource("route53", "hosted-zone", name, known, dimensions={"HostedZoneId": name})


def test_route_53_is_looked_at_only_where_aws_tells_of_it(shelf: Shelf) -> None:
    assert says(shelf, "R53-07") == []


def test_a_zone_that_nobody_asks_for_costs_half_a_dollar(shelf: Shelf) -> None:
    shelf.resources(zone("asked"), zone("old"), zone("inside", PrivateZone=True))
    covered(shelf, "AWS/Route53")
    hours(shelf, zone("asked"), "AWS/Route53", "DNSQueries", "1 0x300")
    assert says(shelf, "R53-07") == [("old", "0.50")]


# SNS


def subscribed(topic: Resource, protocol: str, number: int) -> Resource:
    known = {"Protocol": protocol, "TopicArn": topic.arn}
    return resource("sns", "subscription", f"{topic.name}-{protocol}-{number}", known)


def test_e_mails_beyond_a_thousand_a_month_are_billed(shelf: Shelf) -> None:
    """10 messages an hour are 7,300 a month, 14,600 for two addresses; 13,600 are billed."""
    names = ("news", "few", "machines", "phones")
    topics = {n: resource("sns", "topic", n, dimensions={"TopicName": n}) for n in names}
    shelf.resources(
        *topics.values(),
        *(subscribed(topics["news"], "email", number) for number in (1, 2)),
        subscribed(topics["few"], "email", 1),
        *(subscribed(topics["machines"], "sqs", number) for number in (1, 2)),
        subscribed(topics["phones"], "sms", 1),
    )
    covered(shelf, "AWS/SNS")
    for name, line in (("news", "10x167"), ("few", "1x167"), ("machines", "99x167")):
        hours(shelf, topics[name], "AWS/SNS", "NumberOfMessagesPublished", line)
    hours(shelf, topics["phones"], "AWS/SNS", "NumberOfMessagesPublished", "1")
    assert says(shelf, "SNS-09") == [("news", "0.27"), ("phones", None)]


def test_subscriptions_that_could_not_be_listed_are_not_none(shelf: Shelf) -> None:
    shelf.resources(resource("sns", "topic", "t", dimensions={"TopicName": "t"}))
    run, _ = judged(shelf, rule_of(RULES, "SNS-09"))
    assert run.message == "inventory of sns/subscription has not been read yet"


# EventBridge


def test_an_archive_without_an_end_costs_what_it_holds(shelf: Shelf) -> None:
    shelf.resources(
        resource("events", "archive", "ever", {"RetentionDays": 0, "SizeBytes": 50 * GB}),
        resource("events", "archive", "month", {"RetentionDays": 30, "SizeBytes": 50 * GB}),
    )
    assert says(shelf, "EVB-12") == [("ever", "5.00")]


# Images, builds and pipelines


def repository(name: str, **known: Any) -> Resource:
    held = {"images": 10, "imageBytes": 5 * GB, "untaggedImages": 9, "untaggedBytes": 4 * GB}
    return resource("ecs", "repository", name, {**held, **known})


def test_images_without_a_rule_and_without_a_tag(shelf: Shelf) -> None:
    shelf.resources(
        repository("bare", hasLifecycle=False),
        repository("kept", hasLifecycle=True, untaggedImages=0),
        repository("empty", hasLifecycle=False, images=0, untaggedImages=0),
    )
    assert says(shelf, "ECR-01") == [("bare", "0.50")]
    assert says(shelf, "ECR-04") == [("bare", "0.40")]


@pytest.mark.parametrize(
    ("check", "action"),
    [("ECR-01", "ecr:GetLifecyclePolicy"), ("ECR-04", "ecr:DescribeImages")],
)
def test_a_repository_that_may_not_be_asked_is_not_judged(
    shelf: Shelf, check: str, action: str
) -> None:
    shelf.resources(repository("secret", _missing=[action]))
    assert is_blind(shelf, check, action)


def pipeline(name: str, kind: str = "V1", made: int = 400, ran: int | None = None) -> Resource:
    known: dict[str, Any] = {"pipelineType": kind, "created": days_ago(made)}
    return resource(
        "codebuild", "pipeline", name, known | ({"lastRun": days_ago(ran)} if ran else {})
    )


def test_a_pipeline_that_nobody_uses_costs_a_dollar_if_it_is_of_type_v1(shelf: Shelf) -> None:
    shelf.resources(
        pipeline("never"),
        pipeline("long ago", ran=60),
        pipeline("lately", ran=59),
        pipeline("new", made=59),
        pipeline("by the minute", "V2"),
    )
    assert says(shelf, "CIC-11") == [("long ago", "1.00"), ("never", "1.00")]


def test_builds_without_a_cache(shelf: Shelf) -> None:
    def project(name: str, cache: str | None) -> Resource:
        known = {"cache": cache} if cache else {}
        return resource("codebuild", "project", name, known, dimensions={"ProjectName": name})

    projects = (project("none", "NO_CACHE"), project("local", "LOCAL"), project("unset", None))
    shelf.resources(*projects, project("rests", "NO_CACHE"))
    covered(shelf, "AWS/CodeBuild")
    for each in projects:
        hours(shelf, each, "AWS/CodeBuild", "Duration", "600")
    assert says(shelf, "CIC-07") == [("none", None), ("unset", None)]


# DynamoDB


def table(name: str, **known: Any) -> Resource:
    return resource("dynamodb", "table", name, known, dimensions={"TableName": name})


def test_a_table_of_which_more_than_a_tenth_of_the_reads_are_scans(shelf: Shelf) -> None:
    shelf.resources(table("scanned"), table("asked"), table("unread"))
    covered(shelf, "AWS/DynamoDB")
    for name, scans in (("scanned", 12), ("asked", 11)):
        for operation, number in (("Scan", scans), ("Query", 50), ("GetItem", 49), ("PutItem", 9)):
            dimensions = {"TableName": name, "Operation": operation}
            key = SeriesKey.of(HOME, "AWS/DynamoDB", "SuccessfulRequestLatency", dimensions)
            shelf.put(key, f"3x{number - 1}", period=3600)
    assert says(shelf, "DDB-05") == [("scanned", None)]


def test_items_that_end_by_themselves_need_a_time_to_live(shelf: Shelf) -> None:
    def with_ttl(status: str) -> dict[str, Any]:
        return {"TimeToLive": {"TimeToLiveStatus": status}, "TableSizeBytes": 30 * GB}

    shelf.resources(
        table("user-sessions", **with_ttl("DISABLED")),
        table("tokens", **with_ttl("ENABLED")),
        table("posts", **with_ttl("DISABLED")),
    )
    assert says(shelf, "DDB-07") == [("user-sessions", "3.00")]


def test_a_time_to_live_that_may_not_be_read_is_not_none(shelf: Shelf) -> None:
    shelf.resources(table("sessions", _missing=["dynamodb:DescribeTimeToLive"]))
    assert is_blind(shelf, "DDB-07", "dynamodb:DescribeTimeToLive")


def test_a_steady_load_saves_the_difference_to_units(shelf: Shelf) -> None:
    """100 reads and 10 writes a second: 49.27 USD on demand, 20.34 USD in units 70 % used."""
    owner = table("posts", BillingMode="PAY_PER_REQUEST")
    shelf.resources(owner)
    covered(shelf, "AWS/DynamoDB")
    hours(shelf, owner, "AWS/DynamoDB", "ConsumedReadCapacityUnits", "360000x335")
    hours(shelf, owner, "AWS/DynamoDB", "ConsumedWriteCapacityUnits", "36000x335")
    assert says(shelf, "DDB-04") == [("posts", "28.93")]


# Container Insights


def test_container_insights_costs_its_metrics(shelf: Shelf) -> None:
    def cluster(name: str, setting: str) -> Resource:
        known = {"containerInsights": setting}
        return resource("ecs", "cluster", name, known, dimensions={"ClusterName": name})

    shelf.resources(
        cluster("on", "enabled"), cluster("off", "disabled"), cluster("bare", "enhanced")
    )
    for metric in ("CpuUtilized", "MemoryUtilized"):
        shelf.put(SeriesKey.of(HOME, "ECS/ContainerInsights", metric, {"ClusterName": "on"}), "1")
    assert says(shelf, "ECS-14") == [("bare", None), ("on", "0.60")]


# Logs and alarms


def test_edge_functions_log_where_nobody_looks(shelf: Shelf) -> None:
    def group(name: str, days: int | None) -> LogGroup:
        return LogGroup(LogGroupKey(HOME, name), "", retention_days=days, stored_bytes=10 * GB)

    groups = (
        group("/aws/lambda/us-east-1.resize", None),
        group("/aws/lambda/us-east-1.auth", 30),
        group("/aws/lambda/plain", None),
    )
    shelf.commit(Batch(log_groups=groups, log_listings=[HOME]))
    assert says(shelf, "CFR-08") == [("/aws/lambda/us-east-1.resize", "1.00")]


def account_alarm(name: str, put: dict[str, Any], place: Place = HOME) -> AccountAlarm:
    return AccountAlarm(place, {"AlarmName": name, **put}, AlarmState.OK, "", {}, NOW, NOW)


def test_alarms_that_look_more_often_than_once_a_minute(shelf: Shelf) -> None:
    by_metrics = {"Metrics": [{"Id": "a", "MetricStat": {"Period": 30}}, {"Id": "e"}]}
    found = [
        account_alarm("fast", {"Period": 10}),
        account_alarm("math", by_metrics),
        account_alarm("slow", {"Period": 60}),
        account_alarm("composite", {"AlarmRule": "ALARM(fast)"}),
    ]
    shelf.commit(Batch(account_alarms=found, alarm_listings=[HOME]))
    assert says(shelf, "CW-10") == [("fast", "0.20"), ("math", "0.20")]


def test_alarms_that_were_never_asked_for_are_not_none(shelf: Shelf) -> None:
    run, _ = judged(shelf, rule_of(RULES, "CW-10"))
    assert run.message == ("the alarms of the account are not read; name some in collection.alarms")


# Amounts


def test_a_finding_without_an_amount_says_why(shelf: Shelf) -> None:
    shelf.resources(
        resource("events", "archive", "ever", {"SizeBytes": GB}),
        table("posts", BillingMode="PROVISIONED", ReadCapacityUnits=40, WriteCapacityUnits=5),
    )
    _, (unpriced,) = judged(shelf, rule_of(RULES, "EVB-12"), {})
    assert unpriced.evidence["no amount, because"] == "there is no price of it"
    _, (harmless,) = judged(shelf, rule_of(RULES, "DDB-11"), PRICES)
    assert harmless.evidence["no amount, because"] == "it is no waste if the units are needed"
    _, (priced,) = judged(shelf, rule_of(RULES, "EVB-12"), PRICES)
    assert "no amount, because" not in priced.evidence
