"""Every fault that can be planted, as a real client meets it."""

from __future__ import annotations

import json
import urllib.request
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ReadTimeoutError

from app.demo.call import Call, Signer, Wire
from app.demo.endpoint import Endpoint
from app.demo.faults import Fault, FaultKind, Faults
from tests.demo.asking import at, key, query
from tests.demo.conftest import AMERICA, EUROPE, PROD, STAGING, Client

NOW = at("2026-11-24 10:00")
HOUR = timedelta(hours=1)
SERIES = key("AWS/Lambda", "Invocations", FunctionName="posts-api")
ASK = {
    "cloudwatch": "list_metrics",
    "dynamodb": "list_tables",
    "ec2": "describe_instances",
    "lambda": "list_functions",
    "sns": "list_topics",
    "sqs": "list_queues",
}


def refused(made: Any, operation: str) -> tuple[str, int, str]:
    """Code, status and message of an error."""
    with pytest.raises(ClientError) as caught:
        getattr(made, operation)()
    error = caught.value.response
    status = error["ResponseMetadata"]["HTTPStatusCode"]
    return error["Error"]["Code"], status, error["Error"]["Message"]


def points(cloudwatch: Any, hours: float = 1, **more: Any) -> dict[str, Any]:
    answer: dict[str, Any] = cloudwatch.get_metric_data(
        MetricDataQueries=[query(SERIES, "Sum")], StartTime=NOW - hours * HOUR, EndTime=NOW, **more
    )
    return answer


@pytest.mark.parametrize(
    ("api", "code", "status"),
    [
        ("cloudwatch", "Throttling", 400),
        ("dynamodb", "ThrottlingException", 400),
        ("ec2", "RequestLimitExceeded", 503),
        ("lambda", "TooManyRequestsException", 429),
        ("sqs", "RequestThrottled", 403),
    ],
)
def test_a_throttle_is_worded_as_each_service_words_it(
    aws: Endpoint, client: Client, api: str, code: str, status: int
) -> None:
    aws.faults.add(Fault(FaultKind.THROTTLE, api=api))
    assert refused(client(api), ASK[api]) == (code, status, "Rate exceeded")


@pytest.mark.parametrize(
    ("api", "code", "action"),
    [
        ("ec2", "UnauthorizedOperation", "ec2:DescribeInstances"),
        ("lambda", "AccessDeniedException", "lambda:ListFunctions"),
        ("sns", "AccessDenied", "sns:ListTopics"),
        ("sqs", "AccessDeniedException", "sqs:ListQueues"),
    ],
)
def test_a_denial_names_who_may_not_do_what(
    aws: Endpoint, client: Client, api: str, code: str, action: str
) -> None:
    aws.faults.add(Fault(FaultKind.DENIED, api=api))
    found, _, message = refused(client(api), ASK[api])
    assert found == code
    assert message.startswith("User: arn:aws:iam::111111111111:user/")
    assert message.endswith(f"because no identity-based policy allows the {action} action")


@pytest.mark.parametrize(
    ("api", "code"),
    [("ec2", "RequestExpired"), ("sns", "ExpiredToken"), ("sqs", "ExpiredTokenException")],
)
def test_credentials_run_out_on_purpose(aws: Endpoint, client: Client, api: str, code: str) -> None:
    aws.faults.add(Fault(FaultKind.EXPIRED, api=api))
    assert refused(client(api), ASK[api])[0] == code


@pytest.mark.parametrize(
    ("api", "code"),
    [
        ("ec2", "AuthFailure"),
        ("sns", "InvalidClientTokenId"),
        ("sqs", "UnrecognizedClientException"),
    ],
)
def test_a_region_that_is_off_refuses_credentials_that_work_at_home(
    aws: Endpoint, client: Client, api: str, code: str
) -> None:
    aws.faults.add(Fault(FaultKind.REGION_OFF, region=AMERICA))
    assert refused(client(api, AMERICA), ASK[api])[0] == code
    assert getattr(client(api, EUROPE), ASK[api])()


def test_a_fault_of_the_server_is_a_503(aws: Endpoint, client: Client) -> None:
    aws.faults.add(Fault(FaultKind.SERVER_ERROR))
    code, status, _ = refused(client("sqs"), "list_queues")
    assert (code, status) == ("ServiceUnavailable", 503)


def test_a_slow_answer_outlasts_a_patience_that_is_shorter(aws: Endpoint) -> None:
    aws.faults.add(Fault(FaultKind.SLOW, seconds=0.4))
    keys = aws.credentials[0]
    impatient = boto3.client(
        "sqs",
        region_name=EUROPE,
        endpoint_url=aws.url,
        aws_access_key_id=keys.access_key,
        aws_secret_access_key=keys.secret,
        config=Config(retries={"max_attempts": 0}, read_timeout=0.1),
    )
    with pytest.raises(ReadTimeoutError):
        impatient.list_queues()


def test_an_empty_page_comes_before_each_real_one(aws: Endpoint, client: Client) -> None:
    aws.faults.add(Fault(FaultKind.EMPTY_PAGES, operation="ListMetrics"))
    cloudwatch = client("cloudwatch")
    first = cloudwatch.list_metrics(Namespace="AWS/SQS")
    assert first["Metrics"] == []
    assert cloudwatch.list_metrics(Namespace="AWS/SQS", NextToken=first["NextToken"])["Metrics"]


