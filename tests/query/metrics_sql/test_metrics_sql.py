"""Metrics Insights queries parse, print and answer as CloudWatch's do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.query.metrics_sql import QueryError, evaluate, parse, printed

CASES = [
    json.loads(line)
    for line in Path("tests/cases/metric-math.jsonl").read_text(encoding="utf-8").splitlines()
]
T = 1767225600


@pytest.mark.parametrize(
    "case", [c for c in CASES if c["kind"] == "sql-parse"], ids=lambda c: c["id"]
)
def test_a_documented_query_parses_or_not(case: dict[str, Any]) -> None:
    if case["expected"] == "error":
        with pytest.raises(QueryError):
            parse(case["query"])
    else:
        assert parse(printed(parse(case["query"]))) == parse(case["query"])


@pytest.mark.parametrize(
    "case", [c for c in CASES if c["kind"] == "sql-eval"], ids=lambda c: c["id"]
)
def test_a_documented_answer(case: dict[str, Any]) -> None:
    result = evaluate(case["query"], case["catalog"], period=case["period"])
    found = [{"label": e.label, "values": [list(p) for p in e.values]} for e in result.array]
    assert found == case["expected"]["array"]


def metric(
    samples: list[float], tags: dict[str, str] | None = None, **dimensions: str
) -> dict[str, Any]:
    return {
        "namespace": "App",
        "metric": "Hits",
        "dimensions": dimensions,
        "tags": tags or {},
        "account": "111111111111",
        "samples": [[T + 60 * n, value] for n, value in enumerate(samples)],
    }


CATALOG = [
    metric([2, 4], {"env": "prod"}, Host="h1", Az="a"),
    metric([10, 1], {"env": "prod"}, Host="h2", Az="b"),
    metric([100], {"env": "dev"}, Host="h3"),
    metric([7]),
]


def answer(query: str, **options: Any) -> list[tuple[str | None, list[float]]]:
    result = evaluate(query, CATALOG, **{"period": 60, **options})
    return [(each.label, [value for _, value in each.values]) for each in result.array]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ('SELECT SUM(Hits) FROM "App"', [(None, [119, 5])]),
        ('SELECT SUM(Hits) FROM SCHEMA("App")', [(None, [7])]),
        ('select avg(Hits) from SCHEMA("App", Az, Host)', [(None, [6, 2.5])]),
        ("SELECT COUNT(Hits) FROM App WHERE Host != 'h1'", [(None, [3, 1])]),
        ("SELECT MAX(Hits) FROM App WHERE tag.env = 'prod'", [(None, [10, 4])]),
        (
            "SELECT MAX(Hits) FROM App WHERE AWS.AccountId = CURRENT_ACCOUNT_ID()",
            [(None, [100, 4])],
        ),
        (
            "SELECT SUM(Hits) FROM App GROUP BY Host",
            [("Other", [7]), ("h1", [2, 4]), ("h2", [10, 1]), ("h3", [100])],
        ),
        (
            "SELECT SUM(Hits) FROM App GROUP BY Host ORDER BY MAX() DESC LIMIT 2",
            [("1 - h3", [100]), ("2 - h2", [10, 1])],
        ),
        ("SELECT SUM(Hits) FROM App GROUP BY tag.env, Az LIMIT 1", [("Other Other", [7])]),
        ("SELECT SUM(Gone) FROM App", [(None, [])]),
        ("SELECT SUM(Gone) FROM App GROUP BY Host", []),
    ],
)
def test_an_answer(query: str, expected: list[tuple[str | None, list[float]]]) -> None:
    assert answer(query, account="111111111111") == expected


def test_long_buckets_start_at_the_range() -> None:
    result = evaluate("SELECT SUM(Hits) FROM App", CATALOG, period=120, start=T - 60 + 5)
    assert result.array[0].values == [(T - 60, 119.0), (T + 60, 5.0)]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT SUM(Hits) FROM AWS/EC2", "unexpected `/`"),
        ("SELECT P99(Hits) FROM App", "expected AVG, COUNT, MAX, MIN or SUM"),
        (
            "SELECT SUM(Count) FROM App",
            "Reserved keyword 'Count' must be surrounded by double quotes",
        ),
        ("SELECT SUM(Hits) FROM App WHERE Host = 'a' OR Host = 'b'", "unexpected `OR`"),
        ('SELECT SUM(Hits) FROM App WHERE Host = "a"', "expected"),
        ("SELECT SUM(Hits) FROM App LIMIT 0", "LIMIT is at least 1"),
        ("SELECT SUM(Hits) FROM App ORDER BY SUM(Hits)", "unexpected `Hits`"),
        ("SELECT SUM(Hits) FROM App;", "unexpected `;`"),
        ("SELECT SUM(Hits) FROM App WHERE a.b = 'c'", "only tag.NAME and AWS.AccountId have a dot"),
        ("", "too early"),
    ],
)
def test_a_refused_query_says_why(query: str, said: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(query)
    assert said in str(caught.value)
    assert caught.value.drawn().endswith("^")


PARTS = [
    "SELECT",
    "SUM(",
    "Hits",
    ")",
    "FROM",
    "App",
    '"A B"',
    "SCHEMA(",
    ",",
    "WHERE",
    "Host",
    "=",
    "!=",
]
PARTS += [
    "'v'",
    "AND",
    "GROUP BY",
    "tag.env",
    "AWS.AccountId",
    "ORDER BY",
    "MAX()",
    "DESC",
    "LIMIT",
    "5",
]


@given(st.lists(st.sampled_from(PARTS), max_size=20).map(" ".join) | st.text(max_size=40))
def test_no_text_breaks_the_parser(text: str) -> None:
    try:
        tree = parse(text)
    except QueryError:
        return
    assert parse(printed(tree)) == tree
