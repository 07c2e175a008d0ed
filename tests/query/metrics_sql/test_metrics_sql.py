"""Metrics Insights queries parse, print and answer as CloudWatch's do."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.query.metrics_sql import QueryError, evaluate, parse, printed

T = 1767225600


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


def test_long_buckets_start_at_the_range() -> None:
    result = evaluate("SELECT SUM(Hits) FROM App", CATALOG, period=120, start=T - 60 + 5)
    assert result.array[0].values == [(T - 60, 119.0), (T + 60, 5.0)]


def test_a_start_older_than_two_weeks_is_told() -> None:
    day = 86_400
    result = evaluate("SELECT SUM(Hits) FROM App", CATALOG, period=60, start=T, now=T + 15 * day)
    assert result.messages == ("MaxQueryTimeRangeExceeded",)
    assert result.array[0].values
    recent = evaluate("SELECT SUM(Hits) FROM App", CATALOG, period=60, start=T, now=T + 14 * day)
    assert recent.messages == ()


def test_at_most_10_000_metrics_are_read_and_the_answer_says_so() -> None:
    catalog = [metric([1], Host=str(n)) for n in range(10_001)]
    result = evaluate("SELECT COUNT(Hits) FROM App", catalog, period=60)
    assert result.array[0].values == [(T, 10_000.0)]
    assert (result.messages, result.partial) == (("MaxMetricsExceeded",), True)


def test_at_most_500_series_are_given_and_the_answer_is_partial() -> None:
    catalog = [metric([1], Host=f"{n:04}") for n in range(501)]
    result = evaluate("SELECT SUM(Hits) FROM App GROUP BY Host", catalog, period=60)
    assert len(result.array) == 500
    assert result.partial
    cut = evaluate("SELECT SUM(Hits) FROM App GROUP BY Host LIMIT 3", catalog, period=60)
    assert [each.label for each in cut.array] == ["0000", "0001", "0002"]
    assert not cut.partial


def test_a_series_without_points_in_the_window_is_not_given() -> None:
    catalog = [metric([1, 2], Host="a"), metric([], Host="b")]
    query = "SELECT SUM(Hits) FROM App GROUP BY Host"
    assert [e.label for e in evaluate(query, catalog, period=60).array] == ["a"]
    assert evaluate(query, catalog, period=60, start=T + 600, end=T + 900).array == []


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
