"""Rates and breakers: asking less often, and not at all for a while."""

from __future__ import annotations

import pytest

from app.aws.asked import Asked
from app.aws.circuit import Circuits
from app.aws.rate import Rates
from app.model.errors import CircuitOpen, Denied, Expired, RegionOff, Unreachable
from app.model.ids import Place
from tests.aws.conftest import ACCOUNT, PLACE
from tests.support.moment import Moment

LIST = Asked(PLACE, "cloudwatch", "ListMetrics")
GET = Asked(PLACE, "cloudwatch", "GetMetricData")
QUEUES = Asked(PLACE, "sqs", "ListQueues")
ELSEWHERE = Asked(Place(ACCOUNT, "us-east-1"), "cloudwatch", "ListMetrics")
OTHERS = Asked(Place("222222222222", "eu-central-1"), "cloudwatch", "ListMetrics")
TABLE = {("cloudwatch", "*"): 10.0}


def take(rates: Rates, count: int) -> None:
    for _ in range(count):
        rates.take(ACCOUNT, "eu-central-1", "cloudwatch", "DescribeAlarms")


def test_a_burst_is_let_through_and_then_calls_wait_their_turn(moment: Moment):
    take(Rates(moment.clock, TABLE), 12)
    assert moment.pauses == pytest.approx([0.1, 0.1])


def test_a_throttle_takes_a_third_off_and_quiet_minutes_give_it_back(moment: Moment):
    rates = Rates(moment.clock, TABLE)
    take(rates, 1)
    rates.throttled(ACCOUNT, "eu-central-1", "cloudwatch", "DescribeAlarms")
    rates.throttled(ACCOUNT, "eu-central-1", "cloudwatch", "DescribeAlarms")
    assert rates.rate(ACCOUNT, "eu-central-1", "cloudwatch", "DescribeAlarms") == 7.0
    moment.pass_(minutes=2)
    take(rates, 1)
    assert rates.rate(ACCOUNT, "eu-central-1", "cloudwatch", "DescribeAlarms") == pytest.approx(8.0)


def test_points_have_a_rate_of_their_own(moment: Moment):
    rates = Rates(moment.clock)
    for _ in range(2):
        rates.take_points(ACCOUNT, "eu-central-1", 90_000, recent=True)
    assert moment.pauses == pytest.approx([1.0])


@pytest.mark.parametrize(
    ("kind", "failures", "stopped", "free"),
    [
        pytest.param(Denied, 3, [LIST], [GET, QUEUES, ELSEWHERE, OTHERS], id="an operation"),
        pytest.param(Unreachable, 3, [LIST, GET], [QUEUES, ELSEWHERE, OTHERS], id="an API"),
        pytest.param(RegionOff, 2, [LIST, GET, QUEUES], [ELSEWHERE, OTHERS], id="a Region"),
        pytest.param(Expired, 2, [LIST, GET, QUEUES, ELSEWHERE], [OTHERS], id="an account"),
    ],
)
def test_a_breaker_stops_no_more_than_it_must(
    moment: Moment, kind: type, failures: int, stopped: list[Asked], free: list[Asked]
):
    circuits = Circuits(moment.clock)
    for _ in range(failures):
        circuits.failed(LIST, kind("no"))
    for asked in stopped:
        with pytest.raises(CircuitOpen, match=f"failed {failures} times: no"):
            circuits.check(asked)
    for asked in free:
        circuits.check(asked)


def test_one_probe_goes_through_and_its_success_closes_the_breaker(moment: Moment):
    circuits = Circuits(moment.clock)
    for _ in range(3):
        circuits.failed(LIST, Unreachable("no"))
    moment.pass_(seconds=15)
    circuits.check(LIST)
    with pytest.raises(CircuitOpen):
        circuits.check(LIST)
    circuits.succeeded(LIST)
    circuits.check(LIST)


def test_a_probe_that_fails_doubles_the_rest_up_to_its_bound(moment: Moment):
    circuits = Circuits(moment.clock)
    for _ in range(12):
        circuits.failed(LIST, Unreachable("no"))
    with pytest.raises(CircuitOpen) as caught:
        circuits.check(LIST)
    assert caught.value.retry_at is not None
    assert (caught.value.retry_at - moment.at).total_seconds() == 300


def test_a_region_may_have_a_rate_of_its_own(moment: Moment):
    rates = Rates(moment.clock)
    found = {
        region: rates.rate(ACCOUNT, region, "logs", "FilterLogEvents")
        for region in ("us-east-1", "eu-central-1", "eu-west-1")
    }
    assert found == {"us-east-1": 12.5, "eu-central-1": 2.5, "eu-west-1": 5.0}


def test_a_permission_that_is_missing_for_one_thing_stops_only_that(moment: Moment):
    circuits = Circuits(moment.clock)
    secret = Asked(PLACE, "logs", "FilterLogEvents", about="/secret")
    for _ in range(3):
        circuits.failed(secret, Denied("denied"))
    with pytest.raises(CircuitOpen):
        circuits.check(secret)
    circuits.check(Asked(PLACE, "logs", "FilterLogEvents", about="/open"))
