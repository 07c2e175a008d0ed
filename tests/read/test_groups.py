"""Pooling rows of series into groups: a gap in all rows stays a gap, never 0."""

from __future__ import annotations

import numpy as np
import pytest

from app.read.groups import Groups, Matrix, highest, lowest, mean, total

NAN = float("nan")
ROWS = np.array([[1.0, NAN, NAN], [3.0, 5.0, NAN], [7.0, 9.0, 2.0]])


def groups(*sizes: int) -> Groups:
    return Groups(np.zeros(sum(sizes), np.uint32), np.array(sizes, np.intp))


@pytest.mark.parametrize(
    ("pool", "expected"),
    [
        pytest.param(total, [[4, 5, NAN], [7, 9, 2]], id="total"),
        pytest.param(mean, [[2, 5, NAN], [7, 9, 2]], id="mean"),
        pytest.param(highest, [[3, 5, NAN], [7, 9, 2]], id="highest"),
        pytest.param(lowest, [[1, 5, NAN], [7, 9, 2]], id="lowest"),
    ],
)
def test_rows_are_pooled_by_group(pool: object, expected: list[list[float]]) -> None:
    assert callable(pool)
    np.testing.assert_array_equal(pool(ROWS, groups(2, 1)), expected)


def test_an_empty_group_between_others_is_all_gaps() -> None:
    pooled: Matrix = total(ROWS, groups(2, 0, 1))
    np.testing.assert_array_equal(pooled, [[4, 5, NAN], [NAN, NAN, NAN], [7, 9, 2]])


def test_no_rows_give_only_gaps() -> None:
    pooled = total(np.empty((0, 2)), groups(0, 0))
    np.testing.assert_array_equal(pooled, [[NAN, NAN], [NAN, NAN]])
