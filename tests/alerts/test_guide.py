"""What the guide says of alarms and messages is what the code does."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from alerts.message import Letter
from alerts.notifiers.webhook import letter, payload
from alerts.verdict import evaluate
from tests.support.notices import ALARM, notice

GUIDE = Path(__file__).parents[2] / "docs" / "guide"
ROW = re.compile(r"^\| (\d) \| `([0X -]+)` \| (\w+) \| (\w+) \| (\w+) \| (\w+) \|$", re.M)
ROWS = ROW.findall((GUIDE / "alarms.md").read_text())
TREATMENTS = ("missing", "ignore", "breaching", "notBreaching")
NOW = 1_767_268_800


def test_the_guide_holds_both_published_tables() -> None:
    assert len(ROWS) == 10


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]} of 3: {row[1]}")
def test_a_row_of_the_guide_holds(row: tuple[str, ...]) -> None:
    m, points, *states = row
    marks = points.split()
    rows = [
        (NOW - (5 - i) * 60, 100.0 if each == "X" else 0.0)
        for i, each in enumerate(marks)
        if each != "-"
    ]
    for treatment, expected in zip(TREATMENTS, states, strict=True):
        alarm = {
            "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 3, "DatapointsToAlarm": int(m),
            "Threshold": 50.0, "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": treatment,
        }  # fmt: skip
        for previous in ("OK", "ALARM"):
            wanted = previous if expected == "keeps" else expected
            assert evaluate(alarm, rows, previous, NOW).state == wanted, treatment


def keys(value: Any) -> Any:
    """The shape of a message: names of members, at every level that has a fixed set."""
    if not isinstance(value, dict):
        return None
    free = ("reason_data", "dimensions")
    return {name: None if name in free else keys(each) for name, each in value.items()}


def test_the_message_of_the_guide_has_the_fields_of_a_real_one() -> None:
    text = (GUIDE / "notifications.md").read_text()
    example, digest = (json.loads(each) for each in re.findall(r"```json\n(.*?)```", text, re.S))
    assert keys(example) == keys(json.loads(json.dumps(payload(notice(ALARM)))))
    told = Letter(digest["title"], tuple(digest["lines"]), digest["data"])
    assert keys(digest) == keys(letter(notice(ALARM), told))
