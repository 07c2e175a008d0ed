"""What AWS advises against in alarms is pointed at, the rest is not."""

from __future__ import annotations

import pytest

from app.query.metric_math import cautions


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("m1 - AVG(m1)", [("AVG", "AVG(m1)")]),
        ("AVG(METRICS())", []),
        ("SUM([m1, m2])", []),
        ("SUM(-[m1, m2] * 2)", []),
        ("SUM(ABS(METRICS()))", []),
        ("m1 / SUM(m1 + m2)", [("SUM", "SUM(m1 + m2)")]),
        ("FILL(m1, 0) > 2", [("FILL", "FILL(m1, 0)")]),
        ("RATE(m1) + RUNNING_SUM(m2)", [("RATE", "RATE(m1)"), ("RUNNING_SUM", "RUNNING_SUM(m2)")]),
        ("FIRST(REMOVE_EMPTY(METRICS()))", [("REMOVE_EMPTY", "REMOVE_EMPTY(METRICS())")]),
        ("IF(DATAPOINT_COUNT(m1) > 2, m1)", [("DATAPOINT_COUNT", "DATAPOINT_COUNT(m1)")]),
        ("m1 / m2", []),
    ],
)
def test_a_function_is_advised_against(expression: str, expected: list[tuple[str, str]]) -> None:
    found = [(c.function, expression[c.span.start : c.span.end]) for c in cautions(expression)]
    assert found == expected
