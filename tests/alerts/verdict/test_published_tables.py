"""The two tables of "Configuring how CloudWatch alarms treat missing data"."""

from __future__ import annotations

import pytest

from alerts.verdict import evaluate

NOW = 1_767_268_800
VALUES = {"0": 0.0, "X": 100.0}
KEEPS = "retain"
ROWS = [
    (3, "0 - X - X", "OK", "OK", "OK", "OK"),
    (3, "0 - - - -", "OK", "OK", "OK", "OK"),
    (3, "- - - - -", "INSUFFICIENT_DATA", KEEPS, "ALARM", "OK"),
    (3, "0 X X - X", "ALARM", "ALARM", "ALARM", "ALARM"),
    (3, "- - X - -", "ALARM", KEEPS, "ALARM", "OK"),
    (2, "0 - X - X", "ALARM", "ALARM", "ALARM", "ALARM"),
    (2, "0 0 X 0 X", "ALARM", "ALARM", "ALARM", "ALARM"),
    (2, "0 - X - -", "OK", "OK", "ALARM", "OK"),
    (2, "- - - - 0", "OK", "OK", "ALARM", "OK"),
    (2, "- - - X -", "ALARM", KEEPS, "ALARM", "OK"),
    # What the text below the tables says.
    (3, "- - - - -", "INSUFFICIENT_DATA", KEEPS, "ALARM", "OK"),
    (3, "- - - - X", KEEPS, KEEPS, "ALARM", "OK"),
    (3, "- - - X -", KEEPS, KEEPS, "ALARM", "OK"),
    (3, "- - - X 0", "OK", "OK", "OK", "OK"),
    (3, "- - X - 0", "OK", "OK", "OK", "OK"),
    # Recorded: a lone breach counts until it leaves the range.
    (3, "X - - - -", "ALARM", KEEPS, "ALARM", "OK"),
]
CASES = [
    pytest.param(m, points, treatment, expected, id=f"{m} of 3 {points} {treatment}")
    for m, points, *states in ROWS
    for treatment, expected in zip(
        ("missing", "ignore", "breaching", "notBreaching"), states, strict=True
    )
]


@pytest.mark.parametrize("previous", ["OK", "ALARM", "INSUFFICIENT_DATA"])
@pytest.mark.parametrize(("m", "points", "treatment", "expected"), CASES)
def test_a_row_of_the_published_tables(
    m: int, points: str, treatment: str, expected: str, previous: str
) -> None:
    alarm = {
        "Statistic": "Average", "Period": 300, "EvaluationPeriods": 3, "DatapointsToAlarm": m,
        "Threshold": 50.0, "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": treatment,
    }  # fmt: skip
    marks = points.split()
    rows = [
        (NOW - (len(marks) - i) * 300, VALUES[each]) for i, each in enumerate(marks) if each != "-"
    ]
    wanted = previous if expected == KEEPS else expected
    assert evaluate(alarm, rows, previous, NOW).state == wanted
