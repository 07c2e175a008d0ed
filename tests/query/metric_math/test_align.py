"""Series of different periods meet at one, each by its own statistic."""

from __future__ import annotations

import pytest

from app.query.metric_math import QueryError, aligned

START = 1767225600
FINE = [(START + 60 * n, float(n)) for n in range(10)]


@pytest.mark.parametrize(
    ("statistic", "expected"),
    [("Sum", [10, 35]), ("Maximum", [4, 9]), ("Minimum", [0, 5]), ("Average", [2, 7])],
)
def test_a_finer_series_is_added_up_by_its_own_statistic(
    statistic: str, expected: list[float]
) -> None:
    series, period = aligned(
        {"a": FINE, "b": [(START, 1.0)]}, {"a": 60, "b": 300}, {"a": statistic}, start=START
    )
    assert period == 300
    assert series == {
        "a": [(START, expected[0]), (START + 300, expected[1])],
        "b": [(START, 1.0)],
    }


def test_an_average_weighs_by_samples_where_they_are_known() -> None:
    rows = [(START, 10.0, 1.0), (START + 60, 1.0, 9.0)]
    assert aligned({"a": rows}, {"a": 60}, {}, start=START, period=120)[0] == {"a": [(START, 1.9)]}


@pytest.mark.parametrize(
    ("own", "statistic", "said"),
    [
        (300, "Sum", "has a period of 300 s, 60 s are asked for"),
        (40, "Sum", "has a period of 40 s"),
        (30, "p99", "p99 of `a` cannot be made from finer ones"),
    ],
)
def test_what_cannot_be_made_is_a_mistake(own: int, statistic: str, said: str) -> None:
    with pytest.raises(QueryError, match=said):
        aligned({"a": FINE}, {"a": own}, {"a": statistic}, start=START, period=60)
