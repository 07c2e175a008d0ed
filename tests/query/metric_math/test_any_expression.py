"""Whatever is written is either a mistake with a place or finite points on the grid."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from app.query.metric_math import QueryError, evaluate, search_ids
from app.query.metric_math.functions import functions
from app.query.metrics_sql import evaluate as select

START, PERIOD, SLOTS = 1767225600, 60, 4
leaves = st.sampled_from(
    ["a", "b", "e", "x", "y", "0", "1", "2.5", "1e300", "'a'", "REPEAT", "AVG", "DESC", "METRICS()"]
)
operators = st.sampled_from(["+", "-", "*", "/", "^", "==", "!=", "<", ">=", "AND", "||"])


def deeper(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    calls = st.builds(
        lambda name, arguments: f"{name}({', '.join(arguments)})",
        st.sampled_from(sorted(functions())),
        st.lists(inner, max_size=4),
    )
    binary = st.builds(
        lambda left, sign, right: f"({left} {sign} {right})", inner, operators, inner
    )
    arrays = st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"[{', '.join(parts)}]")
    return calls | binary | arrays | inner.map(lambda part: f"-{part}")


expressions = st.recursive(leaves, deeper, max_leaves=8)
values = st.none() | st.floats(allow_nan=True, allow_infinity=True)
lists = st.lists(values, min_size=SLOTS, max_size=SLOTS)


def rows(numbers: list[float | None]) -> list[tuple[int, float | None]]:
    return [(START + PERIOD * n, value) for n, value in enumerate(numbers)]


@given(expressions, lists, lists, st.sampled_from(["graph", "alarm"]), st.booleans())
def test_an_expression_gives_finite_points_or_says_what_is_wrong(
    text: str, a: list[float | None], b: list[float | None], context: str, final: bool
) -> None:
    series = {"a": rows(a), "b": rows(b), "e": []}
    more = {"x": "a / b", "y": "METRICS()"}
    try:
        result = evaluate(
            text,
            series,
            PERIOD,
            START,
            START + SLOTS * PERIOD,
            expressions=more,
            context=context,
            final=final,
        )
    except QueryError as mistake:
        assert mistake.drawn().endswith("^")  # noqa: PT017 - either outcome is fine
        return
    times = [START + PERIOD * n for n in range(SLOTS)]
    every = [result.series or [], *(each.values for each in result.array or [])]
    assert all(at in times and math.isfinite(value) for each in every for at, value in each)
    assert result.scalar is None or math.isfinite(result.scalar)


@given(st.text(alphabet="aB1 \"'{}(),=\\ANDORNOT-/.:", max_size=25))
def test_a_search_finds_or_says_what_is_wrong(text: str) -> None:
    metric = {"id": "1", "namespace": "A/B", "metric": "aB1", "dimensions": {"a": "B"}}
    try:
        found = search_ids(f"SEARCH('{text}', 'Sum')", [metric])
    except QueryError:
        return
    assert found in ([], ["1"])


words = st.sampled_from(
    [
        "SELECT SUM(a) FROM b",
        "WHERE",
        "c = 'd'",
        "AND",
        "tag.e != 'f'",
        "GROUP BY c",
        "ORDER BY MAX()",
        "DESC",
        "LIMIT 2",
        "GROUP BY tag.e, c",
        "AWS.AccountId = CURRENT_ACCOUNT_ID()",
    ]
)


@given(st.lists(words, max_size=5), lists)
def test_a_query_answers_or_says_what_is_wrong(
    parts: list[str], samples: list[float | None]
) -> None:
    metric = {"namespace": "b", "metric": "a", "dimensions": {"c": "d"}, "samples": rows(samples)}
    try:
        result = select(" ".join(["SELECT SUM(a) FROM b", *parts]), [metric, metric], period=120)
    except QueryError:
        return
    assert all(math.isfinite(v) or abs(v) > 1e300 for e in result.array for _, v in e.values)
