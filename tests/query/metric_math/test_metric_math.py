"""Metric math gives the documented series, and points at what it refuses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.query.metric_math import QueryError, evaluate
from app.query.metric_math.parse import parse, printed

START = 1767225600


def points(*values: float | None) -> list[list[float]]:
    return [[START + 60 * n, value] for n, value in enumerate(values) if value is not None]


def run(expression: str, **series: list[list[float]]) -> list[float | None]:
    result = evaluate(expression, series, 60, START, START + 300)
    by_time = dict(result.series or [])
    return [by_time.get(START + 60 * n) for n in range(5)]


@pytest.mark.parametrize(
    "expression",
    [
        pytest.param("ABS(" * 400 + "a" + ")" * 400, id="calls"),
        pytest.param("-" * 2000 + "a", id="signs"),
        pytest.param("IF(1," * 250 + "a" + ")" * 250, id="conditions"),
    ],
)
def test_what_is_nested_too_deeply_is_a_mistake(expression: str) -> None:
    with pytest.raises(QueryError, match="nested too deeply"):
        evaluate(expression, {"a": points(1)}, 60, START, START + 300)


def test_a_period_is_positive() -> None:
    with pytest.raises(QueryError, match="positive number of seconds"):
        evaluate("a", {"a": points(1)}, 0, START, START + 300)


def test_a_query_of_several_series_is_an_array() -> None:
    arrays = {"q": [("1", "h1", points(1, 2)), ("2", "h2", points(10))]}
    result = evaluate("q * 2", {}, 60, START, START + 120, arrays=arrays)
    assert [(each.label, each.values) for each in result.array or []] == [
        ("h1", [(START, 2.0), (START + 60, 4.0)]),
        ("h2", [(START, 20.0)]),
    ]


def test_an_external_source_is_asked_where_one_may() -> None:
    heard: list[object] = []

    def ask(function: str, arguments: Sequence[object]) -> list[Any]:
        heard.extend([function, *arguments])
        return [("x", "one", points(5))]

    result = evaluate("LAMBDA('f', m, 3) + 1", {}, 60, START, START + 60, ask=ask)
    assert heard == ["LAMBDA", "f", "m", 3.0]
    assert result.series == [(START, 6.0)]


def test_a_list_of_counters_is_an_array_even_with_one() -> None:
    expression = "DB_PERF_INSIGHTS('RDS', 'db-1', ['os.cpu'])"
    answer = [("x", "one", points(5))]
    result = evaluate(expression, {}, 60, START, START + 60, ask=lambda *_: answer)
    assert [each.label for each in result.array or []] == ["one"]


PARTS = ["a", "b1", "1", "2.5", '"t"', "+", "-", "*", "/", "^", "(", ")", "[", "]", ",", "AND"]
PARTS += ["SUM(", "IF(", "METRICS(", "==", "AVG", "||", "%", "&&"]


@given(st.lists(st.sampled_from(PARTS), max_size=15).map(" ".join) | st.text(max_size=40))
def test_no_text_breaks_the_parser_and_printing_keeps_the_tree(text: str) -> None:
    try:
        tree = parse(text)
    except QueryError as error:
        assert error.drawn().endswith("^")  # noqa: PT017 - either outcome is fine, this one is drawn
        return
    assert parse(printed(tree)) == tree


values = st.lists(st.none() | st.floats(-1e6, 1e6), min_size=5, max_size=5)


@given(values, values)
def test_a_sum_counts_a_missing_side_as_zero(
    left: list[float | None], right: list[float | None]
) -> None:
    expected = [
        None if x is None and y is None else (x or 0) + (y or 0)
        for x, y in zip(left, right, strict=True)
    ]
    assert run("l + r", l=points(*left), r=points(*right)) == expected


@pytest.mark.parametrize(
    "expression", ["SUM([a, a])", "RUNNING_SUM(a)", "DIFF(a * -1)", "TIME_SERIES(SUM(a))", "a + a"]
)
def test_what_is_too_large_is_dropped(expression: str) -> None:
    big = points(1.7e308, 1.7e308, -1.7e308)
    result = evaluate(expression, {"a": big}, 60, START, START + 180)
    assert all(abs(value) < 1.8e308 for _, value in result.series or [])
    assert len(result.series or []) < 3
