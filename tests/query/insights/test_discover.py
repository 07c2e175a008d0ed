"""Fields are found by the kind of a line, and no line breaks the search for them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.query.insights.discover import fields
from app.query.insights.lines import RULES

REQUEST = "3604209a-e9a3-11e6-939a-754dd98c7be3"
ALB = (
    "https 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817 "
    '10.0.0.1:80 0.086 0.048 0.037 502 - 0 57 "GET https://www.example.com:443/ HTTP/1.1" '
    '"curl/7.46.0" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 '
    "arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067 "
    '"Root=1-58337281-1d84f3d73c47ec4e58577259" "www.example.com" '
    '"arn:aws:acm:us-east-2:123456789012:certificate/12345678" 1 2018-07-02T22:22:48.364000Z '
    '"authenticate,forward" "-" "-" "10.0.0.1:80" "502" "-" "-" TID_1234abcd5678ef90'
)


def test_a_report_line_gives_decimal_bytes_and_milliseconds() -> None:
    line = f"REPORT RequestId: {REQUEST}\tDuration: 3.21 ms\tBilled Duration: 4 ms\t"
    line += "Memory Size: 128 MB"
    assert fields(line) == {
        "@type": "REPORT",
        "@requestId": REQUEST,
        "@duration": 3.21,
        "@billedDuration": 4.0,
        "@memorySize": 128_000_000.0,
    }


@pytest.mark.parametrize("number", ["...", "1.2.3", ".", "x"])
def test_a_damaged_report_line_leaves_the_number_out(number: str) -> None:
    found = fields(f"REPORT RequestId: {REQUEST}\tDuration: {number} ms\t", "/aws/lambda/a")
    assert "@duration" not in found
    assert found["@requestId"] == REQUEST


def test_json_leaves_are_named_by_their_path() -> None:
    assert fields('{"a": {"b": [1, null, "x"]}, "@level": true}') == {
        "a.b.0": 1.0,
        "a.b.2": "x",
        "@@level": True,
    }


def test_a_number_too_large_for_a_float_stays_exact_text() -> None:
    assert fields('{"id": 12345678901234567}') == {"id": "12345678901234567"}


def test_the_first_json_inside_a_line_of_a_function_counts() -> None:
    assert fields('INFO got {"a": 1} and {"b": 2}', "/aws/lambda/f") == {"a": 1.0}


def test_a_flow_log_without_data_has_no_addresses() -> None:
    line = "2 123456789010 eni-1 - - - - - - - 1431280876 1431280934 - NODATA"
    assert fields(line) == {
        "version": "2",
        "accountId": "123456789010",
        "interfaceId": "eni-1",
        "startTime": "1431280876",
        "endTime": "1431280934",
        "logStatus": "NODATA",
    }


def lambda_platform(kind: str, **record: object) -> str:
    return json.dumps({"time": "2026-11-23T10:00:00Z", "type": kind, "record": record})


def test_a_report_in_json_has_the_fields_of_one_in_text() -> None:
    line = lambda_platform(
        "platform.report",
        requestId=REQUEST,
        metrics={
            "durationMs": 14.97,
            "billedDurationMs": 15,
            "memorySizeMB": 128,
            "maxMemoryUsedMB": 67,
            "initDurationMs": 145.69,
        },
        tracing={"spanId": "ab12", "value": "Root=1-5e-07;Parent=ab;Sampled=1"},
    )
    found = fields(line)
    assert {name: value for name, value in found.items() if name.startswith("@")} == {
        "@type": "REPORT",
        "@requestId": REQUEST,
        "@duration": 14.97,
        "@billedDuration": 15.0,
        "@memorySize": 128_000_000.0,
        "@maxMemoryUsed": 67_000_000.0,
        "@initDuration": 145.69,
        "@xrayTraceId": "1-5e-07",
        "@xraySegmentId": "ab12",
    }
    assert found["record.metrics.durationMs"] == 14.97


@pytest.mark.parametrize(
    ("kind", "type_"),
    [
        ("platform.start", "START"),
        ("platform.runtimeDone", "END"),
        ("platform.end", "END"),
        ("platform.report", "REPORT"),
        ("platform.initStart", None),
        ("platform.extension", None),
    ],
)
def test_platform_lines_have_the_type_of_their_text(kind: str, type_: str | None) -> None:
    assert fields(lambda_platform(kind, requestId=REQUEST)).get("@type") == type_


@pytest.mark.parametrize(
    "line",
    [
        f"2026-11-23T10:00:00.000Z\t{REQUEST}\tINFO\ttext",
        f"[ERROR]\t2026-11-23T10:00:00.000Z\t{REQUEST}\ttext",
        f"2026-11-23T10:00:00.000Z {REQUEST} Task timed out after 3.00 seconds",
        f"RequestId: {REQUEST} Error: Runtime exited with error: exit status 1",
    ],
)
def test_lines_of_a_function_name_their_request(line: str) -> None:
    assert fields(line) == {"@requestId": REQUEST}


def test_a_report_may_tell_how_it_ended_and_where_it_is_traced() -> None:
    line = (
        f"REPORT RequestId: {REQUEST}\tDuration: 3000.00 ms\tBilled Duration: 3000 ms\t"
        "Memory Size: 128 MB\tMax Memory Used: 30 MB\tStatus: error\t"
        "Error Type: Runtime.ExitError\n"
        "XRAY TraceId: 1-5e1b\tSegmentId: 07f0\tSampled: true\t\n"
    )
    assert fields(line) == {
        "@type": "REPORT",
        "@requestId": REQUEST,
        "@duration": 3000.0,
        "@billedDuration": 3000.0,
        "@memorySize": 128_000_000.0,
        "@maxMemoryUsed": 30_000_000.0,
        "@lambda.status": "error",
        "@lambda.errorType": "Runtime.ExitError",
        "@xrayTraceId": "1-5e1b",
        "@xraySegmentId": "07f0",
    }


def test_the_start_of_a_runtime_names_it_and_has_no_type() -> None:
    line = "INIT_START Runtime Version: python:3.13.v42\tRuntime Version ARN: arn:aws:lambda:x\n"
    assert fields(line) == {
        "@lambda.runtimeVersion": "python:3.13.v42",
        "@lambda.runtimeVersionArn": "arn:aws:lambda:x",
    }


def test_an_init_that_failed_is_not_counted_as_a_cold_start() -> None:
    line = "INIT_REPORT Init Duration: 10009.18 ms\tPhase: init\tStatus: timeout\n"
    assert fields(line) == {
        "@lambda.initDuration": 10009.18,
        "@lambda.phase": "init",
        "@lambda.status": "timeout",
    }


def test_an_entry_of_a_load_balancer_has_its_columns() -> None:
    found = fields(ALB)
    assert found["@alb.elbStatusCode"] == 502.0
    assert found["@alb.request"] == "GET https://www.example.com:443/ HTTP/1.1"
    assert found["@alb.connTraceId"] == "TID_1234abcd5678ef90"
    assert "@alb.targetStatusCode" not in found
    assert len(found) == 25


def test_an_older_entry_of_a_load_balancer_ends_earlier() -> None:
    older = ALB[: ALB.index(' "10.0.0.1:80" "502"')]
    assert len(fields(older)) == 22


def test_an_access_line_of_an_api_has_its_columns() -> None:
    line = (
        '192.0.2.1 - ana [23/Nov/2026:10:00:00 +0000] "GET /orders/{id} HTTP/1.1" 502 31 '
        f"{REQUEST}"
    )
    assert fields(line) == {
        "@apigw.ip": "192.0.2.1",
        "@apigw.user": "ana",
        "@apigw.requestTime": "23/Nov/2026:10:00:00 +0000",
        "@apigw.httpMethod": "GET",
        "@apigw.resourcePath": "/orders/{id}",
        "@apigw.protocol": "HTTP/1.1",
        "@apigw.status": 502.0,
        "@apigw.responseLength": 31.0,
        "@apigw.requestId": REQUEST,
    }


def test_an_execution_line_of_an_api_names_its_request() -> None:
    assert fields(f"({REQUEST}) Endpoint request URI: https://x") == {"@apigw.requestId": REQUEST}
    assert fields(f"({REQUEST}) Method completed with status: 502") == {
        "@apigw.requestId": REQUEST,
        "@apigw.status": 502.0,
    }


def test_a_public_dns_query_has_its_columns() -> None:
    line = "1.0 2017-12-13T08:16:02.130Z Z123412341234 example.com A NOERROR UDP FRA6 192.168.1.1 -"
    assert fields(line) == {
        "version": "1.0",
        "queryTimestamp": "2017-12-13T08:16:02.130Z",
        "hostZoneId": "Z123412341234",
        "queryName": "example.com",
        "queryType": "A",
        "responseCode": "NOERROR",
        "protocol": "UDP",
        "edgeLocation": "FRA6",
        "resolverIp": "192.168.1.1",
    }


@pytest.mark.parametrize(
    "line",
    [
        "plain text",
        "[1, 2]",
        '{"a": 1',
        "2026-11-23 10:00:00 INFO something happened",
        '192.0.2.1 - ana [23/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 31',
    ],
)
def test_other_lines_hold_nothing(line: str) -> None:
    assert fields(line) == {}


def test_what_is_ours_never_has_the_name_of_something_of_cloudwatch() -> None:
    ours = [n for rule in RULES for n in (*rule.names, *rule.constant) if "." in n]
    assert all(name.startswith(("@lambda.", "@alb.", "@apigw.")) for name in ours)
    assert fields('{"@alb": {"elb": "x"}}') == {"@@alb.elb": "x"}


@given(
    st.text() | st.text(alphabet="REPORT questId:0-9a.f{}[]\t msMB"),
    st.sampled_from(["", "/aws/lambda/a"]),
)
def test_no_line_breaks_discovery(line: str, group: str) -> None:
    assert isinstance(fields(line, group), dict)
