"""Health: what is said of services and resources, why, and since when."""

from __future__ import annotations

from datetime import timedelta

from app.model.readings import Look
from app.model.rounds import Result
from app.model.states import AlarmState, Health
from tests.support.shelf import AWAY, HOME, NOW, Shelf, errors_alarm, function, of, queue

HOUR = timedelta(hours=1)


def healths(shelf: Shelf, service: str = "lambda") -> dict[str, tuple[Health, str]]:
    state = shelf.reads.health.service(service, shelf.scope()).value
    assert state is not None
    return {each.resource.name: (each.health, each.reason) for each in state.resources}


def test_a_function_that_runs_without_errors_is_ok(shelf: Shelf) -> None:
    checkout = function("checkout")
    shelf.resources(checkout)
    shelf.put(of(checkout, "Invocations"), "100x59")
    shelf.cover("AWS/Lambda", HOUR)
    assert healths(shelf) == {"checkout": (Health.OK, "No alarm fires and no condition holds.")}


def test_a_condition_that_holds_says_its_value_and_since_when(shelf: Shelf) -> None:
    checkout = function("checkout")
    shelf.resources(checkout)
    shelf.put(of(checkout, "Invocations"), "100x59")
    shelf.put(of(checkout, "Errors"), "0x39 8x19")
    shelf.cover("AWS/Lambda", HOUR)
    state = shelf.reads.health.service("lambda", shelf.scope()).value
    assert state is not None
    [found] = state.resources
    assert (found.health, found.reason, found.since) == (
        Health.CRITICAL,
        "8\u00a0% of the runs of checkout fail.",
        NOW - timedelta(minutes=20),
    )


def test_traffic_below_the_floor_is_not_judged(shelf: Shelf) -> None:
    rare = function("rare")
    shelf.resources(rare)
    shelf.put(of(rare, "Invocations"), "1")
    shelf.put(of(rare, "Errors"), "1")
    shelf.cover("AWS/Lambda", HOUR)
    assert healths(shelf)["rare"][0] is Health.OK


def test_nothing_published_and_nobody_asked_is_no_data(shelf: Shelf) -> None:
    shelf.resources(function("quiet"))
    assert healths(shelf) == {"quiet": (Health.NO_DATA, "No data in the last 15 minutes.")}


def test_a_firing_alarm_decides_over_conditions_that_are_fine(shelf: Shelf) -> None:
    checkout = function("checkout")
    shelf.resources(checkout)
    shelf.put(of(checkout, "Invocations"), "100x59")
    shelf.cover("AWS/Lambda", HOUR)
    shelf.alarm(errors_alarm(checkout), AlarmState.ALARM, NOW - timedelta(minutes=12))
    assert healths(shelf) == {"checkout": (Health.CRITICAL, "Alarm checkout-errors is in ALARM.")}


def test_a_silence_covers_the_alarm_and_the_conditions_on_its_metric(shelf: Shelf) -> None:
    checkout = function("checkout")
    shelf.resources(checkout)
    shelf.put(of(checkout, "Invocations"), "100x59")
    shelf.put(of(checkout, "Errors"), "8x59")
    shelf.cover("AWS/Lambda", HOUR)
    alarm = errors_alarm(checkout)
    shelf.alarm(alarm, AlarmState.ALARM, NOW - timedelta(minutes=12))
    assert healths(shelf)["checkout"][0] is Health.CRITICAL
    shelf.reads.alarms.silence([alarm.id], NOW + HOUR, "ada", "known, fix is on its way", NOW)
    assert healths(shelf)["checkout"][0] is Health.SILENCED


def test_a_place_that_cannot_be_asked_is_not_called_well(shelf: Shelf) -> None:
    here, there = function("here"), function("there", AWAY)
    shelf.resources(here, there)
    for each in (here, there):
        shelf.put(of(each, "Invocations"), "100x59")
    shelf.cover("AWS/Lambda", HOUR)
    long_ago = NOW - timedelta(minutes=40)
    shelf.cover("AWS/Lambda", HOUR, place=AWAY, end=long_ago)
    shelf.round(
        "metrics",
        "metrics/AWS/Lambda/60",
        Result.DENIED,
        place=AWAY,
        message="not allowed to read metrics",
        action="cloudwatch:GetMetricData",
    )
    assert healths(shelf) == {
        "there": (
            Health.COULD_NOT_ASK,
            "not allowed to read metrics (last answer 40\u00a0min ago)",
        ),
        "here": (Health.OK, "No alarm fires and no condition holds."),
    }


