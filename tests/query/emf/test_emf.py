"""Lines in Embedded Metric Format give their metrics, and a broken part takes no sibling along."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.query import emf

CASES = [
    json.loads(line)
    for name in ("emf", "emf-rules")
    for line in Path(f"tests/cases/{name}.jsonl").read_text(encoding="utf-8").splitlines()
]
AT = 1790000000000


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_a_documented_case(case: dict[str, Any]) -> None:
    result = emf.parse(case["message"], default_timestamp=1)
    assert result.kind == case["expected"]["kind"], case["why"]
    found = sorted((dataclasses.asdict(m) for m in result.metrics), key=repr)
    assert found == sorted(case["expected"]["metrics"], key=repr), case["why"]


def document(**changes: Any) -> str:
    directive: dict[str, Any] = {
        "Namespace": "Shop",
        "Dimensions": [["shop"]],
        "Metrics": [{"Name": "Orders"}],
    }
    aws: dict[str, Any] = {"Timestamp": AT, "CloudWatchMetrics": [directive]}
    root: dict[str, Any] = {"_aws": aws, "shop": "eu", "Orders": 4}
    for key, value in changes.items():
        target = directive if key in directive else aws if key in aws else root
        target[key] = value
    return json.dumps(root)


def kind(message: str) -> str:
    return emf.parse(message, default_timestamp=1).kind


def test_the_plain_document_gives_its_metric() -> None:
    assert kind(document()) == "metrics"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"Namespace": ""}, "Namespace is not a string"),
        ({"Dimensions": []}, "at least one set"),
        ({"Metrics": [{"Name": "Orders"}] * 101}, "at most 100"),
        ({"Dimensions": [["shop"] * 31]}, "at most 30 keys"),
        ({"shop": 7}, "'shop' names no string"),
        ({"shop": ""}, "'shop' names no string"),
        ({"Orders": True}, "'Orders' names no number"),
        ({"Orders": []}, "'Orders' names no number"),
        ({"Orders": [1] * 101}, "'Orders' names no number"),
        ({"Metrics": [{"Name": "Orders", "StorageResolution": 30}]}, "StorageResolution"),
        ({"Metrics": [{"Name": "Orders", "Unit": "Furlongs"}]}, "unknown Unit 'Furlongs'"),
        ({"Timestamp": 1.5}, "Timestamp is not an integer"),
        ({"CloudWatchMetrics": {}}, "CloudWatchMetrics is not an array"),
    ],
)
def test_what_is_dropped_is_said(changes: dict[str, Any], said: str) -> None:
    result = emf.parse(document(**changes), default_timestamp=1)
    assert result.kind == "invalid"
    assert said in result.dropped[0]


def test_a_broken_set_leaves_the_others() -> None:
    result = emf.parse(document(Dimensions=[["gone"], ["shop"], []]), default_timestamp=1)
    assert [m.dimensions for m in result.metrics] == [{"shop": "eu"}, {}]
    assert len(result.dropped) == 1


def test_no_definitions_is_no_mistake() -> None:
    result = emf.parse(document(Metrics=[]), default_timestamp=1)
    assert (result.kind, result.metrics) == ("metrics", [])


@pytest.mark.parametrize("text", ['{"_aws": NaN}', "[1]", "x {}", '{"_AWS": {}}', '{"_aws": {}}'])
def test_an_ordinary_line_is_left_alone(text: str) -> None:
    assert kind(text) == "not_emf"


def test_no_line_with_metrics_is_passed_over() -> None:
    spelled = document().replace("_aws", "\\u005faw\\u0073")
    lines = [case["message"] for case in CASES] + [spelled]
    worth = pl.Series("line", lines).to_frame().select(emf.worth_parsing(pl.col("line")))
    told = dict(zip(lines, worth.to_series(), strict=True))
    assert kind(spelled) == "metrics"
    assert [line for line in lines if kind(line) != "not_emf" and not told[line]] == []


@pytest.mark.parametrize("line", ["ERROR _aws", '{"a": 1}', '["_aws"]', None])
def test_an_ordinary_line_is_passed_over(line: str | None) -> None:
    frame = pl.DataFrame({"line": [line]}, schema={"line": pl.String})
    assert not frame.select(emf.worth_parsing(pl.col("line"))).item()


def test_a_larger_line_than_an_event_can_be_is_left_alone() -> None:
    room = emf.LARGEST_MESSAGE_BYTES - len(document(pad=""))
    assert kind(document(pad="p" * room)) == "metrics"
    assert kind(document(pad="p" * (room + 1))) == "not_emf"


def test_a_line_without_a_time_is_counted_at_the_events_own() -> None:
    result = emf.parse('{"_aws": {"CloudWatchMetrics": []}}', default_timestamp=77)
    assert (result.kind, result.timestamp) == ("invalid", 77)


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists), st.text())
def test_no_line_breaks_the_parser(value: Any, text: str) -> None:
    for message in (text, json.dumps(value), document(Orders=value), document(Dimensions=value)):
        assert kind(message) in {"metrics", "invalid", "not_emf"}
