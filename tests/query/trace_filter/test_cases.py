"""Every rule of the filter language has cases in ``tests/cases/trace-filters``."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from app.query.trace_filter import QueryError, evaluate, parse

CASES = Path("tests/cases/trace-filters")
TRACES = json.loads((CASES / "traces.json").read_text(encoding="utf-8"))
RULES = [
    topic
    for name in ("rules", "documents", "values")
    for topic in tomllib.loads((CASES / f"{name}.toml").read_text(encoding="utf-8"))["topic"]
]
ERRORS = tomllib.loads((CASES / "errors.toml").read_text(encoding="utf-8"))
SAMPLES = [json.loads(line) for line in (CASES / "samples.jsonl").read_text("utf-8").splitlines()]
REFUSED = [(each["why"], text) for each in ERRORS["refused"] for text in each["of"]]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample["id"])
def test_a_sample_is_answered_as_expected(sample: dict[str, Any]) -> None:
    try:
        found: bool | str = evaluate(sample["expression"], sample["trace"])
    except QueryError:
        found = "error"
    assert found == sample["expected"], sample["why"]


@pytest.mark.parametrize("topic", RULES, ids=lambda topic: topic["name"])
def test_a_rule_holds(topic: dict[str, Any]) -> None:
    trace = TRACES[topic["trace"]]
    wanted = dict.fromkeys(topic["yes"], True) | dict.fromkeys(topic["no"], False)
    assert {text: evaluate(text, trace) for text in wanted} == wanted


@pytest.mark.parametrize("topic", RULES, ids=lambda topic: topic["name"])
def test_what_is_printed_parses_to_the_same(topic: dict[str, Any]) -> None:
    trees = [parse(text) for text in (*topic["yes"], *topic["no"])]
    assert [parse(str(tree)) for tree in trees] == trees


@pytest.mark.parametrize("case", ERRORS["case"], ids=lambda case: case["of"])
def test_a_mistake_is_drawn(case: dict[str, Any]) -> None:
    with pytest.raises(QueryError) as caught:
        parse(case["of"])
    assert caught.value.drawn() == case["error"].strip("\n")


@pytest.mark.parametrize(("why", "text"), REFUSED)
def test_a_mistake_is_refused_with_its_place(why: str, text: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text)
    assert 0 <= caught.value.span.start <= len(text)
    assert caught.value.span.end > caught.value.span.start


def test_there_are_over_a_hundred_cases() -> None:
    assert sum(len(topic["yes"]) + len(topic["no"]) for topic in RULES) > 300
