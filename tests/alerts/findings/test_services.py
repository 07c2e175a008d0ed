"""What rules say of functions, tables, databases, containers, queues and gateways."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest

from alerts.findings import RULES
from app.model.ids import Resource, SeriesKey
from app.model.rounds import Batch
from app.store.tables import METRICS
from tests.alerts.findings.yard import alarms, covered, hours, judged, resource, rule_of
from tests.support.shelf import NOW, Shelf

WEEK, FORTNIGHT = 168, 336
PRICES = {
    "Request": "0.0000002",
    "Request-ARM": "0.0000002",
    "Lambda-GB-Second": "0.0000166667",
    "Lambda-GB-Second-ARM": "0.0000133334",
    "Lambda-Storage-GB-Second": "0.0000000309",
    "ReadCapacityUnit-Hrs": "0.00013",
    "WriteCapacityUnit-Hrs": "0.00065",
    "InstanceUsage:db.m5.large": "0.178",
    "InstanceUsage:db.m5.xlarge": "0.356",
    "Multi-AZUsage:db.m5.large": "0.356",
    "LoadBalancerUsage": "0.0252",
    "Requests-Tier1": "0.0000004",
    "ApiGatewayRequest": "0.0000035",
    "ApiGatewayHttpRequest": "0.000001",
}


def all_hours(value: float | str, count: int = WEEK) -> str:
    return f"{value}x{count - 1}"


def function(name: str = "f", **configuration: object) -> Resource:
    known = {"MemorySize": 1024, "Architectures": ["arm64"], **configuration}
    return resource("lambda", "function", name, known, dimensions={"FunctionName": name})


def table(mode: str, read: int = 0, write: int = 0) -> Resource:
    known = {"BillingMode": mode, "ReadCapacityUnits": read, "WriteCapacityUnits": write}
    return resource("dynamodb", "table", "t", known, dimensions={"TableName": "t"})


def database(multi: bool = False, size: str = "m5.large", engine: str = "mysql") -> Resource:
    known = {"DBInstanceClass": f"db.{size}", "MultiAZ": multi, "Engine": engine}
    dimensions = {"DBInstanceIdentifier": "d"}
    return resource("rds", "instance", "d", known, dimensions=dimensions, state="available")


def balancer(days: int) -> Resource:
    known = {"CreatedTime": (NOW - timedelta(days=days)).isoformat()}
    return resource("alb", "load-balancer", "b", known, dimensions={"LoadBalancer": "app/b/1"})


def service() -> Resource:
    return resource("ecs", "service", "s", dimensions={"ClusterName": "c", "ServiceName": "s"})


def queue(wait: int = 20, **configuration: object) -> Resource:
    known = {"ReceiveMessageWaitTimeSeconds": wait, **configuration}
    return resource("sqs", "queue", "q", known, dimensions={"QueueName": "q"})


def stage(**configuration: object) -> Resource:
    dimensions = {"ApiName": "a", "Stage": "prod"}
    return resource("apigateway", "rest-stage", "prod", configuration, dimensions=dimensions)


CASES = [
    # check, resource, namespace, metrics, expected
    pytest.param(
        "LAM-12", function(), "AWS/Lambda",
        {"Invocations": "100x143 100x10 5000 100x12"}, [("f", None)], id="50 times the usual",
    ),
    pytest.param(
        "LAM-12", function(), "AWS/Lambda",
        {"Invocations": "100x143 100x10 999 100x12"}, [], id="under a thousand",
    ),
    pytest.param(
        "LAM-12", function(), "AWS/Lambda",
        {"Invocations": "_x153 5000 _x12"}, [("f", None)], id="many calls after a quiet week",
    ),
    pytest.param(
        "LAM-12", function(), "AWS/Lambda",
        {"Invocations": "_x100 4000 _x52 5000 _x12"}, [], id="a job that runs now and then",
    ),
    pytest.param(
        "LAM-12", function(), "AWS/Lambda",
        {"RecursiveInvocationsDropped": "_x23 3"}, [("f", None)], id="Lambda stopped a loop",
    ),
    pytest.param(  # 57.60 for requests; 80,000 s of 0.5 GB an hour are 480.00, on ARM 384.00
        "LAM-12", function(MemorySize=512, Architectures=["x86_64"]), "AWS/Lambda",
        {"Invocations": "400000x23", "Duration": "80000000x23",
         "RecursiveInvocationsDropped": "_x22 3"}, [("f", "537.60")], id="what a loop costs",
    ),
    pytest.param(
        "LAM-12", function(MemorySize=512), "AWS/Lambda",
        {"Invocations": "400000x23", "Duration": "80000000x23"}, [("f", "441.60")],
        id="what a surge on ARM costs",
    ),
    pytest.param(
        "LAM-14", function(), "AWS/Lambda",
        {"ProvisionedConcurrencyUtilization": all_hours(0.29)}, [("f", None)], id="29 % used",
    ),
    pytest.param(
        "LAM-14", function(), "AWS/Lambda",
        {"ProvisionedConcurrencyUtilization": "0.1x100 0.3 0.1x60"}, [], id="30 % in one hour",
    ),
    pytest.param(
        "LAM-18", function(Architectures=["x86_64"]), "AWS/Lambda",
        {"Duration": all_hours(3_600_000)}, [("f", "8.76")], id="one GB always busy on x86",
    ),
    pytest.param(
        "LAM-18", function(), "AWS/Lambda",
        {"Duration": all_hours(3_600_000)}, [], id="ARM already",
    ),
    pytest.param(
        "LAM-26", function(EphemeralStorage={"Size": 10240}), "AWS/Lambda",
        {"Duration": all_hours(3_600_000)}, [("f", "0.77")], id="scratch space",
    ),
    pytest.param(
        "LAM-26", function(EphemeralStorage={"Size": 512}), "AWS/Lambda",
        {"Duration": all_hours(3_600_000)}, [], id="free scratch space",
    ),
    pytest.param(
        "DDB-03", table("PROVISIONED", 100, 50), "AWS/DynamoDB",
        {"ConsumedReadCapacityUnits": all_hours(36_000),
         "ConsumedWriteCapacityUnits": all_hours(3_600)}, [("t", "30.37")], id="a tenth used",
    ),
    pytest.param(
        "DDB-03", table("PROVISIONED", 100, 50), "AWS/DynamoDB",
        {"ConsumedReadCapacityUnits": all_hours(72_000)}, [], id="a fifth of the reads used",
    ),
    pytest.param(
        "DDB-03", table("PAY_PER_REQUEST"), "AWS/DynamoDB", {}, [], id="on demand",
    ),
    pytest.param(
        "DDB-04", table("PAY_PER_REQUEST"), "AWS/DynamoDB",
        {"ConsumedReadCapacityUnits": all_hours(36_000, FORTNIGHT)}, [("t", None)], id="steady",
    ),
    pytest.param(
        "DDB-04", table("PAY_PER_REQUEST"), "AWS/DynamoDB",
        {"ConsumedReadCapacityUnits": "0x167 36000x167"}, [], id="half of the time",
    ),
    pytest.param(
        "DDB-04", table("PAY_PER_REQUEST"), "AWS/DynamoDB",
        {"ConsumedReadCapacityUnits": all_hours(3_599, FORTNIGHT)}, [], id="under a unit a second",
    ),
    pytest.param(
        "DDB-11", table("PROVISIONED", 26, 25), "AWS/DynamoDB", {},
        [("DynamoDB in eu-central-1", None)], id="one read unit more",
    ),
    pytest.param(
        "DDB-11", table("PROVISIONED", 25, 25), "AWS/DynamoDB", {}, [], id="the free units",
    ),
    pytest.param(
        "RDS-08", database(), "AWS/RDS",
        {"DatabaseConnections": all_hours(0)}, [("d", "129.94")], id="nobody connects",
    ),
    pytest.param(
        "RDS-08", database(multi=True), "AWS/RDS",
        {"DatabaseConnections": all_hours(0)}, [("d", "259.88")], id="nobody connects to two zones",
    ),
    pytest.param(
        "RDS-08", database(), "AWS/RDS",
        {"DatabaseConnections": "0x100 1 0x66"}, [], id="one connection",
    ),
    pytest.param(
        "RDS-08", database(), "AWS/RDS", {"DatabaseConnections": all_hours(0, 100)}, [], id="gaps",
    ),
    pytest.param(
        "RDS-08", database(engine="oracle-ee"), "AWS/RDS",
        {"DatabaseConnections": all_hours(0)}, [("d", None)], id="Oracle is not priced as MySQL",
    ),
    pytest.param(
        "RDS-08", database(engine="mariadb"), "AWS/RDS",
        {"DatabaseConnections": all_hours(0)}, [("d", "129.94")], id="MariaDB costs the same",
    ),
    pytest.param(
        "RDS-14", database(size="m5.xlarge"), "AWS/RDS",
        {"CPUUtilization": all_hours(9.9)}, [("d", "129.94")], id="never a tenth busy",
    ),
    pytest.param(
        "RDS-14", database(size="m5.xlarge", engine="aurora-mysql"), "AWS/RDS",
        {"CPUUtilization": all_hours(9.9)}, [("d", None)], id="Aurora is not priced as MySQL",
    ),
    *(
        pytest.param(
            "RDS-14", database(size=size, engine=engine), "AWS/RDS",
            {"CPUUtilization": all_hours(9.9)}, [], id=f"{size} of {engine} is the smallest",
        )
        for size, engine in (
            ("m6g.large", "mysql"), ("r6g.large.tpc2.mem4x", "oracle-ee"), ("t3.micro", "postgres"),
            ("t4g.medium", "aurora-mysql"), ("serverless", "aurora-postgresql"),
            ("x2idn.16xlarge", "oracle-ee"),
        )
    ),
    pytest.param(
        "RDS-14", database(size="m5.xlarge"), "AWS/RDS",
        {"CPUUtilization": "5x100 10 5x66"}, [], id="a tenth once",
    ),
    pytest.param(
        "ECS-05", service(), "AWS/ECS", {"CPUUtilization": all_hours(4)}, [("s", None)],
        id="idle CPU",
    ),
    pytest.param(
        "ECS-05", service(), "AWS/ECS", {"CPUUtilization": "4x100 40 4x66"}, [], id="a busy hour",
    ),
    pytest.param(
        "ECS-13", balancer(8), "AWS/ApplicationELB", {}, [("b", "18.40")], id="no request",
    ),
    pytest.param(
        "ECS-13", balancer(6), "AWS/ApplicationELB", {}, [], id="too young",
    ),
    pytest.param(
        "ECS-13", balancer(8), "AWS/ApplicationELB", {"RequestCount": "1"}, [], id="one request",
    ),
    pytest.param("SQS-06", queue(0), "AWS/SQS", {}, [("q", None)], id="short polling"),
    pytest.param(
        "SQS-06", queue(0), "AWS/SQS",
        {"NumberOfEmptyReceives": all_hours(10_000)}, [("q", "2.92")], id="short polling, asked",
    ),
    pytest.param("SQS-06", queue(1), "AWS/SQS", {}, [], id="long polling"),
    pytest.param("SQS-06", queue(0, isDeadLetterQueue=True), "AWS/SQS", {}, [], id="dead letters"),
    pytest.param(
        "SQS-07", queue(), "AWS/SQS",
        {"NumberOfEmptyReceives": all_hours(1000), "NumberOfMessagesReceived": all_hours(100)},
        [("q", "0.29")], id="91 % empty",
    ),
    pytest.param(
        "SQS-07", queue(), "AWS/SQS",
        {"NumberOfEmptyReceives": all_hours(900), "NumberOfMessagesReceived": all_hours(100)},
        [], id="90 % empty",
    ),
    pytest.param(
        "SQS-14", queue(), "AWS/SQS",
        {"NumberOfEmptyReceives": all_hours(180)}, [("q", "0.05")], id="asked, never sent to",
    ),
    pytest.param(
        "SQS-14", queue(), "AWS/SQS",
        {"NumberOfEmptyReceives": all_hours(180), "NumberOfMessagesSent": "1"}, [], id="sent once",
    ),
    pytest.param("APG-05", stage(), "AWS/ApiGateway", {}, [("prod", None)], id="no limit"),
    pytest.param(
        "APG-05", stage(ThrottlingRateLimit=100.0), "AWS/ApiGateway", {}, [], id="a limit",
    ),
    pytest.param(
        "APG-09", stage(), "AWS/ApiGateway",
        {"CacheHitCount": all_hours(19), "CacheMissCount": all_hours(81)}, [("prod", None)],
        id="19 % hits",
    ),
    pytest.param(
        "APG-09", stage(), "AWS/ApiGateway",
        {"CacheHitCount": all_hours(20), "CacheMissCount": all_hours(80)}, [], id="20 % hits",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("check", "owner", "namespace", "metrics", "expected"), CASES)
def test_rules(
    shelf: Shelf,
    check: str,
    owner: Resource,
    namespace: str,
    metrics: dict[str, str],
    expected: list[tuple[str, str | None]],
) -> None:
    shelf.resources(owner)
    for service_id in ("apigateway", "lambda"):
        shelf.round("inventory", service_id)
    covered(shelf, namespace)
    further = {"Resource": "f:live"} if check == "LAM-14" else {}
    told = replace(owner, dimensions={**owner.dimensions, **further})
    for metric, line in metrics.items():
        hours(shelf, told, namespace, metric, line)
    run, found = judged(shelf, rule_of(RULES, check), PRICES)
    assert run.message == ""
    assert alarms(found) == expected


def test_a_million_rest_requests_would_cost_two_and_a_half_dollars_less(shelf: Shelf) -> None:
    """3.50 USD on REST and 1.00 USD on HTTP, so 71.4 % less; a week has 168 of 730 hours."""
    owner = stage()
    shelf.resources(owner)
    covered(shelf, "AWS/ApiGateway")
    key = SeriesKey.of(owner.place, "AWS/ApiGateway", "Count", owner.dimensions)
    put_samples(shelf, key, round(1_000_000 * 168 / 730))
    _, found = judged(shelf, rule_of(RULES, "APG-10"), PRICES)
    assert alarms(found) == [("prod", "2.50")]


def put_samples(shelf: Shelf, key: SeriesKey, count: int) -> None:
    """One point that stands for so many samples."""
    at = shelf.now - timedelta(hours=2)
    row = {"series": 0, "period": 3600, "at": at, "sum": float(count), "minimum": 1.0,
           "maximum": 1.0, "sample_count": float(count)}  # fmt: skip
    columns = {name: kind for name, kind in METRICS.schema.items() if name != "seq"}
    frame = pl.DataFrame([row], schema=columns)
    shelf.commit(Batch(frames={"metrics": frame}, series=[key]))


def test_every_check_has_its_own_id_and_says_what_to_do() -> None:
    ids = [rule.check.id for rule in RULES]
    assert len(set(ids)) == len(ids)
    assert [rule.check.id for rule in RULES if not rule.check.advice.endswith(".")] == []
