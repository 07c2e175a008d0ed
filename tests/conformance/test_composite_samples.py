"""Every sample of composite rules and of suppression, and how keys become arguments."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from alerts.actions import mute_timeline, suppressor_timeline
from app.query.alarm_rule import evaluate
from app.query.lang import QueryError

CASES = Path(__file__).parents[1] / "cases" / "alarms"


def samples(file: str) -> list[Any]:
    lines = (CASES / file).read_text().splitlines()
    return [pytest.param(sample, id=sample["id"]) for sample in map(json.loads, lines)]


@pytest.mark.parametrize("sample", samples("composite.jsonl"))
def test_a_rule_holds_as_expected(sample: dict[str, Any]) -> None:
    try:
        found: bool | str = evaluate(
            sample["rule"],
            sample["states"],
            name=sample.get("self"),
            composites=sample.get("composites"),
        )
    except QueryError:
        found = "error"
    assert found == sample["expected"], sample["why"]


@pytest.mark.parametrize("sample", samples("suppression.jsonl"))
def test_actions_run_when_expected(sample: dict[str, Any]) -> None:
    timeline = mute_timeline if sample["kind"] == "mute" else suppressor_timeline
    taken = {"id", "kind", "source", "why", "events", "expected_actions"}
    arguments = {name: value for name, value in sample.items() if name not in taken}
    found = timeline(sample["events"], **arguments)
    assert [list(action) for action in found] == sample["expected_actions"], sample["why"]
