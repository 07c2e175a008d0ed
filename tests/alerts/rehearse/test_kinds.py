"""Expressions, bands and composites are rehearsed as they are judged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from alerts.explain import Replayer, marks_line
from alerts.rehearse import Rehearsal, Rehearser
from alerts.verdict import evaluate
from app.catalogue import Catalogue
from app.model.alarms import AlarmDefinition, AlarmStatus, Transition
from app.model.states import AlarmState
from app.model.time import Window
from tests.support.alarm_yard import NAMESPACE, NOON, PLACE, Yard, alarm
from tests.support.series import ending

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[Yard]:
    made = Yard(tmp_path)
    yield made
    made.close()


def metric(name: str, *, period: int = 60, returned: bool = False) -> dict[str, Any]:
    stat = {
        "Metric": {"Namespace": NAMESPACE, "MetricName": name}, "Period": period, "Stat": "Sum",
    }  # fmt: skip
    return {"Id": name.lower(), "MetricStat": stat, "ReturnData": returned}


def on_metrics(*queries: dict[str, Any], **fields: Any) -> AlarmDefinition:
    put = {
        "AlarmName": "rate", "EvaluationPeriods": 2, "DatapointsToAlarm": 2, "Threshold": 0.1,
        "ComparisonOperator": "GreaterThanThreshold", "Metrics": list(queries),
        "TreatMissingData": "notBreaching", **fields,
    }  # fmt: skip
    return AlarmDefinition(PLACE, {name: value for name, value in put.items() if value is not None})


def rehearsed(yard: Yard, definition: AlarmDefinition, length: timedelta = HOUR) -> Rehearsal:
    rehearser = Rehearser(yard.store, Catalogue({}))
    return rehearser.rehearse(definition, Window(NOON - length, NOON))


ERRORS, REQUESTS = "0x19 5 _ 5 5 0x36", "20x19 20 20 20 20 20x36"


@pytest.mark.parametrize("expression", ["errors / requests", "errors / MAX(requests)"])
def test_an_expression_is_judged_as_moment_by_moment(yard: Yard, expression: str) -> None:
    yard.answered(NOON - 2 * HOUR, NOON)
    yard.points(ERRORS, NOON, metric="Errors")
    yard.points(REQUESTS, NOON, metric="Requests")
    queries = (
        {"Id": "e1", "Expression": expression}, metric("Errors"), metric("Requests"),
    )  # fmt: skip
    definition = on_metrics(*queries)
    found = rehearsed(yard, definition)
    series = {
        name: ending(line, round(NOON.timestamp()), 60)
        for name, line in (("errors", ERRORS), ("requests", REQUESTS))
    }
    state, expected = AlarmState.INSUFFICIENT_DATA, []
    for minute in range(60, -1, -1):
        at = NOON - minute * MINUTE
        new = evaluate(definition.put, previous_state=state, now=at, series=series).state
        if new is not state:
            expected.append((at, new))
        state = new
    assert [(change.at, change.new) for change in found.changes] == expected
    assert AlarmState.ALARM in [new for _, new in expected]


def test_an_expression_is_explained(yard: Yard) -> None:
    yard.answered(NOON - 2 * HOUR, NOON)
    yard.points("0x56 5 5 5", NOON, metric="Errors")
    yard.points("20x59", NOON, metric="Requests")
    queries = (
        {"Id": "e1", "Expression": "errors / requests"},
        metric("Errors"),
        metric("Requests"),
    )
    found = Replayer(yard.store, Catalogue({})).replay(on_metrics(*queries), NOON)
    assert found.explanation is not None
    assert marks_line(found.explanation.slots) == "0 X X X"
    assert found.explanation.slots[-1].value == 0.25


def test_a_band_is_learnt_from_the_past_and_drawn(yard: Yard) -> None:
    yard.answered(NOON - timedelta(days=4), NOON)
    rng = np.random.default_rng(3)
    usual = (100 + rng.normal(0, 1, 3 * 1440)).round(2).tolist()
    usual[-50:-20] = [180.0] * 30
    yard.points(" ".join(map(str, usual)), NOON, metric="Load")
    band = {"Id": "ad1", "Expression": "ANOMALY_DETECTION_BAND(load, 3)"}
    definition = on_metrics(
        metric("Load", period=300, returned=True), band, Threshold=None, ThresholdMetricId="ad1",
        ComparisonOperator="GreaterThanUpperThreshold",
    )  # fmt: skip
    found = rehearsed(yard, definition, timedelta(hours=6))
    raised = [change.at for change in found.changes if change.new is AlarmState.ALARM]
    assert NOON - timedelta(minutes=45) <= raised[-1] <= NOON - timedelta(minutes=30)
    lower, upper = found.bounds
    assert (lower.values < 550).all()
    assert (upper.values > 450).all()


def test_what_is_unusual_teaches_rehearsals_and_explanations_nothing(yard: Yard) -> None:
    yard.answered(NOON - timedelta(days=4), NOON)
    usual = (100 + np.random.default_rng(3).normal(0, 1, 2 * 1440)).round(2)
    usual[1440:2100:20], usual[-1] = 500.0, 150.0
    yard.points(" ".join(map(str, usual.tolist())), NOON, metric="Load")
    definition = on_metrics(
        metric("Load", returned=True), {"Id": "ad1", "Expression": "ANOMALY_DETECTION_BAND(load)"},
        Threshold=None, ThresholdMetricId="ad1", ComparisonOperator="GreaterThanUpperThreshold",
    )  # fmt: skip
    start = NOON.timestamp() - 1440 * 60
    stretch = [(start, start + 660 * 60)]
    window = Window(NOON - HOUR, NOON)
    uppers = [
        Rehearser(yard.store, Catalogue({}), unusual).rehearse(definition, window).bounds[1]
        for unusual in ((), stretch)
    ]
    assert uppers[0].values.min() > 400 > 120 > uppers[1].values.max()
    marks = []
    for unusual in ((), stretch):
        found = Replayer(yard.store, Catalogue({}), unusual).replay(definition, NOON)
        assert found.explanation is not None
        marks.append(marks_line(found.explanation.slots)[-1])
    assert marks == ["0", "X"]


def test_a_composite_follows_the_record_of_its_children(yard: Yard) -> None:
    yard.engine(alarm("web"), alarm("deploy")).tick(NOON - 2 * HOUR)
    ledger = yard.store.ledger
    both = AlarmDefinition(
        PLACE, {"AlarmName": "both", "AlarmRule": "ALARM(web) AND NOT ALARM(deploy)"}
    )
    ledger.define([*ledger.definitions(), both], NOON - 2 * HOUR)

    def moved(name: str, minutes: int, new: AlarmState) -> None:
        at = NOON - minutes * MINUTE
        status = AlarmStatus(f"{PLACE}/{name}", new, "", {}, at, at)
        change = Transition(f"{PLACE}/{name}", at, AlarmState.OK, new, "", {})
        ledger.record([status], [(change, [])], at)

    moved("web", 40, AlarmState.ALARM)
    moved("deploy", 30, AlarmState.ALARM)
    moved("deploy", 20, AlarmState.OK)
    found = rehearsed(yard, both)
    assert [(NOON - each.at, str(each.new)) for each in found.changes] == [
        (60 * MINUTE, "OK"), (40 * MINUTE, "ALARM"), (30 * MINUTE, "OK"), (20 * MINUTE, "ALARM"),
    ]  # fmt: skip
    assert found.changes[2].reason == "The rule is False: deploy."


def test_what_cannot_be_judged_over_the_past_says_so(yard: Yard) -> None:
    promql = AlarmDefinition(
        PLACE, {"AlarmName": "p", "EvaluationCriteria": {"PromQLCriteria": {}}}
    )
    log = AlarmDefinition(PLACE, {"AlarmName": "log", "ScheduledQueryConfiguration": {"a": 1}})
    broken = AlarmDefinition(PLACE, {"AlarmName": "x", "AlarmRule": "ALARM(nobody)"})
    problems = [rehearsed(yard, each).problem for each in (promql, log, broken)]
    assert [problem.partition(":")[0] if "AWS" in problem else problem for problem in problems] == [
        "an alarm of the kind promql cannot be judged over the past.",
        "AWS would refuse this alarm",
        "there is no alarm `nobody`",
    ]