def test_an_empty_page_of_points_tells_nothing_of_any_query(aws: Endpoint, client: Client) -> None:
    aws.faults.add(Fault(FaultKind.EMPTY_PAGES, operation="GetMetricData"))
    cloudwatch = client("cloudwatch")
    first = points(cloudwatch)
    assert first["MetricDataResults"] == []
    second = points(cloudwatch, NextToken=first["NextToken"])
    assert len(second["MetricDataResults"][0]["Values"]) > 50


def test_a_repeated_token_goes_on_at_the_second_try(aws: Endpoint, client: Client) -> None:
    aws.faults.add(Fault(FaultKind.REPEATED_TOKENS, operation="GetMetricData"))
    cloudwatch = client("cloudwatch")
    token = points(cloudwatch, 3, MaxDatapoints=50)["NextToken"]
    repeated = points(cloudwatch, 3, MaxDatapoints=50, NextToken=token)
    assert (repeated["MetricDataResults"], repeated["NextToken"]) == ([], token)
    further = points(cloudwatch, 3, MaxDatapoints=50, NextToken=token)
    assert len(further["MetricDataResults"][0]["Values"]) == 50


def test_late_data_is_not_there_yet(aws: Endpoint, client: Client) -> None:
    aws.faults.add(Fault(FaultKind.LATE, seconds=1800))
    found = points(client("cloudwatch"))["MetricDataResults"][0]["Timestamps"]
    assert NOW - timedelta(minutes=34) <= max(found) <= NOW - timedelta(minutes=31)


def test_a_partial_answer_says_that_it_is_one(aws: Endpoint, client: Client) -> None:
    cloudwatch = client("cloudwatch")
    whole = points(cloudwatch)["MetricDataResults"][0]
    aws.faults.add(Fault(FaultKind.PARTIAL))
    half = points(cloudwatch)["MetricDataResults"][0]
    assert (whole["StatusCode"], half["StatusCode"]) == ("Complete", "InternalError")
    assert half["Values"] == whole["Values"][: len(whole["Values"]) // 2]
    assert half["Messages"][0]["Code"] == "InternalError"


def call(**changes: str) -> Call:
    asked = {"account": PROD, "api": "sqs", "operation": "ListQueues", "region": EUROPE} | changes
    signer = Signer("AKIA", "20261124", asked["region"], asked["api"])
    return Call(signer, asked["account"], asked["api"], asked["operation"], Wire.JSON, b"")


@pytest.mark.parametrize(
    ("pattern", "other"),
    [
        ({"account": "1*"}, {"account": STAGING}),
        ({"api": "s?s"}, {"api": "sns1"}),
        ({"operation": "List*"}, {"operation": "GetQueueAttributes"}),
        ({"region": "eu-*"}, {"region": AMERICA}),
    ],
)
def test_a_fault_hits_only_what_its_patterns_name(
    pattern: dict[str, str], other: dict[str, str]
) -> None:
    faults = Faults()
    faults.add(Fault(FaultKind.DENIED, **pattern))
    assert len(faults.hitting(call())) == 1
    assert faults.hitting(call(**other)) == []


def test_a_share_of_the_calls_is_hit_and_always_the_same() -> None:
    both = []
    for _ in range(2):
        faults = Faults()
        faults.add(Fault(FaultKind.THROTTLE, share=0.3))
        both.append([bool(faults.hitting(call())) for _ in range(400)])
    assert both[0] == both[1]
    assert 90 <= sum(both[0]) <= 150


def test_a_fault_ends_after_so_many_hits() -> None:
    faults = Faults()
    faults.add(Fault(FaultKind.THROTTLE, times=2))
    assert [bool(faults.hitting(call())) for _ in range(4)] == [True, True, False, False]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        pytest.param({"kind": "throttle", "shre": 1}, "unknown field shre", id="misspelt field"),
        pytest.param({"kind": "trottle"}, "'trottle' is not a valid FaultKind", id="misspelt kind"),
        pytest.param({}, "'' is not a valid FaultKind", id="no kind"),
        pytest.param({"kind": "slow", "seconds": "long"}, "could not convert", id="not a number"),
    ],
)
def test_a_fault_that_is_written_wrongly_is_refused(given: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Fault.of(given)


def test_faults_are_planted_counted_and_taken_away_by_http(aws: Endpoint, client: Client) -> None:
    def page(method: str, body: bytes | None = None, more: str = "") -> Any:
        request = urllib.request.Request(
            f"{aws.url}/_watchdeck/faults{more}", data=body, method=method
        )
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    number = page("POST", b'{"kind": "throttle", "api": "sqs", "times": 5}')["id"]
    refused(client("sqs"), "list_queues")
    (listed,) = page("GET")["faults"]
    assert (listed["id"], listed["kind"], listed["hit"]) == (number, "throttle", 1)
    page("DELETE", more=f"?id={number}")
    assert client("sqs").list_queues()
