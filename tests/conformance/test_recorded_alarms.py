"""Transitions of the real service: state, reason and reason data to the letter."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from alerts.verdict import evaluate

RECORDED = Path(__file__).parents[1] / "cases" / "alarms" / "recorded.jsonl"
CASES = list(map(json.loads, RECORDED.read_text().splitlines()))


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_a_recorded_transition_is_reproduced(case: dict[str, Any]) -> None:
    given = {name: case[name] for name in ("samples", "series") if name in case}
    verdict = evaluate(case["alarm"], None, case["previous_state"], case["now"], **given)
    assert verdict.state == case["expected_state"], case["why"]
    if "expected_reason" in case:
        assert verdict.reason == case["expected_reason"]
        assert json.dumps(verdict.reason_data) == json.dumps(case["expected_reason_data"])
