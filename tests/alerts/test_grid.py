"""The vectorised pass and the per-alarm code come to the same states."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts import grid
from alerts.verdict import Rule, evaluate, slots
from alerts.verdict.rule import Operator
from app.model.states import AlarmState

NOW = 1_767_268_800
STATIC = [operator for operator in Operator if not operator.is_band]
TREATMENTS = [None, "missing", "ignore", "breaching", "notBreaching"]


@st.composite
def alarms(draw: st.DrawFn) -> dict[str, Any]:
    n = draw(st.integers(1, 7))
    operator = draw(st.sampled_from(list(Operator)))
    alarm: dict[str, Any] = {
        "Namespace": draw(st.sampled_from(["App", "AWS/DynamoDB"])),
        "Period": draw(st.sampled_from([10, 20, 60, 300, 3600, 86_400])),
        "EvaluationPeriods": n,
        "DatapointsToAlarm": draw(st.integers(1, n)),
        "ComparisonOperator": str(operator),
        "TreatMissingData": draw(st.sampled_from(TREATMENTS)),
    }
    if operator.is_band:
        return alarm | {"ThresholdMetricId": "ad1"}
    if draw(st.booleans()):
        few = draw(st.sampled_from(["ignore", "evaluate"]))
        alarm |= {"ExtendedStatistic": "p90", "EvaluateLowSampleCountPercentile": few}
    return alarm | {"Threshold": 2.0}


values = st.one_of(st.none(), st.sampled_from([0.0, 2.0, 4.0]))
bounds = st.one_of(st.none(), st.sampled_from([1.0, 3.0]))
counts = st.sampled_from([0.0, 20.0, 50.0, 100.0])


@settings(max_examples=400, deadline=None)
@given(st.data(), alarms(), st.sampled_from(list(AlarmState)))
def test_one_alarm_comes_to_the_same_state_both_ways(
    data: st.DataObject, alarm: dict[str, Any], previous: AlarmState
) -> None:
    rule = Rule.of(alarm)
    spans = [start for start, _ in slots(rule, NOW)]
    row = [data.draw(values) for _ in spans]
    samples = [data.draw(counts) for _ in spans]
    low, high = ([data.draw(bounds) for _ in spans] for _ in range(2))
    band = {
        "lower": list(zip(spans, low, strict=True)),
        "upper": list(zip(spans, high, strict=True)),
    }
    one = evaluate(alarm, list(zip(spans, row, samples, strict=True)), previous, NOW, band=band)
    (group,) = grid.groups([rule])
    (state,) = grid.decide(
        group,
        np.array([row], dtype=float),
        np.array([grid.CODES[previous]]),
        np.array([samples]),
        np.array([low], dtype=float),
        np.array([high], dtype=float),
    )
    assert grid.STATES[state] is one.state


def test_ten_thousand_mixed_alarms_come_to_the_same_states_both_ways() -> None:
    draw = np.random.default_rng(7)
    n = draw.choice([1, 2, 3, 5, 10], 10_000)
    alarms = [
        {
            "Period": 60, "EvaluationPeriods": int(each), "Threshold": float(draw.integers(0, 5)),
            "DatapointsToAlarm": int(draw.integers(1, each + 1)),
            "ComparisonOperator": str(STATIC[draw.integers(4)]),
            "TreatMissingData": TREATMENTS[draw.integers(5)],
        }
        for each in n
    ]  # fmt: skip
    rules = [Rule.of(alarm) for alarm in alarms]
    points = draw.integers(0, 5, (10_000, 13)).astype(float)
    points[draw.random(points.shape) < draw.random((10_000, 1))] = np.nan
    previous = draw.integers(0, 3, 10_000).astype(np.int8)
    states = np.full(10_000, -1, dtype=np.int8)
    for group in grid.groups(rules):
        mine = points[group.rows][:, 13 - group.range :]
        states[group.rows] = grid.decide(group, mine, previous[group.rows])
    starts = range(NOW - 13 * 60, NOW, 60)
    expected = [
        evaluate(alarm, list(zip(starts, row, strict=True)), grid.STATES[before], NOW).state
        for alarm, row, before in zip(alarms, points.tolist(), previous, strict=True)
    ]
    assert [grid.STATES[state] for state in states] == expected
    assert set(expected) == set(AlarmState)
