"""Calls over a real connection: repeated, refused, broken, paid for."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from app.aws import Priority
from app.config import Secret
from app.model.errors import (
    BadRequest,
    CircuitOpen,
    Denied,
    Expired,
    OverBudget,
    RegionOff,
    Throttled,
    Unreachable,
)
from app.model.ids import Place
from tests.aws.conftest import ACCOUNT, PLACE, MakeAws
from tests.support.aws_wire import (
    Reply,
    Request,
    aws_wire,
    closed_port,
    data,
    refusal,
    session,
    xml,
    xml_refusal,
)
from tests.support.moment import Moment

PERIOD = {
    "TimePeriod": {"Start": "2026-03-01", "End": "2026-03-09"},
    "Granularity": "DAILY",
    "Metrics": ["UnblendedCost"],
}
HTML = Reply(500, b"<html><h1>Oops</h1></html>", {"Content-Type": "text/html"})


def in_turn(*replies: Reply):
    """Each reply once, the last one for ever."""
    left: Iterator[Reply] = iter(replies)
    last = replies[-1]
    return lambda request: next(left, last)


def list_metrics(aws, place: Place = PLACE, **more):
    return aws.call(place, "cloudwatch", "ListMetrics", {}, collector="metrics", **more)


def test_an_answer_comes_without_its_metadata(make_aws: MakeAws):
    with aws_wire(in_turn(data({"Metrics": []}))) as wire:
        assert list_metrics(make_aws(wire.url)) == {"Metrics": []}
        assert wire.requests[0].region == "eu-central-1"


def test_a_throttled_call_is_repeated_with_growing_pauses(make_aws: MakeAws, moment: Moment):
    throttle = refusal("Throttling")
    with aws_wire(in_turn(throttle, throttle, data({"Metrics": []}))) as wire:
        aws = make_aws(wire.url)
        assert list_metrics(aws) == {"Metrics": []}
    assert [p for p in moment.pauses if p >= 0.5] == [0.5, 1.0]
    (entry,) = aws.meter.entries()
    assert (entry.calls, entry.units, entry.throttles, entry.errors) == (3, 1, 2, 2)
    assert entry.usd == Decimal("0.00001")


def test_a_call_that_stays_throttled_gives_up(make_aws: MakeAws):
    with aws_wire(in_turn(refusal("Throttling"))) as wire:
        with pytest.raises(Throttled):
            list_metrics(make_aws(wire.url, attempts=3))
        assert len(wire.requests) == 3


def test_a_denied_call_is_not_repeated_and_costs_nothing(make_aws: MakeAws):
    with aws_wire(in_turn(refusal("AccessDenied", 403))) as wire:
        aws = make_aws(wire.url)
        with pytest.raises(Denied) as caught:
            list_metrics(aws)
        assert len(wire.requests) == 1
    assert caught.value.action == "cloudwatch:ListMetrics"
    assert aws.meter.month_to_date == 0


def test_after_three_denials_aws_is_not_asked_for_ten_minutes(make_aws: MakeAws, moment: Moment):
    with aws_wire(in_turn(refusal("AccessDenied", 403))) as wire:
        aws = make_aws(wire.url)
        for _ in range(3):
            with pytest.raises(Denied):
                list_metrics(aws)
        with pytest.raises(CircuitOpen) as caught:
            list_metrics(aws)
        assert len(wire.requests) == 3
        moment.pass_(minutes=10)
        with pytest.raises(Denied):
            list_metrics(aws)
    assert "Allow cloudwatch:ListMetrics" in caught.value.message


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(refusal("InternalFailure", 500), id="fault"),
        pytest.param(HTML, id="markup"),
        pytest.param(Reply(body=b'{"Metrics": []}', cut=5), id="broken off"),
        pytest.param(Reply(body=b'{"Metr'), id="half a document"),
    ],
)
def test_a_read_without_a_good_answer_is_repeated(make_aws: MakeAws, broken: Reply):
    with aws_wire(in_turn(broken, data({"Metrics": []}))) as wire:
        assert list_metrics(make_aws(wire.url)) == {"Metrics": []}
        assert len(wire.requests) == 2


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(Reply(silent=True), id="hung up"),
        pytest.param(Reply(cut=0), id="broken off"),
        pytest.param(refusal("ServiceUnavailable", 503), id="fault"),
    ],
)
def test_a_request_that_is_paid_each_time_is_not_repeated(make_aws: MakeAws, reply: Reply):
    with aws_wire(in_turn(reply)) as wire:
        with pytest.raises(Unreachable):
            make_aws(wire.url).call(PLACE, "ce", "GetCostAndUsage", PERIOD, collector="spend")
        assert len(wire.requests) == 1


def test_a_query_api_that_answers_with_markup_is_unreachable(make_aws: MakeAws):
    with (
        aws_wire(in_turn(HTML)) as wire,
        pytest.raises(Unreachable, match=r"could not be read|failed inside AWS") as caught,
    ):
        make_aws(wire.url, attempts=1).call(
            PLACE, "rds", "DescribeDBInstances", {}, collector="inventory"
        )
    assert "<" not in caught.value.message


def test_a_message_that_may_have_been_sent_is_not_sent_again(make_aws: MakeAws):
    with aws_wire(in_turn(Reply(body=b"<x/>", cut=1))) as wire:
        with pytest.raises(Unreachable):
            make_aws(wire.url).call(PLACE, "sns", "Publish", {"Message": "m"}, collector="alerts")
        assert len(wire.requests) == 1


def test_an_endpoint_where_nobody_listens_is_unreachable(make_aws: MakeAws):
    aws = make_aws(closed_port(), attempts=2)
    with pytest.raises(Unreachable, match="No connection for cloudwatch ListMetrics"):
        list_metrics(aws)
    assert aws.meter.month_to_date == 0


def test_a_call_without_an_answer_stays_on_the_bill(make_aws: MakeAws):
    with aws_wire(in_turn(Reply(body=b'{"Metrics": []}', cut=5))) as wire:
        aws = make_aws(wire.url, attempts=1)
        with pytest.raises(Unreachable):
            list_metrics(aws)
    assert aws.meter.month_to_date == Decimal("0.00001")


def test_an_operation_that_does_not_exist_is_our_mistake(make_aws: MakeAws):
    with pytest.raises(BadRequest, match="lambda ListFunction in account 123456789012"):
        make_aws("http://127.0.0.1:9").call(PLACE, "lambda", "ListFunction", {}, collector="x")


def refuses_frankfurt(request: Request) -> Reply:
    """A Region that is off: its services know no key, STS at home knows it."""
    if request.operation == "GetCallerIdentity" and request.region == "us-east-1":
        return xml("GetCallerIdentity", f"<Account>{ACCOUNT}</Account>")
    return refusal("UnrecognizedClientException", 403)


def test_a_region_that_is_off_is_told_from_wrong_keys(make_aws: MakeAws):
    with (
        aws_wire(refuses_frankfurt) as wire,
        pytest.raises(RegionOff, match="eu-central-1 is not enabled for this account"),
    ):
        list_metrics(make_aws(wire.url))


def test_keys_that_no_region_knows_are_wrong(make_aws: MakeAws):
    def refuses(request: Request) -> Reply:
        sts = request.service == "sts"
        return (
            xml_refusal("InvalidClientTokenId") if sts else refusal("UnrecognizedClientException")
        )

    with aws_wire(refuses) as wire, pytest.raises(Expired, match="does not know these credentials"):
        list_metrics(make_aws(wire.url))


def test_a_global_api_is_asked_at_home(make_aws: MakeAws):
    with aws_wire(in_turn(data({"ResultsByTime": []}))) as wire:
        make_aws(wire.url).call(
            PLACE,
            "ce",
            "GetCostAndUsage",
            {
                "TimePeriod": {"Start": "2026-03-01", "End": "2026-03-02"},
                "Granularity": "DAILY",
                "Metrics": ["UnblendedCost"],
            },
            collector="spend",
        )
        assert wire.requests[0].region == "us-east-1"


ROLE = {
    "role_arn": f"arn:aws:iam::{ACCOUNT}:role/watchdeck-reader",
    "external_id": Secret("shop-7"),
}


def test_a_role_is_assumed_with_its_external_id_and_renewed_in_time(
    make_aws: MakeAws, moment: Moment
):
    sessions = iter(["ASIAFIRST", "ASIASECOND"])

    def answer(request: Request) -> Reply:
        if request.operation == "AssumeRole":
            return session(next(sessions))
        return data({"Metrics": []})

    with aws_wire(answer) as wire:
        aws = make_aws(wire.url, **ROLE)
        for minutes in (0, 49, 1, 30):
            moment.pass_(minutes=minutes)
            list_metrics(aws)
        keys = [r.access_key for r in wire.requests if r.operation == "ListMetrics"]
        assumed = [r.members for r in wire.requests if r.operation == "AssumeRole"]
    assert keys == ["ASIAFIRST", "ASIAFIRST", "ASIASECOND", "ASIASECOND"]
    assert assumed[0]["ExternalId"] == "shop-7"
    assert assumed[0]["RoleArn"] == f"arn:aws:iam::{ACCOUNT}:role/watchdeck-reader"


def test_a_session_that_aws_ended_early_is_renewed_once(make_aws: MakeAws):
    sessions = iter(["ASIAENDED", "ASIAGOOD"])

    def answer(request: Request) -> Reply:
        if request.operation == "AssumeRole":
            return session(next(sessions))
        return (
            refusal("ExpiredToken") if request.access_key == "ASIAENDED" else data({"Metrics": []})
        )

    with aws_wire(answer) as wire:
        assert list_metrics(make_aws(wire.url, **ROLE)) == {"Metrics": []}
        assert wire.operations() == ["AssumeRole", "ListMetrics", "AssumeRole", "ListMetrics"]


def test_a_role_that_may_not_be_assumed_is_denied_by_name(make_aws: MakeAws):
    with (
        aws_wire(in_turn(xml_refusal("AccessDenied"))) as wire,
        pytest.raises(Denied, match="may not be assumed") as caught,
    ):
        list_metrics(make_aws(wire.url, **ROLE))
    assert caught.value.action == "sts:AssumeRole"
    assert "shop-7" not in caught.value.message


def test_fixed_keys_that_have_expired_are_not_tried_again(make_aws: MakeAws):
    with aws_wire(in_turn(refusal("ExpiredToken"))) as wire:
        with pytest.raises(Expired, match="Sign in again"):
            list_metrics(make_aws(wire.url))
        assert len(wire.requests) == 1


def test_no_error_carries_the_request_that_caused_it(make_aws: MakeAws):
    with aws_wire(in_turn(refusal("AccessDenied", 403))) as wire, pytest.raises(Denied) as caught:
        list_metrics(make_aws(wire.url))
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_a_call_over_the_cap_is_not_sent_unless_it_is_for_an_alarm(make_aws: MakeAws):
    with aws_wire(in_turn(data({"Metrics": []}))) as wire:
        aws = make_aws(wire.url, cap="0")
        with pytest.raises(OverBudget, match=r"monthly cap of 0\.00 USD"):
            list_metrics(aws)
        assert wire.requests == []
        assert list_metrics(aws, priority=Priority.ALARM) == {"Metrics": []}


def test_pages_are_followed_to_the_end(make_aws: MakeAws):
    def page(request: Request) -> Reply:
        token = request.members.get("NextToken", "")
        following = {"": "two", "two": "three"}.get(token)
        metric = {"Namespace": "N", "MetricName": token or "one"}
        return data({"Metrics": [metric], **({"NextToken": following} if following else {})})

    with aws_wire(page) as wire:
        pages = make_aws(wire.url).pages(PLACE, "cloudwatch", "ListMetrics", {}, collector="m")
        names = [metric["MetricName"] for page in pages for metric in page["Metrics"]]
    assert names == ["one", "two", "three"]
    assert pages.cut == ""
