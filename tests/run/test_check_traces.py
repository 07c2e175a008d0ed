"""Mistakes in ``collection.traces`` that only the whole program can tell."""

from __future__ import annotations

import pytest

from app.run.check_traces import mistakes


def test_an_expression_that_x_ray_would_refuse_is_told_with_its_place() -> None:
    [(at, said)] = mistakes({"collection": {"traces": {"filter": 'fault AND servce("a")'}}})
    assert at == ("collection", "traces", "filter")
    assert said.startswith("is no filter expression: ")
    assert said.endswith("(at character 11)")


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"collection": None},
        {"collection": {"traces": []}},
        {"collection": {"traces": {"filter": "fault"}}},
    ],
)
def test_what_is_fine_or_has_another_shape_is_left(value: dict) -> None:
    assert list(mistakes(value)) == []
