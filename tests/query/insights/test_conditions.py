"""What a query lets its source know is true of every event that it keeps."""

from __future__ import annotations

import pytest

from app.query.insights.conditions import conditions, narrowed
from app.query.insights.parse import parse


def known(text: str) -> list[str]:
    return [str(condition) for condition in conditions(parse(text).commands)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("filter level = 'ERROR'", ['level = "ERROR"']),
        ("filter 'ERROR' = level", ['level = "ERROR"']),
        ("filter status >= 500", ["status >= 500"]),
        ("filter 500 <= status", ["status >= 500"]),
        ("filter status > -1", ["status > -1"]),
        ("filter status != 200", ["status is there"]),
        ("filter @message like 'ERROR'", ['@message holds "ERROR"']),
        ("filter @message like /ERROR/", ['@message holds "ERROR"']),
        ("filter @message like /ERR.R/", ["@message is there"]),
        ("filter a not like 'x'", ["a is there"]),
        ("filter id in ['a', 7]", ['id in ["a", 7]']),
        ("filter id not in ['a']", ["id is there"]),
        ("filter ispresent(a.b)", ["a.b is there"]),
        ("filter strcontains(a, 'x')", ['a holds "x"']),
        ("filter startsWith(a, 'x')", ['a holds "x"']),
        ("filter failed", ["failed is there"]),
        ("filter a = 1 and b like 'x'", ["a = 1", 'b holds "x"']),
        ("filter a = 1 | filter b = 2", ["a = 1", "b = 2"]),
        ("fields c | display c | filter a = 1", ["a = 1"]),
        ("parse '* *' as x, y | filter @message like 'E'", ['@message holds "E"']),
    ],
)
def test_a_filter_at_the_head_is_known(text: str, expected: list[str]) -> None:
    assert known(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "filter a = 1 or b = 2",
        "filter not a = 1",
        "filter a + 1",
        "filter a = b",
        "filter true",
        "filter isempty(a)",
        "filter strcontains(a, 'x', true)",
        "fields x as a | filter a = 1",
        "fields jsonParse(x) as a | filter a.b = 1",
        "parse '* *' as a, b | filter a = 1",
        "parse /(?<a>x)/ | filter a = 1",
        "stats count(*) as n by a | filter a = 1",
        "limit 5 | filter a = 1",
    ],
)
def test_what_is_not_certain_is_not_known(text: str) -> None:
    assert known(text) == []


def test_a_comparison_with_the_time_narrows_the_window() -> None:
    found = conditions(parse("filter @timestamp > 1000 and @timestamp <= 2000.5").commands)
    assert narrowed(found, 0, 9000) == (1001, 2000)
    assert narrowed(found, 1500, 1800) == (1500, 1800)
