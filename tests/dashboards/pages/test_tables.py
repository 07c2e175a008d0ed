"""What cells of tables hold."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from app.model.lines import Line
from dashboards.pages.tables import spark
from tests.support.shelf import NOW


def line(values: list[float]) -> Line:
    return Line("a", NOW, timedelta(minutes=1), np.array(values), "none")


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([1, 2.5, float("nan"), 4], "1 2.5 - 4"),
        ([0.000123456, 123456], "0.000123 1.23e+05"),
        ([], ""),
    ],
)
def test_a_sparkline_is_one_text_with_a_mark_for_a_gap(values: list[float], text: str) -> None:
    assert spark(line(values)) == text


def test_a_long_line_keeps_the_peak_of_each_stretch() -> None:
    values = [0.0] * 96
    values[1] = values[95] = 7
    points = spark(line(values)).split(" ")
    assert (len(points), points[0], points[1], points[-1]) == (48, "7", "0", "7")


def test_no_line_is_no_point() -> None:
    assert spark(None) == ""
