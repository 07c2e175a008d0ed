"""What an alarm would have done: the same as judging it moment by moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts import grid
from alerts.rehearse import Rehearsal, Rehearser, compare
from alerts.rehearse.moments import moments
from alerts.rehearse.run import Seen, states
from alerts.rules import definitions
from alerts.verdict import Rule, evaluate, slots
from app.catalogue import Catalogue
from app.config import AlarmSettings, MetricAlarmSettings
from app.model.alarms import AlarmDefinition
from app.model.states import AlarmState
from app.model.time import Window
from tests.alerts.test_grid import counts, values
from tests.support.alarm_yard import ACCOUNT, NOON, Yard, alarm

START = 1_767_268_800
HOUR = timedelta(hours=1)


@pytest.fixture
def yard(tmp_path: Path) -> Any:
    made = Yard(tmp_path)
    yield made
    made.close()


def defined(settings: MetricAlarmSettings) -> AlarmDefinition:
    [made] = definitions(AlarmSettings(metric=[settings]), [ACCOUNT], Catalogue({}), [])
    return made


def rehearsed(yard: Yard, length: timedelta = HOUR, **fields: Any) -> Rehearsal:
    window = Window(NOON - length, NOON)
    return Rehearser(yard.store, Catalogue({})).rehearse(defined(alarm(**fields)), window)


def told(rehearsal: Rehearsal) -> list[tuple[str, str]]:
    return [(f"{change.at:%H:%M}", str(change.new)) for change in rehearsal.changes]


def test_changes_stand_where_the_points_call_for_them(yard: Yard) -> None:
    yard.points("1x29 90 95 1x27", NOON)
    yard.answered(NOON - 2 * HOUR, NOON)
    found = rehearsed(yard)
    assert told(found) == [("11:01", "OK"), ("11:31", "ALARM"), ("11:33", "OK")]
    assert found.changes[1].reason == (
        "Threshold Crossed: 1 out of the last 1 datapoints [90.0 (01/01/26 11:30:00)] was greater "
        "than the threshold (80.0) (minimum 1 datapoint for OK -> ALARM transition)."
    )
    assert (found.pages, found.in_alarm, found.problem) == (1, timedelta(minutes=2), "")


def test_pages_are_told_for_a_week(yard: Yard) -> None:
    yard.points("1x9 90 1x48", NOON)
    yard.answered(NOON - 2 * HOUR, NOON)
    assert rehearsed(yard).pages_per_week == pytest.approx(7 * 24)


def test_what_was_not_asked_keeps_the_state(yard: Yard) -> None:
    yard.points("1x29 90x29", NOON)
    yard.answered(NOON - 2 * HOUR, NOON - timedelta(minutes=31))
    found = rehearsed(yard)
    assert told(found) == [("11:01", "OK")]
    assert found.unasked == timedelta(minutes=31)


def test_a_metric_that_is_not_stored_says_so(yard: Yard) -> None:
    yard.answered(NOON - 2 * HOUR, NOON)
    found = rehearsed(yard, TreatMissingData="notBreaching")
    assert found.problem == (
        "the store holds no point of Maximum of Signal at 60 seconds; "
        "what is not collected cannot be judged."
    )


def test_an_alarm_that_aws_would_refuse_says_why(yard: Yard) -> None:
    found = rehearsed(yard, Period=61)
    assert "Period must be 10, 20, 30 or a multiple of 60." in found.problem
    assert (found.changes, found.pages_per_week) == ((), 0)


def test_two_versions_stand_side_by_side(yard: Yard) -> None:
    yard.points("1x9 90 1x9 90x9 1x28", NOON)
    yard.answered(NOON - 2 * HOUR, NOON)
    quick, calm = rehearsed(yard), rehearsed(yard, EvaluationPeriods=3, DatapointsToAlarm=3)
    beside = compare(quick, calm)
    assert [f"{each.window.start:%H:%M}" for each in beside.only_first] == ["11:11"]
    assert beside.only_second == ()
    assert len(beside.both) == 1
    assert beside.later == timedelta(minutes=2)


def test_thousands_of_episodes_are_compared_in_one_pass(yard: Yard) -> None:
    line = "90 1 " * 1000
    yard.points(line, NOON)
    yard.answered(NOON - timedelta(days=2), NOON)
    found = rehearsed(yard, timedelta(hours=33))
    beside = compare(found, found)
    assert (len(beside.both), beside.only_first, beside.later) == (990, (), timedelta())


def test_longer_periods_are_added_up_from_minutes(yard: Yard) -> None:
    yard.points("1x299", NOON)
    yard.answered(NOON - timedelta(hours=5), NOON)
    hourly = {"Statistic": "Sum", "Period": 3600, "Threshold": 59.0}
    found = rehearsed(yard, timedelta(minutes=30), **hourly)
    assert told(found) == [("11:30", "ALARM")]
    assert found.every == timedelta(minutes=5)
    assert found.line.values.tolist() == [60.0] * 7


@st.composite
def rules(draw: st.DrawFn) -> dict[str, Any]:
    n = draw(st.integers(1, 5))
    made: dict[str, Any] = {
        "Period": draw(st.sampled_from([60, 300])),
        "EvaluationPeriods": n,
        "DatapointsToAlarm": draw(st.integers(1, n)),
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": draw(st.sampled_from(["missing", "ignore", "breaching", None])),
        "Threshold": 2.0,
    }
    if draw(st.booleans()):
        made["EvaluationWindow"] = {"WallClockWindow": {"Timezone": "+05:30"}}
    if draw(st.booleans()):
        few = {"ExtendedStatistic": "p90", "EvaluateLowSampleCountPercentile": "ignore"}
        made |= few
    return made


@settings(max_examples=150, deadline=None)
@given(st.data(), rules())
def test_a_rehearsal_equals_judging_moment_by_moment(
    data: st.DataObject, made: dict[str, Any]
) -> None:
    rule = Rule.of(made)
    seen = moments(rule, START, START + 1200, 60, 60)
    saw_values = [data.draw(values) for _ in seen.starts]
    saw_counts = [data.draw(counts) if v is not None else 0.0 for v in saw_values]
    asked = np.array([data.draw(st.booleans()) for _ in seen.at])
    saw = Seen(np.array(saw_values, dtype=float), np.array(saw_counts))
    rows = list(zip(seen.starts.tolist(), saw_values, saw_counts, strict=True))
    state, expected = AlarmState.INSUFFICIENT_DATA, []
    for at, known in zip(seen.at.tolist(), asked, strict=True):
        if known:
            state = evaluate(made, rows, state, at).state
        expected.append(state)
    assert [grid.STATES[code] for code in states(rule, seen, saw, asked)] == expected


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "-08:00"])
def test_moments_look_at_the_slots_of_the_alarm(zone: str) -> None:
    clock = {"WallClockWindow": {"Timezone": zone}}
    made = {"Period": 86_400, "EvaluationPeriods": 3, "ComparisonOperator": "GreaterThanThreshold"}
    rule = Rule.of({**made, "EvaluationWindow": clock})
    spring = round(datetime(2026, 3, 28, 20, tzinfo=UTC).timestamp())
    seen = moments(rule, spring, spring + 4 * 86_400, 3600, 60)
    assert [seen.slots(i) for i in range(len(seen.at))] == [slots(rule, at) for at in seen.at]
