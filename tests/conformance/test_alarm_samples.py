"""Every alarm sample of the reference, and how its keys become arguments.

``samples.jsonl`` are the reference's own, ``rules.jsonl`` decide each of its sections.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from alerts.validation import problems
from alerts.verdict import evaluate

CASES = Path(__file__).parents[1] / "cases" / "alarms"
FILES = ("samples.jsonl", "rules.jsonl")
KEYWORDS = (
    "samples",
    "series",
    "band",
    "contributors",
    "period",
    "created_at",
    "first_datapoint_at",
)


def samples(*kinds: str) -> list[Any]:
    texts = [(CASES / file).read_text() for file in FILES]
    lines = [json.loads(line) for text in texts for line in text.splitlines()]
    return [
        pytest.param(sample, id=sample["id"])
        for sample in lines
        if (sample["kind"] in kinds if kinds else sample["kind"] not in {"validate"})
    ]


@pytest.mark.parametrize("sample", samples())
def test_an_alarm_comes_to_the_expected_state(sample: dict[str, Any]) -> None:
    verdict = evaluate(
        sample["alarm"],
        sample.get("datapoints"),
        sample["previous_state"],
        sample["now"],
        **{name: sample[name] for name in KEYWORDS if name in sample},
    )
    assert verdict.state == sample["expected_state"], sample["why"]
    states = {name: each.state for name, each in verdict.contributors.items()}
    assert states == sample.get("expected_contributors", {})
    assert verdict.reason
    assert verdict.reason_data["version"] == "1.0"


@pytest.mark.parametrize("sample", samples("validate"))
def test_an_alarm_is_refused_where_aws_refuses_it(sample: dict[str, Any]) -> None:
    assert bool(problems(sample["alarm"])) == (sample["expected_state"] == "error"), sample["why"]
