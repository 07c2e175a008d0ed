"""Alarms: the list in order of trouble, one alarm in depth, silences."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from app.model.alarms import AlarmDefinition, Origin, Severity
from app.model.states import AlarmState, Health
from app.read import AlarmRow
from tests.support.shelf import HOME, NOW, Shelf, errors_alarm, function, of

HOUR = timedelta(hours=1)


def rows(shelf: Shelf) -> list[AlarmRow]:
    return list(shelf.reads.alarms.current(shelf.scope()).value)


def test_what_fires_comes_first_and_what_is_ok_last(shelf: Shelf) -> None:
    fine, firing, odd, muted = (function(n) for n in ("fine", "firing", "odd", "muted"))
    shelf.resources(fine, firing, odd, muted)
    shelf.alarm(errors_alarm(fine), AlarmState.OK, NOW - HOUR)
    shelf.alarm(errors_alarm(muted), AlarmState.ALARM, NOW - HOUR)
    shelf.alarm(errors_alarm(odd), AlarmState.INSUFFICIENT_DATA, NOW - HOUR)
    shelf.alarm(errors_alarm(firing), AlarmState.ALARM, NOW - HOUR)
    shelf.reads.alarms.silence([errors_alarm(muted).id], NOW + HOUR, "ada", "known", NOW)
    assert [(row.name, row.health) for row in rows(shelf)] == [
        ("firing-errors", Health.CRITICAL),
        ("odd-errors", Health.NO_DATA),
        ("muted-errors", Health.SILENCED),
        ("fine-errors", Health.OK),
    ]


def test_a_row_has_the_value_beside_the_threshold_in_words(shelf: Shelf) -> None:
    checkout = function("checkout")
    shelf.resources(checkout)
    shelf.put(of(checkout, "Errors"), "1 2 7")
    shelf.alarm(errors_alarm(checkout, above=5), AlarmState.ALARM, NOW - HOUR)
    [row] = rows(shelf)
    assert (row.value, row.threshold, row.unit) == (7, 5, "count")
    assert row.condition == "Errors (Sum) above 5 in 3 of 3 periods of 1\u00a0min"
    assert row.brief == "Sum > 5, 3 of 3 × 1\u00a0min"
    assert row.line.values[-3:].tolist() == [1, 2, 7]
    assert (row.resource, row.name_of_resource) == (checkout.arn, "checkout")


def test_a_recommended_alarm_is_called_by_its_title_and_resource(shelf: Shelf) -> None:
    checkout = function("checkout")
    shelf.resources(checkout)
    put = {**errors_alarm(checkout).put, "AlarmName": "watchdeck/lambda/async-event-age/checkout"}
    advised = replace(errors_alarm(checkout), put=put)
    shelf.alarm(advised, AlarmState.OK, NOW - HOUR)
    own = replace(errors_alarm(checkout), origin=Origin.CONFIG)
    shelf.alarm(own, AlarmState.OK, NOW - HOUR)
    assert {row.title for row in rows(shelf)} == {
        "Age of asynchronous events · checkout",
        "checkout-errors",
    }


def test_an_alarm_on_a_percentile_reads_that_statistic(shelf: Shelf) -> None:
    checkout = function("checkout")
    shelf.resources(checkout)
    shelf.put(of(checkout, "Duration"), "800 2310", statistic="p99")
    put = {
        **{k: v for k, v in errors_alarm(checkout).put.items() if k != "Statistic"},
        "MetricName": "Duration",
        "ExtendedStatistic": "p99",
        "Threshold": 1500.0,
    }
    shelf.alarm(
        AlarmDefinition(HOME, put, Severity.WARNING, Origin.CONFIG, "lambda", checkout.arn),
        AlarmState.ALARM,
        NOW - HOUR,
    )
    [row] = rows(shelf)
    assert (row.health, row.value, row.unit) == (Health.WARNING, 2310, "milliseconds")
    assert row.condition.startswith("Duration (p99) above 1.5\u00a0s in")


def test_one_alarm_has_its_history_messages_and_points(shelf: Shelf) -> None:
    checkout = function("checkout")
    shelf.resources(checkout)
    alarm = errors_alarm(checkout)
    shelf.alarm(alarm, AlarmState.ALARM, NOW - HOUR)
    status = shelf.store.ledger.statuses()[alarm.id]
    data = {
        "evaluatedDatapoints": [
            {"timestamp": "2026-11-24T10:59:00.000+0000", "value": 3.0},
            {"timestamp": "2026-11-24T10:58:00.000+0000", "value": 0.0},
            {"timestamp": "2026-11-24T10:57:00.000+0000"},
        ]
    }
    shelf.store.ledger.record([replace(status, reason_data=data)], [], NOW)
    detail = shelf.reads.alarms.one(alarm.id, shelf.scope()).value
    assert detail is not None
    assert [(p.value, p.breaching) for p in detail.points] == [
        (3.0, True),
        (0.0, False),
        (None, None),
    ]
    assert [(t.old, t.new) for t in detail.transitions] == [(AlarmState.OK, AlarmState.ALARM)]
    assert [(d.channel, d.state) for d in detail.deliveries] == [("console", "pending")]


def test_an_alarm_that_is_not_defined_is_none(shelf: Shelf) -> None:
    reading = shelf.reads.alarms.one("111111111111/eu-central-1/never", shelf.scope())
    assert reading.value is None


def test_a_silence_fits_its_alarm_literally(shelf: Shelf) -> None:
    star, other = function("a*"), function("ab")
    shelf.resources(star, other)
    for each in (star, other):
        shelf.alarm(errors_alarm(each), AlarmState.ALARM, NOW - HOUR)
    shelf.reads.alarms.silence([errors_alarm(star).id], NOW + HOUR, "ada", "known", NOW)
    assert {row.name: row.health for row in rows(shelf)} == {
        "a*-errors": Health.SILENCED,
        "ab-errors": Health.CRITICAL,
    }


def test_a_silence_that_is_ended_mutes_no_more(shelf: Shelf) -> None:
    checkout = function("checkout")
    shelf.resources(checkout)
    shelf.alarm(errors_alarm(checkout), AlarmState.ALARM, NOW - HOUR)
    [silence] = shelf.reads.alarms.silence(
        [errors_alarm(checkout).id], NOW + HOUR, "ada", "known", NOW
    )
    assert rows(shelf)[0].health is Health.SILENCED
    shelf.reads.alarms.end_silence(silence.id, NOW)
    assert rows(shelf)[0].health is Health.CRITICAL


@pytest.mark.parametrize(
    ("until", "comment", "message"),
    [
        pytest.param(NOW, "known", "a silence has to end in the future", id="ends now"),
        pytest.param(NOW + HOUR, "  ", "a silence needs a reason", id="no reason"),
    ],
)
def test_a_silence_needs_an_end_and_a_reason(
    shelf: Shelf, until: object, comment: str, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        shelf.reads.alarms.silence(["a"], until, "ada", comment, NOW)
