"""Coverage: what guards what, and choices that are made on a page."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from app.model.alarms import AlarmDefinition, Choice, Origin
from app.model.ids import Resource
from app.model.states import AlarmState, Health
from app.read import Cover, Guard
from tests.support.shelf import HOME, NOW, Shelf, errors_alarm, function, of, queue

HOUR = timedelta(hours=1)
CONFIGURATION = {
    "isDeadLetterQueue": False,
    "VisibilityTimeout": 30,
    "InFlightLimit": 120_000,
}


def id_of(alarm: str, resource: Resource) -> str:
    return f"{HOME.account}/{HOME.region}/watchdeck/{alarm}/{resource.id}"


def cells(shelf: Shelf, service: str) -> dict[str, Guard]:
    """Every cell of the service, by ``alarm/resource``."""
    return {
        f"{guard.advice.alarm.id}/{resource.id}": guard
        for matrix in shelf.reads.coverage.matrices(service, shelf.scope()).value
        for resource, row in matrix.rows
        for guard in row
    }


def recommended(resource: Resource, alarm: str = "lambda/errors") -> AlarmDefinition:
    put = {**errors_alarm(resource).put, "AlarmName": f"watchdeck/{alarm}/{resource.id}"}
    return replace(errors_alarm(resource), put=put)


def test_a_cell_tells_on_off_impossible_and_not_for_it(shelf: Shelf) -> None:
    orders = queue("orders", configuration=CONFIGURATION)
    shelf.resources(orders, function("checkout"))
    shelf.alarm(recommended(orders, "sqs/in-flight"), AlarmState.ALARM, NOW - HOUR)
    found = cells(shelf, "sqs")
    on = found["in-flight/orders"]
    assert (on.cover, on.health, on.alarm) == (
        Cover.ON,
        Health.CRITICAL,
        id_of("sqs/in-flight", orders),
    )
    assert found["backlog/orders"].cover is Cover.OFF
    assert found["age-near-retention/orders"].cover is Cover.IMPOSSIBLE
    assert found["age-near-retention/orders"].why == (
        "The resource has no MessageRetentionPeriod, from which the threshold is taken."
    )
    assert found["dead-letter-messages/orders"].cover is Cover.NOT_FOR_IT
    assert found["dead-letter-messages/orders"].why == "Only for dead-letter queues."


@pytest.mark.parametrize("origin", [Origin.CONFIG, Origin.PAGE, Origin.ACCOUNT])
def test_another_alarm_on_the_same_series_covers(shelf: Shelf, origin: Origin) -> None:
    checkout, other = function("checkout"), function("other")
    shelf.resources(checkout, other)
    own = replace(errors_alarm(checkout, above=9), origin=origin)
    shelf.alarm(own, AlarmState.OK, NOW - HOUR)
    found = cells(shelf, "lambda")
    assert found["errors/checkout"].cover is Cover.OTHER
    assert found["errors/checkout"].why == "“checkout-errors” watches the same series."
    assert found["errors/other"].cover is Cover.OFF


@pytest.mark.parametrize(
    "change",
    [
        {"ComparisonOperator": "LessThanThreshold"},
        {"MetricName": "Throttles"},
        {"Dimensions": [{"Name": "FunctionName", "Value": "checkout2"}]},
    ],
)
def test_an_alarm_in_another_direction_or_on_another_series_covers_nothing(
    shelf: Shelf, change: dict[str, object]
) -> None:
    checkout = function("checkout")
    shelf.resources(checkout)
    own = errors_alarm(checkout)
    shelf.alarm(
        replace(own, origin=Origin.CONFIG, put={**own.put, **change}), AlarmState.OK, NOW - HOUR
    )
    assert cells(shelf, "lambda")["errors/checkout"].cover is Cover.OFF


def test_a_service_is_counted_and_gaps_come_first(shelf: Shelf) -> None:
    checkout = function("checkout")
    shelf.resources(checkout, queue("orders"))
    shelf.alarm(recommended(checkout), AlarmState.OK, NOW - HOUR)
    found = shelf.reads.coverage.services(shelf.scope()).value
    lambda_, sqs = found
    assert (lambda_.service, lambda_.resources, lambda_.guarded) == ("lambda", 1, 1)
    assert lambda_.gaps == lambda_.possible - 1 > sqs.gaps


def test_a_choice_shows_at_once_and_is_on_record(shelf: Shelf) -> None:
    checkout = function("checkout")
    shelf.resources(checkout)
    id_ = id_of("lambda/errors", checkout)
    assert cells(shelf, "lambda")["errors/checkout"].cover is Cover.OFF
    choose = shelf.reads.coverage.choose
    assert choose([id_], Choice.ON, ("ada", "we want it"), NOW, threshold=4.0) == 1
    assert cells(shelf, "lambda")["errors/checkout"].cover is Cover.COMING
    shelf.alarm(recommended(checkout), AlarmState.OK, NOW - HOUR)
    assert cells(shelf, "lambda")["errors/checkout"].why == "Switched on by ada."
    choose([id_], Choice.OFF, ("bob", "too loud"), NOW)
    assert cells(shelf, "lambda")["errors/checkout"].cover is Cover.LEAVING
    detail = shelf.reads.coverage.one(id_, shelf.scope())
    assert detail is not None
    assert [(s.choice, s.author, s.comment, s.threshold) for s in detail.switches] == [
        (Choice.OFF, "bob", "too loud", None),
        (Choice.ON, "ada", "we want it", 4.0),
    ]


def test_an_alarm_that_was_switched_off_says_by_whom(shelf: Shelf) -> None:
    checkout = function("checkout")
    shelf.resources(checkout)
    shelf.reads.coverage.choose(
        [id_of("lambda/errors", checkout)], Choice.OFF, ("bob", "too loud"), NOW
    )
    guard = cells(shelf, "lambda")["errors/checkout"]
    assert (guard.cover, guard.why) == (Cover.OFF, "Switched off by bob: too loud.")


def test_a_cell_in_depth_has_a_suggestion_from_history(shelf: Shelf) -> None:
    orders = queue("orders", configuration=CONFIGURATION)
    shelf.resources(orders)
    shelf.put(of(orders, "ApproximateNumberOfMessagesVisible"), "3x1999 40x1")
    shelf.cover("AWS/SQS", timedelta(days=3))
    detail = shelf.reads.coverage.one(id_of("sqs/backlog", orders), shelf.scope())
    assert detail is not None
    assert detail.condition.startswith("ApproximateNumberOfMessagesVisible (Average)")
    assert (detail.threshold, detail.suggestion.threshold) == (1000.0, 4.0)
    assert "the highest was 40" in detail.suggestion.why


def test_a_limit_is_no_matter_of_history(shelf: Shelf) -> None:
    orders = queue("orders", configuration=CONFIGURATION)
    shelf.resources(orders)
    shelf.put(of(orders, "ApproximateNumberOfMessagesNotVisible"), "3x1999")
    detail = shelf.reads.coverage.one(id_of("sqs/in-flight", orders), shelf.scope())
    assert detail is not None
    assert detail.suggestion.threshold is None


def test_an_alarm_that_nobody_recommends_has_no_cell(shelf: Shelf) -> None:
    shelf.resources(function("checkout"))
    assert shelf.reads.coverage.one("1/eu/watchdeck/lambda/teapot/checkout", shelf.scope()) is None
    assert shelf.reads.coverage.matrices("teapot", shelf.scope()).value == ()
