"""OpenTelemetry spans as segment documents."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.model.otel import OtelSpan, document, frames, written
from app.model.trace_reading import trace_of
from app.model.traces import Flaw, Node, SpanKind

TRACE = "6ab13b800123456789abcdef01234567"
SPAN = OtelSpan(
    TRACE, "00000000000000a1", "GET /posts", 1_795_000_000_000_000_000, 1_795_000_000_250_000_000
)
SERVER = replace(SPAN, kind="SERVER", resource={"service.name": "shop", "service.version": "7"})


@pytest.mark.parametrize(
    ("changes", "flaw"),
    [
        ({"end": 10**400}, Flaw.BAD_FIELD),
        ({"attributes": {"n": 2**64}}, Flaw.OVER_LIMIT),
    ],
)
def test_a_span_that_cannot_be_written_is_a_flaw(changes, flaw):
    assert written(replace(SPAN, **changes)) is flaw


def child(kind: str = "CLIENT", name: str = "call", **more) -> OtelSpan:
    return replace(
        SPAN, span_id="00000000000000a2", parent_id=SPAN.span_id, kind=kind, name=name, **more
    )


def test_a_server_span_is_a_segment_of_its_service():
    made = document(SERVER)
    assert (made["trace_id"], made["id"]) == ("1-6ab13b80-0123456789abcdef01234567", SPAN.span_id)
    assert (made["name"], made["service"]) == ("shop", {"version": "7"})
    assert (made["start_time"], made["end_time"]) == (1795000000.0, 1795000000.25)
    assert "type" not in made


@pytest.mark.parametrize(
    ("span", "is_segment"),
    [
        (replace(SPAN, kind="INTERNAL"), True),
        (child("INTERNAL"), False),
        (child("CLIENT"), False),
        (child("PRODUCER"), False),
        (child("SERVER"), True),
        (child("CONSUMER"), True),
    ],
)
def test_kinds_and_parents_tell_segments_from_subsegments(span, is_segment):
    assert (document(span).get("type") == "subsegment") is not is_segment


@pytest.mark.parametrize(
    ("status", "code", "flags"),
    [
        ("ERROR", None, {"fault": True}),
        ("ERROR", 503, {"fault": True}),
        ("ERROR", 404, {"error": True}),
        ("ERROR", 429, {"error": True, "throttle": True}),
        ("OK", 503, {}),
        ("UNSET", None, {}),
    ],
)
def test_a_status_of_error_is_a_fault_an_error_or_a_throttle(status, code, flags):
    given = {} if code is None else {"http.response.status_code": code}
    made = document(replace(SERVER, status=status, attributes=given))
    assert {k: made[k] for k in ("fault", "error", "throttle") if k in made} == flags


@pytest.mark.parametrize(
    "attributes",
    [
        {
            "http.request.method": "GET", "url.full": "https://shop.example.org/posts?a=1",
            "http.response.status_code": 200, "user_agent.original": "curl",
            "client.address": "1.2.3.4",
        },
        {
            "http.method": "GET", "http.scheme": "https", "http.host": "shop.example.org",
            "http.target": "/posts?a=1", "http.status_code": "200", "http.user_agent": "curl",
            "http.client_ip": "1.2.3.4",
        },
        {
            "http.request.method": "GET", "url.scheme": "https",
            "server.address": "shop.example.org",
            "server.port": 443, "url.path": "/posts", "url.query": "a=1",
            "http.response.status_code": 200, "user_agent.original": "curl",
            "client.address": "1.2.3.4",
        },
    ],
)  # fmt: skip
def test_http_is_read_under_its_new_and_its_old_names(attributes):
    assert document(replace(SERVER, attributes=attributes))["http"] == {
        "request": {
            "method": "GET",
            "url": "https://shop.example.org/posts?a=1",
            "user_agent": "curl",
            "client_ip": "1.2.3.4",
        },
        "response": {"status": 200},
    }


@pytest.mark.parametrize(
    ("attributes", "name", "node"),
    [
        (
            {"rpc.system": "aws-api", "rpc.service": "DynamoDB", "rpc.method": "GetItem",
             "aws.dynamodb.table_names": ["posts"]},
            "DynamoDB",
            Node("", "posts", "AWS::DynamoDB::Table"),
        ),
        (
            {"rpc.system": "aws-api", "rpc.service": "S3", "rpc.method": "PutObject",
             "aws.s3.bucket": "img"},
            "S3",
            Node("", "img", "AWS::S3::Bucket"),
        ),
        (
            {"rpc.system": "aws-api", "rpc.service": "SQS", "rpc.method": "SendMessage",
             "messaging.system": "aws_sqs", "messaging.url": "https://q/1/m"},
            "SQS",
            Node("", "https://q/1/m", "AWS::SQS::Queue"),
        ),
        (
            {"db.system": "postgresql", "db.name": "blog", "server.address": "db",
             "db.statement": "SELECT ?"},
            "blog@db",
            Node("", "blog@db", "Database::postgresql"),
        ),
        (
            {"url.full": "https://api.example.org:8443/v1", "http.request.method": "GET"},
            "api.example.org:8443",
            Node("", "api.example.org:8443", "remote"),
        ),
        ({"peer.service": "mailer"}, "mailer", Node("", "mailer", "remote")),
    ],
)  # fmt: skip
def test_a_client_span_infers_what_it_called(attributes, name, node):
    call = document(child(attributes=attributes))
    found = trace_of("1-6ab13b80-0123456789abcdef01234567", [document(SERVER), call])
    assert call["name"] == name
    assert [s.node for s in found.segments if s.kind is SpanKind.INFERRED] == [node]


def test_a_server_span_takes_the_place_of_what_its_client_span_infers():
    answer = replace(SERVER, span_id="00000000000000a3", parent_id="00000000000000a2")
    found = trace_of(
        "1-6ab13b80-0123456789abcdef01234567",
        [document(answer), document(child()), document(SERVER)],
    )
    assert [(s.id[-2:], s.kind) for s in found.segments] == [
        ("a1", SpanKind.SEGMENT),
        ("a3", SpanKind.SEGMENT),
    ]


def test_attributes_become_annotations_user_aws_and_metadata():
    made = document(
        replace(
            SERVER,
            attributes={
                "aws.xray.annotations": ["app.tenant", "absent"], "app.tenant": "acme",
                "aws.local.operation": "GET /posts", "enduser.id": "ann", "rest": [1, {"a": 2}],
                "aws.request_id": "r-1",
            },
            resource={
                "service.name": "shop", "cloud.platform": "aws_ecs",
                "aws.ecs.launchtype": "fargate",
                "cloud.account.id": "111111111111", "aws.ecs.task.arn": "arn:task",
                "aws.log.group.names": ["/ecs/shop"], "host.id": "i-1",
                "cloud.availability_zone": "eu-central-1a",
            },
        )
    )  # fmt: skip
    assert made["annotations"] == {"app_tenant": "acme", "aws.local.operation": "GET /posts"}
    assert (made["user"], made["origin"]) == ("ann", "AWS::ECS::Fargate")
    assert made["aws"] == {
        "account_id": "111111111111",
        "request_id": "r-1",
        "ec2": {"instance_id": "i-1", "availability_zone": "eu-central-1a"},
        "ecs": {"task_arn": "arn:task", "launch_type": "fargate"},
        "cloudwatch_logs": [{"log_group": "/ecs/shop"}],
    }
    assert made["metadata"]["default"]["rest"] == [1, {"a": 2}]
    assert "app.tenant" in made["metadata"]["default"]


def test_exceptions_and_links_are_kept():
    stack = 'Traceback:\n  File "a.py", line 3, in top\n    x()\n  File "b.py", line 9, in deep\n'
    event = {"name": "exception", "attributes": {
        "exception.type": "KeyError", "exception.message": "'a'", "exception.stacktrace": stack,
    }}  # fmt: skip
    other = {"trace_id": TRACE[::-1], "span_id": "00000000000000b1", "attributes": {}}
    made = document(replace(SERVER, events=[event, {"name": "log"}], links=[other]))
    (exception,) = made["cause"]["exceptions"]
    assert (exception["type"], exception["message"]) == ("KeyError", "'a'")
    assert [f["label"] for f in exception["stack"]] == ["deep", "top"]
    assert made["links"] == [
        {"trace_id": "1-76543210-fedcba987654321008b31ba6", "id": "00000000000000b1"}
    ]


def test_frames_of_java_are_read_too():
    text = "java.lang.X: no\n\tat com.a.B.run(B.java:57)\n\tat com.a.C.main(C.java:112)\n"
    assert frames(text) == [
        {"path": "B.java", "line": 57, "label": "com.a.B.run"},
        {"path": "C.java", "line": 112, "label": "com.a.C.main"},
    ]
