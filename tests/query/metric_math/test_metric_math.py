"""Metric math gives the documented series, and points at what it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.query.metric_math import QueryError, evaluate, search_ids, tokens
from app.query.metric_math.parse import parse, printed
from app.query.metric_math.search import word_matches

CASES = [
    json.loads(line)
    for line in Path("tests/cases/metric-math.jsonl").read_text(encoding="utf-8").splitlines()
]
START = 1767225600


def of_kind(kind: str) -> list[Any]:
    return [pytest.param(case, id=case["id"]) for case in CASES if case["kind"] == kind]


@pytest.mark.parametrize("case", of_kind("math"))
def test_a_documented_expression(case: dict[str, Any]) -> None:
    options = {k: case[k] for k in ("expressions", "bands", "context", "final") if k in case}
    given = (case["expression"], case["series"], case["period"], case["start"], case["end"])
    if case["expected"] == "error":
        with pytest.raises(QueryError):
            evaluate(*given, **options)
        return
    result = evaluate(*given, **options)
    if "series" in case["expected"]:
        assert [list(point) for point in result.series or []] == case["expected"]["series"]
    else:
        found = [
            {"id": each.id, "values": [list(point) for point in each.values]}
            for each in result.array or []
        ]
        assert found == case["expected"]["array"]


@pytest.mark.parametrize("case", of_kind("search"))
def test_a_documented_search(case: dict[str, Any]) -> None:
    assert sorted(search_ids(case["expression"], case["catalog"])) == sorted(case["expected"])


@pytest.mark.parametrize("case", of_kind("search-tokens"))
def test_documented_tokens(case: dict[str, Any]) -> None:
    assert tokens(case["input"]) == set(case["expected"])


def points(*values: float | None) -> list[list[float]]:
    return [[START + 60 * n, value] for n, value in enumerate(values) if value is not None]


def run(expression: str, **series: list[list[float]]) -> list[float | None]:
    result = evaluate(expression, series, 60, START, START + 300)
    by_time = dict(result.series or [])
    return [by_time.get(START + 60 * n) for n in range(5)]


A, B = points(30, 20, 0, 0), points(20, None, 20, None)
CONDITION, X, Y = points(1, 1, 0, 0), points(30, None, 0, 0, 30), points(0, 0, 20, None, 20)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("a < b", [0, 0, 1, 0, None]),
        ("a >= 30", [1, 0, 0, 0, None]),
        ("a > 15 AND b > 15", [1, 0, 0, 0, None]),
        ("a > 15 || b > 15", [1, 1, 1, 0, None]),
        ("IF(c, x, y)", [30, 0, 20, 0, None]),
        ("IF(c, 5, y)", [5, 5, 20, None, None]),
        ("IF(c, x, 5)", [30, 0, 5, 5, None]),
        ("IF(c, 1)", [1, 1, None, None, None]),
        ("IF(0, a)", [None] * 5),
        ("-2 ^ 2 * a", [-120, -80, 0, 0, None]),
        ("2 ^ -1 * a", [15, 10, 0, 0, None]),
        ("TIME_SERIES(AVG(b))", [8, 8, 8, 8, 8]),
        ("AVG([a, b])", [25, 10, 10, 0, None]),
        ("MIN([a, b])", [20, 20, 0, 0, None]),
        ("DATAPOINT_COUNT([a, b])", [2, 1, 2, 1, None]),
        ("DIFF_TIME(b)", [None, None, 120, None, None]),
        ("FILL(b, a)", [20, 20, 20, 0, None]),
        ("FILL(b, REPEAT)", [20, 20, 20, 20, 20]),
        ("LOG10(a * 0)", [None] * 5),
        ("EPOCH(b) - 1767225600", [0, 60, 120, 180, 240]),
        ("DAY(b)", [4, 4, 4, 4, 4]),
        ("FIRST(SORT(METRICS(), AVG, ASC))", [1, 1, 0, 0, None]),
        ("LAST(SLICE(METRICS(), 0, 2))", [20, None, 20, None, None]),
        ("SUM(METRICS('none'))", [None] * 5),
        ("a / PERIOD(a)", [0.5, 20 / 60, 0, 0, None]),
    ],
)
def test_an_expression(expression: str, expected: list[float | None]) -> None:
    assert run(expression, a=A, b=B, c=CONDITION, x=X, y=Y) == expected


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("sum(a)", "upper case: SUM"),
        ("SUMM(a)", "unknown function `SUMM`; did you mean `SUM`?"),
        ("[a, b] + [a, b]", "two arrays cannot be combined"),
        ("a + c", "unknown Id `c`"),
        ("MAX(a)", "must be a time series"),
        ("a + 1 / 0", "divided by zero"),
        ("FIRST(METRICS('z'))", "FIRST of an empty array"),
        ("FILL(a, REPET)", "did you mean `REPEAT`?"),
        ("SORT(METRICS(), SUM, UP)", "SORT is ASC or DESC"),
        ("ABS(1)", "argument 1 of ABS is series or array, not number"),
        ("IF(a)", "IF takes 2 to 3 arguments, not 1"),
        ("a %", "unexpected `%`"),
        ("LAMBDA('f')", "only be answered by CloudWatch"),
        ("PERIOD(a + b)", "PERIOD takes the Id of a metric"),
        ("x", "`x` refers to itself"),
    ],
)
def test_a_refused_expression_says_why(expression: str, said: str) -> None:
    with pytest.raises(QueryError) as caught:
        evaluate(
            expression, {"a": A, "b": B}, 60, START, START + 300, expressions={"x": "y", "y": "x"}
        )
    assert said in str(caught.value)


def test_an_alarm_needs_one_series() -> None:
    with pytest.raises(QueryError, match="one time series"):
        evaluate("METRICS()", {"a": A}, 60, START, START + 300, context="alarm")


@pytest.mark.parametrize(
    ("word", "text", "expected"),
    [
        ("count", "CustomCount1", True),
        ("COUNT", "CustomCount1", True),
        ("couNT", "CustomCount1", False),
        ("customcount", "CustomCount1", True),
        ("count1", "CustomCount1", True),
        ("count1", "customcount1", False),
        ("sdbfailure", "SDBFailure", True),
        ("network/errors", "Network-Errors-2", True),
        ("Network_Errors", "NetworkErrors2", True),
        ("33", "ns333", False),
    ],
)
def test_a_word_finds_tokens(word: str, text: str, expected: bool) -> None:
    assert word_matches(word, text) is expected


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
