"""A decision in words: each step of the algorithm is named, and says the same as the verdict."""

from __future__ import annotations

from typing import Any

import pytest

from alerts.explain import explained, marks_line
from alerts.verdict import Rule, slots
from alerts.verdict.evidence import Evidence, Point
from app.model.states import AlarmState

NOON = 1_767_268_800


def told(line: str, treatment: str = "missing", m: int = 3, **fields: Any) -> Any:
    """An explanation over marks as the guide writes them, newest on the right."""
    alarm = {
        "Period": 60, "EvaluationPeriods": 3, "DatapointsToAlarm": m, "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": treatment, **fields,
    }  # fmt: skip
    rule = Rule.of(alarm)
    spans = slots(rule, NOON)
    values = {"0": 0.0, "X": 2.0, "-": None}
    points = {
        start: Point(values[sign], 1.0)
        for (start, _), sign in zip(spans, line.split(), strict=True)
        if sign != "-"
    }
    return explained(rule, Evidence.of(rule, spans, points), AlarmState.OK, NOON)


@pytest.mark.parametrize(
    ("line", "treatment", "m", "state", "decided"),
    [
        pytest.param("0 X X X 0", "missing", 2, "ALARM",
                     "Step 1: enough points, and 2 breaches are at least 2: ALARM.", id="real"),
        pytest.param("0 X X X 0", "missing", 3, "OK",
                     "Step 1: enough points, and 2 breaches are fewer than 3: OK.", id="fewer"),
        pytest.param("- - - - -", "missing", 3, "INSUFFICIENT_DATA",
                     "Step 2: no point at all and missing data is treated as missing: "
                     "INSUFFICIENT_DATA.", id="no data"),
        pytest.param("- - - - -", "ignore", 3, "OK",
                     "Step 2: no point at all and missing data is treated as ignore: "
                     "the state stays OK.", id="no data kept"),
        pytest.param("- - - - -", "breaching", 3, "ALARM",
                     "Step 2: 3 missing points are filled in as breaching; 3 breaches are at "
                     "least 3: ALARM.", id="no data filled"),
        pytest.param("- - - - X", "notBreaching", 1, "ALARM",
                     "Step 3: 2 missing points are filled in as good; 1 breaches are at least 1: "
                     "ALARM.", id="filled good"),
        pytest.param("- - X - -", "missing", 3, "ALARM",
                     "Step 3: only breaches, fewer than 3, but the oldest breach is 3 slots old, "
                     "at least 3; missing data is treated as missing, so waiting for more would be "
                     "too late: ALARM.", id="premature"),
        pytest.param("- - - X -", "missing", 3, "OK",
                     "Step 3: only breaches, fewer than 3, and the oldest breach is 2 slots old, "
                     "less than 3: the state stays OK until more is known.", id="too new"),
        pytest.param("- - X - -", "ignore", 3, "OK",
                     "Step 3: only breaches, fewer than 3; missing data is treated as ignore: "
                     "the state stays OK.", id="ignored"),
        pytest.param("- X - X -", "missing", 2, "ALARM",
                     "Step 3: points are missing, but 2 breaches are at least 2: ALARM.",
                     id="real breaches"),
        pytest.param("- 0 - X -", "missing", 2, "OK",
                     "Step 3: points are missing, 1 breaches are fewer than 2, one is good: OK.",
                     id="a good point"),
    ],
)  # fmt: skip
def test_the_step_that_decides_is_named(
    line: str, treatment: str, m: int, state: str, decided: str
) -> None:
    found = told(line, treatment, m)
    assert (found.state, found.steps[-1]) == (state, decided)
    assert marks_line(found.slots) == line


def test_which_points_count_is_said() -> None:
    found = told("X 0 0 X 0")
    assert found.steps[:2] == (
        "The evaluation range holds 5 slots of 60 s; 5 of them have a point, 3 are asked for.",
        "The newest 3 points count, 1 of them breaches; older ones are left out.",
    )
    assert [each.counts for each in found.slots] == [False, False, True, True, True]


def test_few_samples_are_the_reason_where_they_are() -> None:
    few = {"ExtendedStatistic": "p90", "EvaluateLowSampleCountPercentile": "ignore"}
    found = told("X X X X X", **few)
    assert found.steps[-1] == (
        "The points stand on fewer than 100 samples, too few for p90: the state stays OK."
    )
