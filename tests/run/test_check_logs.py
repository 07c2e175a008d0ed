"""Mistakes in ``collection.logs`` that only the whole program can tell."""

from __future__ import annotations

from typing import Any

import pytest

from app.run.check_logs import mistakes, services_of_rules


def found(logs: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [(*at[2:], said) for at, said in mistakes({"collection": {"logs": logs}})]


@pytest.mark.parametrize(
    "rule",
    [{"include": "{ $.a == 1 }"}, {"exclude": ["ok", "{ $.a"]}, {"sample": [{"pattern": "["}]}],
)
def test_a_pattern_that_cloudwatch_would_refuse_is_told_with_its_place(
    rule: dict[str, Any],
) -> None:
    [mistake] = found({"groups": [{}, rule]})
    assert mistake[:2] == ("groups", 1)
    assert mistake[-1].startswith("is no filter pattern: ")
    assert "(at character " in mistake[-1]


def test_an_expression_that_cannot_be_used_is_told() -> None:
    [mistake] = found({"redact": {"patterns": [{"regex": "a+"}, {"regex": "(?<=a)b"}]}})
    assert mistake[:-1] == ("redact", "patterns", 1, "regex")
    assert mistake[-1] == (
        "is no regular expression that can be used: "
        "look-around, including look-ahead and look-behind, is not supported"
    )


def test_what_has_another_shape_is_left_to_the_models() -> None:
    assert found({"groups": "all", "redact": [1]}) == []
    assert list(mistakes({"collection": None})) == []


def test_services_of_rules_are_found_with_their_places() -> None:
    value = {"collection": {"logs": {"groups": [{"services": ["lamda"]}]}}}
    assert list(services_of_rules(value)) == [
        (("collection", "logs", "groups", 0, "services"), ["lamda"])
    ]


@pytest.mark.parametrize(
    ("given", "place", "said"),
    [
        pytest.param({"pattern": "{ $.a"}, ("pattern",), "is no filter pattern", id="pattern"),
        pytest.param(
            {"pattern": "ERROR", "value": "$.ms"}, ("value",), "does not go with", id="of terms"
        ),
        pytest.param(
            {"pattern": "{ $.a = * }", "dimensions": {"K": "$.b[*]"}},
            ("dimensions", "K"),
            "does not go with the pattern",
            id="wildcard",
        ),
        pytest.param(
            {"pattern": "[a, b]", "value": "$.a"}, ("value",), "does not go with", id="json path"
        ),
    ],
)
def test_a_metric_filter_that_cloudwatch_would_refuse_is_told(
    given: dict[str, Any], place: tuple[str, ...], said: str
) -> None:
    [mistake] = found({"metrics": {"filters": [{"pattern": "ok", "value": "2"}, given]}})
    assert mistake[:-1] == ("metrics", "filters", 1, *place)
    assert said in mistake[-1]