def test_the_attention_list_names_alarms_before_conditions_before_collecting(
    shelf: Shelf,
) -> None:
    firing, failing = function("firing"), function("failing")
    shelf.resources(firing, failing)
    shelf.put(of(firing, "Errors"), "12x5")
    shelf.put(of(failing, "Invocations"), "100x59")
    shelf.put(of(failing, "Errors"), "8x59")
    shelf.cover("AWS/Lambda", HOUR)
    shelf.alarm(errors_alarm(firing), AlarmState.ALARM, NOW - timedelta(minutes=12), [3, 12])
    shelf.round("inventory", "sqs", Result.DENIED, action="sqs:ListQueues")
    overview = shelf.reads.health.overview(shelf.scope()).value
    assert [(t.kind, t.health, t.title) for t in overview.troubles] == [
        ("alarm", Health.CRITICAL, "firing: Errors 12, above 0"),
        ("condition", Health.CRITICAL, "8\u00a0% of the runs of failing fail"),
        (
            "collection",
            Health.COULD_NOT_ASK,
            "Inventory of prod eu-central-1: not allowed",
        ),
    ]
    assert overview.troubles[0].detail == (
        "alarm firing-errors, prod eu-central-1, in ALARM for 12\u00a0min"
    )


def test_many_in_the_same_trouble_become_one_line(shelf: Shelf) -> None:
    functions = [function(f"job-{n}") for n in range(4)]
    shelf.resources(*functions)
    for each in functions:
        shelf.put(of(each, "Invocations"), "100x29")
        shelf.put(of(each, "Errors"), "8x29")
    shelf.cover("AWS/Lambda", HOUR)
    troubles = shelf.reads.health.overview(shelf.scope()).value.troubles
    assert [t.title for t in troubles] == ["4 resources of Lambda: error rate"]


def test_watchdecks_own_bill_is_on_the_list_before_the_cap_is_reached(shelf: Shelf) -> None:
    shelf.calls("GetMetricData", "45.00", 4_500_000, NOW - timedelta(days=20))
    [bill] = shelf.reads.health.overview(shelf.scope()).value.troubles
    assert (bill.kind, bill.health, bill.title) == (
        "spend",
        Health.WARNING,
        "Watchdeck's own calls: $45.00 this month",
    )


def test_the_strip_shows_the_hour_of_trouble_and_no_data_before_the_first(shelf: Shelf) -> None:
    checkout = function("checkout")
    shelf.resources(checkout)
    shelf.put(of(checkout, "Invocations"), "100x299")
    shelf.put(of(checkout, "Errors"), "0x119 20x29 0x149")
    shelf.cover("AWS/Lambda", timedelta(hours=5))
    [service] = shelf.reads.health.overview(shelf.scope()).value.services
    assert service.strip.start == NOW - timedelta(hours=24)
    states = [state.value for state in service.strip.states]
    assert states == ["no_data"] * 19 + ["ok", "ok", "critical", "ok", "ok"]


def test_hours_in_alarm_are_on_the_strip(shelf: Shelf) -> None:
    checkout = function("checkout")
    shelf.resources(checkout)
    shelf.put(of(checkout, "Invocations"), "100x299")
    shelf.cover("AWS/Lambda", timedelta(hours=5))
    shelf.alarm(errors_alarm(checkout), AlarmState.ALARM, NOW - timedelta(minutes=90))
    [service] = shelf.reads.health.overview(shelf.scope()).value.services
    assert [s.value for s in service.strip.states[-3:]] == ["ok", "critical", "critical"]


def test_trouble_comes_first_and_idle_resources_do_not_hide_that_a_service_is_ok(
    shelf: Shelf,
) -> None:
    busy, idle = queue("busy"), queue("idle")
    checkout = function("checkout")
    shelf.resources(busy, idle, checkout)
    shelf.put(of(checkout, "Invocations"), "100x59")
    shelf.put(of(checkout, "Errors"), "8x59")
    shelf.put(of(busy, "ApproximateNumberOfMessagesVisible"), "3x59")
    shelf.put(of(busy, "ApproximateAgeOfOldestMessage"), "3x59")
    shelf.cover("AWS/Lambda", HOUR)
    shelf.cover("AWS/SQS", HOUR)
    services = shelf.reads.health.overview(shelf.scope()).value.services
    assert [(s.id, s.health, s.open) for s in services] == [
        ("lambda", Health.CRITICAL, 1),
        ("sqs", Health.OK, 0),
    ]


def test_places_outside_the_scope_are_not_counted(shelf: Shelf) -> None:
    shelf.resources(function("here"), function("there", AWAY))
    overview = shelf.reads.health.overview(shelf.scope(HOUR, HOME)).value
    assert overview.resources == 1


def test_before_the_first_round_nothing_is_collected_yet(shelf: Shelf) -> None:
    reading = shelf.reads.health.service("lambda", shelf.scope())
    assert (reading.value, reading.look) == (None, Look.NOT_COLLECTED)
