"""Whatever is written parses or is a mistake with a place; what parses obeys the laws of logic."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.query.trace_filter import Expression, QueryError, evaluate, parse
from app.query.trace_filter.parse import DEEPEST
from tests.query.trace_filter.expressions import expressions

TRACES = json.loads(Path("tests/cases/trace-filters/traces.json").read_text(encoding="utf-8"))
traces = st.sampled_from(list(TRACES.values()))


def parsed(text: str) -> Expression | QueryError:
    try:
        return parse(text)
    except QueryError as mistake:
        return mistake


pieces = st.sampled_from(
    ["ok", "fault", "duration", "http.url", "annotation", "annotation.x", "service", "edge", "id",
     "(", ")", "{", "}", "[", "]", "=", "!=", "<", "!", "#", ",", ":", '"', '"a"', "5", "-", ".",
     "true", "AND", "or", "not", "CONTAINS", "rootcause.fault.service", "rootcause.json", "\\", " "]
)  # fmt: skip


@given(expressions)
def test_what_is_printed_parses_to_the_same(text: str) -> None:
    tree = parse(text)
    assert parse(str(tree)) == tree


@given(st.lists(pieces, max_size=40).map("".join) | st.text(max_size=500))
def test_any_text_parses_or_is_a_mistake_with_a_place(text: str) -> None:
    found = parsed(text)
    if isinstance(found, QueryError):
        assert 0 <= found.span.start <= len(text)
        assert found.drawn()
    else:
        assert parse(str(found)) == found


@given(expressions, expressions, traces)
def test_the_laws_of_logic_hold(a: str, b: str, trace: dict[str, Any]) -> None:
    first, second = evaluate(a, trace), evaluate(b, trace)
    assert evaluate(f"!({a})", trace) is not first
    assert evaluate(f"!(!({a}))", trace) is first
    assert evaluate(f"({a}) ({b})", trace) is (first and second)
    assert evaluate(f"({a}) AND ({b})", trace) is (first and second)
    assert evaluate(f"({a}) OR ({b})", trace) is (first or second)


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4)
keys = st.sampled_from(
    ["id", "name", "parent_id", "start_time", "end_time", "in_progress", "type", "namespace", "aws",
     "http", "request", "response", "status", "annotations", "subsegments", "Document", "links",
     "inferred", "origin", "user", "account_id", "sql", "operation", "table_name"]
)  # fmt: skip
anything = st.recursive(
    scalars | st.sampled_from(["a", "b", "subsegment", "aws", "{}"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=6),
    max_leaves=30,
)
odd = st.fixed_dictionaries({}, optional=dict.fromkeys(("segments", "summary", "Id"), anything))
segments = st.fixed_dictionaries(
    {"id": st.sampled_from("abc"), "name": st.sampled_from(["web", "DynamoDB"])},
    optional={
        "parent_id": st.sampled_from("abcx"),
        "namespace": st.sampled_from(["aws", "remote"]),
        "type": st.just("subsegment"),
        "start_time": st.integers(0, 3),
        "subsegments": st.lists(st.dictionaries(keys, anything, max_size=5), max_size=3),
        "inferred": st.booleans(),
    },
)
tangled = st.lists(segments, max_size=6).map(lambda given: {"segments": given})


@given(expressions, odd | tangled)
def test_any_json_at_all_is_answered_as_a_trace(text: str, trace: dict[str, Any]) -> None:
    assert evaluate(text, trace) is not evaluate(f"!({text})", trace)


@pytest.mark.parametrize(
    "text", ["(" * 4000 + "ok" + ")" * 4000, "!" * 4000 + "ok", "not " * 2000 + "ok"]
)
def test_what_nests_too_deep_is_a_mistake(text: str) -> None:
    with pytest.raises(QueryError, match=str(DEEPEST)):
        parse(text)


def test_what_nests_as_deep_as_it_may_is_answered() -> None:
    deep = "(" * DEEPEST + "ok" + ")" * DEEPEST
    assert evaluate(deep, TRACES["checkout"])


def test_a_long_row_of_conditions_is_no_matter() -> None:
    assert evaluate(" OR ".join(["fault"] * 900 + ["ok"]), TRACES["checkout"])
    assert not evaluate(" ".join(["ok"] * 900 + ["fault"]), TRACES["checkout"])
