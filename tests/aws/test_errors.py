"""Which error of ours each answer of AWS becomes, and what an operator reads."""

from __future__ import annotations

import pytest
from botocore import exceptions as boto
from botocore.parsers import ResponseParserError

from app.aws.asked import Asked, scrubbed
from app.aws.errors import classified, region_off
from app.model.errors import (
    AwsError,
    BadRequest,
    Denied,
    Expired,
    NotEnabled,
    RegionOff,
    Throttled,
    Unreachable,
)
from tests.aws.conftest import PLACE

ASKED = Asked(PLACE, "cloudwatch", "ListMetrics", "shop")
ENDPOINT = "http://127.0.0.1:9"


def answered(code: str, status: int = 400, message: str = "", operation: str = "ListMetrics"):
    return boto.ClientError(
        {
            "Error": {"Code": code, "Message": message},
            "ResponseMetadata": {"HTTPStatusCode": status},
        },
        operation,
    )


@pytest.mark.parametrize(
    ("code", "status", "expected"),
    [
        ("Throttling", 400, Throttled),
        ("RequestLimitExceeded", 503, Throttled),
        ("SlowDown", 503, Throttled),
        ("Whatever", 429, Throttled),
        ("AccessDenied", 403, Denied),
        ("AccessDeniedException", 400, Denied),
        ("UnauthorizedOperation", 403, Denied),
        ("NeverHeardOf", 403, Denied),
        ("SubscriptionRequiredException", 400, NotEnabled),
        ("OptInRequired", 403, NotEnabled),
        ("ExpiredToken", 400, Expired),
        ("RequestTimeTooSkewed", 403, Expired),
        ("UnrecognizedClientException", 403, Expired),
        ("InternalFailure", 500, Unreachable),
        ("ServiceUnavailable", 503, Unreachable),
        ("ValidationError", 400, BadRequest),
        ("ResourceNotFoundException", 404, BadRequest),
    ],
)
def test_each_code_has_its_place_in_the_tree(code: str, status: int, expected: type[AwsError]):
    error = classified(answered(code, status), ASKED)
    assert type(error) is expected
    assert (error.place, error.action, error.code) == (PLACE, "cloudwatch:ListMetrics", code)


@pytest.mark.parametrize(
    ("cause", "expected"),
    [
        (boto.EndpointConnectionError(endpoint_url=ENDPOINT), Unreachable),
        (boto.ConnectTimeoutError(endpoint_url=ENDPOINT), Unreachable),
        (boto.ReadTimeoutError(endpoint_url=ENDPOINT), Unreachable),
        (boto.SSLError(endpoint_url=ENDPOINT, error="self-signed"), Unreachable),
        (ResponseParserError("Unable to parse response"), Unreachable),
        (boto.NoCredentialsError(), Expired),
        (boto.ProfileNotFound(profile="shop"), Expired),
        (boto.ParamValidationError(report="Unknown parameter"), BadRequest),
    ],
)
def test_what_never_came_back_has_its_place_too(cause: Exception, expected: type[AwsError]):
    assert type(classified(cause, ASKED)) is expected


def test_a_denied_call_names_the_action_and_the_remedy():
    error = classified(
        answered("AccessDenied", 403, "User: arn:aws:sts::123456789012:assumed-role/w is not"),
        ASKED,
    )
    assert str(error) == (
        "cloudwatch ListMetrics in account 123456789012 (shop), eu-central-1 was denied "
        "(AccessDenied). Allow cloudwatch:ListMetrics in the policy of the role; "
        "`watchdeck policy` prints the whole policy. "
        "AWS says: User: arn:aws:sts::123456789012:assumed-role/w is not"
    )


def test_a_role_that_may_not_be_assumed_points_to_trust_and_external_id():
    error = classified(answered("AccessDenied", 403, operation="AssumeRole"), ASKED)
    assert error.action == "sts:AssumeRole"
    assert "trust policy" in error.message
    assert "`external_id`" in error.message


def test_a_wrong_clock_is_suspected_where_aws_finds_the_time_skewed():
    error = classified(answered("RequestTimeTooSkewed", 403), ASKED)
    assert "Check the clock (NTP)" in error.message


def test_a_region_that_is_off_says_how_to_go_on():
    error = region_off(ASKED, "UnrecognizedClientException")
    assert type(error) is RegionOff
    assert "take it out of `regions`" in error.message


def test_an_endpoint_without_connection_is_named():
    asked = Asked(PLACE, "cloudwatch", "ListMetrics", "shop", "http://127.0.0.1:4566")
    error = classified(boto.EndpointConnectionError(endpoint_url="http://127.0.0.1:4566"), asked)
    assert "at http://127.0.0.1:4566. Check the network, proxy and DNS" in error.message


@pytest.mark.parametrize(
    "code", ["SignatureDoesNotMatch", "IncompleteSignature", "InvalidAccessKeyId"]
)
def test_answers_that_repeat_the_signed_request_are_not_quoted(code: str):
    message = "The Canonical String should have been x-amz-security-token:FwoGZXIvYXdz"
    error = classified(answered(code, 403, message), ASKED)
    assert "FwoGZXIvYXdz" not in error.message


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("key AKIAIOSFODNN7EXAMPLE is bad", "key *** is bad", id="access key"),
        pytest.param("role needs shop-external-id", "role needs ***", id="a configured secret"),
        pytest.param("Signature=abc123, next", "Signature=*** next", id="signature"),
        pytest.param("token " + "A1b2" * 40, "token ***", id="long token"),
        pytest.param("a\n  b", "a b", id="one line"),
        pytest.param(
            "<html><head><title>x</title></head><h1>Not here</h1></html>", "Not here", id="markup"
        ),
        pytest.param("plain words stay", "plain words stay", id="words"),
    ],
)
def test_texts_lose_their_secrets(text: str, expected: str):
    assert scrubbed(text, ["shop-external-id"]) == expected


def test_a_long_text_is_cut():
    assert len(scrubbed("word " * 200)) == 400
