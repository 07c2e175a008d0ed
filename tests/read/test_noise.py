"""The noise report: what each kind of trouble takes, and what is none."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from app.model.alarms import AlarmDefinition, AlarmStatus, Origin, Transition
from app.model.states import AlarmState
from app.read import Noise, NoiseRow
from app.read.noise import CHANGED, changed_at
from tests.support.shelf import NOW, Shelf, errors_alarm, function

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MINUTE = timedelta(minutes=1)


def alarm(name: str, changed: datetime = NOW - 40 * DAY) -> AlarmDefinition:
    found = errors_alarm(function(name))
    return replace(found, put={**found.put, CHANGED: f"{changed:%Y-%m-%dT%H:%M:%S}.000+0000"})


def stands(
    shelf: Shelf,
    definition: AlarmDefinition,
    state: AlarmState,
    since: datetime,
    fired: list[tuple[datetime, timedelta]] = [],  # noqa: B006 - never changed
    problem: str = "",
) -> None:
    """An alarm as it stands, with the times it fired before and for how long."""
    changes = []
    for at, length in fired:
        for when, old, new in (
            (at, AlarmState.OK, AlarmState.ALARM),
            (at + length, AlarmState.ALARM, AlarmState.OK),
        ):
            changes.append((Transition(definition.id, when, old, new, "", {}), []))
    status = AlarmStatus(definition.id, state, "", {}, since, since, problem)
    ledger = shelf.store.ledger
    ledger.define([*ledger.definitions(), definition], NOW)
    ledger.record([status], changes, NOW)


def rows(shelf: Shelf) -> dict[str, NoiseRow]:
    report = shelf.reads.noise.report(shelf.scope()).value
    return {row.id.rpartition("/")[2]: row for row in report.rows}


def test_a_well_behaved_alarm_is_no_noise(shelf: Shelf) -> None:
    stands(shelf, alarm("a"), AlarmState.OK, NOW - HOUR, [(NOW - 2 * DAY, HOUR)])
    report = shelf.reads.noise.report(shelf.scope()).value
    assert (report.rows, report.alarms, report.told) == ((), 1, 1)


@pytest.mark.parametrize(("apart", "noisy"), [(2 * HOUR, True), (2 * HOUR + MINUTE, False)])
def test_four_times_within_six_hours_is_flapping(
    shelf: Shelf, apart: timedelta, noisy: bool
) -> None:
    fired = [(NOW - 2 * DAY + n * apart, 5 * MINUTE) for n in range(4)]
    stands(shelf, alarm("a"), AlarmState.OK, NOW - HOUR, fired)
    found = rows(shelf)
    assert bool(found) is noisy
    if noisy:
        row = found["a-errors"]
        assert (row.noises, row.fired, row.typical) == ((Noise.FLAPPING,), 4, 5 * MINUTE)
        assert row.why == "Fired 4 times within 6\u00a0h."
        assert (row.last, row.firing) == (NOW - 2 * DAY + 3 * apart, 20 * MINUTE)


def test_what_fires_for_days_is_read_by_nobody(shelf: Shelf) -> None:
    stands(shelf, alarm("old"), AlarmState.ALARM, NOW - 3 * DAY)
    stands(shelf, alarm("new"), AlarmState.ALARM, NOW - DAY)
    assert {name: row.noises for name, row in rows(shelf).items()} == {
        "old-errors": (Noise.ALWAYS,)
    }


def test_an_alarm_without_data_is_blind_and_says_why(shelf: Shelf) -> None:
    blind = AlarmState.INSUFFICIENT_DATA
    stands(shelf, alarm("gone"), blind, NOW - 2 * DAY)
    stands(shelf, alarm("denied"), blind, NOW - 2 * DAY, problem="May not read metrics.")
    stands(shelf, alarm("new"), blind, NOW - HOUR)
    found = rows(shelf)
    assert set(found) == {"gone-errors", "denied-errors"}
    assert found["gone-errors"].why == "No data for 2\u00a0d."
    assert found["denied-errors"].why == "May not read metrics."


def test_an_alarm_that_tells_nobody_is_told(shelf: Shelf) -> None:
    fired = [(NOW - DAY, HOUR)]
    stands(shelf, replace(alarm("mute"), channels=()), AlarmState.OK, NOW - HOUR, fired)
    off = alarm("off")
    stands(
        shelf,
        replace(off, put={**off.put, "ActionsEnabled": False}),
        AlarmState.OK, NOW - HOUR, fired,
    )  # fmt: skip
    assert {name: row.noises for name, row in rows(shelf).items()} == {
        "mute-errors": (Noise.NO_ACTION,),
        "off-errors": (Noise.NO_ACTION,),
    }


def test_an_alarm_of_the_account_tells_by_its_own_actions(shelf: Shelf) -> None:
    own = replace(alarm("own"), channels=(), origin=Origin.ACCOUNT)
    put = {**own.put, "AlarmActions": ["arn:aws:sns:eu-central-1:111111111111:ops"]}
    stands(shelf, replace(own, put=put), AlarmState.OK, NOW - HOUR, [(NOW - DAY, HOUR)])
    assert rows(shelf) == {}


def test_never_fired_takes_a_week_without_a_change(shelf: Shelf) -> None:
    stands(shelf, alarm("old"), AlarmState.OK, NOW - 9 * DAY)
    stands(shelf, alarm("young", NOW - 6 * DAY), AlarmState.OK, NOW - 5 * DAY)
    found = rows(shelf)
    assert {name: row.noises for name, row in found.items()} == {"old-errors": (Noise.NEVER,)}
    assert found["old-errors"].why == "Has not fired for 30\u00a0d."


def test_the_worst_comes_first(shelf: Shelf) -> None:
    stands(shelf, alarm("never"), AlarmState.OK, NOW - 9 * DAY)
    stands(shelf, alarm("always"), AlarmState.ALARM, NOW - 9 * DAY)
    fired = [(NOW - DAY + n * HOUR, MINUTE) for n in range(5)]
    stands(shelf, alarm("flaps"), AlarmState.OK, NOW - HOUR, fired)
    assert list(rows(shelf)) == ["flaps-errors", "always-errors", "never-errors"]


def test_a_time_that_is_none_is_no_time() -> None:
    assert changed_at(None) is None
    assert changed_at("2026-11-24T12:00:00.000+0000") == NOW
