"""The newest value of each resource, as of the last slot that AWS has answered."""

from __future__ import annotations

import numpy as np
import pytest

from app.catalogue.schema import Condition, Measure
from app.read.verdicts import LATE_SLOTS, Judged, newest_known


def judged(known: list[str], rows: tuple[int, ...]) -> Judged:
    """One condition; ``x`` is a slot with a value."""
    condition = Condition(
        measure=Measure(title="Errors", metric="Errors", statistic="Sum", unit="count"),
        comparison="GreaterThanThreshold",
        threshold=0,
        severity="critical",
        says="",
    )
    there = np.array([[mark == "x" for mark in row] for row in known], dtype=bool)
    values = np.where(there, 1.0, np.nan)
    return Judged(condition, rows, values, np.ones(len(rows)), np.zeros_like(there), there)


@pytest.mark.parametrize(
    ("known", "newest", "expected"),
    [
        pytest.param("x.x.", 3, 2, id="the last one before"),
        pytest.param("xxxx", 1, 1, id="nothing after the answer counts"),
        pytest.param("....", 3, -1, id="none at all"),
        pytest.param("x......", 3, 0, id="as late as it may be"),
        pytest.param("x......", 4, -1, id="too late"),
        pytest.param("...x", 0, -1, id="no slot before the first"),
    ],
)
def test_the_newest_value_is_found(known: str, newest: int, expected: int) -> None:
    assert LATE_SLOTS == 3
    assert newest_known(judged([known], (0,)), [newest]).tolist() == [expected]


def test_each_resource_has_its_own_newest_answer() -> None:
    both = judged(["xxxx", "xxxx"], rows=(2, 0))
    assert newest_known(both, [1, 99, 3]).tolist() == [3, 1]
