"""SEARCH finds what its rules say (``tests/cases/metric-search``), and gives it to expressions."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from app.query.metric_math import QueryError, evaluate, search_ids, tokens
from app.query.metric_math.search import Metric, find, labelled

CONTENT = tomllib.loads(Path("tests/cases/metric-search/rules.toml").read_text(encoding="utf-8"))
CATALOG = [{"dimensions": {}, **metric, "id": name} for name, metric in CONTENT["metrics"].items()]
START = 1767225600


@pytest.mark.parametrize("case", CONTENT["case"], ids=lambda case: case.get("name") or case["of"])
def test_a_search_finds(case: dict[str, Any]) -> None:
    expression = f"SEARCH('{case['of']}', 'Sum')"
    if "error" in case:
        with pytest.raises(QueryError) as caught:
            search_ids(expression, CATALOG)
        assert case["error"] in str(caught.value)
        return
    found = search_ids(expression, CATALOG)
    if case.get("in_any_order"):
        assert sorted(found) == sorted(case["finds"])
    else:
        assert found == case["finds"]
    if "labels" in case:
        metrics = [Metric(**{"account": "", **metric}) for metric in CATALOG]
        assert [label for label, _ in labelled(find(case["of"], metrics))] == case["labels"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CustomCount1", {"customcount1", "custom", "count", "1"}),
        ("SDBFailure", {"sdbfailure", "sdb", "failure"}),
        ("Project2-trial333", {"project2trial333", "project", "2", "trial", "333"}),
        ("couNT", {"count", "cou", "nt"}),
        ("Network-Errors_2", {"networkerrors2", "network", "errors", "2"}),
        ("a--b", {"ab", "a", "b"}),
        ("--", set()),
    ],
)
def test_a_text_has_tokens(text: str, expected: set[str]) -> None:
    assert tokens(text) == expected


def found(text: str, statistic: str, period: int) -> list[tuple[str, str, list[list[float]]]]:
    return [
        ("1", f"{text} {statistic} {period} a", [[START, 1], [START + 60, 2]]),
        ("2", f"{text} {statistic} {period} b", [[START, 10]]),
    ]


def asked(expression: str, **options: Any) -> Any:
    return evaluate(expression, {}, 60, START, START + 120, **{"find": found, **options})


def test_a_search_is_an_array_of_series() -> None:
    assert asked("SUM(SEARCH('x', 'Sum'))").series == [(START, 11.0), (START + 60, 2.0)]


def test_the_period_of_a_search_wins_over_that_of_the_query() -> None:
    labels = [each.label for each in asked("SEARCH('x', 'p99.9', 300)").array]
    assert labels == ["x p99.9 300 a", "x p99.9 300 b"]
    assert asked("SEARCH('x', 'Average')").array[0].label == "x Average 60 a"


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("SEARCH('x', 'Sum', 0)", "a multiple of 60"),
        ("SEARCH('x', 'Sum', 61)", "a multiple of 60"),
        ("SEARCH('x', 'Sum', -60)", "a multiple of 60"),
        ("SEARCH('x', 'Averge')", "unknown statistic `Averge`; did you mean `Average`?"),
        ("SEARCH('x')", "SEARCH takes 2 to 3 arguments, not 1"),
        ("SEARCH(x, 'Sum')", "unknown Id `x`"),
        ("SEARCH('(x', 'Sum')", "closing ) is missing"),
        (f"SEARCH('{'x' * 1025}', 'Sum')", "at most 1,024 characters"),
    ],
)
def test_a_refused_search_says_why(expression: str, said: str) -> None:
    with pytest.raises(QueryError) as caught:
        asked(expression)
    assert said in str(caught.value)


def test_a_search_without_a_list_of_metrics_is_a_mistake() -> None:
    with pytest.raises(QueryError, match="not at hand"):
        asked("SEARCH('x', 'Sum')", find=None)


def test_at_most_500_series_are_found_and_the_answer_says_so() -> None:
    many = [(str(n), str(n), [[START, 1]]) for n in range(501)]
    result = asked("SEARCH('x', 'Sum')", find=lambda *_: many)
    assert len(result.array) == 500
    assert result.messages == ("MaxMetricsExceeded",)
